#pragma once
#include <gliocast/core/sequence.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace gliocast::findings {

/// Something a reader of the findings should know: a kind and its values. How it is said is a Wording's.
struct Remark {
  enum class Kind : std::uint8_t {
    Told,                ///< `text` says it: of preprocessing, of DICOM's choice, or read from a file
    RanWithoutSequence,  ///< `sequence` is missing, or was left out (`left_out`): the networks ran without it
    LessCertain,         ///< `sequence` is missing: outline and grade are less certain
    OutlineBeyond,       ///< `share` of the outline lie where `sequence` was not imaged
    GivenMaskOutside,    ///< `share` of the user's outline lie outside the brain
    NoSurvival,          ///< survival takes clinical columns
    NoFilteredFeatures,  ///< features of filtered images are another verb's
    NoTableModel,        ///< the shipped model of a table of features is not for these images
    NothingToMeasure,    ///< no tumour, so no radiomics, patch, deep features and grade
    NoLobe,              ///< `text`: why
    NoEnhancement,       ///< the finding says why
    NoGrade,             ///< the finding says why
    NoSignature,         ///< the finding says why; without one, no model is installed
    NoExplanation,       ///< a grade is stated; a classifier reads more features than Shapley values are computed of
  };
  Kind kind = Kind::Told;
  std::optional<Sequence> sequence{};
  bool left_out = false;
  double share = 0;  ///< 0 … 1
  std::string text{};

  [[nodiscard]] static Remark told(std::string text) { return {.text = std::move(text)}; }
  friend bool operator==(const Remark&, const Remark&) = default;
};

}  // namespace gliocast::findings
