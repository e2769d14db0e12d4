#include <gliocast/analysis/signature_evaluation.hpp>

#include "signature_metrics.hpp"

#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/signature_model.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/learn/selection_stability.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

namespace gliocast::analysis {
namespace {

SignatureRows judged_rows(const signature::SurvivalTable& table, const signature::SignatureEvaluation& e) {
  SignatureRows judged{table.outcome, table.features.patient, {}};
  for (const auto& p : e.predictions) {
    if (p.row == 0) judged.repeats.emplace_back();
    auto& repeat = judged.repeats.back();
    repeat.signature.push_back(p.signature);
    repeat.high_risk.push_back(p.high_risk ? 1 : 0);
    repeat.survival.push_back(p.survival);
    repeat.fold.push_back(static_cast<int>(p.fold));
  }
  return judged;
}

std::vector<std::vector<std::string>> selected_of(const signature::SignatureEvaluation& e) {
  std::vector<std::vector<std::string>> selected;
  for (const auto& fold : e.folds) selected.push_back(fold.model->needed_columns());
  return selected;
}

/// How often each feature had a weight, most often first, and how alike the selections are.
void add_selection(const std::vector<std::string>& features, const signature::SignatureEvaluation& e, double level,
                   SignatureEvaluationResults& out) {
  const auto selected = selected_of(e);
  std::map<std::string, std::size_t> folds;
  std::map<std::string, std::size_t> place;
  for (std::size_t c = 0; c < features.size(); ++c) place.emplace(features[c], c);
  std::vector<std::vector<std::size_t>> sets;
  for (const auto& names : selected) {
    sets.emplace_back();
    for (const auto& name : names) {
      ++folds[name];
      sets.back().push_back(place.at(name));
    }
  }
  std::vector<std::pair<std::string, std::size_t>> list(folds.begin(), folds.end());
  std::ranges::stable_sort(list, std::greater{}, [](const auto& item) { return item.second; });
  out.selection.columns = {"feature", "outer_folds", "share"};
  out.json["selected"] = Json::array();
  for (const auto& [feature, n] : list) {
    out.json["selected"].push_back({{"feature", feature}, {"folds", n}});
    out.selection.rows.push_back(
        {feature, std::to_string(n), decimal(static_cast<double>(n) / static_cast<double>(selected.size()), 2)});
  }
  out.json["stability"] = estimate_json(learn::selection_stability(sets, features.size(), level).index);
}

void add_folds(const signature::SignatureEvaluation& e, SignatureEvaluationResults& out) {
  out.json["folds"] = Json::array();
  for (const auto& fold : e.folds) {
    const auto& p = fold.model->parts();
    out.json["folds"].push_back({{"repeat", fold.repeat + 1},
                                 {"fold", fold.fold + 1},
                                 {"features", p.features},
                                 {"weights", p.weights},
                                 {"alpha", p.alpha},
                                 {"lambda", p.lambda},
                                 {"cut", p.cut}});
    out.folds.push_back(fold.groups);
  }
}

void add_survival_columns(const std::vector<double>& times, TextTable& table) {
  for (const double t : times) table.columns.push_back("survival_" + shortest(t));
}
void add_survival(const survival::CoxPrediction& p, std::vector<std::string>& row) {
  for (const double v : p.survival) row.push_back(std::isnan(v) ? "NA" : shortest(v));
}

std::vector<std::string> outcome_cells(const signature::SurvivalTable& t, std::size_t row) {
  return {shortest(t.outcome.time[row]), t.outcome.event[row] ? "1" : "0"};
}

void add_predictions(const signature::SurvivalTable& t, const signature::SignatureEvaluation& e,
                     const std::vector<double>& times, TextTable& table) {
  table.columns = {"id", "fold", "repeat", "time", "event", "signature", "group"};
  add_survival_columns(times, table);
  for (const auto& p : e.predictions) {
    std::vector<std::string> row{t.features.ids[p.row], std::to_string(p.fold + 1), std::to_string(p.repeat + 1)};
    for (auto& text : outcome_cells(t, p.row)) row.push_back(std::move(text));
    row.push_back(shortest(p.signature));
    row.push_back(risk_group(p.high_risk));
    add_survival(p.survival, row);
    table.rows.push_back(std::move(row));
  }
}

/// C, groups with their curves and test, and what there is at times; `of`: before names of tables and figures.
void add_judged(const SignatureRows& judged, const std::string& of, const std::string& time,
                const SignatureEvaluationOptions& o, Json& json, TextTable& groups, SignatureEvaluationResults& out) {
  for (const auto& m : signature_metrics(judged, o.draws, o.evaluation.seed, o.evaluation.threads, o.level)) {
    json[m.name] = estimate_json(m.estimate);
    add_metric(of, m.label, m.estimate, out.metrics, out.printed_metrics);
  }
  auto curves = group_curves(judged, time, o.level);
  const Json& ratio = curves.json["hazard_ratio"];
  if (ratio.is_object()) {
    stats::Estimate hazard = stats::value_alone(number_or_nan(ratio["estimate"]), o.level);
    hazard.low = number_or_nan(ratio["lower"]);
    hazard.high = number_or_nan(ratio["upper"]);
    add_metric(of, "Hazard ratio, high against low risk", hazard, out.metrics, out.printed_metrics);
  }
  if (curves.json.contains("logrank")) {
    const Json& test = curves.json["logrank"];
    const bool fits = test.contains("p_with_fits");
    for (auto* table : {&out.metrics, &out.printed_metrics})
      table->rows.push_back(
          {of, fits ? "Log-rank P of the groups, with the variance of the fits" : "Log-rank P of the groups",
           p_cell(number_or_nan(test[fits ? "p_with_fits" : "p"])), "NA", "NA"});
  }
  const std::string prefix = of == "external" ? "external_" : "";
  for (auto& figure : curves.figures) out.figures.push_back({prefix + "kaplan_meier", std::move(figure)});
  groups = std::move(curves.table);
  for (const auto& note : curves.notes) out.notes.push_back(prefix.empty() ? note : "external: " + note);
  json["groups"] = std::move(curves.json);
}

/// Beside the honest C, those of a selection that saw all rows and of the final fit's own rows.
void add_flattered(const SignatureTable& table, const signature::SignatureLearner& learner,
                   const SignatureEvaluationOptions& o, const signature::SignatureFit& final_fit,
                   SignatureEvaluationResults& out) {
  const auto leaking = judged_rows(table.table, signature::evaluate_with_leak(table.table, learner, o.evaluation));
  const auto& first = leaking.repeats.front();
  const double naive = concordance_of(table.table.outcome, first.signature, first.fold),
               apparent = concordance_of(table.table.outcome, final_fit.in_sample, {});
  out.json["naive_c_index"] = finite_or_null(naive);
  out.json["apparent_c_index"] = finite_or_null(apparent);
  const std::string& name = o.specification.name;
  add_metric(name, "C with the candidates chosen outside the folds (leaks)", stats::value_alone(naive), out.metrics,
             out.printed_metrics);
  add_metric(name, "C of the final fit on its own rows (flatters)", stats::value_alone(apparent), out.metrics,
             out.printed_metrics);
}

/// Another way to make signatures in the same folds, and the difference of their C.
void add_against(const SignatureTable& table, const SignatureRows& judged, const SignatureEvaluationOptions& o,
                 SignatureEvaluationResults& out) {
  if (!o.against) return;
  const auto theirs = signature::evaluate_signature(table.table, signature::SignatureLearner(*o.against), o.evaluation);
  const auto c = compare_signatures(judged, judged_rows(table.table, theirs), o.draws, o.evaluation.seed,
                                    o.evaluation.threads, o.level);
  const std::string &name = o.specification.name, &other = o.against->name;
  Json difference = estimate_json(c.difference.difference);
  difference["p"] = finite_or_null(c.difference.test.p);
  out.json["against"] = {{"specification", signature::to_json(*o.against)},
                         {"c_index", estimate_json(c.other)},
                         {"difference", difference}};
  add_metric(other, "C within folds", c.other, out.metrics, out.printed_metrics);
  add_metric(name + " less " + other, "Difference of C within folds", c.difference.difference, out.metrics,
             out.printed_metrics);
  for (auto* metrics : {&out.metrics, &out.printed_metrics})
    metrics->rows.push_back(
        {name + " less " + other, "P of the difference of C", p_cell(c.difference.test.p), "NA", "NA"});
  for (const auto& note : theirs.notes)
    out.notes.push_back(note.starts_with("warning: ") ? "warning: " + other + ": " + note.substr(9)
                                                      : other + ": " + note);
}

Json weights_json(const signature::SignatureModel& model) {
  Json list = Json::array();
  for (const auto& c : model.parts().candidates)
    list.push_back({{"feature", c.feature}, {"weight", c.weight}, {"importance", c.importance}});
  return list;
}

/// The signature of all rows, whose weights are Table S4.
void add_final(const signature::SignatureModel& model, const signature::SignatureEvaluation& e,
               SignatureEvaluationResults& out) {
  const auto& p = model.parts();
  out.weights = weights_table(model, selected_of(e), "outer_folds");
  out.json["weights"] = weights_json(model);
  out.json["alpha"] = p.alpha;
  out.json["lambda"] = p.lambda;
  out.json["cut"] = p.cut;
  out.json["cut_check"] = nullptr;
  if (!p.cut_check) return;
  out.json["cut_check"] = {{"cut", p.cut_check->cut},
                           {"p_corrected", finite_or_null(p.cut_check->p_corrected)},
                           {"p_median", finite_or_null(p.cut_check->p_median)}};
  out.notes.push_back("cut of the signature of all rows: " + cell(p.cut) +
                      ", the median; the one that parts them best is " + cell(p.cut_check->cut) + " (P " +
                      p_cell(p.cut_check->p_corrected) + ", corrected for the search)");
}

void add_external(const SignatureTable& external, const signature::SignatureFit& fit,
                  const SignatureEvaluationOptions& o, SignatureEvaluationResults& out) {
  const auto& model = *fit.model;
  const auto& t = external.table;
  SignatureRepeat judged;
  judged.signature = model.signature(t.features);
  judged.high_risk = model.high_risk(judged.signature);
  judged.survival = model.survival(judged.signature, o.evaluation.times, o.level);
  std::vector<std::string> notes;
  tell_unlike_training(model, t.features, notes);
  tell_signature(model, judged.signature, notes);
  for (const auto& note : notes) out.notes.push_back(note + " (external)");
  auto& table = out.external_predictions;
  table.columns = {"id", "time", "event", "signature", "group"};
  add_survival_columns(o.evaluation.times, table);
  for (std::size_t r = 0; r < t.rows(); ++r) {
    std::vector<std::string> row{t.features.ids[r]};
    for (auto& text : outcome_cells(t, r)) row.push_back(std::move(text));
    row.push_back(shortest(judged.signature[r]));
    row.push_back(risk_group(judged.high_risk[r] != 0));
    add_survival(judged.survival[r], row);
    table.rows.push_back(std::move(row));
  }
  out.external = {signature::external_groups(fit, judged.signature)};
  Json json{{"n", t.rows()}, {"events", std::ranges::count(t.outcome.event, 1)}};
  const SignatureRows rows{t.outcome, t.features.patient, {std::move(judged)}};
  add_judged(rows, "external", external.columns.outcome.time, o, json, out.external_groups, out);
  if (!o.evaluation.times.empty()) (void)at_times(rows, o.evaluation.times, o.level, json["times"]);
  out.json["external"] = std::move(json);
}

/// What the held-out group adds to clinical factors, in the same folds; the models of all rows have the groups that the
/// specification says.
void add_nomograms(const SignatureTable& table, const SignatureTable* external, const signature::SignatureFit& fit,
                   const SignatureEvaluationOptions& o, SignatureEvaluationResults& out) {
  NomogramStudyOptions study = *o.nomograms;
  out.notes.emplace_back(
      "nomograms: the risk group of a training row is of the fit of all rows, by the fold within that left it out; the "
      "hazard ratio in metrics is of the groups of the outer folds, so that the two differ");
  study.outcome = table.columns.outcome;
  study.outcome.cluster = table.patient_column;
  study.comparison.level = o.level;
  study.comparison.times = o.evaluation.times;
  std::ranges::sort(study.comparison.times);
  study.comparison.resampling.draws = o.draws;
  study.comparison.resampling.seed = o.evaluation.seed;
  study.comparison.resampling.threads = o.evaluation.threads;
  auto& candidates = study.comparison.nomogram.candidates;
  if (candidates.empty()) candidates = signature::clinical_candidates(table.clinical);
  if (candidates.empty())
    throw unusable_input("the table of survival has no column that is a clinical factor by its name",
                         table.clinical.origin(), "name the columns with --factors");
  const auto training = signature::with_risk_group(table.clinical, fit.training_high_risk());
  std::optional<stats::DataFrame> tested;
  if (external) tested = signature::with_risk_group(external->clinical, out.external.front().test_high_risk);
  out.nomograms = study_nomograms(training, tested ? &*tested : nullptr, out.folds, study);
  out.json["nomograms"] = out.nomograms->json;
  for (const auto& note : out.nomograms->notes)
    out.notes.push_back(note.starts_with("warning: ") ? "warning: nomograms: " + note.substr(9) : "nomograms: " + note);
}

/// What was evaluated, and how.
Json settings_json(const SignatureTable& table, const SignatureEvaluationOptions& o) {
  const auto& t = table.table;
  const std::set<int> patients(t.features.patient.begin(), t.features.patient.end());
  return {{"n", t.rows()},
          {"patients", patients.size()},
          {"events", std::ranges::count(t.outcome.event, 1)},
          {"features", t.features.features.size()},
          {"time", table.columns.outcome.time},
          {"event", table.columns.outcome.event},
          {"specification", signature::to_json(o.specification)},
          {"outer", o.evaluation.folds},
          {"repeats", o.evaluation.repeats},
          {"seed", o.evaluation.seed},
          {"level", o.level},
          {"permuted", o.permute_outcome}};
}

SignatureEvaluationResults evaluate_as_it_is(const SignatureTable& table, const SignatureEvaluationOptions& o,
                                             const SignatureTable* external) {
  const signature::SignatureLearner learner(o.specification);
  const auto e = signature::evaluate_signature(table.table, learner, o.evaluation);
  const auto final_fit = learner
                             .fit_each(table.table, {learn::all_rows(table.table.features)},
                                       {o.evaluation.seed, o.evaluation.threads}, o.evaluation.on_fit)
                             .front();
  const SignatureRows judged = judged_rows(table.table, e);
  SignatureEvaluationResults out;
  out.json = settings_json(table, o);
  out.metrics.columns = out.printed_metrics.columns = {"of", "statistic", "estimate", "lower", "upper"};
  out.notes = e.notes;
  for (const auto& note : final_fit.model->parts().notes) out.notes.push_back(note);
  add_judged(judged, o.specification.name, table.columns.outcome.time, o, out.json, out.groups, out);
  add_against(table, judged, o, out);
  add_flattered(table, learner, o, final_fit, out);
  out.json["times"] = Json::array();
  if (!o.evaluation.times.empty()) out.times = at_times(judged, o.evaluation.times, o.level, out.json["times"]);
  tell_extrapolated(*final_fit.model, o.evaluation.times, out.notes);
  add_selection(table.table.features.features, e, o.level, out);
  add_folds(e, out);
  add_final(*final_fit.model, e, out);
  add_predictions(table.table, e, o.evaluation.times, out.predictions);
  if (external) {
    add_external(*external, final_fit, o, out);
    if (!table.id_column.empty()) tell_shared(table.table.features, external->table.features, "survival", out.notes);
  }
  if (o.nomograms) add_nomograms(table, external, final_fit, o, out);
  return out;
}

}  // namespace

std::size_t fits_of_evaluation(const SignatureTable& table, const SignatureEvaluationOptions& o) {
  signature::EvaluationOptions once = o.evaluation;
  once.repeats = 1;
  return (o.against ? 2 : 1) * signature::fits_of(table.table, o.evaluation) + 1 +
         signature::fits_of(table.table, once);
}

SignatureEvaluationResults evaluate_signature(const SignatureTable& table, const SignatureEvaluationOptions& o,
                                              const SignatureTable* external) {
  if (external) learn::refuse_fitted(table.table.features, external->table.features);
  if (o.permute_outcome && o.nomograms)
    throw Error(ExitCode::WrongUse,
                "clinical factors keep their survival: there are no nomograms of shuffled outcomes");
  if (!o.permute_outcome) return evaluate_as_it_is(table, o, external);
  SignatureTable permuted = table;
  permuted.table = signature::with_permuted_outcomes(table.table, o.evaluation.seed);
  return evaluate_as_it_is(permuted, o, external);
}

}  // namespace gliocast::analysis
