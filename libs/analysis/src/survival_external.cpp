#include <gliocast/analysis/survival_external.hpp>

#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/survival_performance.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/survival/calibration.hpp>
#include <gliocast/survival/concordance.hpp>
#include <gliocast/survival/kaplan_meier.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::analysis {
namespace {

/// The stratum of each row among the model's.
std::vector<std::size_t> strata_of_rows(const survival::CoxModel& model, const stats::DataFrame& frame) {
  std::vector<std::size_t> result(frame.rows(), 0);
  if (model.design.formula().strata.empty()) return result;
  const auto strata = model.design.strata(frame);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const auto& label = strata.labels[static_cast<std::size_t>(strata.codes[i])];
    result[i] = static_cast<std::size_t>(std::ranges::find(model.strata_labels, label) - model.strata_labels.begin());
    if (result[i] == model.strata_labels.size())
      throw unusable_input("the model has no stratum \"" + label + "\"", frame.origin(),
                           "leave its rows out, or name the stratum as the model has it");
  }
  return result;
}

/// Events observed and those that the model's hazards over each row's follow-up expect; the logarithm of their ratio,
/// as a Poisson model of the events with the logarithm of those hazards as offset gives it.
struct InTheLarge {
  double observed = 0, expected = 0;
  stats::Estimate log_ratio;
};
InTheLarge in_the_large(const JudgedRows& p, double level) {
  InTheLarge result;
  const auto strata = strata_of_rows(p.model, p.used.frame);
  for (std::size_t i = 0; i < p.risk.size(); ++i) {
    const double w = p.used.sample.weight(i);
    result.observed += p.used.sample.event[i] ? w : 0;
    result.expected -= w * std::log(p.model.baseline_survival(strata[i], p.used.sample.time[i])) * std::exp(p.risk[i]);
  }
  result.log_ratio =
      result.observed > 0 && result.expected > 0
          ? stats::normal_estimate(std::log(result.observed / result.expected), 1 / std::sqrt(result.observed), level)
          : stats::unknown_estimate(level);
  return result;
}

void add_row(const std::string& measure, const std::string& time, const stats::Estimate& e, TextTable& table) {
  table.rows.push_back({measure, time});
  add_cells(table.rows.back(), e);
}

/// Mean prediction against Kaplan–Meier at one time.
Json mean_at(const JudgedRows& p, std::size_t t, const ExternalOptions& o, const std::string& prefix,
             TextTable& table) {
  double predicted = 0, weight = 0;
  for (std::size_t i = 0; i < p.risk.size(); ++i) {
    predicted += p.used.sample.weight(i) * p.survival[t][i];
    weight += p.used.sample.weight(i);
  }
  predicted /= weight;
  const auto curve = survival::kaplan_meier(p.used.sample, {.level = o.level});
  stats::Estimate observed = stats::unknown_estimate(o.level);
  if (o.times[t] <= curve.steps.back().time) {
    const auto* step = curve.at(o.times[t]);
    observed = step == nullptr
                   ? stats::Estimate{1, 0, 1, 1, o.level}
                   : stats::Estimate{step->survival, step->survival * step->se, step->low, step->high, o.level};
  }
  add_row(prefix + "observed survival", data_cell(o.times[t]), observed, table);
  add_row(prefix + "predicted survival", data_cell(o.times[t]), stats::value_alone(predicted, o.level), table);
  Json json = estimate_json(observed, "observed");
  json["predicted"] = finite_or_null(predicted);
  return json;
}

const char* name_of(Recalibration recalibration) {
  return recalibration == Recalibration::Slope ? "slope" : "baseline";
}

/// Calibration and Brier scores at the times, for the model as it came and after recalibration.
void judge_at_times(const stats::DataFrame& table, const ExternalOptions& o, const SavedModel& model,
                    const std::string& prefix, Json& json, ExternalOutput& out, bool first) {
  const JudgedModel judged{model, ""};
  const auto rows = judge_model(table, o.outcome, judged, o.times, o.level, "external");
  auto calibration = calibrate(table, {o.outcome, judged, o.times, o.groups, o.knots, o.level});
  for (std::size_t k = rows.used.notes.size(); k < calibration.notes.size(); ++k)
    out.notes.push_back(prefix + calibration.notes[k]);
  json["calibration"]["at"] = Json::array();
  json["brier"] = Json::array();
  for (std::size_t t = 0; t < o.times.size(); ++t) {
    const Json& at = calibration.json["times"][t];
    Json item = mean_at(rows, t, o, prefix, out.table);
    item["time"] = o.times[t];
    item["groups"] = at["groups"];
    item["smooth"] = at["smooth"];
    json["calibration"]["at"].push_back(std::move(item));
    json["brier"].push_back({{"time", o.times[t]},
                             {"estimate", at["brier"]},
                             {"se", at["brier_se"]},
                             {"lower", at["brier_lower"]},
                             {"upper", at["brier_upper"]},
                             {"kaplan_meier", at["brier_kaplan_meier"]}});
    std::vector<std::string> row{prefix + "Brier score", data_cell(o.times[t])};
    for (const char* key : {"brier", "brier_se", "brier_lower", "brier_upper"})
      row.push_back(at[key].is_null() ? "NA" : cell(at[key].get<double>()));
    out.table.rows.push_back(std::move(row));
  }
  auto decision = decision_curves(table, {o.outcome, judged, o.times, o.level});
  json["decision"] = std::move(decision.json["curves"]);
  // The last that is judged is drawn: after recalibration that model, and the figure says so.
  out.figures = std::move(calibration.figures);
  out.decision = std::move(decision.figures);
  if (first) return;
  const std::string title = std::string("Recalibrated to these rows (") + name_of(o.recalibration) + ")";
  for (auto* figures : {&out.figures, &out.decision})
    for (auto& figure : *figures) std::get<XyFigure>(figure).title = title;
}

