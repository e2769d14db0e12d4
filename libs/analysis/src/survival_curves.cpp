#include <gliocast/analysis/survival_curves.hpp>

#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/survival_groups.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

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

std::vector<std::string> step_row(const std::string& label, const survival::SurvivalStep& s) {
  return {
      label,      data_cell(s.time), data_cell(s.n_risk), data_cell(s.n_event), data_cell(s.n_censor), cell(s.survival),
      cell(s.se), cell(s.low),       cell(s.high),        cell(s.hazard)};
}

/// The curve as it stands at a time, with the events and censorings after the time asked for before it, as R's
/// summary(survfit, times) has them; NaN beyond the follow-up.
survival::SurvivalStep step_at(const survival::KaplanMeierCurve& curve, double time, double before, double at_risk) {
  survival::SurvivalStep at{.time = time, .n_risk = at_risk, .survival = 1, .se = 0, .low = 1, .high = 1};
  if (const auto* step = curve.at(time)) at = *step;
  at.time = time;
  at.n_risk = at_risk;
  at.n_event = at.n_censor = 0;
  for (const auto& step : curve.steps)
    if (step.time > before && step.time <= time) {
      at.n_event += step.n_event;
      at.n_censor += step.n_censor;
    }
  if (time > curve.steps.back().time) at.survival = at.se = at.low = at.high = at.hazard = NAN;
  return at;
}

/// Survival at the times that were asked for, as rows of the table too; null, and said, beyond the group's follow-up.
Json at_times(const std::string& label, const survival::KaplanMeierCurve& curve, const survival::SurvivalSample& sample,
              const CurvesOptions& o, AnalysisOutput& out) {
  Json list = Json::array();
  double before = -HUGE_VAL;
  for (const double t : o.times) {
    stats::Estimate at = stats::unknown_estimate(o.level);
    if (const auto* step = curve.at(t); step == nullptr)
      at = {1, 0, 1, 1, o.level};
    else if (t <= curve.steps.back().time)
      at = {step->survival, step->survival * step->se, step->low, step->high, o.level};
    double at_risk = 0;
    for (std::size_t i = 0; i < sample.rows(); ++i)
      if (sample.time[i] >= t && (sample.entry.empty() || sample.entry[i] < t)) at_risk += sample.weight(i);
    Json item = estimate_json(at, "survival");
    item["time"] = t;
    item["n_risk"] = at_risk;
    list.push_back(std::move(item));
    out.table.rows.push_back(step_row(label, step_at(curve, t, before, at_risk)));
    before = t;
    out.notes.push_back(
        label + ": " +
        (std::isnan(at.value)
             ? "time " + data_cell(t) + " lies beyond the follow-up of " + data_cell(curve.steps.back().time)
             : "survival at " + data_cell(t) + " " + cell(at.value) + " (" + cell(at.low) + " to " + cell(at.high) +
                   "), " + data_cell(at_risk) + " at risk"));
  }
  return list;
}

/// The rows of one group, with their curve. Where subjects have several rows, standard errors count subjects.
struct GroupCurve {
  survival::SurvivalSample sample;
  std::vector<int> cluster;  ///< empty where each row is a subject
  std::size_t clusters = 0;  ///< of all groups
  survival::KaplanMeierCurve curve;
};

GroupCurve curve_of(const survival::SurvivalFrame& used, const std::vector<std::size_t>& rows, const CurvesOptions& o) {
  GroupCurve g{.sample = survival::take(used.sample, rows), .cluster = {}, .clusters = 0, .curve = {}};
  if (!used.cluster.empty()) {
    for (const std::size_t r : rows) g.cluster.push_back(used.cluster[r]);
    g.clusters = static_cast<std::size_t>(*std::ranges::max_element(used.cluster)) + 1;
  }
  g.curve = survival::kaplan_meier(g.sample, {o.level, o.confidence}, g.cluster);
  return g;
}

