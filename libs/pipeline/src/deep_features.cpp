#include <gliocast/pipeline/deep_features.hpp>

#include <gliocast/analysis/data_dictionary.hpp>
#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/run_key.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/nn/grading_network.hpp>
#include <gliocast/pipeline/fused_grading.hpp>
#include <gliocast/pipeline/network_bundle.hpp>
#include <gliocast/pipeline/train.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string_view>

namespace gliocast::pipeline {
namespace {

namespace fs = std::filesystem;

using Places = std::vector<std::size_t>;

/// Changes with the cases, who of them trains, their grades, and every option that changes the weights.
std::string key_of(const std::vector<nn::TrainingCase>& cases, const Places& training, const Places& validation,
                   const DeepFeatureOptions& o) {
  const auto& t = o.training;
  RunKey key("deep features", 1);
  key.add("payload", grading_payload(t, o.channels, cases.front().input.spacing_mm)).add("jitter", t.centre_jitter);
  key.add("simulated", o.simulated).add("seed", t.common.seed).add("epochs", t.common.epochs);
  key.add("steps", t.common.steps_per_epoch).add("batch", t.common.batch).add("rate", t.common.learning_rate);
  key.add("decay", t.common.weight_decay).add("cosine", t.common.cosine_floor).add("ema", t.common.ema);
  key.add("patience", t.common.patience).add("last", t.common.keep_last);
  key.add("augmentation", t.common.augmentation.enabled);
  for (std::size_t i = 0; i < cases.size(); ++i) key.add("case", cases[i].id).add("contents", o.contents.at(i));
  for (const std::size_t i : training) key.add("training", cases[i].id).add("grade", cases[i].grade);
  for (const std::size_t i : validation) key.add("validation", cases[i].id).add("grade", cases[i].grade);
  return key.sha256();
}

std::vector<nn::TrainingCase> at(const std::vector<nn::TrainingCase>& cases, const Places& places) {
  std::vector<nn::TrainingCase> out;
  for (const std::size_t i : places) out.push_back(cases[i]);
  return out;
}

std::vector<std::string> deep_columns(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(deep_column(i));
  return names;
}

std::vector<std::string> ids_at(const std::vector<nn::TrainingCase>& cases, const Places& a, const Places& b) {
  std::vector<std::string> ids;
  for (const Places* places : {&a, &b})
    for (const std::size_t i : *places) ids.push_back(cases[i].id);
  std::ranges::sort(ids);
  return ids;
}

/// Trains, or goes on with a training, and writes the bundle.
void train(const std::vector<nn::TrainingCase>& cases, const Places& training, const Places& validation,
           const DeepFeatureOptions& o, const fs::path& folder, const nn::EpochCallback& on_epoch) {
  nn::GradingTrainingOptions t = o.training;
  t.common.folder = folder;
  t.common.resume = true;
  const auto result = nn::train_grading(at(cases, training), at(cases, validation), t, {}, on_epoch);
  throw_if_interrupted();
  models::Bundle bundle{.kind = models::Kind::Grading,
                        .name = o.name,
                        .payload = grading_payload(t, o.channels, cases.front().input.spacing_mm)};
  bundle.payload["training"] = {{"data", o.training_data},
                                {"patients", training.size()},
                                {"epochs", result.curve.size()},
                                {"seed", t.common.seed},
                                {"learning_rate", t.common.learning_rate},
                                {"batch", t.common.batch}};
  bundle.card["trained_on"] = o.training_data;
  mark_demonstration(bundle, o.simulated);
  write_networks(folder / "bundle", std::move(bundle), {result.weights});
}

/// Every case as the network of the bundle reads it.
DeepFeatures read_cases(const std::vector<nn::TrainingCase>& cases, const DeepFeatureOptions& o,
                        const fs::path& folder) {
  const auto networks = read_networks(folder / "bundle", models::Kind::Grading);
  const nn::GradingNetwork network(o.training.network, networks.weights.front(), o.training.common.device);
  DeepFeatures out;
  out.network = networks.bundle.checksum;
  out.bundle = folder / "bundle";
  out.names = deep_columns(static_cast<std::size_t>(o.training.network.features()));
  for (const auto& c : cases) {
    throw_if_interrupted();
    const auto said = network.predict(nn::grading_patch(c, o.training.patch_zyx, o.training.step, o.training.input));
    out.features.emplace_back(said.features.begin(), said.features.end());
    out.logit.push_back(said.logit);
    if (!std::isfinite(said.logit) || !std::ranges::all_of(said.features, [](float v) { return std::isfinite(v); }))
      throw unusable_input("the training of a grading network ran away: its features are no numbers", "",
                           "take a smaller --learning-rate");
  }
  return out;
}

/// The table, its data dictionary, and last the record that both are there.
void write_features(const std::vector<nn::TrainingCase>& cases, const DeepFeatures& deep, const fs::path& folder,
                    const std::string& key) {
  TextTable table;
  table.columns = {"id", "network_logit"};
  table.columns.insert(table.columns.end(), deep.names.begin(), deep.names.end());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    table.rows.push_back({cases[i].id, shortest(deep.logit[i])});
    for (const double v : deep.features[i]) table.rows.back().push_back(shortest(v));
  }
  write_table(folder / "deep_features.tsv", table);
  const auto origin = std::make_shared<learn::ColumnOrigin>(deep.network, deep.fitted_on);
  analysis::DataDictionary dictionary{{"id", {"Patient", "", nullptr}}};
  dictionary["network_logit"] = {"Log odds of high grade by the network alone, end to end, not calibrated", "", origin};
  for (const auto& name : deep.names)
    dictionary[name] = {"Deep feature: average pool after the network's last stage", "", origin};
  analysis::write_data_dictionary(folder / "deep_features.tsv", dictionary);
  write_json(folder / "network.json", {{"run_key", key},
                                       {"network", deep.network},
                                       {"fitted_on", deep.fitted_on},
                                       {"logit", deep.logit},
                                       {"features", deep.features}});
}

/// What an earlier run left, where all of it is whole.
std::optional<DeepFeatures> features_of_before(const fs::path& folder, const std::string& key, std::size_t cases,
                                               const DeepFeatureOptions& o) {
  const auto earlier = earlier_result(folder / "network.json", key);
  if (!earlier) return std::nullopt;
  try {
    DeepFeatures out;
    out.network = earlier->at("network").get<std::string>();
    out.bundle = folder / "bundle";
    out.fitted_on = earlier->at("fitted_on").get<std::vector<std::string>>();
    out.logit = earlier->at("logit").get<std::vector<double>>();
    out.features = earlier->at("features").get<std::vector<std::vector<double>>>();
    out.names = deep_columns(static_cast<std::size_t>(o.training.network.features()));
    const bool whole = out.logit.size() == cases && out.features.size() == cases &&
                       std::ranges::all_of(out.features, [&](const auto& f) { return f.size() == out.names.size(); });
    if (whole && read_networks(out.bundle, models::Kind::Grading).bundle.checksum == out.network) return out;
  } catch (const Json::exception&) {
  } catch (const Error&) {
  }
  log_warning("a network of an earlier run is damaged and made again");
  return std::nullopt;
}

}  // namespace

std::string case_contents(const nn::TrainingCase& c) {
  const std::string_view bytes(reinterpret_cast<const char*>(c.input.values.data()),
                               c.input.values.size() * sizeof(float));
  return sha256(bytes) + sha256(std::string_view(reinterpret_cast<const char*>(c.label.data()), c.label.size()));
}

DeepFeatures fit_deep_features(const std::vector<nn::TrainingCase>& cases, const Places& training,
                               const Places& validation, const DeepFeatureOptions& o,
                               const nn::EpochCallback& on_epoch) {
  nn::set_network_threads(1);
  const std::string key = key_of(cases, training, validation, o);
  const fs::path folder = o.folder / key.substr(0, 16);
  if (auto earlier = features_of_before(folder, key, cases.size(), o)) return std::move(*earlier);
  fs::remove(folder / "network.json");
  train(cases, training, validation, o, folder, on_epoch);
  DeepFeatures out = read_cases(cases, o, folder);
  out.fitted_on = ids_at(cases, training, validation);
  write_features(cases, out, folder, key);
  fs::remove(folder / "checkpoint.safetensors");  // ten times the bundle's size, and of no more use
  return out;
}

}  // namespace gliocast::pipeline
