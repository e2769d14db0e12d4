#pragma once
// What studies and trainings over a cohort read from the command line.
#include "../cli.hpp"

#include <gliocast/nn/training.hpp>
#include <gliocast/pipeline/clinical_outcomes.hpp>
#include <gliocast/pipeline/examine.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace gliocast::cli {

/// Which patients a study examines, and how.
struct StudyArguments {
  std::vector<std::filesystem::path> cohorts;
  std::string outlines = "network", preprocessed = "auto";
};

/// The cohorts, `needs` being what their patients must have ("with grades"), and the options of their examination.
void add_study_options(CLI::App& verb, StudyArguments& arguments, pipeline::ExamineOptions& examine,
                       const std::string& needs);
/// What a preset trains with (epochs, batch, moving average), where the command line does not say otherwise.
void take_preset(const CLI::App& verb, const nn::TrainingOptions& preset, nn::TrainingOptions& training);
/// Options of the trainings of a study's networks; `width`: channels of the first stage, 0 for the preset's.
void add_network_options(CLI::App& verb, nn::TrainingOptions& training, std::int64_t& width);
/// --imagenet.
CLI::Option* add_imagenet_option(CLI::App& verb, std::filesystem::path& imagenet);
/// Table and columns of the outcome.
void add_clinical_options(CLI::App& verb, pipeline::ClinicalTable& clinical);

/// Clinical tables of a whole study, and their names of its columns.
void add_study_clinical_options(CLI::App& verb, std::vector<std::filesystem::path>& clinical,
                                std::vector<std::string>& columns);
/// "grade=WHO" as what the study calls a column and what the table does. Throws Error{WrongUse}.
[[nodiscard]] std::map<std::string, std::string> columns_of(const std::vector<std::string>& texts);

/// Into the options of the examination. Throws Error{MissingModel} before any work where its model is not there.
void apply(const StudyArguments& arguments, const Common& common, pipeline::ExamineOptions& examine);
/// The patients of all cohorts; a cohort is a centre where its patients name none.
[[nodiscard]] std::vector<cohort::PatientFiles> patients_of(const std::vector<std::filesystem::path>& cohorts);

}  // namespace gliocast::cli
