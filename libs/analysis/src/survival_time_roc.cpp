#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/survival_performance.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/survival/time_roc.hpp>

#include <cmath>

namespace gliocast::analysis {
namespace {

/// Scores of the rows that can be used, columns of the table or a model's linear predictor.
struct Scores {
  survival::SurvivalFrame used;
  std::vector<std::string> names;
  std::vector<std::vector<double>> values;
};
Scores scores_of(const stats::DataFrame& table, const TimeRocOptions& o) {
  if (o.scores.empty()) {
    auto p = judge_model(table, o.outcome, o.judged, o.times, o.level, "timeroc");
    return {std::move(p.used), {p.model.design.formula().text}, {std::move(p.risk)}};
  }
  Scores s{survival::make_survival_frame(table, o.outcome, o.scores), o.scores, {}};
  for (const auto& name : o.scores) s.values.push_back(s.used.frame.numeric(name).numbers);
  return s;
}

Json curve_json(const std::string& score, double time, const survival::TimeRoc& roc) {
  return {{"score", score},
          {"time", time},
          {"auc", finite_or_null(roc.auc.value)},
          {"se", finite_or_null(roc.auc.se)},
          {"lower", finite_or_null(roc.auc.low)},
          {"upper", finite_or_null(roc.auc.high)},
          {"cases", roc.cases},
          {"controls", roc.controls},
          {"threshold", numbers_json(roc.threshold)},
          {"sensitivity", roc.sensitivity},
          {"specificity", roc.specificity}};
}

/// What one class of few rows leaves unknown; empty where nothing is.
std::string class_note(double time, const survival::TimeRoc& roc) {
  const std::string cases = std::to_string(roc.cases), controls = std::to_string(roc.controls);
  if (std::isnan(roc.auc.value))
    return "at " + cell(time) + ": no AUC, " + cases + " events before and " + controls + " followed beyond";
  if (std::isnan(roc.auc.se))
    return "warning: at " + cell(time) + ": with " + cases + " events before and " + controls +
           " followed beyond the AUC has no standard error and no limits (NA)";
  return {};
}

/// The first score's AUC less another's at one time, with the test that they are equal.
void add_auc_difference(const std::string& score, const std::string& against, double time, const stats::Estimate& d,
                        AnalysisOutput& out) {
  const auto test = stats::z_test(d.value, d.se);
  out.json["differences"].push_back({{"score", score},
                                     {"against", against},
                                     {"time", time},
                                     {"difference", finite_or_null(d.value)},
                                     {"se", finite_or_null(d.se)},
                                     {"lower", finite_or_null(d.low)},
                                     {"upper", finite_or_null(d.high)},
                                     {"z", finite_or_null(test.statistic)},
                                     {"p", finite_or_null(test.p)}});
  out.notes.push_back("at " + cell(time) + ": AUC of " + score + " less that of " + against + " " + cell(d.value) +
                      " (" + cell(d.low) + " to " + cell(d.high) + "), P " + p_cell(test.p));
}

XySeries series_of(const std::string& label, const survival::TimeRoc& roc) {
  XySeries series;
  series.label = label + ": " + auc_text(roc.auc);
  for (std::size_t i = 0; i < roc.sensitivity.size(); ++i) {
    series.x.push_back(1 - roc.specificity[i]);
    series.y.push_back(roc.sensitivity[i]);
  }
  return series;
}

}  // namespace

AnalysisOutput time_roc(const stats::DataFrame& table, const TimeRocOptions& o) {
  const Scores s = scores_of(table, o);
  const survival::CensoringCurve censoring(s.used.sample);
  AnalysisOutput out;
  out.table.columns = {"score", "time", "auc", "se", "lower", "upper", "cases", "controls"};
  out.json = {{"n", s.used.frame.rows()}, {"events", s.used.events}, {"left_out", s.used.left_out},
              {"level", o.level},         {"curves", Json::array()}, {"differences", Json::array()}};
  out.notes = s.used.notes;
  std::vector<survival::InfluenceEstimate> first(o.times.size());
  XyFigure figure{"", "1 − specificity", "Sensitivity", 0, 1, 0, 1, true, {}, "Time-dependent ROC curves"};
  for (std::size_t k = 0; k < s.values.size(); ++k)
    for (std::size_t t = 0; t < o.times.size(); ++t) {
      const double time = o.times[t];
      const auto roc = survival::time_dependent_roc(s.used.sample, censoring, s.values[k], time, o.level);
      out.json["curves"].push_back(curve_json(s.names[k], time, roc));
      std::vector<std::string> row{s.names[k], cell(time)};
      add_cells(row, roc.auc);
      row.insert(row.end(), {std::to_string(roc.cases), std::to_string(roc.controls)});
      out.table.rows.push_back(std::move(row));
      if (const auto note = class_note(time, roc); !note.empty()) out.notes.push_back(note);
      if (std::isnan(roc.auc.value)) continue;
      if (k == 0)
        first[t] = roc.auc;
      else
        add_auc_difference(s.names[0], s.names[k], time, survival::difference(first[t], roc.auc, o.level), out);
      const std::string score = s.values.size() > 1 ? s.names[k] + " " : std::string();
      figure.series.push_back(series_of(score + "at " + time_text(time, o.outcome.time), roc));
    }
  if (!figure.series.empty()) out.figures.emplace_back(std::move(figure));
  return out;
}

}  // namespace gliocast::analysis