/// Median time under observation: Kaplan–Meier of the censoring.
stats::Estimate median_follow_up(const GroupCurve& g, const CurvesOptions& o) {
  survival::SurvivalSample sample = g.sample;
  for (char& e : sample.event) e = e ? 0 : 1;
  return survival::kaplan_meier(sample, {o.level, o.confidence}, g.cluster).median();
}

std::vector<double> mean_influence(const GroupCurve& g, double until) {
  return survival::restricted_mean_influence(g.sample, g.curve, until, g.cluster, g.clusters);
}

double root_of_squares(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v * v;
  return std::sqrt(sum);
}

stats::Estimate restricted_mean(const GroupCurve& g, double until, double level) {
  const auto mean = g.curve.restricted_mean(until);
  return g.cluster.empty() ? mean
                           : stats::normal_estimate(mean.value, root_of_squares(mean_influence(g, until)), level);
}

/// Standard error of the difference of two groups' restricted means; subjects may have rows in both.
double se_of_difference(const GroupCurve& a, const GroupCurve& b, double until) {
  if (a.cluster.empty()) return std::hypot(a.curve.restricted_mean(until).se, b.curve.restricted_mean(until).se);
  auto difference = mean_influence(a, until);
  const auto other = mean_influence(b, until);
  for (std::size_t c = 0; c < other.size(); ++c) difference[c] -= other[c];
  return root_of_squares(difference);
}

/// Each group's restricted mean less the first one's.
void add_mean_differences(const GroupedRows& groups, const std::vector<GroupCurve>& curves, double until, double level,
                          AnalysisOutput& out) {
  out.json["restricted_mean_differences"] = Json::array();
  const auto first = curves[0].curve.restricted_mean(until);
  for (std::size_t g = 1; g < curves.size(); ++g) {
    const auto mean = curves[g].curve.restricted_mean(until);
    const auto d =
        stats::compare_with_zero(mean.value - first.value, se_of_difference(curves[g], curves[0], until), level);
    Json item = estimate_json(d.difference);
    item["p"] = finite_or_null(d.test.p);
    item["group"] = groups.labels[g];
    item["against"] = groups.labels[0];
    item["until"] = until;
    out.json["restricted_mean_differences"].push_back(std::move(item));
    out.notes.push_back("restricted mean of " + groups.labels[g] + " less that of " + groups.labels[0] + ": " +
                        cell(d.difference.value) + " (" + cell(d.difference.low) + " to " + cell(d.difference.high) +
                        "), P " + p_cell(d.test.p));
  }
}

const char* name_of(stats::PAdjustment adjustment) {
  if (adjustment == stats::PAdjustment::Holm) return "holm";
  return adjustment == stats::PAdjustment::BenjaminiHochberg ? "bh" : "none";
}

/// Log-rank tests of all pairs of three groups or more, with adjusted P.
void add_pairs(const survival::SurvivalFrame& used, const GroupedRows& groups, const CurvesOptions& o,
               AnalysisOutput& out) {
  const auto& sample = used.sample;
  std::vector<double> p;
  Json list = Json::array();
  for (std::size_t a = 0; a < groups.labels.size(); ++a)
    for (std::size_t b = a + 1; b < groups.labels.size(); ++b) {
      std::vector<int> code;
      bool any = false;
      for (std::size_t i = 0; i < groups.code.size(); ++i) {
        const int g = groups.code[i];
        code.push_back(g == static_cast<int>(a) ? 0 : g == static_cast<int>(b) ? 1 : -1);
        any = any || (code.back() >= 0 && sample.event[i]);
      }
      stats::TestResult test{NAN, 1, NAN};
      if (any) test = survival::log_rank(sample, code, {groups.labels[a], groups.labels[b]}, {}, {0, 0, used.cluster});
      list.push_back(test_json(test, "chi_square"));
      list.back()["groups"] = {groups.labels[a], groups.labels[b]};
      p.push_back(test.p);
    }
  const auto adjusted = stats::adjust_p(p, o.adjustment);
  for (std::size_t k = 0; k < p.size(); ++k) {
    list[k]["p_adjusted"] = finite_or_null(adjusted[k]);
    out.notes.push_back("log-rank, " + list[k]["groups"][0].get<std::string>() + " and " +
                        list[k]["groups"][1].get<std::string>() + ": P " + p_cell(p[k]) + ", adjusted (" +
                        name_of(o.adjustment) + ") " + p_cell(adjusted[k]));
  }
  out.json["pairwise"] = std::move(list);
  out.json["adjustment"] = name_of(o.adjustment);
}

