#pragma once
#include <gliocast/preprocess/preprocess.hpp>
#include <gliocast/radiomics/extractor.hpp>

#include <cstddef>
#include <vector>

namespace gliocast::pipeline {

/// Part of a tumour that a sequence must show for its radiomics to be the tumour's.
inline constexpr double kShownWhole = 0.98;

/// Features of an outlined tumour on one sequence, with intensities as networks see them.
struct ChainRadiomics {
  Mask seen;                    ///< the outline's voxels where the sequence has data
  std::size_t grey_levels = 0;  ///< in them; 0 where there are none, and then no feature is there
  std::vector<radiomics::NamedFeature> features{};
};

/// Extracts what `parameters` enable (image types and classes; their settings are not used) from z-scores over the
/// brain × 100, bin width 5, shift 300: on plain z-scores the usual bin width of 25 leaves two grey levels. The
/// sequence must be among the exam's. Throws Error{UnusableInput} as radiomics::extract().
[[nodiscard]] ChainRadiomics chain_radiomics(const preprocess::PreparedExam& exam, const Mask& tumour,
                                             Sequence sequence, radiomics::Parameters parameters, std::size_t threads);

}  // namespace gliocast::pipeline
