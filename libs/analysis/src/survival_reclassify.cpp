#include <gliocast/analysis/survival_reclassify.hpp>

#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/signature_group.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/survival/cox_model.hpp>
#include <gliocast/survival/reclassification.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace gliocast::analysis {
namespace {

using survival::CoxModel;
using survival::InfluenceEstimate;
using survival::Reclassification;

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
std::vector<std::vector<double>> risks(const CoxModel& model, const stats::DataFrame& frame,
                                       const ReclassificationOptions& o) {
  std::vector<std::vector<double>> result(o.times.size());
  for (const auto& p : model.predict(frame, o.times, o.level))
    for (std::size_t t = 0; t < o.times.size(); ++t)
      result[t].push_back(std::isnan(p.linear_predictor) ? NAN : 1 - p.survival[t]);
  return result;
}

std::vector<Reclassification> compare_models(const survival::SurvivalSample& sample, const stats::DataFrame& frame,
                                             const CoxModel& first, const CoxModel& second,
                                             const ReclassificationOptions& o) {
  const survival::CensoringCurve censoring(sample);
  const auto a = risks(first, frame, o), b = risks(second, frame, o);
  std::vector<Reclassification> result;
  for (std::size_t t = 0; t < o.times.size(); ++t)
    result.push_back(survival::reclassify(sample, censoring, a[t], b[t], o.times[t], o.cuts, o.level));
  return result;
}

/// The indices at each time; a draw whose models cannot be fitted has none.
using Indices = std::vector<std::array<double, kNames.size()>>;
stats::DrawResult<Indices> indices_of_draw(const survival::SurvivalFrame& used, const stats::Rows& rows,
                                           const ReclassificationOptions& o) {
  const auto frame = used.frame.subset(rows);
  try {
    const auto first = survival::analyse_cox(frame, o.outcome, o.formula),
               second = survival::analyse_cox(frame, o.outcome, o.against);
    if (!first.fit.converged || !second.fit.converged) return stats::FailedDraw{"a fit did not converge"};
    Indices indices;
    for (auto& r : compare_models(first.used.sample, frame, first.model, second.model, o)) {
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
stats::Resampled<Indices> bootstrap_intervals(const survival::SurvivalFrame& used, const ReclassificationOptions& o,
                                              std::vector<Reclassification>& results) {
  auto drawn = stats::resample<Indices>(o.resampling, stats::bootstrap_rows(used.frame.rows(), o.resampling.seed),
                                        [&](const stats::Rows& rows) { return indices_of_draw(used, rows, o); });
  for (std::size_t t = 0; t < results.size(); ++t)
    for (std::size_t k = 0; k < kNames.size(); ++k) {
      std::vector<double> values;
      for (const auto& indices : drawn.values)
        if (std::isfinite(indices[t][k])) values.push_back(indices[t][k]);
      stats::Estimate& index = *indices_of(results[t])[k];
      index = stats::percentile_estimate(index.value, std::move(values), o.level);
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

Compared compare_fitted(const ReclassificationOptions& o, const stats::DataFrame& table) {
  auto columns = stats::parse_formula(o.formula).columns();
  for (const auto& name : stats::parse_formula(o.against).columns()) columns.push_back(name);
  Compared c{survival::make_survival_frame(table, o.outcome, columns), {}, o.formula, o.against};
  const auto first = survival::analyse_cox(c.used.frame, o.outcome, o.formula),
             second = survival::analyse_cox(c.used.frame, o.outcome, o.against);
  for (const auto* a : {&first, &second}) add_model_warnings(a->model, c.used.notes);
  c.results = compare_models(c.used.sample, c.used.frame, first.model, second.model, o);
  const auto drawn = bootstrap_intervals(c.used, o, c.results);
  c.fitted = drawn.values.size();
  c.used.notes.push_back("intervals: percentiles of " + std::to_string(c.fitted) +
                         " bootstrap draws, both models fitted anew; the values themselves are of models judged on the "
                         "rows they were fitted to");
  if (!drawn.failed.empty())
    c.used.notes.push_back("draws that could not be fitted: " + stats::describe_failures(drawn.failed));
  return c;
}

Compared compare_saved(const ReclassificationOptions& o, const stats::DataFrame& given) {
  const CoxModel &first = o.model->model, &second = o.against_model->model;
  const auto table = with_signature_group(with_signature_group(given, first), second);
  refuse_entry(first, o.model->file, "reclassify");
  refuse_entry(second, o.against_model->file, "reclassify");
  auto outcome = o.outcome;
  outcome.coding = first.event_coding;
  auto columns = predictors_of(first);
  for (const auto& name : predictors_of(second)) columns.push_back(name);
  Compared c{survival::make_survival_frame(table, outcome, columns),
             {},
             o.model->file.string(),
             o.against_model->file.string()};
  const auto a = risks(first, c.used.frame, o), b = risks(second, c.used.frame, o);
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
  c.results = compare_models(c.used.sample, c.used.frame, first, second, o);
  for (const auto* m : {&first, &second}) add_model_warnings(*m, c.used.notes);
  return c;
}

void check(const ReclassificationOptions& o) {
  const bool saved = o.model && o.against_model, fitted = !o.formula.empty() && !o.against.empty();
  if (saved == fitted || o.model.has_value() != o.against_model.has_value() || o.formula.empty() != o.against.empty())
    throw Error(ExitCode::WrongUse, "two models are needed: --formula with --against, or --model with --against-model",
                "--against");
  if (!std::ranges::is_sorted(o.cuts, std::less_equal<>()) ||
      std::ranges::any_of(o.cuts, [](double c) { return !(c > 0 && c < 1); }))
    throw Error(ExitCode::WrongUse, "cuts are risks between 0 and 1 in ascending order", "--cuts");
}

/// The indices at one time: their rows of the table and their JSON. Without cuts there are no categories.
Json indices_json(Reclassification& r, double time, bool categories, TextTable& table) {
  constexpr std::size_t kWithoutCategories = 4;
  Json item{{"time", time}, {"cases", r.cases}, {"controls", r.controls}};
  const auto values = indices_of(r);
  for (std::size_t k = 0; k < (categories ? kNames.size() : kWithoutCategories); ++k) {
    item[kNames[k]] = estimate_json(*values[k]);
    std::vector<std::string> row{cell(time), kNames[k]};
    add_cells(row, *values[k]);
    table.rows.push_back(std::move(row));
  }
  return item;
}

}  // namespace

AnalysisOutput reclassify(const stats::DataFrame& table, const ReclassificationOptions& o) {
  check(o);
  const bool saved = o.model.has_value();
  auto c = saved ? compare_saved(o, table) : compare_fitted(o, table);
  AnalysisOutput out;
  out.table.columns = {"time", "index", "estimate", "se", "lower", "upper"};
  out.json = {{"model", c.first},
              {"against", c.second},
              {"n", c.used.frame.rows()},
              {"events", c.used.events},
              {"left_out", c.used.left_out},
              {"level", o.level},
              {"interval", saved ? "influence" : "bootstrap"},
              {"draws", c.fitted},
              {"cuts", o.cuts},
              {"times", Json::array()}};
  out.notes = c.used.notes;
  for (std::size_t t = 0; t < o.times.size(); ++t) {
    auto& r = c.results[t];
    out.json["times"].push_back(indices_json(r, o.times[t], !o.cuts.empty(), out.table));
    if (r.cases == 0 || r.controls == 0)
      out.notes.push_back("at " + cell(o.times[t]) + ": nothing to compare, " + std::to_string(r.cases) +
                          " events before and " + std::to_string(r.controls) + " followed beyond");
  }
  return out;
}

}  // namespace gliocast::analysis
