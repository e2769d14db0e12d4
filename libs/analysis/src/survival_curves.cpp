#include <gliocast/analysis/survival_curves.hpp>

#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/survival_groups.hpp>
#include <gliocast/core/numbers.hpp>

#include <algorithm>
#include <map>

namespace gliocast::analysis {
namespace {

const char* name_of(survival::ConfidenceType type) {
  switch (type) {
    case survival::ConfidenceType::Plain:
      return "plain";
    case survival::ConfidenceType::Log:
      return "log";
    case survival::ConfidenceType::LogLog:
      return "log-log";
  }
  return "";
}

Json step_json(const survival::SurvivalStep& step) {
  return {{"time", step.time},
          {"n_risk", step.n_risk},
          {"n_event", step.n_event},
          {"n_censor", step.n_censor},
          {"survival", step.survival},
          {"std_error", finite_or_null(step.se)},
          {"std_error_survival", finite_or_null(step.survival * step.se)},
          {"lower", finite_or_null(step.low)},
          {"upper", finite_or_null(step.high)},
          {"cumulative_hazard", step.hazard},
          {"cumulative_hazard_se", step.hazard_se}};
}

/// A group's curve: its JSON, its rows of the table, its sentences.
void add_curve(const std::string& label, const survival::KaplanMeierCurve& curve, double until, AnalysisOutput& out) {
  const auto median = curve.median();
  const auto mean = curve.restricted_mean(until);
  Json item{{"group", label},
            {"n", curve.n},
            {"events", curve.events},
            {"median", finite_or_null(median.value)},
            {"median_lower", finite_or_null(median.low)},
            {"median_upper", finite_or_null(median.high)},
            {"restricted_mean",
             {{"until", until}, {"estimate", finite_or_null(mean.value)}, {"se", finite_or_null(mean.se)}}},
            {"curve", Json::array()}};
  for (const auto& step : curve.steps) {
    item["curve"].push_back(step_json(step));
    out.table.rows.push_back({label, data_cell(step.time), data_cell(step.n_risk), data_cell(step.n_event),
                              data_cell(step.n_censor), cell(step.survival), cell(step.se), cell(step.low),
                              cell(step.high), cell(step.hazard)});
  }
  out.json["groups"].push_back(std::move(item));
  out.notes.push_back(label + ": " + std::to_string(curve.n) + " rows, " + std::to_string(curve.events) +
                      " events, median " + data_cell(median.value) + " (" + data_cell(median.low) + " to " +
                      data_cell(median.high) + "), mean until " + data_cell(until) + ": " + cell(mean.value) + " (SE " +
                      cell(mean.se) + ")");
  if (curve.events == 0) out.notes.push_back(label + ": no event, the curve stays at 1");
}

/// One number a row: which combination of the columns' values it has.
std::vector<int> strata_codes(const stats::DataFrame& frame, const std::vector<std::string>& columns) {
  std::vector<int> strata;
  if (columns.empty()) return strata;
  std::map<std::vector<std::string>, int> codes;
  for (std::size_t r = 0; r < frame.rows(); ++r) {
    std::vector<std::string> key;
    for (const auto& name : columns) key.push_back(frame.at(name).text(r));
    strata.push_back(codes.emplace(std::move(key), static_cast<int>(codes.size())).first->second);
  }
  return strata;
}

}  // namespace

AnalysisOutput survival_curves(const stats::DataFrame& table, const CurvesOptions& o) {
  const auto used = survival::make_survival_frame(
      table, o.outcome, o.group.empty() ? std::vector<std::string>{} : std::vector<std::string>{o.group});
  const GroupedRows groups = group_rows(used.frame, o.group);
  std::vector<survival::KaplanMeierCurve> curves;
  for (const auto& rows : groups.rows)
    curves.push_back(survival::kaplan_meier(survival::take(used.sample, rows), {o.level, o.confidence}));
  double shortest = curves[0].steps.back().time;
  for (const auto& c : curves) shortest = std::min(shortest, c.steps.back().time);
  AnalysisOutput out;
  out.table.columns = {"group",    "time",      "n_risk", "n_event", "n_censor",
                       "survival", "std_error", "lower",  "upper",   "cumulative_hazard"};
  out.json = {{"time", o.outcome.time}, {"conf_type", name_of(o.confidence)},
              {"level", o.level},       {"n", used.frame.rows()},
              {"events", used.events},  {"left_out", used.left_out},
              {"groups", Json::array()}};
  out.notes = used.notes;
  for (std::size_t g = 0; g < curves.size(); ++g)
    add_curve(groups.labels[g], curves[g], o.restricted_mean_until.value_or(shortest), out);
  std::string remark;
  if (curves.size() > 1 && used.events > 0) {
    const auto test = survival::log_rank(used.sample, groups.code, groups.labels);
    out.json["logrank"] = test_json(test, "chi_square");
    out.notes.push_back("log-rank: chi-square " + cell(test.statistic) + ", " + cell(test.df) + " df, P " +
                        p_cell(test.p));
    if (!o.outcome.weights.empty()) out.notes.emplace_back("the log-rank test does not use the case weights");
    const std::string p = p_cell(test.p);
    if (p != "NA") remark = "Log-rank P " + (p.starts_with("<") ? p : "= " + p);
  }
  out.figures.push_back(survival_curves_figure(o.outcome.time, groups.labels, curves, remark));
  return out;
}

AnalysisOutput log_rank(const stats::DataFrame& table, const LogRankOptions& o) {
  std::vector<std::string> columns = o.strata;
  columns.push_back(o.group);
  const auto used = survival::make_survival_frame(table, o.outcome, columns);
  const GroupedRows groups = group_rows(used.frame, o.group);
  const auto test =
      survival::log_rank(used.sample, groups.code, groups.labels, strata_codes(used.frame, o.strata), o.weights);
  AnalysisOutput out;
  out.table.columns = {"group", "n", "observed", "expected", "chi_square", "df", "p"};
  out.json = test_json(test, "chi_square");
  out.json["rho"] = o.weights.rho;
  out.json["gamma"] = o.weights.gamma;
  out.json["left_out"] = used.left_out;
  out.json["groups"] = Json::array();
  for (const auto& g : test.groups) {
    out.json["groups"].push_back({{"group", g.label}, {"n", g.n}, {"observed", g.observed}, {"expected", g.expected}});
    out.table.rows.push_back({g.label, std::to_string(g.n), cell(g.observed), cell(g.expected), cell(test.statistic),
                              cell(test.df), cell(test.p)});
  }
  out.notes = used.notes;
  return out;
}

}  // namespace gliocast::analysis