/// Tells of a column whose other values may be events of other kinds.
void warn_of_other_events(const stats::DataFrame& table, const survival::OutcomeColumns& outcome,
                          std::vector<std::string>& notes) {
  const auto& source = table.at(outcome.event).source;
  if (source == nullptr || source->values.size() < 3 || outcome.event_value.empty()) return;
  notes.push_back("warning: column \"" + outcome.event + "\" has " + std::to_string(source->values.size()) +
                  " values, and all but \"" + outcome.event_value +
                  "\" count as censored here: where some are events of another kind, 1 - survival overstates the "
                  "risk of this one (competing risks need a cumulative incidence)");
}

/// Where subjects have several rows: how many, and what counts them.
void tell_subjects(const survival::SurvivalFrame& used, AnalysisOutput& out) {
  if (used.cluster.empty()) return;
  const std::size_t subjects = std::set<int>(used.cluster.begin(), used.cluster.end()).size();
  out.json["subjects"] = subjects;
  out.notes.push_back(std::to_string(used.frame.rows()) + " rows of " + std::to_string(subjects) +
                      " subjects: curves take every row, intervals and tests count subjects (robust)");
}

/// A group's curve: its JSON, its rows of the table, its sentences.
void add_curve(const std::string& label, const GroupCurve& group, const CurvesOptions& o, double until,
               AnalysisOutput& out) {
  const auto& curve = group.curve;
  const auto follow_up = median_follow_up(group, o);
  const auto median = curve.median();
  const auto mean = restricted_mean(group, until, o.level);
  Json item{{"group", label},
            {"n", curve.n},
            {"events", curve.events},
            {"median", finite_or_null(median.value)},
            {"median_lower", finite_or_null(median.low)},
            {"median_upper", finite_or_null(median.high)},
            {"restricted_mean",
             {{"until", until}, {"estimate", finite_or_null(mean.value)}, {"se", finite_or_null(mean.se)}}},
            {"median_follow_up",
             {{"estimate", finite_or_null(follow_up.value)},
              {"lower", finite_or_null(follow_up.low)},
              {"upper", finite_or_null(follow_up.high)}}},
            {"curve", Json::array()}};
  for (const auto& step : curve.steps) {
    item["curve"].push_back(step_json(step));
    if (o.times.empty()) out.table.rows.push_back(step_row(label, step));
  }
  item["at"] = at_times(label, curve, group.sample, o, out);
  out.json["groups"].push_back(std::move(item));
  out.notes.push_back(label + ": " + std::to_string(curve.n) + " rows, " + std::to_string(curve.events) +
                      " events, median " + data_cell(median.value) + " (" + data_cell(median.low) + " to " +
                      data_cell(median.high) + "), mean until " + data_cell(until) + ": " + cell(mean.value) + " (SE " +
                      cell(mean.se) + "), median follow-up " + data_cell(follow_up.value) + " (reverse Kaplan-Meier)");
  const auto& last = curve.steps.back();
  if (until > last.time && last.survival > 0)
    out.notes.push_back("warning: " + label + ": the follow-up ends at " + data_cell(last.time) +
                        ", and the mean until " + data_cell(until) + " takes the curve to stay at " +
                        cell(last.survival) + " from there on; a --rmst within the follow-up supposes nothing");
  if (curve.events == 0) out.notes.push_back(label + ": no event, the curve stays at 1");
}

