#include "study_arguments.hpp"

#include <gliocast/cohort/find_patients.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/nn/device.hpp>

#include <utility>

namespace gliocast::cli {

void add_study_options(CLI::App& verb, StudyArguments& arguments, pipeline::ExamineOptions& examine,
                       const std::string& needs) {
  verb.add_option("COHORT", arguments.cohorts, "Folders in BraTS or BIDS form, or manifest tables, " + needs)
      ->required();
  verb.add_option("--outlines", arguments.outlines,
                  "Whose: network (the segmentation model's), or experts (the cohort's segmentations)")
      ->check(CLI::IsMember({"network", "experts"}))
      ->capture_default_str();
  verb.add_option("--segmentation-model", examine.segmentation_model, "Model bundle that outlines the tumours")
      ->capture_default_str();
  verb.add_option("--models", examine.models, "Folder of model bundles");
  verb.add_option("--preprocessed", arguments.preprocessed, "Whether images are stripped and aligned: auto, yes or no")
      ->check(CLI::IsMember({"auto", "yes", "no"}))
      ->capture_default_str();
  verb.add_option("--atlas", examine.preprocess.atlas, "Folder of the head atlas, for raw images");
}

void take_preset(const CLI::App& verb, const nn::TrainingOptions& preset, nn::TrainingOptions& training) {
  const auto given = [&](const char* name) {
    const auto* option = verb.get_option_no_throw(name);
    return option != nullptr && option->count() > 0;
  };
  if (!given("--epochs")) training.epochs = preset.epochs;
  if (!given("--batch")) training.batch = preset.batch;
  if (!given("--ema")) training.ema = preset.ema;
}

CLI::Option* add_imagenet_option(CLI::App& verb, std::filesystem::path& imagenet) {
  return verb.add_option("--imagenet", imagenet,
                         "torchvision's resnet18 weights to start from, by tools/convert_resnet18.py; width 64 alone");
}

void add_network_options(CLI::App& verb, nn::TrainingOptions& t, std::int64_t& width) {
  verb.add_option("--base-width", width, "Channels of a network's first stage; 8 times as many deep features")
      ->check(CLI::Range(1, 512));
  verb.add_option("--epochs", t.epochs, "Passes of each network over its training patients")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  verb.add_option("--steps-per-epoch", t.steps_per_epoch, "Optimiser steps an epoch; 0 = one pass over the patients")
      ->check(not_negative_number())
      ->capture_default_str();
  verb.add_option("--batch", t.batch, "Patients a step")->check(CLI::Range(1, 256))->capture_default_str();
  verb.add_option("--learning-rate", t.learning_rate, "Adam's learning rate")
      ->check(positive_number())
      ->capture_default_str();
}

void add_clinical_options(CLI::App& verb, pipeline::ClinicalTable& clinical) {
  verb.add_option("--clinical", clinical.file, "Table of the patients: column patient, and those named here")
      ->required();
  verb.add_option("--time", clinical.outcome.time, "Column of the survival time, any one unit")->required();
  verb.add_option("--event", clinical.outcome.event, "Column that says who died")->required();
  verb.add_option("--event-value", clinical.outcome.event_value,
                  "Its value of who died; default: 1 of 0/1, 2 of 1/2, dead, deceased, yes");
  verb.add_option("--grade", clinical.grade, "Column of the WHO grade; II is told from III")->capture_default_str();
}

void add_study_clinical_options(CLI::App& verb, std::vector<std::filesystem::path>& clinical,
                                std::vector<std::string>& columns) {
  verb.add_option(
          "--clinical", clinical,
          "Clinical table, a row a patient; may be repeated; default: clinical.tsv in each cohort's folder. "
          "Columns: patient, age, sex, grade, histology, location, laterality, enhancement, time, event; for the "
          "criteria treated_before, quality")
      ->allow_extra_args(false);
  verb.add_option("--column", columns, "NAME=COLUMN: the tables' name of a column, e.g. grade=WHO; may be repeated")
      ->allow_extra_args(false);
}

std::map<std::string, std::string> columns_of(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> columns;
  for (const auto& text : texts) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
      throw Error(ExitCode::WrongUse, "a column is named as NAME=COLUMN", "--column " + text,
                  "for example --column grade=WHO");
    columns[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return columns;
}

void apply(const StudyArguments& arguments, const Common& common, pipeline::ExamineOptions& examine) {
  examine.jobs = common.threads;
  examine.expert_outlines = arguments.outlines == "experts";
  examine.preprocess.preprocessed = preprocess::parse_preprocessed(arguments.preprocessed);
  examine.device = nn::parse_device(common.device);
  image::set_image_threads(1);
  pipeline::require_segmentation_model(examine);
}

std::vector<cohort::PatientFiles> patients_of(const std::vector<std::filesystem::path>& cohorts) {
  std::vector<cohort::PatientFiles> patients;
  for (const auto& folder : cohorts)
    for (auto& p : cohort::find_patients(folder)) {
      if (p.centre.empty() && cohorts.size() > 1) p.centre = cohort::folder_name(folder);
      patients.push_back(std::move(p));
    }
  return patients;
}

}  // namespace gliocast::cli
