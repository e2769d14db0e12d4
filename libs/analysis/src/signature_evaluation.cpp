#include <gliocast/analysis/signature_evaluation.hpp>

#include "equal_features.hpp"
#include "signature_metrics.hpp"
#include "time_scale.hpp"

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

constexpr std::size_t kLeastExternal = 2, kFewEvents = 10;

std::size_t events_of(const signature::SurvivalTable& t) {
  return signature::patients_with_event(t, learn::all_rows(t.features));
}

SignatureRows judged_rows(const signature::SurvivalTable& table,
                          const std::vector<signature::HeldOutRow>& predictions) {
  SignatureRows judged{table.outcome, table.features.patient, {}};
  for (const auto& p : predictions) {
    if (p.row == 0) judged.repeats.emplace_back();
    auto& repeat = judged.repeats.back();
    repeat.signature.push_back(p.signature);
    repeat.high_risk.push_back(p.high_risk ? 1 : 0);
    repeat.survival.push_back(p.survival);
    repeat.fold.push_back(static_cast<int>(p.fold));
  }
  return judged;
}

/// In place of the columns of networks, where each fit has a network of its own: number 17 of one is not that of
/// another.
constexpr const char* kDeepFeatures = "deep features";

std::vector<std::string> selected_by(const signature::SignatureModel& model, bool own_network) {
  if (!own_network) return model.needed_columns();
  std::vector<std::string> names;
  const auto& p = model.parts();
  for (std::size_t i = 0; i < p.features.size(); ++i)
    if (p.networks.empty() || p.networks[i].empty()) names.push_back(p.features[i]);
  if (names.size() < p.features.size()) names.emplace_back(kDeepFeatures);
  return names;
}

/// The features with a weight of every fit.
std::vector<std::vector<std::string>> selected_of(const JudgedSignature& e) {
  std::vector<std::vector<std::string>> selected;
  for (const auto& fold : e.folds)
    for (const auto& model : fold.models) selected.push_back(selected_by(*model, e.own_networks));
  return selected;
}

/// How alike the selections are; not known where fits have networks of their own.
stats::Estimate stability_of(const std::vector<std::vector<std::string>>& selected,
                             const std::vector<std::string>& features, bool own_networks, double level) {
  if (own_networks) return stats::unknown_estimate(level);
  std::map<std::string, std::size_t> place;
  for (std::size_t c = 0; c < features.size(); ++c) place.emplace(features[c], c);
  std::vector<std::vector<std::size_t>> sets;
  for (const auto& names : selected) {
    sets.emplace_back();
    for (const auto& name : names) sets.back().push_back(place.at(name));
  }
  return learn::selection_stability(sets, features.size(), level).index;
}

/// How often each feature had a weight, most often first, and how alike the selections are.
void add_selection(const std::vector<std::string>& features, const JudgedSignature& e, double level,
                   SignatureEvaluationResults& out) {
  const auto selected = selected_of(e);
  std::map<std::string, std::size_t> folds;
  for (const auto& names : selected)
    for (const auto& name : names) ++folds[name];
  std::vector<std::pair<std::string, std::size_t>> list(folds.begin(), folds.end());
  std::ranges::stable_sort(list, std::greater{}, [](const auto& item) { return item.second; });
  out.selection.columns = {"feature", "outer_folds", "share"};
  out.json["selected"] = Json::array();
  for (const auto& [feature, n] : list) {
    out.json["selected"].push_back({{"feature", feature}, {"folds", n}});
    out.selection.rows.push_back(
        {feature, std::to_string(n), decimal(static_cast<double>(n) / static_cast<double>(selected.size()), 2)});
  }
  out.json["stability"] = estimate_json(stability_of(selected, features, e.own_networks, level));
}

