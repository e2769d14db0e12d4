// ComBat as a step of a chain (batch: the centre), and its model as JSON.
#include "columns.hpp"
#include "function_learner.hpp"
#include "step_entry.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/json_count.hpp>
#include <gliocast/learn/combat.hpp>
#include <gliocast/learn/step_options.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::learn {
namespace {

struct StepSettings {
  CombatOptions combat;
  bool keep_outcome = false;
};

StepSettings settings_of(const Json& json) {
  StepOptions o("combat", json);
  StepSettings s;
  s.combat.empirical_bayes = o.flag("empirical_bayes", s.combat.empirical_bayes);
  s.combat.mean_only = o.flag("mean_only", s.combat.mean_only);
  const auto reference = o.texts("reference", {""});
  if (reference.size() != 1) throw unusable_input("the step combat: reference must be one centre");
  s.combat.reference = reference.front();
  s.combat.tolerance = o.number("tolerance", s.combat.tolerance, 1e-14, 0.1);
  s.combat.least_new_rows = o.count("least_new_rows", s.combat.least_new_rows, 2, 1'000'000);
  s.keep_outcome = o.flag("keep_outcome", s.keep_outcome);
  o.finish();
  return s;
}

Json json_of(const StepSettings& s) {
  return {{"empirical_bayes", s.combat.empirical_bayes},
          {"mean_only", s.combat.mean_only},
          {"reference", s.combat.reference},
          {"tolerance", s.combat.tolerance},
          {"least_new_rows", s.combat.least_new_rows},
          {"keep_outcome", s.keep_outcome}};
}

CombatTable table_of(const FeatureTable& t, const stats::Matrix& values) {
  if (t.centre.empty() && t.rows() > 0)
    throw unusable_input("the step combat needs the centre of every row, and the table has none", "",
                         "name the column of centres, or leave the step combat out of the chain");
  return {t.features, values, t.centre, {}, {}};
}

/// No row's own outcome has a part in what it becomes, in training neither: with keep_outcome it enters the fit alone.
class CombatStep final : public FeatureModel {
 public:
  explicit CombatStep(CombatModel model) : model_(std::move(model)) {}

  [[nodiscard]] FeatureTable apply(const FeatureTable& table) const override {
    need_columns(table, model_.scale.size(), "the step combat");
    FeatureTable out = table;
    const auto first = table_of(table, table.values);
    const CombatModel extended = extend_combat(model_, first);
    out.values = apply_combat(extended, first);
    // The second rater's are of the same scanners: what the first's say of them holds.
    if (table.second_rater.rows > 0) out.second_rater = apply_combat(extended, table_of(table, table.second_rater));
    return out;
  }
  [[nodiscard]] Json to_json() const override { return learn::to_json(model_); }
  [[nodiscard]] std::vector<std::string> notes() const override {
    std::vector<std::string> notes;
    for (const auto& n : model_.notes) notes.push_back("combat: " + n);
    return notes;
  }

 private:
  CombatModel model_;
};

std::shared_ptr<const FeatureModel> fit(const FeatureTable& table, const Rows& rows, const StepSettings& settings) {
  const FeatureTable training = table.take(rows);
  CombatTable t = table_of(training, training.values);
  if (settings.keep_outcome) {
    t.covariate_names = {"outcome"};
    t.covariates = stats::Matrix(training.rows(), 1);
    if (training.outcome.size() != training.rows())
      throw unusable_input("the step combat: keep_outcome needs the outcome of every row");
    std::ranges::copy(training.outcome, t.covariates.column(0).begin());
  }
  return std::make_shared<CombatStep>(fit_combat(t, settings.combat));
}

[[noreturn]] void damaged() { throw unusable_input("the model of combat is damaged"); }

std::vector<double> finite_numbers(const Json& json, std::size_t count) {
  auto values = json.get<std::vector<double>>();
  if (values.size() != count || !std::ranges::all_of(values, [](double v) { return std::isfinite(v); })) damaged();
  return values;
}

}  // namespace

Json to_json(const CombatModel& m) {
  Json coefficients = Json::array(), batches = Json::array();
  for (std::size_t c = 0; c < m.covariate_names.size(); ++c) {
    std::vector<double> row;
    for (std::size_t f = 0; f < m.scale.size(); ++f) row.push_back(m.coefficients(c, f));
    coefficients.push_back(row);
  }
  for (const auto& b : m.batches)
    batches.push_back({{"name", b.name}, {"rows", b.rows}, {"gamma", b.gamma}, {"delta", b.delta}});
  return {{"empirical_bayes", m.options.empirical_bayes},
          {"mean_only", m.options.mean_only},
          {"reference", m.options.reference},
          {"tolerance", m.options.tolerance},
          {"least_new_rows", m.options.least_new_rows},
          {"covariates", m.covariate_names},
          {"covariate_means", m.covariate_means},
          {"coefficients", coefficients},
          {"grand_mean", m.grand_mean},
          {"scale", m.scale},
          {"batches", batches}};
}

CombatModel read_combat(const Json& json) try {
  CombatModel m;
  m.options = {json.at("empirical_bayes").get<bool>(), json.at("mean_only").get<bool>(),
               json.at("reference").get<std::string>(), json.at("tolerance").get<double>(),
               count_of(json.at("least_new_rows"))};
  const std::size_t features = json.at("scale").size();
  m.covariate_names = json.at("covariates").get<std::vector<std::string>>();
  m.covariate_means = finite_numbers(json.at("covariate_means"), m.covariate_names.size());
  m.grand_mean = finite_numbers(json.at("grand_mean"), features);
  m.scale = finite_numbers(json.at("scale"), features);
  m.coefficients = stats::Matrix(m.covariate_names.size(), features);
  for (std::size_t c = 0; c < m.covariate_names.size(); ++c) {
    const auto row = finite_numbers(json.at("coefficients").at(c), features);
    for (std::size_t f = 0; f < features; ++f) m.coefficients(c, f) = row[f];
  }
  for (const auto& b : json.at("batches")) {
    m.batches.push_back({b.at("name").get<std::string>(), count_of(b.at("rows")),
                         finite_numbers(b.at("gamma"), features), finite_numbers(b.at("delta"), features)});
    if (!std::ranges::all_of(m.batches.back().delta, [](double d) { return d > 0; })) damaged();
  }
  const bool sound = m.options.tolerance > 0 && std::ranges::all_of(m.scale, [](double s) { return s >= 0; });
  const bool known = m.options.reference.empty() ||
                     std::ranges::find(m.batches, m.options.reference, &CombatBatch::name) != m.batches.end();
  if (!sound || !known) damaged();
  return m;
} catch (const Json::exception&) {
  damaged();
}

StepEntry combat_entry() {
  return {"combat", "takes out of features what centres put in: a shift and a scale each (ComBat)",
          [](const Json& json) {
            const auto settings = settings_of(json);
            return std::make_shared<FunctionLearner>(
                "combat", json_of(settings), [settings](const FeatureTable& t, const Rows& rows, const FitContext&) {
                  return fit(t, rows, settings);
                });
          },
          [](const Json& model) { return std::make_shared<CombatStep>(read_combat(model)); }};
}

}  // namespace gliocast::learn
