#include <gliocast/pipeline/segmentation_fit.hpp>

#include "feature_network.hpp"
#include "training_record.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/run_key.hpp>
#include <gliocast/image/components.hpp>
#include <gliocast/pipeline/network_bundle.hpp>
#include <gliocast/pipeline/train.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

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

const char* target_name(nn::TumourTarget target) {
  return target == nn::TumourTarget::Whole ? "whole tumour" : "tumour core";
}

/// Changes with the cases of each part and every option that changes the weights.
std::string key_of(const std::vector<nn::TrainingCase>& cases, const SegmentationParts& parts,
                   const SegmentationRun& run) {
  const auto& t = run.training;
  RunKey key("segmentation network", 1);
  key.add("network", t.network.to_json()).add("channels", channel_keys(run.channels)).add("name", run.name);
  key.add("data", run.training_data).add("simulated", run.simulated).add("target", target_name(t.target));
  add_training(key, t.common);
  key.add("patch", Json(t.patch_zyx)).add("centred", t.tumour_centred);
  const auto add = [&](const char* role, const Places& places) {
    for (const std::size_t i : places) key.add(role, cases[i].id).add("contents", run.contents.at(i));
  };
  add("training", parts.training);
  add("validation", parts.validation);
  add("tested", parts.tested);
  return key.sha256();
}

Json to_json(const std::vector<OutlineAgreement>& tested) {
  Json out = Json::array();
  for (const auto& t : tested)
    out.push_back({{"patient", t.id}, {"dice", t.dice}, {"true_cm3", t.true_cm3}, {"outlined_cm3", t.outlined_cm3}});
  return out;
}

fs::path bundle_in(const fs::path& folder) { return folder / "bundle"; }

/// What an earlier run left, where it is whole.
std::optional<FittedSegmentation> fitted_before(const SegmentationRun& run, const std::string& key) {
  const auto earlier = earlier_result(run.folder / "network.json", key);
  if (!earlier) return std::nullopt;
  try {
    FittedSegmentation out{bundle_in(run.folder),
                           earlier->at("network").get<std::string>(),
                           earlier->at("best_epoch").get<std::int64_t>(),
                           {}};
    for (const auto& t : earlier->at("tested"))
      out.tested.push_back({t.at("patient").get<std::string>(),
                            t.at("dice").get<double>(),
                            t.at("true_cm3").get<double>(),
                            t.at("outlined_cm3").get<double>(),
                            {}});
    if (read_networks(out.bundle, models::Kind::Segmentation).bundle.checksum == out.checksum) return out;
  } catch (const Json::exception&) {
  } catch (const Error&) {
  }
  log_warning("a segmentation network of an earlier run is damaged and made again");
  return std::nullopt;
}

/// Empties the folder unless the same training was begun in it, which goes on.
void begin(const fs::path& folder, const std::string& key) {
  const fs::path begun = folder / "begun.json";
  fs::remove(folder / "network.json");
  if (done_before(begun, key)) return;
  fs::remove_all(folder);
  write_json(begun, {{"run_key", key}});
}

void train(const std::vector<nn::TrainingCase>& cases, const SegmentationParts& parts, const SegmentationRun& run,
           const nn::EpochCallback& on_epoch, FittedSegmentation& out) {
  auto training = run.training;
  training.common.folder = run.folder;
  training.common.resume = true;
  const auto result = nn::train_segmentation(cases_at(cases, parts.training), cases_at(cases, parts.validation),
                                             training, {}, on_epoch);
  throw_if_interrupted();
  if (result.curve.empty() || !std::isfinite(result.curve.back().training_loss))
    throw unusable_input("the training of a segmentation network ran away: its loss is no number", "",
                         "take a smaller learning rate");
  auto bundle = segmentation_bundle(run.name, training, run.channels, cases.front().input.spacing_mm);
  bundle.payload["training"] =
      training_record(training.common, run.training_data, parts.training.size(), result.curve.size());
  bundle.payload["training"]["best_epoch"] = out.best_epoch = result.best_epoch;
  bundle.card["trained_on"] = run.training_data;
  mark_demonstration(bundle, run.simulated);
  write_networks(out.bundle, std::move(bundle), {result.weights});
}

}  // namespace

OutlineAgreement outline_agreement(const nn::SegmentationNetwork& network, const nn::TrainingCase& c,
                                   nn::TumourTarget target) {
  std::vector<std::uint8_t> truth(c.label.size());
  for (std::size_t i = 0; i < truth.size(); ++i) truth[i] = nn::is_tumour(c.label[i], target);
  const auto regions = network.predict_regions(c.input, {});
  const auto mask = predicted_mask(regions.front(), c);
  const double cm3 = c.input.grid().voxel_volume_mm3() / 1000;
  OutlineAgreement out{c.id,
                       nn::dice(mask, truth),
                       cm3 * std::accumulate(truth.begin(), truth.end(), 0.0),
                       cm3 * std::accumulate(mask.begin(), mask.end(), 0.0),
                       {}};
  for (std::size_t r = 1; r < regions.size(); ++r)
    out.inner_dice.push_back(region_dice(regions[r], c, mask, static_cast<std::int64_t>(r)));
  return out;
}

models::Bundle segmentation_bundle(const std::string& name, const nn::SegmentationTrainingOptions& o,
                                   const std::vector<Sequence>& channels, double spacing_mm) {
  return {.kind = models::Kind::Segmentation,
          .name = name,
          .payload = {{"network", o.network.to_json()},
                      {"channels", channel_keys(channels)},
                      {"spacing_mm", spacing_mm},
                      {"target", target_name(o.target)},
                      {"preprocessing",
                       "skull-stripped, aligned, 1 mm working grid, z-score over the brain, clipped to ±6.35, averaged "
                       "to the network's spacing"}}};
}

FittedSegmentation fit_segmentation(const std::vector<nn::TrainingCase>& cases, const SegmentationParts& parts,
                                    const SegmentationRun& run, const nn::EpochCallback& on_epoch) {
  nn::set_network_threads(1);
  const std::string key = key_of(cases, parts, run);
  if (auto earlier = fitted_before(run, key)) return std::move(*earlier);
  begin(run.folder, key);
  FittedSegmentation out{bundle_in(run.folder), {}, 0, {}};
  train(cases, parts, run, on_epoch, out);
  const auto networks = read_networks(out.bundle, models::Kind::Segmentation);
  out.checksum = networks.bundle.checksum;
  const nn::SegmentationNetwork network(run.training.network, networks.weights.front(), run.training.common.device);
  for (const std::size_t i : parts.tested) {
    throw_if_interrupted();
    out.tested.push_back(outline_agreement(network, cases[i], run.training.target));
  }
  write_json(
      run.folder / "network.json",
      {{"run_key", key}, {"network", out.checksum}, {"best_epoch", out.best_epoch}, {"tested", to_json(out.tested)}});
  for (const char* file : {"checkpoint.safetensors", "begun.json"}) fs::remove(run.folder / file);
  return out;
}

}  // namespace gliocast::pipeline
