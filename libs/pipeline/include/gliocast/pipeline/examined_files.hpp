#pragma once
#include <gliocast/cohort/label.hpp>
#include <gliocast/core/json.hpp>

#include <filesystem>
#include <optional>
#include <string>

namespace gliocast::pipeline {

/// Where examine_cohort() keeps what it found in a patient, or that it found no tumour.
[[nodiscard]] std::filesystem::path examination_file(const std::filesystem::path& out, const std::string& id);

/// What that file holds of a patient with a tumour: features, radiomics, geometry, run_key. Nothing where the patient
/// was not examined, or no tumour was found.
[[nodiscard]] std::optional<Json> examination_of(const std::filesystem::path& out, const std::string& id);

/// Where examine_cohort() keeps the slice with the largest tumour area of a patient.
[[nodiscard]] inline std::filesystem::path tumour_slice_file(const std::filesystem::path& out, const std::string& id) {
  return out / cohort::subject_label(id) / "tumour_slice.safetensors";
}

}  // namespace gliocast::pipeline
