#pragma once
#include <gliocast/cohort/label.hpp>

#include <filesystem>
#include <string>

namespace gliocast::pipeline {

/// Where examine_cohort() keeps the slice with the largest tumour area of a patient.
[[nodiscard]] inline std::filesystem::path tumour_slice_file(const std::filesystem::path& out, const std::string& id) {
  return out / cohort::subject_label(id) / "tumour_slice.safetensors";
}

}  // namespace gliocast::pipeline
