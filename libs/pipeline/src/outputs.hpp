#pragma once
#include "patient_work.hpp"

#include <gliocast/cohort/patient.hpp>
#include <gliocast/core/batch.hpp>
#include <gliocast/findings/prediction.hpp>
#include <gliocast/preprocess/preprocess.hpp>

#include <cstddef>
#include <filesystem>
#include <string>

namespace gliocast::pipeline {

[[nodiscard]] std::filesystem::path prediction_file(const std::filesystem::path& out, const std::string& id);
[[nodiscard]] std::filesystem::path report_file(const std::filesystem::path& out, const std::string& id);

/// Preprocessed sequences and the brain's mask on the working grid and on each sequence's own grid, transforms (ITK
/// text, and 4×4 RAS in JSON), in BIDS-derivatives names.
void write_prepared_images(const std::filesystem::path& out, const std::string& id,
                           const preprocess::PreparedExam& exam);
/// acquisition.tsv and its data dictionary, where the input was DICOM.
void write_acquisition(const std::filesystem::path& out, const cohort::PatientFiles& patient);
/// The tumour's mask carried from the working grid to the grid of `brain`, and kept within it: no tumour where that
/// sequence shows none of the brain. `map`: that grid's positions → the reference's.
[[nodiscard]] Mask tumour_within(const Mask& work, const Mask& brain, const image::AffineMap& map);
/// Where write_tumour_masks() puts the one on the working grid.
[[nodiscard]] std::filesystem::path work_tumour_file(const std::filesystem::path& out, const std::string& id);
/// A rater's mask (1 or 2) on the working grid, and where it is put.
void write_rater_mask(const std::filesystem::path& out, const std::string& id, std::size_t rater, const Mask& work);
[[nodiscard]] std::filesystem::path rater_mask_file(const std::filesystem::path& out, const std::string& id,
                                                    std::size_t rater);
/// The tumour's mask on the working grid, the reference's native grid and, for raw input, each other sequence's own
/// grid.
void write_tumour_masks(const std::filesystem::path& out, const std::string& id,
                        const preprocess::PreparedExam& prepared, const Mask& native, const Mask& work);
/// preprocessing.json, preprocessing.html: a patient that was preprocessed only.
void write_preprocessing_report(const std::filesystem::path& out, const std::string& id,
                                const preprocess::PreparedExam& exam, const findings::Preparation& found);
[[nodiscard]] std::filesystem::path preprocessing_file(const std::filesystem::path& out, const std::string& id);
/// The activation map of a stated grade on the working grid.
void write_activation(const std::filesystem::path& out, const std::string& id, const Volume<float>& map);
/// report.html, then prediction.json.
void write_patient_report(const std::filesystem::path& out, const std::string& id, const PatientWork& work);
/// Removes what gliocast wrote of a patient, and nothing else: a failure must not leave an older result that looks like
/// its own. Folders that become empty go too.
void remove_results(const std::filesystem::path& out, const std::string& id);
/// Before a run: without `resume` removes the results of its shard's patients and of those who are no longer among
/// them; with it warns of the latter.
void clear_older_results(const std::filesystem::path& out, const std::vector<cohort::PatientFiles>& patients,
                         const Shard& shard, bool resume);
/// After a patient's failure: an older result in the patient's folder is kept under names that begin with "outdated_".
void set_results_aside(const std::filesystem::path& out, const std::string& id);
void write_dataset_description(const std::filesystem::path& out);

}  // namespace gliocast::pipeline
