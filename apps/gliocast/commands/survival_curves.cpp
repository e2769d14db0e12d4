// gliocast survival km, logrank: Kaplan–Meier curves and tests of groups.
#include "statistics_output.hpp"
#include "survival_commands.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/report/survival_figures.hpp>
#include <gliocast/survival/kaplan_meier.hpp>
#include <gliocast/survival/log_rank.hpp>

#include <memory>

namespace gliocast::cli {
namespace {

struct Settings {
  StatisticsArguments common;
  std::string group, conf_type = "log";
  std::vector<std::string> strata;
  std::optional<double> rmst;
  double rho = 0, gamma = 0;
};

void run_km(const Settings& s) {
  const auto table = load_table(s.common);
  const auto used = survival::make_survival_frame(
      table, s.common.outcome, s.group.empty() ? std::vector<std::string>{} : std::vector<std::string>{s.group});
  const GroupedRows groups = group_rows(used.frame, s.group);
  const survival::KaplanMeierOptions options{s.common.level, s.conf_type == "plain" ? survival::ConfidenceType::Plain
                                                             : s.conf_type == "log" ? survival::ConfidenceType::Log
                                                                                    : survival::ConfidenceType::LogLog};
  std::vector<survival::KaplanMeierCurve> curves;
  std::optional<double> shortest;
  for (const auto& rows : groups.rows) {
    curves.push_back(survival::kaplan_meier(survival::take(used.sample, rows), options));
    const double last = curves.back().steps.back().time;
    shortest = shortest ? std::min(*shortest, last) : last;
  }
  const double until = s.rmst.value_or(*shortest);
  TextTable out{{"group", "time", "n_risk", "n_event", "n_censor", "survival", "std_error", "lower", "upper",
                 "cumulative_hazard"},
                {}};
  Json json{{"time", s.common.outcome.time}, {"conf_type", s.conf_type}, {"level", s.common.level},
            {"n", used.frame.rows()},        {"events", used.events},    {"left_out", used.left_out},
            {"groups", Json::array()}};
  std::vector<std::string> notes = used.notes;
  for (std::size_t g = 0; g < curves.size(); ++g) {
    const auto& curve = curves[g];
    const auto median = curve.median();
    const auto mean = curve.restricted_mean(until);
    Json item{{"group", groups.labels[g]},
              {"n", curve.n},
              {"events", curve.events},
              {"median", finite_or_null(median.value)},
              {"median_lower", finite_or_null(median.low)},
              {"median_upper", finite_or_null(median.high)},
              {"restricted_mean",
               {{"until", until}, {"estimate", finite_or_null(mean.value)}, {"se", finite_or_null(mean.se)}}},
              {"curve", Json::array()}};
    for (const auto& step : curve.steps) {
      item["curve"].push_back({{"time", step.time},
                               {"n_risk", step.n_risk},
                               {"n_event", step.n_event},
                               {"n_censor", step.n_censor},
                               {"survival", step.survival},
                               {"std_error", finite_or_null(step.std_error)},
                               {"std_error_survival", finite_or_null(step.survival * step.std_error)},
                               {"lower", finite_or_null(step.low)},
                               {"upper", finite_or_null(step.high)},
                               {"cumulative_hazard", step.hazard},
                               {"cumulative_hazard_se", step.hazard_std_error}});
      out.rows.push_back({groups.labels[g], data_cell(step.time), data_cell(step.n_risk), data_cell(step.n_event),
                          data_cell(step.n_censor), cell(step.survival), cell(step.std_error), cell(step.low),
                          cell(step.high), cell(step.hazard)});
    }
    notes.push_back(groups.labels[g] + ": " + std::to_string(curve.n) + " rows, " + std::to_string(curve.events) +
                    " events, median " + data_cell(median.value) + " (" + data_cell(median.low) + " to " +
                    data_cell(median.high) + "), mean until " + data_cell(until) + ": " + cell(mean.value) + " (SE " +
                    cell(mean.se) + ")");
    if (curve.events == 0) notes.push_back(groups.labels[g] + ": no event, the curve stays at 1");
    json["groups"].push_back(std::move(item));
  }
  if (curves.size() > 1 && used.events > 0) {
    const auto test = survival::log_rank(used.sample, groups.code, groups.labels);
    json["logrank"] = {{"chi_square", finite_or_null(test.statistic)}, {"df", test.df}, {"p", finite_or_null(test.p)}};
    notes.push_back("log-rank: chi-square " + cell(test.statistic) + ", " + cell(test.df) + " df, P " + p_cell(test.p));
    if (!s.common.outcome.weights.empty()) notes.emplace_back("the log-rank test does not use the case weights");
  }
  emit(s.common, out, json, notes);
  if (!s.common.figure.empty()) draw_kaplan_meier(s.common.figure, s.common.outcome.time, groups.labels, curves, json);
}

void run_log_rank(const Settings& s) {
  const auto table = load_table(s.common);
  std::vector<std::string> columns = s.strata;
  columns.push_back(s.group);
  const auto used = survival::make_survival_frame(table, s.common.outcome, columns);
  const GroupedRows groups = group_rows(used.frame, s.group);
  std::vector<int> strata;
  if (!s.strata.empty()) {
    std::map<std::vector<std::string>, int> codes;
    std::vector<std::vector<std::string>> keys(used.frame.rows());
    for (std::size_t r = 0; r < keys.size(); ++r)
      for (const auto& name : s.strata) keys[r].push_back(used.frame.at(name).text(r));
    for (const auto& key : keys) strata.push_back(codes.emplace(key, static_cast<int>(codes.size())).first->second);
  }
  const auto test = survival::log_rank(used.sample, groups.code, groups.labels, strata, {s.rho, s.gamma});
  Json json{{"chi_square", finite_or_null(test.statistic)},
            {"df", test.df},
            {"p", finite_or_null(test.p)},
            {"rho", s.rho},
            {"gamma", s.gamma},
            {"left_out", used.left_out},
            {"groups", Json::array()}};
  TextTable out{{"group", "n", "observed", "expected", "chi_square", "df", "p"}, {}};
  for (const auto& g : test.groups) {
    json["groups"].push_back({{"group", g.label}, {"n", g.n}, {"observed", g.observed}, {"expected", g.expected}});
    out.rows.push_back({g.label, std::to_string(g.n), cell(g.observed), cell(g.expected), cell(test.statistic),
                        cell(test.df), cell(test.p)});
  }
  emit(s.common, out, json, used.notes);
}

}  // namespace

GroupedRows group_rows(const stats::DataFrame& frame, const std::string& group) {
  GroupedRows result;
  result.code.assign(frame.rows(), 0);
  if (group.empty()) {
    result.labels = {"all"};
    result.rows.resize(1);
    for (std::size_t r = 0; r < frame.rows(); ++r) result.rows[0].push_back(r);
    return result;
  }
  const auto column = stats::as_factor(frame.at(group));
  std::vector<std::vector<std::size_t>> rows(column.levels.size());
  for (std::size_t r = 0; r < frame.rows(); ++r) rows[static_cast<std::size_t>(column.codes[r])].push_back(r);
  for (std::size_t l = 0; l < rows.size(); ++l) {
    if (rows[l].empty()) continue;
    for (const std::size_t r : rows[l]) result.code[r] = static_cast<int>(result.labels.size());
    result.labels.push_back(column.levels[l]);
    result.rows.push_back(std::move(rows[l]));
  }
  if (result.labels.size() > 50)
    throw unusable_input(
        "column \"" + group + "\" has " + std::to_string(result.labels.size()) + " values; groups are at most 50",
        frame.origin(), "cut a continuous value first: gliocast survival cutpoint");
  return result;
}

void draw_kaplan_meier(const std::filesystem::path& file, const std::string& time_label,
                       const std::vector<std::string>& labels, const std::vector<survival::KaplanMeierCurve>& curves,
                       const Json& json) {
  double first = 0, last = 0;
  for (const auto& c : curves)
    first = std::min(first, c.steps.front().time), last = std::max(last, c.steps.back().time);
  const auto ticks = report::time_ticks(last, first);
  std::vector<report::CurveFigure> figures;
  for (std::size_t g = 0; g < curves.size(); ++g) {
    report::CurveFigure f;
    f.label = labels[g];
    for (const auto& s : curves[g].steps) {
      f.time.push_back(s.time), f.survival.push_back(s.survival), f.lower.push_back(s.low), f.upper.push_back(s.high);
      if (s.n_censor > 0) f.censor_time.push_back(s.time), f.censor_survival.push_back(s.survival);
    }
    for (const double t : ticks) {
      const auto next = std::ranges::lower_bound(curves[g].steps, t, {}, &survival::SurvivalStep::time);
      f.at_risk.push_back(next == curves[g].steps.end() ? 0 : next->n_risk);
    }
    figures.push_back(std::move(f));
  }
  std::string remark;
  if (json.contains("logrank") && json["logrank"]["p"].is_number()) {
    const std::string p = p_cell(json["logrank"]["p"].get<double>());
    remark = "Log-rank P " + (p.starts_with("<") ? p : "= " + p);
  }
  report::draw_survival_curves(file, time_label, figures, remark);
}

void add_survival_curves(CLI::App& survival, int& result) {
  auto s = std::make_shared<Settings>();
  auto* km = survival.add_subcommand("km",
                                     "Kaplan-Meier curves with intervals, medians, Nelson-Aalen hazard, restricted "
                                     "mean; a figure with numbers at risk");
  add_statistics_options(*km, s->common, true);
  add_figure_option(*km, s->common);
  km->add_option("--group", s->group, "Column of groups");
  km->add_option("--conf-type", s->conf_type, "Scale of Greenwood's interval")
      ->check(CLI::IsMember({"plain", "log", "log-log"}))
      ->capture_default_str();
  km->add_option("--rmst", s->rmst, "Restricted mean until this time; default: the shortest follow-up of a group");
  km->add_option("--weights", s->common.outcome.weights, "Column of case weights");
  km->add_option("--entry", s->common.outcome.entry, "Column of the time at which observation starts");
  km->footer(
      "Example: gliocast survival km lung.csv --time time --event status --group sex --figure km.pdf\n"
      "std_error is that of log survival, as R's survfit$std.err; --json also has std_error_survival.");
  km->callback([s, &result] { run_km(*s), result = 0; });

  auto t = std::make_shared<Settings>();
  auto* lr = survival.add_subcommand("logrank", "Log-rank test of two or more groups, stratified or weighted");
  add_statistics_options(*lr, t->common, true);
  lr->add_option("--group", t->group, "Column of groups")->required();
  lr->add_option("--strata", t->strata, "Columns of strata");
  lr->add_option("--rho", t->rho, "Fleming-Harrington weight S(t)^rho (1 - S(t))^gamma; rho 1 = Peto's Wilcoxon")
      ->capture_default_str();
  lr->add_option("--gamma", t->gamma, "See --rho")->capture_default_str();
  lr->footer("Example: gliocast survival logrank lung.csv --time time --event status --group sex --strata inst");
  lr->callback([t, &result] { run_log_rank(*t), result = 0; });
}

}  // namespace gliocast::cli