void add_folds(const JudgedSignature& e, SignatureEvaluationResults& out) {
  out.json["folds"] = Json::array();
  for (const auto& fold : e.folds) {
    for (std::size_t m = 0; m < fold.models.size(); ++m) {
      const auto& p = fold.models[m]->parts();
      Json entry{{"repeat", fold.repeat + 1},
                 {"fold", fold.fold + 1},
                 {"features", p.features},
                 {"weights", p.weights},
                 {"alpha", p.alpha},
                 {"lambda", p.lambda},
                 {"cut", p.cut}};
      if (fold.models.size() > 1) entry["member"] = m + 1;
      out.json["folds"].push_back(std::move(entry));
    }
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

void add_predictions(const signature::SurvivalTable& t, const std::vector<signature::HeldOutRow>& predictions,
                     const std::vector<double>& times, TextTable& table) {
  table.columns = {"id", "fold", "repeat", "time", "event", "signature", "group"};
  add_survival_columns(times, table);
  for (const auto& p : predictions) {
    std::vector<std::string> row{t.features.ids[p.row], std::to_string(p.fold + 1), std::to_string(p.repeat + 1)};
    for (auto& text : outcome_cells(t, p.row)) row.push_back(std::move(text));
    row.push_back(shortest(p.signature));
    row.push_back(risk_group(p.high_risk));
    add_survival(p.survival, row);
    table.rows.push_back(std::move(row));
  }
}

/// Says in words what an interval of C that holds 0.5, or lies below it, means; `of`: before the sentence.
void tell_chance(const stats::Estimate& c, const std::string& of, bool permuted, std::vector<std::string>& notes) {
  if (!(c.low <= 0.5)) return;
  const std::string text = "C " + decimal(c.value, 3) + " (" + decimal(c.low, 3) + " to " + decimal(c.high, 3) + ")";
  const std::string worse =
      c.high < 0.5 ? ": worse than chance, 0.5" : " holds 0.5: no better than chance can be shown";
  if (permuted)
    notes.push_back(of + text + (c.high < 0.5 ? worse : " holds 0.5, as it must where outcomes are shuffled"));
  else
    notes.push_back("warning: " + of + text + worse + "; the signature's numbers are then of no use for a patient");
}

/// Warns of fewer events than a fold, or a candidate's weight, should have.
void tell_few_events(const signature::SurvivalTable& t, const SignatureEvaluationOptions& o,
                     std::vector<std::string>& notes) {
  const std::size_t events = events_of(t), folds = o.evaluation.folds,
                    candidates = std::min(o.specification.candidates, t.features.features.size());
  const auto a = [&](std::size_t parts) {
    return decimal(static_cast<double>(events) / static_cast<double>(parts), 1);
  };
  if (events < kFewEvents * folds)
    notes.push_back("warning: " + std::to_string(events) + " patients with an event in " + std::to_string(folds) +
                    " folds, " + a(folds) + " a fold: fewer than 10, and C within folds is uncertain");
  if (events < kFewEvents * candidates)
    notes.push_back("warning: " + std::to_string(events) + " patients with an event for " + std::to_string(candidates) +
                    " candidates, " + a(candidates) +
                    " a parameter: fewer than 10, and weights depend much on who was taken");
}

/// C, groups with their curves and test, and what there is at times; `of`: before names of tables and figures.
void add_judged(const SignatureRows& judged, const std::string& of, const std::string& time,
                const SignatureEvaluationOptions& o, Json& json, TextTable& groups, SignatureEvaluationResults& out) {
  for (const auto& m : signature_metrics(judged, o.draws, o.evaluation.seed, o.evaluation.threads, o.level)) {
    json[m.name] = estimate_json(m.estimate);
    add_metric(of, m.label, m.estimate, out.metrics, out.printed_metrics);
    if (m.name == "c_index")
      tell_chance(m.estimate, of == "external" ? "external: " : "", o.permute_outcome && of != "external", out.notes);
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
void add_flattered(const JudgedSignature& e, const std::string& name, SignatureEvaluationResults& out) {
  out.json["naive_c_index"] = e.naive ? finite_or_null(*e.naive) : Json(nullptr);
  out.json["apparent_c_index"] = e.apparent ? finite_or_null(*e.apparent) : Json(nullptr);
  if (e.naive)
    add_metric(name, "C with the candidates chosen outside the folds (leaks)", stats::value_alone(*e.naive),
               out.metrics, out.printed_metrics);
  if (e.apparent)
    add_metric(name, "C of the final fit on its own rows (flatters)", stats::value_alone(*e.apparent), out.metrics,
               out.printed_metrics);
}

/// Another way to make signatures in the same folds, and the difference of their C.
void add_against(const SignatureTable& table, const SignatureRows& judged, const JudgedSignature& e,
                 const SignatureEvaluationOptions& o, SignatureEvaluationResults& out) {
  if (!e.against) return;
  const auto c = compare_signatures(judged, judged_rows(table.table, e.against->predictions), o.draws,
                                    o.evaluation.seed, o.evaluation.threads, o.level);
  const std::string &name = o.specification.name, &other = e.against->specification.name;
  Json difference = estimate_json(c.difference.difference);
  difference["p"] = finite_or_null(c.difference.test.p);
  out.json["against"] = {{"specification", signature::to_json(e.against->specification)},
                         {"c_index", estimate_json(c.other)},
                         {"difference", difference}};
  add_metric(other, "C within folds", c.other, out.metrics, out.printed_metrics);
  add_metric(name + " less " + other, "Difference of C within folds", c.difference.difference, out.metrics,
             out.printed_metrics);
  for (auto* metrics : {&out.metrics, &out.printed_metrics})
    metrics->rows.push_back(
        {name + " less " + other, "P of the difference of C", p_cell(c.difference.test.p), "NA", "NA"});
  for (const auto& note : e.against->notes) out.notes.push_back(note_of(other, note));
}

void add_cut_check(const signature::SignatureModel::Parts& p, SignatureEvaluationResults& out) {
  if (!p.cut_check) return;
  out.json["cut_check"] = {{"cut", p.cut_check->cut},
                           {"p_corrected", finite_or_null(p.cut_check->p_corrected)},
                           {"p_median", finite_or_null(p.cut_check->p_median)}};
  out.notes.push_back("cut of the signature of all rows: " + cell(p.cut) +
                      ", the median; the one that parts them best is " + cell(p.cut_check->cut) + " (P " +
                      p_cell(p.cut_check->p_corrected) + ", corrected for the search)");
}

/// The weights of the models of all rows, with their member where there are several.
void add_weights(const JudgedSignature& e, SignatureEvaluationResults& out) {
  const bool several = e.whole.size() > 1;
  const auto selected = selected_of(e);
  out.json["weights"] = Json::array();
  for (std::size_t m = 0; m < e.whole.size(); ++m) {
    for (const auto& c : e.whole[m]->parts().candidates) {
      out.json["weights"].push_back({{"feature", c.feature}, {"weight", c.weight}, {"importance", c.importance}});
      if (several) out.json["weights"].back()["member"] = m + 1;
    }
    auto table = weights_table(*e.whole[m], selected, "outer_folds");
    if (several) table.columns.insert(table.columns.begin(), "member");
    for (auto& row : table.rows) {
      if (several) row.insert(row.begin(), std::to_string(m + 1));
      out.weights.rows.push_back(std::move(row));
    }
    out.weights.columns = std::move(table.columns);
  }
}

/// The signature of all rows, whose weights are Table S4.
void add_final(const JudgedSignature& e, SignatureEvaluationResults& out) {
  add_weights(e, out);
  double cut = 0;
  for (const auto& model : e.whole) cut += model->parts().cut / static_cast<double>(e.whole.size());
  out.json["cut"] = cut;
  out.json["alpha"] = out.json["lambda"] = out.json["cut_check"] = nullptr;
  if (e.whole.size() > 1) return;  // of each fit its own
  const auto& p = e.whole.front()->parts();
  out.json["alpha"] = p.alpha;
  out.json["lambda"] = p.lambda;
  add_cut_check(p, out);
}

void add_external(const ExternalSignature& said, const SignatureEvaluationOptions& o, SignatureEvaluationResults& out) {
  const auto& t = said.table->table;
  if (const auto events = events_of(t); events < kFewEvents)
    out.notes.push_back("warning: external: " + std::to_string(events) +
                        " patients have an event: what is said of the second table is uncertain");
  for (const auto& note : said.notes) out.notes.push_back(note + " (external)");
  auto& table = out.external_predictions;
  table.columns = {"id", "time", "event", "signature", "group"};
  add_survival_columns(o.evaluation.times, table);
  for (std::size_t r = 0; r < t.rows(); ++r) {
    std::vector<std::string> row{t.features.ids[r]};
    for (auto& text : outcome_cells(t, r)) row.push_back(std::move(text));
    row.push_back(shortest(said.signature[r]));
    row.push_back(risk_group(said.high_risk[r] != 0));
    add_survival(said.survival[r], row);
    table.rows.push_back(std::move(row));
  }
  Json json{{"n", t.rows()}, {"events", std::ranges::count(t.outcome.event, 1)}};
  const SignatureRows rows{t.outcome, t.features.patient, {{said.signature, said.high_risk, said.survival, {}}}};
  add_judged(rows, "external", said.table->columns.outcome.time, o, json, out.external_groups, out);
  if (!o.evaluation.times.empty()) (void)at_times(rows, o.evaluation.times, o.level, json["times"]);
  out.json["external"] = std::move(json);
}

/// The risk group of each training row in each fit of the nomograms: what anyone needs who fits them again.
TextTable fitted_groups(const SignatureTable& table, const JudgedSignature& e) {
  TextTable out{{"fit", "id", "risk_group"}, {}};
  const auto& ids = table.table.features.ids;
  for (std::size_t r = 0; r < e.training_high_risk.size(); ++r)
    out.rows.push_back({"all rows", ids[r], risk_group(e.training_high_risk[r] != 0)});
  for (const auto& fold : e.folds)
    for (std::size_t i = 0; i < fold.groups.training.size(); ++i)
      out.rows.push_back(
          {"repeat " + std::to_string(fold.repeat + 1) + ", without fold " + std::to_string(fold.fold + 1),
           ids[fold.groups.training[i]], risk_group(fold.groups.training_high_risk[i] != 0)});
  return out;
}

/// What the held-out group adds to clinical factors, in the same folds; the models of all rows have the groups that the
/// specification says.
void add_nomograms(const SignatureTable& table, const JudgedSignature& e, const ExternalSignature* external,
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
  const auto training = signature::with_risk_group(table.clinical, e.training_high_risk);
  std::optional<stats::DataFrame> tested;
  if (external) tested = signature::with_risk_group(external->table->clinical, external->high_risk);
  out.nomograms = study_nomograms(training, tested ? &*tested : nullptr, out.folds, study);
  out.nomograms->tables.push_back({"fitted_groups", fitted_groups(table, e)});
  out.json["nomograms"] = out.nomograms->json;
  for (const auto& note : out.nomograms->notes) out.notes.push_back(note_of("nomograms", note));
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

JudgedSignature judge(const SignatureTable& table, const SignatureEvaluationOptions& o,
                      const signature::SignatureLearner& learner) {
  auto e = signature::evaluate_signature(table.table, learner, o.evaluation);
  JudgedSignature judged;
  judged.predictions = std::move(e.predictions);
  judged.notes = std::move(e.notes);
  for (auto& fold : e.folds)
    judged.folds.push_back({fold.repeat, fold.fold, {std::move(fold.model)}, std::move(fold.groups)});
  return judged;
}

ExternalSignature external_signature(const SignatureTable& table, const SignatureTable& external,
                                     const signature::SignatureModel& model, const SignatureEvaluationOptions& o) {
  const auto& features = external.table.features;
  ExternalSignature said;
  said.table = &external;
  said.signature = model.signature(features);
  said.high_risk = model.high_risk(said.signature);
  said.survival = model.survival(said.signature, o.evaluation.times, o.level);
  tell_unlike_training(model, features, said.notes);
  tell_signature(model, said.signature, said.notes);
  said.shared_ids = !table.id_column.empty();
  return said;
}

SignatureEvaluationResults evaluate_as_it_is(const SignatureTable& table, const SignatureEvaluationOptions& o,
                                             const SignatureTable* external) {
  const signature::SignatureLearner learner(o.specification);
  auto judged = judge(table, o, learner);
  tell_equal(table.table.features, judged.notes);
  const auto final_fit = learner
                             .fit_each(table.table, {learn::all_rows(table.table.features)},
                                       {o.evaluation.seed, o.evaluation.threads}, o.evaluation.on_fit)
                             .front();
  judged.whole = {final_fit.model};
  judged.training_high_risk = final_fit.training_high_risk();
  const auto leaking =
      judged_rows(table.table, signature::evaluate_with_leak(table.table, learner, o.evaluation).predictions);
  const auto& first = leaking.repeats.front();
  judged.naive = concordance_of(table.table.outcome, first.signature, first.fold);
  judged.apparent = concordance_of(table.table.outcome, final_fit.in_sample, {});
  if (o.against) {
    auto theirs = signature::evaluate_signature(table.table, signature::SignatureLearner(*o.against), o.evaluation);
    judged.against = {*o.against, std::move(theirs.predictions), std::move(theirs.notes)};
  }
  std::optional<ExternalSignature> said;
  if (external) said = external_signature(table, *external, *final_fit.model, o);
  auto out = describe_evaluation(table, judged, o, said ? &*said : nullptr);
  if (said) out.external = {signature::external_groups(final_fit, said->signature)};
  return out;
}

}  // namespace

std::size_t fits_of_evaluation(const SignatureTable& table, const SignatureEvaluationOptions& o) {
  signature::EvaluationOptions once = o.evaluation;
  once.repeats = 1;
  return (o.against ? 2 : 1) * signature::fits_of(table.table, o.evaluation) + 1 +
         signature::fits_of(table.table, once);
}

void refuse_permuted_nomograms(const SignatureEvaluationOptions& o) {
  if (o.permute_outcome && o.nomograms)
    throw Error(ExitCode::WrongUse,
                "clinical factors keep their survival: there are no nomograms of shuffled outcomes");
}

void require_external_events(std::size_t events) {
  if (events < kLeastExternal)
    throw unusable_input("the second table has " + std::to_string(events) + (events == 1 ? " patient" : " patients") +
                             " with an event: nothing can be judged by it",
                         "--external", "two are the least, ten a beginning; leave out --external");
}

SignatureEvaluationResults describe_evaluation(const SignatureTable& table, const JudgedSignature& e,
                                               const SignatureEvaluationOptions& o, const ExternalSignature* external) {
  const SignatureRows judged = judged_rows(table.table, e.predictions);
  SignatureEvaluationResults out;
  out.json = settings_json(table, o);
  out.metrics.columns = out.printed_metrics.columns = {"of", "statistic", "estimate", "lower", "upper"};
  out.notes = e.notes;
  for (const auto& model : e.whole)
    for (const auto& note : model->parts().notes) out.notes.push_back(note);
  tell_few_events(table.table, o, out.notes);
  add_judged(judged, o.specification.name, table.columns.outcome.time, o, out.json, out.groups, out);
  add_against(table, judged, e, o, out);
  add_flattered(e, o.specification.name, out);
  out.json["times"] = Json::array();
  if (!o.evaluation.times.empty()) out.times = at_times(judged, o.evaluation.times, o.level, out.json["times"]);
  tell_extrapolated(*e.whole.front(), o.evaluation.times, out.notes);
  add_selection(table.table.features.features, e, o.level, out);
  add_folds(e, out);
  add_final(e, out);
  add_predictions(table.table, e.predictions, o.evaluation.times, out.predictions);
  if (external) {
    const auto& second = *external->table;
    std::vector<std::string> doubts;
    tell_other_unit(time_scale(table.table.outcome, table.columns.outcome.time),
                    time_scale(second.table.outcome, second.columns.outcome.time), "the first table's", doubts);
    for (const auto& doubt : doubts) out.notes.push_back(note_of("external", doubt));
    add_external(*external, o, out);
    if (external->shared_ids) tell_shared(table.table.features, external->table->table.features, "survival", out.notes);
  }
  if (o.nomograms) add_nomograms(table, e, external, o, out);
  return out;
}

SignatureEvaluationResults evaluate_signature(const SignatureTable& table, const SignatureEvaluationOptions& o,
                                              const SignatureTable* external) {
  if (external) learn::refuse_fitted(table.table.features, external->table.features);
  refuse_permuted_nomograms(o);
  if (external) require_external_events(events_of(external->table));
  if (!o.permute_outcome) return evaluate_as_it_is(table, o, external);
  SignatureTable permuted = table;
  permuted.table = signature::with_permuted_outcomes(table.table, o.evaluation.seed);
  return evaluate_as_it_is(permuted, o, external);
}

}  // namespace gliocast::analysis
