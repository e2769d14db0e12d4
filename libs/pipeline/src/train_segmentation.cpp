#include <gliocast/pipeline/train.hpp>

#include <gliocast/cohort/find_patients.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/image/components.hpp>
#include <gliocast/nn/segmentation_network.hpp>
#include <gliocast/pipeline/network_bundle.hpp>
#include <gliocast/report/training_curve.hpp>
#include <gliocast/stats/resampling.hpp>

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace gliocast::pipeline {
namespace {

namespace fs = std::filesystem;

/// The mask a prediction would give on the training grid: threshold, largest components.
std::vector<std::uint8_t> predicted_mask(const std::vector<float>& p, const nn::TrainingCase& c) {
  Mask mask(c.input.grid());
  for (std::size_t i = 0; i < p.size(); ++i) mask.voxels[i] = p[i] > 0.5F;
  return image::keep_largest_components(mask).voxels;
}

/// Dice of an inner region, within the tumour's mask.
double region_dice(const std::vector<float>& p, const nn::TrainingCase& c, const std::vector<std::uint8_t>& tumour,
                   std::int64_t region) {
  std::vector<std::uint8_t> predicted(p.size()), truth(p.size());
  for (std::size_t i = 0; i < p.size(); ++i) {
    predicted[i] = tumour[i] != 0 && p[i] > 0.5F;
    truth[i] = nn::in_region(c.label[i], region);
  }
  return nn::dice(predicted, truth);
}

Json evaluate(const nn::SegmentationNetwork& network, const std::vector<nn::TrainingCase>& cases,
              nn::TumourTarget target, const fs::path& table) {
  TextTable out{{"patient", "dice", "true_cm3", "predicted_cm3", "dice_core", "dice_enhancing"}, {}};
  std::vector<double> all;
  for (const auto& c : cases) {
    std::vector<std::uint8_t> truth(c.label.size());
    for (std::size_t i = 0; i < truth.size(); ++i) truth[i] = nn::is_tumour(c.label[i], target);
    const auto regions = network.predict_regions(c.input, {});
    const auto mask = predicted_mask(regions.front(), c);
    const double d = nn::dice(mask, truth), cm3 = c.input.grid().voxel_volume_mm3() / 1000;
    out.rows.push_back({c.id, decimal(d, 4), decimal(cm3 * std::accumulate(truth.begin(), truth.end(), 0.0), 1),
                        decimal(cm3 * std::accumulate(mask.begin(), mask.end(), 0.0), 1)});
    for (std::int64_t r = 1; r < nn::kRegions; ++r)
      out.rows.back().push_back(
          regions.size() == 1 ? "" : decimal(region_dice(regions[static_cast<std::size_t>(r)], c, mask, r), 4));
    all.push_back(d);
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
  models::Bundle bundle{.kind = models::Kind::Segmentation,
                        .name = cohort.name.empty() ? "segmentation" : cohort.name,
                        .payload = {{"network", training.network.to_json()},
                                    {"channels", channel_keys(cohort.cases.channels)},
                                    {"spacing_mm", cases.front().input.spacing_mm}}};
  bundle.payload.update({{"target", training.target == nn::TumourTarget::Whole ? "whole tumour" : "tumour core"},
                         {"preprocessing",
                          "skull-stripped, aligned, 1 mm working grid, z-score over the brain, clipped to ±6.35, "
                          "averaged to the network's spacing"},
                         {"training",
                          {{"data", cohort.training_data},
                           {"patients", split.training.size()},
                           {"epochs", result.curve.size()},
                           {"best_epoch", result.best_epoch},
                           {"seed", training.common.seed},
                           {"learning_rate", training.common.learning_rate},
                           {"batch", training.common.batch},
                           {"minutes", result.curve.empty() ? 0 : result.curve.back().minutes}}},
                         {"validation", metrics}});
  mark_demonstration(bundle, simulated);
  write_networks(cohort.out / "bundle", std::move(bundle), {result.weights});
  return {result.finished, failures.size()};
}

}  // namespace gliocast::pipeline
