#pragma once
#include "patient_work.hpp"

#include <cstddef>
#include <filesystem>

namespace gliocast::pipeline {

struct MeasureOptions {
  std::filesystem::path atlas;  ///< folder of the head atlas; empty: where find_atlas looks
  Sequence radiomics_sequence = Sequence::T1Gd;
  std::size_t threads = 1;
};

/// Measures the outlined tumour: volume, side, lobe, radiomics of the `chain` preset, contrast enhancement.
void measure_tumour(PatientWork& work, const MeasureOptions& options);

/// The voxels of `region` (working grid) where all of `sequences` that the exam has show the brain.
[[nodiscard]] Mask seen_by(const preprocess::PreparedExam& exam, Mask region, const std::vector<Sequence>& sequences);

/// Contrast enhancement over what both T1 and T1-Gd show.
[[nodiscard]] findings::Enhancement measure_enhancement(const preprocess::PreparedExam& exam, const Mask& tumour);

}  // namespace gliocast::pipeline