/// Refuses a time before any follow-up: of times from 0 on a negative one.
void check_times(const std::vector<double>& times, const survival::SurvivalSample& sample) {
  const auto& starts = sample.entry.empty() ? sample.time : sample.entry;
  const double first = std::min(0.0, *std::ranges::min_element(starts));
  for (const double t : times)
    if (t < first)
      throw Error(ExitCode::WrongUse, "time " + data_cell(t) + " lies before all follow-up", "--times",
                  "give times of " + data_cell(first) + " or more");
}

/// P of the trend, and the order it supposes: of text that of its levels, which may be no rank.
std::string sentence_on_trend(const stats::TestResult& trend, const GroupedRows& groups, const stats::Column& column) {
  std::string order;
  for (const auto& label : groups.labels) order += (order.empty() ? "" : " < ") + label;
  return "log-rank test of a trend over the groups, " + order + ": P " + p_cell(trend.p) +
         (column.is_factor
              ? "; text is ordered by its letters, the level of --ref first: the test means something where "
                "that is its rank, else code it by numbers"
              : "");
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

AnalysisOutput survival_curves(const stats::DataFrame& table, CurvesOptions o) {
  std::ranges::sort(o.times);
  const auto used = survival::make_survival_frame(
      table, o.outcome, o.group.empty() ? std::vector<std::string>{} : std::vector<std::string>{o.group});
  check_times(o.times, used.sample);
  const GroupedRows groups = group_rows(used.frame, o.group);
  std::vector<GroupCurve> curves;
  for (const auto& rows : groups.rows) curves.push_back(curve_of(used, rows, o));
  double shortest = curves[0].curve.steps.back().time;
  for (const auto& c : curves) shortest = std::min(shortest, c.curve.steps.back().time);
  AnalysisOutput out;
  out.table.columns = {"group",    "time",      "n_risk", "n_event", "n_censor",
                       "survival", "std_error", "lower",  "upper",   "cumulative_hazard"};
  out.json = {{"time", o.outcome.time}, {"conf_type", name_of(o.confidence)},
              {"level", o.level},       {"n", used.frame.rows()},
              {"events", used.events},  {"left_out", used.left_out},
              {"groups", Json::array()}};
  out.notes = used.notes;
  warn_of_other_events(table, o.outcome, out.notes);
  tell_subjects(used, out);
  const double until = o.restricted_mean_until.value_or(shortest);
  for (std::size_t g = 0; g < curves.size(); ++g) add_curve(groups.labels[g], curves[g], o, until, out);
  if (curves.size() > 1) add_mean_differences(groups, curves, until, o.level, out);
  std::string remark;
  if (curves.size() > 1 && used.events > 0) {
    const auto test = survival::log_rank(used.sample, groups.code, groups.labels, {}, {0, 0, used.cluster});
    out.json["logrank"] = test_json(test, "chi_square");
    out.notes.push_back((used.cluster.empty() ? "log-rank: chi-square " : "log-rank (robust): chi-square ") +
                        cell(test.statistic) + ", " + cell(test.df) + " df, P " + p_cell(test.p));
    if (curves.size() > 2) {
      out.json["logrank"]["trend"] = test_json(test.trend, "chi_square");
      out.notes.push_back(sentence_on_trend(test.trend, groups, table.at(o.group)));
      add_pairs(used, groups, o, out);
    }
    if (!o.outcome.weights.empty()) out.notes.emplace_back("the log-rank test does not use the case weights");
    const std::string p = p_cell(test.p);
    if (p != "NA") remark = "Log-rank P " + (p.starts_with("<") ? p : "= " + p);
  }
  std::vector<survival::KaplanMeierCurve> drawn;
  for (auto& c : curves) drawn.push_back(std::move(c.curve));
  out.figures.push_back(survival_curves_figure(time_axis(o.outcome.time), groups.labels, drawn, remark));
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
  out.json["trend"] = test_json(test.trend, "chi_square");
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
  if (groups.labels.size() > 2) out.notes.push_back(sentence_on_trend(test.trend, groups, table.at(o.group)));
  return out;
}

}  // namespace gliocast::analysis