/// The model with its coefficients times `slope` and the baseline hazard of this cohort.
SavedModel recalibrate(const JudgedRows& p, const SavedModel& saved, double slope) {
  survival::CoxModel m = saved.model;
  survival::CoxData data;
  data.time = p.used.sample.time;
  data.event = p.used.sample.event;
  data.weights = p.used.sample.weights;
  data.x = m.design.matrix(p.used.frame);
  data.names = m.design.names();
  if (!m.design.formula().offsets.empty()) data.offset = m.design.offsets(p.used.frame);
  for (double& v : data.offset) v *= slope;
  for (double& b : m.coefficients) b = std::isnan(b) ? 0 : b * slope;
  if (!m.design.formula().strata.empty()) {
    const auto strata = m.design.strata(p.used.frame);
    data.strata = strata.codes;
    m.strata_labels = strata.labels;
  }
  const auto fit =
      survival::cox_fit_at(data, m.coefficients, m.ties == survival::Ties::Exact ? survival::Ties::Efron : m.ties);
  m.means = fit.means;
  m.baselines = survival::baseline_hazards(data, fit);
  m.variance = {};
  return {std::move(m), saved.file};
}

Json slope_json(const survival::CalibrationSlope& slope) {
  Json json = estimate_json(slope.estimate);
  json["p"] = finite_or_null(slope.differs_from_one.p);
  return json;
}

void describe(const JudgedRows& p, const survival::Concordance& c, const survival::CalibrationSlope& slope,
              const InTheLarge& large, const ExternalOptions& o, ExternalOutput& out) {
  out.table.columns = {"measure", "time", "estimate", "se", "lower", "upper"};
  out.json = {{"model", model_name(o.model)},
              {"n", p.used.frame.rows()},
              {"events", p.used.events},
              {"left_out", p.used.left_out},
              {"level", o.level},
              {"concordance", estimate_json(c)},
              {"calibration", {{"slope", slope_json(slope)}, {"in_the_large", estimate_json(large.log_ratio)}}}};
  out.json["calibration"]["in_the_large"]["observed"] = large.observed;
  out.json["calibration"]["in_the_large"]["expected"] = finite_or_null(large.expected);
  add_row("concordance", "NA", c, out.table);
  add_row("calibration slope", "NA", slope.estimate, out.table);
  add_row("log(observed / expected events)", "NA", large.log_ratio, out.table);
  out.notes = p.used.notes;
  out.notes.push_back(
      std::to_string(p.used.frame.rows()) + " rows, " + std::to_string(p.used.events) + " events" +
      (p.used.left_out > 0 ? ", " + std::to_string(p.used.left_out) + " rows left out for missing values" : "") +
      "; C " + cell(c.value) + " (" + cell(c.low) + " to " + cell(c.high) + "), calibration slope " +
      cell(slope.estimate.value) + " (P of 1 " + p_cell(slope.differs_from_one.p) + "), " + cell(large.observed) +
      " events observed, " + cell(large.expected) + " expected");
}

void note_follow_up(const JudgedRows& p, const ExternalOptions& o, ExternalOutput& out) {
  const double last = *std::ranges::max_element(p.used.sample.time), known = p.model.last_follow_up();
  for (const double t : o.times)
    if (t > last)
      out.notes.push_back("warning: time " + cell(t) + " lies beyond the " + cell(last) +
                          " of follow-up of this table: nothing is observed there");
  if (last > known)
    out.notes.push_back("warning: rows are followed up to " + cell(last) + ", the model to " + cell(known) +
                        ": no event is expected beyond, so that in the large too few are");
}

}  // namespace

ExternalOutput external_validation(const stats::DataFrame& table, const ExternalOptions& o) {
  const auto p = judge_model(table, o.outcome, {o.model, ""}, o.times, o.level, "external");
  if (p.used.events == 0)
    throw unusable_input("there is no event among the " + std::to_string(p.used.frame.rows()) +
                             " rows: nothing to validate the model by",
                         table.origin(), "name the value that means an event with --event-value");
  const auto c = survival::concordance(p.used.sample, p.risk, {survival::ConcordanceWeight::Harrell, o.level, {}}, {},
                                       p.used.cluster);
  const auto slope = survival::calibration_slope(p.used.sample, p.risk, o.level);
  ExternalOutput out;
  describe(p, c, slope, in_the_large(p, o.level), o, out);
  note_follow_up(p, o, out);
  judge_at_times(table, o, o.model, "", out.json, out, true);
  out.json["recalibrated"] = nullptr;
  if (o.recalibration == Recalibration::None) return out;
  const double factor = o.recalibration == Recalibration::Slope ? slope.estimate.value : 1;
  if (std::isnan(factor)) throw unusable_input("no calibration slope can be estimated on this table", table.origin());
  Json again{{"method", name_of(o.recalibration)}, {"slope", factor}};
  judge_at_times(table, o, recalibrate(p, o.model, factor), "recalibrated: ", again, out, false);
  out.json["recalibrated"] = std::move(again);
  out.notes.emplace_back(
      "warning: recalibrated to these very rows: its calibration, Brier scores and decision curves flatter it; figures "
      "draw the recalibrated model and say so");
  return out;
}

}  // namespace gliocast::analysis
