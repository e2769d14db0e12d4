// gliocast survival reclassify: what a second model's risks add, by NRI and IDI at given times.
#include "statistics_output.hpp"
#include "survival_commands.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/stats/resampling.hpp>
#include <gliocast/survival/cox_model.hpp>
#include <gliocast/survival/cox_model_file.hpp>
#include <gliocast/survival/reclassification.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>

namespace gliocast::cli {
namespace {

using survival::CoxModel;
using survival::InfluenceEstimate;
using survival::Reclassification;

struct Settings {
  StatisticsArguments common;
  std::filesystem::path model, model_against;
  std::string formula, against;
  std::vector<double> times, cuts;
  std::size_t draws = 500;
  std::uint64_t seed = 1;
};

/// The indices in the order of the output.
constexpr std::array<const char*, 7> kNames{
    "idi", "nri", "nri_events", "nri_non_events", "category_nri", "category_nri_events", "category_nri_non_events"};
std::array<InfluenceEstimate*, 7> indices_of(Reclassification& r) {
  return {&r.idi,
          &r.continuous.total,
          &r.continuous.events,
          &r.continuous.non_events,
          &r.categories.total,
          &r.categories.events,
          &r.categories.non_events};
}

/// Risk of the event by each time, one list a time; NaN where the model does not know a level.
std::vector<std::vector<double>> risks(const CoxModel& model, const stats::DataFrame& frame, const Settings& s) {
  std::vector<std::vector<double>> result(s.times.size());
  for (const auto& p : model.predict(frame, s.times, s.common.level))
    for (std::size_t t = 0; t < s.times.size(); ++t)
      result[t].push_back(std::isnan(p.linear_predictor) ? NAN : 1 - p.survival[t]);
  return result;
}

std::vector<Reclassification> compare_models(const survival::SurvivalSample& sample, const stats::DataFrame& frame,
                                             const CoxModel& first, const CoxModel& second, const Settings& s) {
  const survival::CensoringCurve censoring(sample);
  const auto a = risks(first, frame, s), b = risks(second, frame, s);
  std::vector<Reclassification> result;
  for (std::size_t t = 0; t < s.times.size(); ++t)
    result.push_back(survival::reclassify(sample, censoring, a[t], b[t], s.times[t], s.cuts, s.common.level));
  return result;
}

std::vector<std::string> predictors(const CoxModel& model) {
  auto columns = model.design.formula().columns();
  std::erase(columns, model.design.formula().cluster);
  return columns;
}

/// The indices at each time; a draw whose models cannot be fitted has none.
using Indices = std::vector<std::array<double, kNames.size()>>;
stats::DrawResult<Indices> indices_of_draw(const survival::SurvivalFrame& used, const stats::Rows& rows,
                                           const Settings& s) {
  const auto frame = used.frame.subset(rows);
  try {
    const auto first = survival::analyse_cox(frame, s.common.outcome, s.formula),
               second = survival::analyse_cox(frame, s.common.outcome, s.against);
    if (!first.fit.converged || !second.fit.converged) return stats::FailedDraw{"a fit did not converge"};
    Indices indices;
    for (auto& r : compare_models(first.used.sample, frame, first.model, second.model, s)) {
      const auto values = indices_of(r);
      indices.emplace_back();
      for (std::size_t k = 0; k < kNames.size(); ++k) indices.back()[k] = values[k]->value;
    }
    return indices;
  } catch (const Error& e) {
    const bool any_event = std::ranges::any_of(rows, [&](std::size_t r) { return used.sample.event[r] != 0; });
    return stats::FailedDraw{any_event ? e.problem() : "no event"};
  }
}

/// Percentile intervals over draws of rows to which both models are fitted anew.
stats::Resampled<Indices> bootstrap_intervals(const survival::SurvivalFrame& used, const Settings& s,
                                              std::vector<Reclassification>& results) {
  auto drawn =
      stats::resample<Indices>({.draws = s.draws, .seed = s.seed}, stats::bootstrap_rows(used.frame.rows(), s.seed),
                               [&](const stats::Rows& rows) { return indices_of_draw(used, rows, s); });
  for (std::size_t t = 0; t < results.size(); ++t)
    for (std::size_t k = 0; k < kNames.size(); ++k) {
      std::vector<double> values;
      for (const auto& indices : drawn.values)
        if (std::isfinite(indices[t][k])) values.push_back(indices[t][k]);
      stats::Estimate& index = *indices_of(results[t])[k];
      index = stats::percentile_estimate(index.value, std::move(values), s.common.level);
    }
  return drawn;
}

/// Both models on the rows that both can use.
struct Compared {
  survival::SurvivalFrame used;
  std::vector<Reclassification> results;
  std::string first, second;
  std::size_t fitted = 0;  ///< bootstrap draws; 0 with saved models
};

Compared compare_fitted(const Settings& s, const stats::DataFrame& table) {
  auto columns = stats::parse_formula(s.formula).columns();
  for (const auto& name : stats::parse_formula(s.against).columns()) columns.push_back(name);
  Compared c{survival::make_survival_frame(table, s.common.outcome, columns), {}, s.formula, s.against};
  const auto first = survival::analyse_cox(c.used.frame, s.common.outcome, s.formula),
             second = survival::analyse_cox(c.used.frame, s.common.outcome, s.against);
  for (const auto* a : {&first, &second}) add_model_warnings(a->model, c.used.notes);
  c.results = compare_models(c.used.sample, c.used.frame, first.model, second.model, s);
  const auto drawn = bootstrap_intervals(c.used, s, c.results);
  c.fitted = drawn.values.size();
  c.used.notes.push_back("intervals: percentiles of " + std::to_string(c.fitted) +
                         " bootstrap draws, both models fitted anew; the values themselves are of models judged on the "
                         "rows they were fitted to");
  return c;
}

Compared compare_saved(const Settings& s, const stats::DataFrame& table) {
  const auto first = survival::read_cox_model(s.model), second = survival::read_cox_model(s.model_against);
  refuse_entry(first, s.model, "reclassify");
  refuse_entry(second, s.model_against, "reclassify");
  auto outcome = s.common.outcome;
  outcome.coding = first.event_coding;
  auto columns = predictors(first);
  for (const auto& name : predictors(second)) columns.push_back(name);
  Compared c{survival::make_survival_frame(table, outcome, columns), {}, s.model.string(), s.model_against.string()};
  const auto a = risks(first, c.used.frame, s), b = risks(second, c.used.frame, s);
  std::vector<std::size_t> known;
  for (std::size_t i = 0; i < c.used.frame.rows(); ++i)
    if (!std::isnan(a[0][i]) && !std::isnan(b[0][i])) known.push_back(c.used.rows[i]);
  if (known.empty()) throw unusable_input("the models know the levels of no row", table.origin());
  if (known.size() < c.used.frame.rows()) {
    const std::size_t unknown = c.used.frame.rows() - known.size(), before = c.used.left_out;
    c.used = survival::make_survival_frame(table.subset(known), outcome, columns);
    c.used.left_out += before + unknown;
    c.used.notes.push_back(std::to_string(unknown) + " rows have a level that a model does not know: left out");
  }
  c.results = compare_models(c.used.sample, c.used.frame, first, second, s);
  for (const auto* m : {&first, &second}) add_model_warnings(*m, c.used.notes);
  return c;
}

Json index_json(const InfluenceEstimate& v) {
  return {{"estimate", finite_or_null(v.value)},
          {"se", finite_or_null(v.se)},
          {"lower", finite_or_null(v.low)},
          {"upper", finite_or_null(v.high)}};
}

void run_reclassify(const Settings& s) {
  const bool saved = !s.model.empty() && !s.model_against.empty(), fitted = !s.formula.empty() && !s.against.empty();
  if (saved == fitted || s.model.empty() != s.model_against.empty() || s.formula.empty() != s.against.empty())
    throw Error(ExitCode::WrongUse, "two models are needed: --formula with --against, or --model with --against-model",
                "--against");
  if (!std::ranges::is_sorted(s.cuts, std::less_equal<>()) ||
      std::ranges::any_of(s.cuts, [](double c) { return !(c > 0 && c < 1); }))
    throw Error(ExitCode::WrongUse, "cuts are risks between 0 and 1 in ascending order", "--cuts");
  const auto table = load_table(s.common);
  auto c = saved ? compare_saved(s, table) : compare_fitted(s, table);
  Json json{{"model", c.first},
            {"against", c.second},
            {"n", c.used.frame.rows()},
            {"events", c.used.events},
            {"left_out", c.used.left_out},
            {"level", s.common.level},
            {"interval", saved ? "influence" : "bootstrap"},
            {"draws", c.fitted},
            {"cuts", s.cuts},
            {"times", Json::array()}};
  TextTable out{{"time", "index", "estimate", "se", "lower", "upper"}, {}};
  for (std::size_t t = 0; t < s.times.size(); ++t) {
    auto& r = c.results[t];
    Json item{{"time", s.times[t]}, {"cases", r.cases}, {"controls", r.controls}};
    const auto values = indices_of(r);
    for (std::size_t k = 0; k < (s.cuts.empty() ? 4 : kNames.size()); ++k) {
      item[kNames[k]] = index_json(*values[k]);
      out.rows.push_back({cell(s.times[t]), kNames[k], cell(values[k]->value), cell(values[k]->se),
                          cell(values[k]->low), cell(values[k]->high)});
    }
    if (r.cases == 0 || r.controls == 0)
      c.used.notes.push_back("at " + cell(s.times[t]) + ": nothing to compare, " + std::to_string(r.cases) +
                             " events before and " + std::to_string(r.controls) + " followed beyond");
    json["times"].push_back(std::move(item));
  }
  emit(s.common, out, json, c.used.notes);
}

}  // namespace

void add_survival_reclassify(CLI::App& survival, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = survival.add_subcommand("reclassify",
                                       "Net reclassification (NRI) and integrated discrimination improvement (IDI) of "
                                       "one Cox model over another at given times");
  add_statistics_options(*verb, s->common, true);
  verb->add_option("--formula", s->formula, "The model that should be better, fitted to the table itself");
  verb->add_option("--against", s->against, "The model it is held against");
  verb->add_option("--model", s->model, "Or: a saved model (gliocast survival cox --save)");
  verb->add_option("--against-model", s->model_against, "and the saved model it is held against");
  verb->add_option("--times", s->times, "Times, in the table's unit")
      ->delimiter(',')
      ->required()
      ->check(CLI::PositiveNumber);
  verb->add_option("--cuts", s->cuts, "Risks between the categories of a categorical NRI, e.g. 0.2,0.5")
      ->delimiter(',');
  verb->add_option("--draws", s->draws, "Bootstrap samples for the intervals of fitted models")
      ->check(CLI::Range(10, 100000))
      ->capture_default_str();
  verb->add_option("--seed", s->seed, "Seed: the same seed gives the same numbers")->capture_default_str();
  verb->footer(
      "Example: gliocast survival reclassify lung.csv --time time --event status --formula \"age + sex + ph.ecog\" "
      "--against \"age + sex\" --times 365\n"
      "Positive values: the first model is better. The NRI of nested models tends to be positive even where the added "
      "column is noise; no P value is given for it.");
  verb->callback([s, &result] { run_reclassify(*s), result = 0; });
}

}  // namespace gliocast::cli
