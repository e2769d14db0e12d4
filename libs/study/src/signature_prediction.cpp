#include <gliocast/study/signature_prediction.hpp>

#include "apply_signature.hpp"
#include "cohort_tables.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/models/bundle.hpp>
#include <gliocast/pipeline/train.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace gliocast::study {
namespace {

/// Radiomics of the sequence, and the slices of the same patients; those who lack it are told and left out.
struct Measured {
  learn::FeatureTable radiomics;
  std::vector<nn::TrainingCase> slices;
};

Measured measured(pipeline::ExaminedCohort& examined, Sequence sequence) {
  Measured out;
  const auto table = sequence_tables(examined.patients, examined.features, {sequence}).front().table;
  learn::Rows rows;
  for (std::size_t r = 0; r < table.rows(); ++r) {
    const auto has = [&](std::size_t c) { return std::isfinite(table.values(r, c)); };
    bool any = false;
    for (std::size_t c = 0; c < table.features.size() && !any; ++c) any = has(c);
    if (!any) {
      log_warning(table.ids[r] + " has no signature: " + std::string(display_name(sequence)) + " is missing");
      continue;
    }
    rows.push_back(r);
    if (examined.patients[r].slice) out.slices.push_back(std::move(*examined.patients[r].slice));
  }
  out.radiomics = table.take(rows);
  return out;
}

pipeline::ExaminedCohort examine(const std::vector<cohort::PatientFiles>& patients, pipeline::ExamineOptions examine,
                                 const std::filesystem::path& work) {
  examine.out = work / "patients";
  auto examined = pipeline::examine_cohort(patients, examine);
  write_failures(work / "failures.tsv", examined.failures);
  return examined;
}

PredictedCohort by_fused(const std::vector<cohort::PatientFiles>& patients, const SignaturePredictionOptions& o) {
  const auto fused = pipeline::read_fused_signature(o.model);
  auto examined = examine(patients, examination_for(fused, o.examine), o.work);
  PredictedCohort out;
  out.failures = std::move(examined.failures);
  if (examined.patients.empty()) return out;
  const auto seen = measured(examined, fused.sequence);
  auto applied = apply_signature(fused, seen.radiomics, seen.slices, o.examine.device, o.times, o.level);
  const auto& first = fused.members.front().signature;
  out.prediction = analysis::describe_prediction(
      {seen.radiomics.ids, applied.said.signature, applied.said.high_risk, predictions_of(applied.said)},
      {fused.bundle.name, fused.bundle.checksum, fused.demonstration, first.time, first.event, applied.said.cut},
      o.times, o.level);
  out.prediction.notes.insert(out.prediction.notes.end(), applied.notes.begin(), applied.notes.end());
  return out;
}

PredictedCohort by_signature(const std::vector<cohort::PatientFiles>& patients, const SignaturePredictionOptions& o) {
  const auto trained = signature::read_signature(o.model);
  const Sequence sequence = o.examine.sequences.front();
  auto examination = o.examine;
  examination.sequences = {sequence};
  examination.slice_yx = pipeline::kPrognosisSlice;  // as for models with networks: patients are examined once
  auto examined = examine(patients, examination, o.work);
  PredictedCohort out;
  out.failures = std::move(examined.failures);
  if (examined.patients.empty()) return out;
  analysis::FeatureRows rows;
  rows.features = measured(examined, sequence).radiomics;
  rows.id_column = "patient";
  try {
    (void)rows.features.select_named(trained.model->needed_columns());
  } catch (const Error& e) {
    throw Error(e.code(), e.problem(), e.where(),
                "the signature was trained on a table of other features: predict from such a table, or train it on a "
                "cohort of images");
  }
  out.prediction = analysis::predict_signature(rows, trained, o.times, o.level);
  out.prediction.notes.push_back("radiomics of " + std::string(display_name(sequence)) + ", preset " +
                                 o.examine.radiomics +
                                 " (z-scores over the brain x 100, bin width 5): the training table must have been "
                                 "made so");
  return out;
}

}  // namespace

PredictedCohort predict_signatures(const std::vector<cohort::PatientFiles>& patients,
                                   const SignaturePredictionOptions& o) {
  return models::kind_of_bundle(o.model) == models::Kind::Signature ? by_signature(patients, o) : by_fused(patients, o);
}

}  // namespace gliocast::study
