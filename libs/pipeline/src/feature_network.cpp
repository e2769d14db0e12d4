#include "feature_network.hpp"

#include "training_record.hpp"

#include <gliocast/analysis/data_dictionary.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/pipeline/fused_grading.hpp>
#include <gliocast/pipeline/network_bundle.hpp>
#include <gliocast/pipeline/train.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

namespace gliocast::pipeline {
namespace {

namespace fs = std::filesystem;

/// Changes with the cases, who of them trains, what is true of them, and every option that changes the weights.
std::string key_of(const FeatureNetwork& network, const Places& training, const Places& validation,
                   const FeatureRun& run) {
  const auto& t = network.common();
  const auto ids = network.ids();
  RunKey key("deep features", 1);
  key.add("payload", network.payload());
  network.add_options(key);
  key.add("simulated", run.simulated);
  add_training(key, t);
  for (std::size_t i = 0; i < ids.size(); ++i) key.add("case", ids[i]).add("contents", run.contents.at(i));
  const auto add = [&](const char* role, const Places& places) {
    for (const std::size_t i : places) {
      key.add(role, ids[i]);
      network.add_truth(key, i);
    }
  };
  add("training", training);
  add("validation", validation);
  return key.sha256();
}

std::vector<std::string> ids_at(const std::vector<std::string>& ids, const Places& a, const Places& b) {
  std::vector<std::string> out;
  for (const Places* places : {&a, &b})
    for (const std::size_t i : *places) out.push_back(ids[i]);
  std::ranges::sort(out);
  return out;
}

/// Trains, or goes on with a training, and writes the bundle.
void train(const FeatureNetwork& network, const Places& training, const Places& validation, const FeatureRun& run,
           const fs::path& folder, const nn::EpochCallback& on_epoch) {
  const auto result = network.train(training, validation, folder, on_epoch);
  throw_if_interrupted();
  models::Bundle bundle{.kind = network.kind(), .name = run.name, .payload = network.payload()};
  bundle.payload["training"] =
      training_record(network.common(), run.training_data, training.size(), result.curve.size());
  bundle.card["trained_on"] = run.training_data;
  network.add_to_card(bundle.card);
  mark_demonstration(bundle, run.simulated);
  write_networks(folder / "bundle", std::move(bundle), {result.weights});
}

/// Every case as the network of the bundle reads it.
DeepFeatures read_cases(const FeatureNetwork& network, const fs::path& folder) {
  const auto networks = read_networks(folder / "bundle", network.kind());
  const auto read = network.reader(networks.weights.front());
  DeepFeatures out;
  out.network = networks.bundle.checksum;
  out.bundle = folder / "bundle";
  out.names = deep_columns(network.features());
  const std::size_t cases = network.ids().size();
  for (std::size_t i = 0; i < cases; ++i) {
    throw_if_interrupted();
    const auto said = read(i);
    out.features.emplace_back(said.features.begin(), said.features.end());
    out.score.push_back(said.score);
    if (!std::isfinite(said.score) || !std::ranges::all_of(said.features, [](float v) { return std::isfinite(v); }))
      throw unusable_input("the training of a network ran away: its features are no numbers", "",
                           "take a smaller --learning-rate");
  }
  return out;
}

/// The table, its data dictionary, and last the record that both are there.
void write_features(const FeatureNetwork& network, const DeepFeatures& deep, const fs::path& folder,
                    const std::string& key) {
  const auto ids = network.ids();
  const std::string score = "network_" + network.score_name();
  TextTable table;
  table.columns = {"id", score};
  table.columns.insert(table.columns.end(), deep.names.begin(), deep.names.end());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    table.rows.push_back({ids[i], shortest(deep.score[i])});
    for (const double v : deep.features[i]) table.rows.back().push_back(shortest(v));
  }
  write_table(folder / "deep_features.tsv", table);
  const auto origin = std::make_shared<learn::ColumnOrigin>(learn::ColumnOrigin{deep.network, deep.fitted_on});
  analysis::DataDictionary dictionary{{"id", {"Patient", "", nullptr}}};
  dictionary[score] = {network.score_meaning(), "", origin};
  for (const auto& name : deep.names)
    dictionary[name] = {"Deep feature: average pool after the network's last stage", "", origin};
  analysis::write_data_dictionary(folder / "deep_features.tsv", dictionary);
  write_json(folder / "network.json", {{"run_key", key},
                                       {"network", deep.network},
                                       {"fitted_on", deep.fitted_on},
                                       {network.score_name(), deep.score},
                                       {"features", deep.features}});
}

/// What an earlier run left, where all of it is whole.
std::optional<DeepFeatures> features_of_before(const FeatureNetwork& network, const fs::path& folder,
                                               const std::string& key) {
  const auto earlier = earlier_result(folder / "network.json", key);
  if (!earlier) return std::nullopt;
  try {
    const std::size_t cases = network.ids().size();
    DeepFeatures out;
    out.network = earlier->at("network").get<std::string>();
    out.bundle = folder / "bundle";
    out.fitted_on = earlier->at("fitted_on").get<std::vector<std::string>>();
    out.score = earlier->at(network.score_name()).get<std::vector<double>>();
    out.features = earlier->at("features").get<std::vector<std::vector<double>>>();
    out.names = deep_columns(network.features());
    const bool whole = out.score.size() == cases && out.features.size() == cases &&
                       std::ranges::all_of(out.features, [&](const auto& f) { return f.size() == out.names.size(); });
    if (whole && read_networks(out.bundle, network.kind()).bundle.checksum == out.network) return out;
  } catch (const Json::exception&) {
  } catch (const Error&) {
  }
  log_warning("a network of an earlier run is damaged and made again");
  return std::nullopt;
}

}  // namespace

std::vector<std::string> deep_columns(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(deep_column(i));
  return names;
}

DeepFeatures features_by(const NetworkBundle& networks, std::size_t features) {
  DeepFeatures out;
  out.network = networks.bundle.checksum;
  out.bundle = networks.bundle.folder;
  out.names = deep_columns(features);
  return out;
}

DeepFeatures fit_features(const FeatureNetwork& network, const Places& training, const Places& validation,
                          const FeatureRun& run, const nn::EpochCallback& on_epoch) {
  nn::set_network_threads(1);
  const std::string key = key_of(network, training, validation, run);
  const fs::path folder = run.folder / key.substr(0, 16);
  if (auto earlier = features_of_before(network, folder, key)) return std::move(*earlier);
  fs::remove(folder / "network.json");
  train(network, training, validation, run, folder, on_epoch);
  DeepFeatures out = read_cases(network, folder);
  out.fitted_on = ids_at(network.ids(), training, validation);
  write_features(network, out, folder, key);
  fs::remove(folder / "checkpoint.safetensors");  // ten times the bundle's size, and of no more use
  return out;
}

}  // namespace gliocast::pipeline
