#pragma once
#include <gliocast/cohort/patient.hpp>
#include <gliocast/core/run_key.hpp>
#include <gliocast/findings/preparation.hpp>
#include <gliocast/preprocess/given_mask.hpp>

#include <optional>
#include <string>
#include <vector>

namespace gliocast::pipeline {

/// The outlines that a user gives of one patient.
struct GivenMasks {
  std::optional<preprocess::GivenMask> brain, tumour;
  std::vector<std::string> warnings;  ///< plain words
};

/// Adds the checksum and labels of a mask to the key of a run. Throws Error{UnusableInput} where the file cannot be
/// read.
void add_mask(RunKey& key, const std::string& name, const cohort::MaskFile& mask);

/// The same of the user's masks of brain and tumour.
void add_masks(RunKey& key, const cohort::PatientFiles& patient);

/// Reads the user's masks. Throws Error{UnusableInput} where one cannot be read, is empty, or has the grid of no
/// sequence.
[[nodiscard]] GivenMasks read_masks(const cohort::PatientFiles& patient, const image::Exam& exam);

/// For the description of a result; `carrier`: the sequence on whose grid the mask lies.
[[nodiscard]] findings::GivenMaskFinding describe_mask(const cohort::MaskFile& file, Sequence carrier);

}  // namespace gliocast::pipeline
