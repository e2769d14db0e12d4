#pragma once
#include <gliocast/core/geometry.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/sequence.hpp>
#include <gliocast/findings/remark.hpp>

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gliocast::findings {

using Matrix4 = std::array<double, 16>;  ///< row major, RAS mm

/// How one sequence lies to the reference, and what was done to it.
struct Alignment {
  struct Registration {
    double rotation_degrees = 0;
    double information_before = 0, information_after = 0;  ///< mutual information, nats
    double overlap_before = 0, overlap_after = 0;          ///< of the heads, 0 … 1
    bool kept_headers = false;
  };
  Matrix4 reference_to_sequence{};
  std::optional<double> bias_field_range{};  ///< 99th over 1st percentile; nothing: no correction was run
  std::optional<Registration> registration{};
};

struct BrainExtractionFinding {
  double agreement_with_atlas = 0;  ///< Dice
  double mutual_information = 0;    ///< nats
  Matrix4 reference_to_mni{};
};

/// An outline that the user gave.
struct GivenMaskFinding {
  std::string sha256, labels;
  Sequence sequence = Sequence::T1Gd;  ///< on whose grid it lies
};

/// Quality figures of one sequence within the brain; NaN where one is undefined.
struct SequenceQualityFinding {
  Size3 size{};
  Vec3 spacing_mm{};
  std::string orientation{};
  double coverage = 0;                  ///< part of the whole brain within its field of view
  double p01 = 0, median = 0, p99 = 0;  ///< intensities in the brain
  double snr = 0, cnr = 0, ghost_index = 0, clipped_fraction = 0;
  std::vector<std::string> warnings{};
};

struct Provenance {
  std::string version, backend, created;  ///< created: ISO 8601, UTC
  std::size_t threads = 1;
  std::vector<std::pair<std::string, std::string>> models{};  ///< role and name
  std::string models_key{};                                   ///< changes with the models; empty without models
};

/// What is known of a patient once the images lie on the working grid.
struct Preparation {
  std::string patient{};                       ///< name in the output
  Sequence reference = Sequence::T1Gd;         ///< whose native grid the masks are on
  std::map<Sequence, std::string> inputs{};    ///< SHA-256 of each input
  bool stripped = false, aligned = false;      ///< as recognised
  std::map<Sequence, double> zero_fraction{};  ///< exact zeros among the voxels
  std::vector<std::string> steps{};            ///< what was done and what was found done, one sentence each
  std::map<Sequence, Alignment> alignment{};
  std::optional<BrainExtractionFinding> brain_extraction{};  ///< raw input only
  std::optional<GivenMaskFinding> brain_mask{};
  double brain_volume_cm3 = 0;  ///< of what was imaged
  double brain_covered = 1;     ///< part of the whole brain within the image; NaN: unknown
  std::map<Sequence, SequenceQualityFinding> quality{};
  std::vector<Remark> warnings{};
  std::string run_key{};
  Provenance provenance{};
  std::vector<std::pair<std::string, double>> timings_s{};  ///< of stages, in the order they ran
};

class Wording;

/// preprocessing.json. Numbers that are not finite are null.
[[nodiscard]] Json to_json(const Preparation& preparation, const Wording& wording);
/// Reads it, or the part of a prediction.json that is the same. Throws Error{UnusableInput} where it is none.
[[nodiscard]] Preparation preparation_from_json(const Json& json);

}  // namespace gliocast::findings
