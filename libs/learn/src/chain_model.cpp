#include <gliocast/learn/chain.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/json_count.hpp>
#include <gliocast/learn/column_origins.hpp>
#include <gliocast/learn/registry.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <unordered_set>

namespace gliocast::learn {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Whether all that the classifier reads are columns of the training table: then the others do not matter to it.
bool reads_columns(const ChainModel::Parts& parts) {
  const std::unordered_set<std::string> known(parts.features.begin(), parts.features.end());
  return std::ranges::all_of(parts.selected, [&](const std::string& name) { return known.contains(name); });
}

/// The table with the columns of the training table; those that lack and do not matter are missing throughout.
FeatureTable aligned(const ChainModel::Parts& parts, const FeatureTable& table) {
  if (table.features == parts.features) return table;
  if (!reads_columns(parts)) return table.select_named(parts.features);
  (void)table.select_named(parts.selected);  // says which lack
  std::unordered_map<std::string, std::size_t> place;
  for (std::size_t c = 0; c < table.features.size(); ++c) place.emplace(table.features[c], c);
  FeatureTable out = table.select({});
  out.features = parts.features;
  out.values = stats::Matrix(table.rows(), parts.features.size());
  out.second_rater = {};
  for (std::size_t c = 0; c < parts.features.size(); ++c) {
    const auto at = place.find(parts.features[c]);
    if (at == place.end())
      std::ranges::fill(out.values.column(c), kNaN);
    else
      std::ranges::copy(table.values.column(at->second), out.values.column(c).begin());
  }
  return out;
}

Json step_json(const DeclaredStep& step) { return {{"name", step.name}, {"options", step.options}}; }

DeclaredStep step_of(const Json& json) { return {json.at("name").get<std::string>(), json.at("options")}; }

}  // namespace

ChainModel::ChainModel(Parts parts) : parts_(std::move(parts)) {
  if (parts_.steps.size() != parts_.chain.steps.size() || !parts_.model)
    throw unusable_input("the model of a chain lacks a step");
}

const std::vector<std::string>& ChainModel::needed_columns() const {
  return reads_columns(parts_) ? parts_.selected : parts_.features;
}

FeatureTable ChainModel::input_of(const FeatureTable& table) const {
  refuse_other_networks(parts_.features, parts_.networks, table);
  return aligned(parts_, table);
}

FeatureTable ChainModel::selected_features(const FeatureTable& table) const {
  FeatureTable t = input_of(table);
  for (const auto& step : parts_.steps) t = step->apply(t);
  if (t.features != parts_.selected) throw unusable_input("the model of a chain selects other features than it names");
  return t;
}

std::vector<double> ChainModel::probability_of_selected(const FeatureTable& selected) const {
  const Calibration& calibration = parts_.calibration;
  if (calibration.method == CalibrationMethod::None) return parts_.model->probability(selected);
  return calibration.apply(parts_.model->decision(selected));
}

std::vector<double> ChainModel::decision(const FeatureTable& table) const {
  return parts_.model->decision(selected_features(table));
}

std::vector<double> ChainModel::probability(const FeatureTable& table) const {
  return probability_of_selected(selected_features(table));
}

Json ChainModel::to_json() const {
  Json steps = Json::array(), models = Json::array();
  for (std::size_t s = 0; s < parts_.steps.size(); ++s) {
    steps.push_back(step_json(parts_.chain.steps[s]));
    models.push_back(parts_.steps[s]->to_json());
  }
  return {{"chain",
           {{"name", parts_.chain.name},
            {"steps", std::move(steps)},
            {"classifier", step_json(parts_.chain.classifier)},
            {"folds", parts_.chain.folds},
            {"calibration", parts_.chain.calibration},
            {"threshold", parts_.chain.threshold}}},
          {"features", parts_.features},
          {"steps", std::move(models)},
          {"classifier", step_json(parts_.classifier)},
          {"model", parts_.model->to_json()},
          {"calibration", parts_.calibration.to_json()},
          {"threshold", parts_.threshold},
          {"selected", parts_.selected},
          {"networks", parts_.networks},
          {"notes", parts_.notes}};
}

std::shared_ptr<const ChainModel> ChainModel::from_json(const Json& json) {
  try {
    Parts p;
    const Json& chain = json.at("chain");
    p.chain.name = chain.at("name").get<std::string>();
    for (const auto& step : chain.at("steps")) p.chain.steps.push_back(step_of(step));
    p.chain.classifier = step_of(chain.at("classifier"));
    p.chain.folds = count_of(chain.at("folds"));
    p.chain.calibration = chain.at("calibration").get<std::string>();
    p.chain.threshold = chain.at("threshold").get<std::string>();
    p.features = json.at("features").get<std::vector<std::string>>();
    const Json& models = json.at("steps");
    if (models.size() != p.chain.steps.size()) throw unusable_input("the model of a chain lacks a step");
    for (std::size_t s = 0; s < models.size(); ++s) p.steps.push_back(read_step(p.chain.steps[s].name, models[s]));
    p.classifier = step_of(json.at("classifier"));
    p.model = read_classifier(p.classifier.name, json.at("model"));
    p.calibration = Calibration::from_json(json.at("calibration"));
    p.threshold = json.at("threshold").get<double>();
    p.selected = json.at("selected").get<std::vector<std::string>>();
    if (json.contains("networks")) p.networks = json["networks"].get<std::vector<std::string>>();
    if (!p.networks.empty() && p.networks.size() != p.features.size())
      throw unusable_input("the model of a chain is damaged");
    p.notes = json.at("notes").get<std::vector<std::string>>();
    return std::make_shared<ChainModel>(std::move(p));
  } catch (const Json::exception&) {
    throw unusable_input("the model of a chain is damaged");
  }
}

std::vector<RangeWarning> range_warnings(const ChainModel& model, const FeatureTable& table) {
  const auto& steps = model.parts().steps;
  const auto* scale = steps.empty() ? nullptr : dynamic_cast<const Standardisation*>(steps.front().get());
  if (!scale) return {};
  return range_warnings(*scale, model.input_of(table));
}

}  // namespace gliocast::learn
