#include <gliocast/analysis/grade_evaluation.hpp>

#include "grade_figures.hpp"
#include "grade_parts.hpp"

#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/feature_columns.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/learn/column_origins.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/learn/selection_stability.hpp>
#include <gliocast/stats/roc.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <utility>
#include <variant>

namespace gliocast::analysis {
namespace {

/// Rows in the order of the table; of a split those of its test part, which have no folds.
TestedRows judged_rows(const learn::FeatureTable& table, const learn::Evaluation& e) {
  TestedRows judged;
  std::vector<std::size_t> place(table.rows());
  for (const auto& p : e.predictions) {
    if (p.repeat > 0) break;
    place[p.row] = judged.rows.size();
    judged.rows.push_back(p.row);
    judged.predicted.truth.push_back(static_cast<int>(table.outcome[p.row]));
    judged.predicted.patient.push_back(table.patient[p.row]);
  }
  const std::size_t n = judged.rows.size();
  auto& repeats = judged.predicted.repeats;
  for (const auto& p : e.predictions) {
    if (p.repeat == repeats.size())
      repeats.push_back(
          {std::vector<double>(n), std::vector<int>(n), std::vector<std::size_t>(e.split.part.empty() ? n : 0)});
    repeats[p.repeat].probability[place[p.row]] = p.probability;
    repeats[p.repeat].positive[place[p.row]] = p.positive ? 1 : 0;
    if (e.split.part.empty()) repeats[p.repeat].fold[place[p.row]] = p.fold;
  }
  return judged;
}

std::vector<double> at_rows(const std::vector<double>& all, const stats::Rows& rows) {
  std::vector<double> some;
  for (const std::size_t r : rows) some.push_back(all[r]);
  return some;
}

/// Warns where folds differ in their share of positives: a fold with many was predicted by a chain that saw fewer, so
/// that its probabilities are lower than those of other folds, and the pooled AUC falls, that of noise below 1/2.
bool tell_shares(const PredictedRows& rows, std::vector<std::string>& notes) {
  constexpr double kMostApart = 0.15;
  double low = 1, high = 0;
  for (const auto& repeat : rows.repeats) {
    if (repeat.fold.empty()) return false;
    std::map<std::size_t, std::pair<double, double>> folds;  // positives, rows
    for (std::size_t r = 0; r < rows.truth.size(); ++r) {
      folds[repeat.fold[r]].first += rows.truth[r];
      ++folds[repeat.fold[r]].second;
    }
    for (const auto& [fold, of] : folds) {
      low = std::min(low, of.first / of.second);
      high = std::max(high, of.first / of.second);
    }
  }
  if (high - low <= kMostApart) return false;
  notes.push_back("warning: between " + decimal(100 * low, 0) + " and " + decimal(100 * high, 0) +
                  " % of the rows of a fold are positive: the AUC, which compares rows of all folds, tends to be too "
                  "low; see the AUC within folds");
  return true;
}

/// Tells where AUCs over rows of all folds and of one fold each differ, though the folds are alike.
void tell_scales(const std::vector<Metric>& metrics, std::vector<std::string>& notes) {
  constexpr double kMostApart = 0.03;
  if (metrics.size() < 2 || metrics[1].name != "auc_within_folds") return;
  const double pooled = metrics[0].estimate.value, within = metrics[1].estimate.value;
  if (!(std::fabs(within - pooled) > kMostApart)) return;
  notes.push_back("the AUC, over rows of all folds together, is " + decimal(pooled, 3) + ", within folds " +
                  decimal(within, 3) +
                  ": each fold has a chain of its own, and their probabilities are not on one scale; the first judges "
                  "the order and the scale, the second the order alone");
}

/// A row of the metrics: in full, and as a paper has it.
void add_metric(const std::string& of, const std::string& label, const stats::Estimate& e, GradeEvaluation& out) {
  analysis::add_metric(of, label, e, out.metrics, out.printed_metrics);
}

/// How often each feature was chosen, most often first.
std::vector<std::pair<std::string, std::size_t>> chosen_features(const learn::Evaluation& e) {
  std::map<std::string, std::size_t> folds;
  for (const auto& fold : e.folds)
    for (const auto& feature : fold.selected) ++folds[feature];
  std::vector<std::pair<std::string, std::size_t>> list(folds.begin(), folds.end());
  std::ranges::stable_sort(list, [](const auto& a, const auto& b) { return a.second > b.second; });
  return list;
}

void add_selection(const GradeTable& table, const learn::Evaluation& e, const std::string& of, double level,
                   GradeEvaluation& out) {
  out.selection.columns = {"feature", "folds", "share"};
  out.json["selected"] = Json::array();
  const auto folds = static_cast<double>(e.folds.size());
  for (const auto& [feature, n] : chosen_features(e)) {
    out.json["selected"].push_back({{"feature", feature}, {"folds", n}});
    out.selection.rows.push_back({feature, std::to_string(n), decimal(static_cast<double>(n) / folds, 2)});
  }
  const auto& names = table.features.features;
  std::vector<std::vector<std::size_t>> sets;
  for (const auto& fold : e.folds) {
    sets.emplace_back();
    for (const auto& feature : fold.selected)
      sets.back().push_back(static_cast<std::size_t>(std::ranges::find(names, feature) - names.begin()));
  }
  const auto stability = learn::selection_stability(sets, names.size(), level).index;
  out.json["stability"] = estimate_json(stability);
  if (!std::isnan(stability.value)) add_metric(of, "Stability of the selection (Nogueira)", stability, out);
  Json list = Json::array();
  for (const auto& fold : e.folds)
    list.push_back({{"repeat", fold.repeat + 1},
                    {"fold", fold.fold + 1},
                    {"features", fold.selected},
                    {"classifier", {{"name", fold.classifier.name}, {"options", fold.classifier.options}}},
                    {"threshold", fold.threshold}});
  out.json["folds"] = std::move(list);
}

/// Each prediction with the threshold that made its class; `against`: another score of each, or empty.
void add_predictions(const GradeTable& table, const learn::Evaluation& e, const std::vector<double>& against,
                     TextTable& predictions) {
  predictions.columns = {"id", "fold", "repeat", "label", "probability", "threshold", "class"};
  if (!against.empty()) predictions.columns.emplace_back("against");
  std::map<std::pair<std::size_t, std::size_t>, double> threshold;
  for (const auto& fold : e.folds) threshold[{fold.repeat, fold.fold}] = fold.threshold;
  for (std::size_t i = 0; i < e.predictions.size(); ++i) {
    const auto& p = e.predictions[i];
    predictions.rows.push_back({table.features.ids[p.row], std::to_string(p.fold + 1), std::to_string(p.repeat + 1),
                                table.features.outcome[p.row] == 1 ? "1" : "0", shortest(p.probability),
                                shortest(threshold.at({p.repeat, p.fold})), p.positive ? "1" : "0"});
    if (!against.empty()) predictions.rows.back().push_back(shortest(against[i]));
  }
}

void add_metrics(const std::string& of, const std::vector<Metric>& metrics, GradeEvaluation& out) {
  for (const auto& m : metrics) add_metric(of, m.label, m.estimate, out);
}

/// Another score of what was predicted: that of each prediction, and by repeats as the rows are judged.
struct Other {
  std::string label;
  std::vector<double> of_predictions;
  std::vector<std::vector<double>> repeats;  ///< one for all where it does not depend on the folds
};

/// What the chain is compared with; nothing where it stands alone.
Other other_score(const GradeTable& table, const GradeEvaluationOptions& o, const learn::Evaluation& e,
                  const TestedRows& judged) {
  Other other;
  if (o.against) {
    const auto theirs = learn::evaluate(table.features, learn::ChainLearner(*o.against), o.evaluation);
    other.label = o.against->name;
    for (const auto& p : theirs.predictions) other.of_predictions.push_back(p.probability);
    for (auto& repeat : judged_rows(table.features, theirs).predicted.repeats)
      other.repeats.push_back(std::move(repeat.probability));
  } else if (!o.against_scores.empty()) {
    other.label = o.against_name;
    for (const auto& p : e.predictions) other.of_predictions.push_back(o.against_scores[p.row]);
    other.repeats = {at_rows(o.against_scores, judged.rows)};
  }
  return other;
}

/// The chain against another score of the same rows; its curve goes into the first figure.
void add_comparison(const GradeEvaluationOptions& o, const PredictedRows& rows, const Other& other,
                    GradeEvaluation& out) {
  const auto c = compare_auc(rows, other.repeats, o.draws, o.evaluation.seed, o.evaluation.threads, o.level);
  out.json["against"] = {{"name", o.against_name},
                         {"auc", estimate_json(c.auc)},
                         {"difference", estimate_json(c.difference.difference)},
                         {"p", finite_or_null(c.difference.test.p)},
                         {"test", c.test}};
  if (o.against) out.json["against"]["declaration"] = learn::chain_to_yaml(*o.against);
  add_metric(o.against_name, "AUC", c.auc, out);
  add_metric(o.chain.name,
             "AUC less that of " + o.against_name + " (" + c.test + ", P " + p_cell(c.difference.test.p) + ")",
             c.difference.difference, out);
  auto& roc = std::get<XyFigure>(out.figures.front().figure);
  roc.series.front().label = o.chain.name + ": " + roc.series.front().label;
  roc.series.push_back(roc_series(other.repeats.front(), rows.truth, other.label + ": " + auc_text(c.auc)));
  if (c.auc.value < 0.5)
    out.notes.push_back("warning: the AUC of \"" + o.against_name +
                        "\" is below 0.5: do its higher values mark negatives? Turn them to compare");
}

/// The chain fitted to all rows, or the split's.
std::shared_ptr<const learn::ChainModel> model_of(const GradeTable& table, const GradeEvaluationOptions& o,
                                                  const learn::Evaluation& e) {
  if (e.model) return e.model;
  return learn::ChainLearner(o.chain)
      .fit_each(table.features, {learn::all_rows(table.features)}, {o.evaluation.seed, o.evaluation.threads},
                o.evaluation.on_fit)
      .front();
}

void add_external(const GradeTable& external, const learn::ChainModel& model, const GradeEvaluationOptions& o,
                  GradeEvaluation& out) {
  PredictedRows predicted{external.features.classes(), external.features.patient, {}};
  predicted.repeats.push_back({model.probability(external.features), {}, {}});
  for (const double p : predicted.repeats[0].probability)
    predicted.repeats[0].positive.push_back(p >= model.parts().threshold ? 1 : 0);
  for (const auto& w : learn::range_warnings(model, external.features))
    out.notes.push_back("warning: external table: " + w.sentence);
  const auto metrics = grade_metrics(predicted, o.draws, o.evaluation.seed, o.evaluation.threads, o.level);
  out.json["external"] = metrics_json(metrics);
  out.json["external"]["n"] = predicted.truth.size();
  out.json["external"]["selected"] = model.parts().selected;
  add_metrics("external", metrics, out);
  add_grade_figures("external_", predicted.repeats[0].probability, predicted.truth, metrics.front().estimate,
                    out.figures);
  out.external_predictions.columns = {"id", "label", "probability", "threshold", "class"};
  for (std::size_t r = 0; r < predicted.truth.size(); ++r)
    out.external_predictions.rows.push_back(
        {external.features.ids[r], std::to_string(predicted.truth[r]), shortest(predicted.repeats[0].probability[r]),
         shortest(model.parts().threshold), std::to_string(predicted.repeats[0].positive[r])});
}

/// What was evaluated, and how.
Json settings_json(const GradeTable& table, const PredictedRows& rows, const GradeEvaluationOptions& o) {
  return {{"n", rows.truth.size()},
          {"positives", std::ranges::count(rows.truth, 1)},
          {"positive", table.positive},
          {"negative", table.negative},
          {"features", table.features.features.size()},
          {"chain", o.chain.name},
          {"declaration", learn::chain_to_yaml(o.chain)},
          {"repeats", rows.repeats.size()},
          {"seed", o.evaluation.seed},
          {"level", o.level},
          {"permuted", o.permute_labels}};
}

/// Beside the honest AUC, the one of a selection that saw all rows.
void add_leak(const GradeTable& table, const TestedRows& judged, const GradeEvaluationOptions& o,
              GradeEvaluation& out) {
  auto leaking = learn::evaluate_with_leak(table.features, o.chain, o.evaluation);
  const double naive = stats::auc(at_rows(leaking.probability, judged.rows), judged.predicted.truth);
  out.json["naive_auc"] = finite_or_null(naive);
  const std::string where = o.evaluation.split.empty() ? "outside the folds" : "on all rows";
  const double none = std::nan("");
  add_metric(o.chain.name, "AUC with the selection " + where + " (leaks)", {naive, none, none, none}, out);
  out.notes.insert(out.notes.end(), leaking.notes.begin(), leaking.notes.end());
}

GradeEvaluation evaluate_as_it_is(const GradeTable& table, const GradeEvaluationOptions& o,
                                  const GradeTable* external) {
  const auto e = learn::evaluate(table.features, learn::ChainLearner(o.chain), o.evaluation);
  const TestedRows judged = judged_rows(table.features, e);
  const PredictedRows& rows = judged.predicted;
  const auto metrics = grade_metrics(rows, o.draws, o.evaluation.seed, o.evaluation.threads, o.level);
  GradeEvaluation out;
  out.json = settings_json(table, rows, o);
  out.json.update(metrics_json(metrics));
  if (predicted_once(rows))
    out.json["auc"]["delong"] = estimate_json(stats::auc_delong(rows.repeats[0].probability, rows.truth, o.level));
  out.notes = e.notes;
  tell_unused_rater(table, o.chain, out.notes);
  out.metrics.columns = out.printed_metrics.columns = {"of", "statistic", "estimate", "lower", "upper"};
  add_metrics(o.chain.name, metrics, out);
  if (!o.evaluation.split.empty()) add_split(table, e, o, out);
  add_leak(table, judged, o, out);
  add_selection(table, e, o.chain.name, o.level, out);
  const Other other = other_score(table, o, e, judged);
  add_predictions(table, e, other.of_predictions, out.predictions);
  if (o.evaluation.leave_centre_out) add_centres(table, judged, o, out);
  // The first repeat's: averaged over repeats, probabilities would be those of an ensemble, which nobody uses.
  add_grade_figures("", rows.repeats[0].probability, rows.truth, metrics.front().estimate, out.figures);
  if (!other.repeats.empty()) add_comparison(o, rows, other, out);
  if (external) {
    add_external(*external, *model_of(table, o, e), o, out);
    if (!table.id_column.empty()) tell_shared(table.features, external->features, "class", out.notes);
  }
  if (!tell_shares(rows, out.notes)) tell_scales(metrics, out.notes);
  return out;
}

}  // namespace

std::size_t fits_of_evaluation(const GradeTable& table, const GradeEvaluationOptions& o, bool external) {
  learn::EvaluationOptions once = o.evaluation;
  once.repeats = 1;
  const std::size_t chains = o.against ? 2 : 1;
  return chains * learn::fits_of(table.features, o.evaluation) + learn::fits_of(table.features, once) +
         (external && o.evaluation.split.empty() ? 1 : 0);
}

GradeEvaluation evaluate_grade(const GradeTable& table, const GradeEvaluationOptions& o, const GradeTable* external) {
  if (external) learn::refuse_fitted(table.features, external->features);
  if (!o.permute_labels) return evaluate_as_it_is(table, o, external);
  GradeTable permuted = table;
  permuted.features = learn::with_permuted_classes(table.features, o.evaluation.seed);
  return evaluate_as_it_is(permuted, o, external);
}

}  // namespace gliocast::analysis
