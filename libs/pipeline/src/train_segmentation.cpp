#include <gliocast/pipeline/train.hpp>

#include "training_record.hpp"

#include <gliocast/cohort/find_patients.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/nn/segmentation_network.hpp>
#include <gliocast/pipeline/network_bundle.hpp>
#include <gliocast/pipeline/segmentation_fit.hpp>
#include <gliocast/report/training_curve.hpp>
#include <gliocast/stats/resampling.hpp>

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace gliocast::pipeline {
namespace {

namespace fs = std::filesystem;

Json evaluate(const nn::SegmentationNetwork& network, const std::vector<nn::TrainingCase>& cases,
              nn::TumourTarget target, const fs::path& table) {
  TextTable out{{"patient", "dice", "true_cm3", "predicted_cm3", "dice_core", "dice_enhancing"}, {}};
  std::vector<double> all;
  for (const auto& c : cases) {
    const auto said = outline_agreement(network, c, target);
    out.rows.push_back({c.id, decimal(said.dice, 4), decimal(said.true_cm3, 1), decimal(said.outlined_cm3, 1)});
    for (std::size_t r = 1; r < static_cast<std::size_t>(nn::kRegions); ++r)
      out.rows.back().push_back(said.inner_dice.empty() ? "" : decimal(said.inner_dice.at(r - 1), 4));
    all.push_back(said.dice);
  }
  write_table(table, out);
  if (all.empty()) return nullptr;
  std::ranges::sort(all);
  const double mean = std::accumulate(all.begin(), all.end(), 0.0) / static_cast<double>(all.size());
  return {
      {"patients", all.size()}, {"mean_dice", mean}, {"median_dice", upper_median(all)}, {"lowest_dice", all.front()}};
}

}  // namespace

PreparedCohort load_training_cohorts(const TrainCohortOptions& o) {
  std::vector<cohort::PatientFiles> patients;
  for (const auto& folder : o.cohorts)
    for (auto& p : cohort::find_patients(folder)) patients.push_back(std::move(p));
  auto prepared = prepare_cohort(patients, o.cases);
  write_failures(o.out / "failures.tsv", prepared.failures);
  if (prepared.cases.empty())
    throw unusable_input("no patient with a segmentation can be used", o.cohorts.front().string());
  log_info(std::to_string(prepared.cases.size()) + " patients, " +
           std::to_string(prepared.failures.size() + prepared.without_segmentation) + " left out");
  return prepared;
}

void mark_demonstration(models::Bundle& bundle, bool simulated) {
  bundle.payload["demonstration"] = simulated;
  if (!simulated) return;
  bundle.card["trained_on"] = "simulated patients (gliocast simulate)";
  bundle.card["limits"] = "A demonstration: its numbers say nothing of a real patient.";
}

std::vector<bool> held_out(const std::vector<std::string>& ids, const std::vector<int>& strata,
                           const TrainCohortOptions& o) {
  std::vector<bool> held(ids.size(), false);
  if (o.folds > 0) {
    if (o.fold >= o.folds)
      throw Error(ExitCode::WrongUse, "fold " + std::to_string(o.fold) + " of " + std::to_string(o.folds), "--fold",
                  "folds are counted from 0");
    const auto fold = stats::assign_folds(ids, strata, o.folds, o.split_seed);
    for (std::size_t i = 0; i < ids.size(); ++i) held[i] = fold[i] == o.fold;
  } else if (o.validation_fraction > 0) {
    const auto n = static_cast<std::size_t>(std::max(2.0, 1 / o.validation_fraction));
    const auto fold = stats::assign_folds(ids, strata, std::min(n, ids.size()), o.split_seed);
    for (std::size_t i = 0; i < ids.size(); ++i) held[i] = fold[i] == 0;
  }
  TextTable table{{"patient", "role"}, {}};
  for (std::size_t i = 0; i < ids.size(); ++i) table.rows.push_back({ids[i], held[i] ? "validation" : "training"});
  write_table(o.out / "split.tsv", table);
  return held;
}

Split split_cases(const std::vector<nn::TrainingCase>& cases, const TrainCohortOptions& o) {
  std::vector<std::string> ids;
  std::vector<int> strata;
  for (const auto& c : cases) {
    ids.push_back(c.id);
    strata.push_back(c.grade);
  }
  const auto held = held_out(ids, strata, o);
  Split split;
  for (std::size_t i = 0; i < cases.size(); ++i) (held[i] ? split.validation : split.training).push_back(cases[i]);
  return split;
}

nn::TensorFile initial_weights(const fs::path& init, models::Kind kind) {
  if (init.empty()) return {};
  if (fs::is_directory(init)) return read_networks(init, kind).weights.front();
  return nn::read_safetensors(init);
}

TrainOutcome train_segmentation(const TrainCohortOptions& cohort, nn::SegmentationTrainingOptions training) {
  const auto initial = initial_weights(cohort.init, models::Kind::Segmentation);
  const auto [cases, without_segmentation, failures, simulated] = load_training_cohorts(cohort);
  const Split split = split_cases(cases, cohort);
  training.common.folder = cohort.out;
  training.network.in_channels = static_cast<std::int64_t>(cohort.cases.channels.size());
  log_info("training on " + std::to_string(split.training.size()) + ", validating on " +
           std::to_string(split.validation.size()) + " patients");
  const auto result =
      nn::train_segmentation(split.training, split.validation, training, initial, [&](const nn::EpochRecord& r) {
        log_info("epoch " + std::to_string(r.epoch) + ": training loss " + decimal(r.training_loss, 4) +
                     ", validation loss " + decimal(r.validation_loss, 4) + ", Dice " + decimal(r.validation_score, 4) +
                     ", " + decimal(r.minutes, 1) + " min",
                 {{"epoch", r.epoch},
                  {"training_loss", r.training_loss},
                  {"validation_loss", r.validation_loss},
                  {"validation_dice", r.validation_score}});
      });
  if (!report::draw_training_curve(cohort.out / "curve.tsv", cohort.out / "curve.svg",
                                   "Training of the segmentation network", "Dice"))
    log_warning("gnuplot is not there: no figure of the curves");
  const nn::SegmentationNetwork network(training.network, result.weights, training.common.device);
  const Json metrics = evaluate(network, split.validation, training.target, cohort.out / "validation.tsv");
  auto bundle = segmentation_bundle(cohort.name.empty() ? "segmentation" : cohort.name, training, cohort.cases.channels,
                                    cases.front().input.spacing_mm);
  Json record = training_record(training.common, cohort.training_data, split.training.size(), result.curve.size());
  record["best_epoch"] = result.best_epoch;
  record["minutes"] = result.curve.empty() ? 0 : result.curve.back().minutes;
  bundle.payload["training"] = std::move(record);
  bundle.payload["validation"] = metrics;
  mark_demonstration(bundle, simulated);
  write_networks(cohort.out / "bundle", std::move(bundle), {result.weights});
  return {result.finished, failures.size()};
}

}  // namespace gliocast::pipeline
