#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/preprocess/preprocess.hpp>

#include <filesystem>
#include <string>

namespace gliocast::pipeline {

/// BIDS label of a patient: "sub-" and the letters and digits of its id.
[[nodiscard]] std::string bids_subject(const std::string& id);

[[nodiscard]] std::filesystem::path prediction_file(const std::filesystem::path& out, const std::string& id);
[[nodiscard]] std::filesystem::path report_file(const std::filesystem::path& out, const std::string& id);

/// Masks on the reference's native grid and on the working grid, preprocessed sequences, in BIDS-derivatives names.
void write_patient_images(const std::filesystem::path& out, const std::string& id, const preprocess::PreparedExam& exam, const Mask& tumour_native, const Mask& tumour_work);
/// report.html, then prediction.json.
void write_patient_report(const std::filesystem::path& out, const std::string& id, const preprocess::PreparedExam& exam, const Mask& tumour_work, const Json& json);
void write_dataset_description(const std::filesystem::path& out, const std::string& version);

}  // namespace gliocast::pipeline
