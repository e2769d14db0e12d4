#include <gliocast/learn/evaluation.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/learn/folds.hpp>

#include <algorithm>
#include <map>

namespace gliocast::learn {
namespace {

std::vector<Rows> folds_of_centres(const FeatureTable& table) {
  std::map<std::string, Rows> rows;
  for (std::size_t r = 0; r < table.rows(); ++r) rows[table.centre.empty() ? "" : table.centre[r]].push_back(r);
  if (rows.size() < 2) throw unusable_input("leaving a centre out needs two centres at least");
  std::map<int, std::string> centre_of;
  std::vector<Rows> folds;
  for (auto& [centre, list] : rows) {
    for (const std::size_t r : list)
      if (const auto [at, fresh] = centre_of.emplace(table.patient[r], centre); !fresh && at->second != centre)
        throw unusable_input("patient of row " + table.ids[r] + " has examinations of two centres");
    folds.push_back(std::move(list));
  }
  return folds;
}

/// What a model says of the rows that it was fitted without.
void add_fold(const FeatureTable& table, const ChainModel& model, const Rows& held, std::size_t repeat,
              std::size_t fold, std::vector<HeldOut>& predicted, Evaluation& result) {
  const auto p = model.probability(table.take(held));
  const auto& parts = model.parts();
  for (std::size_t i = 0; i < p.size(); ++i)
    predicted[held[i]] = {held[i], repeat, fold, p[i], p[i] >= parts.threshold};
  result.folds.push_back({repeat, fold, parts.selected, parts.classifier, parts.threshold, parts.notes});
}

Evaluation evaluate_split(const FeatureTable& table, const ChainLearner& learner, const EvaluationOptions& o) {
  if (o.split.size() != 3)
    throw Error(ExitCode::WrongUse, "a split has three parts: training, validation and test", "--split",
                "for example 6:2:2");
  Evaluation result;
  result.split = split_rows(table, all_rows(table), o.split, o.seed);
  const Rows validation = result.split.of_part(1), test = result.split.of_part(2);
  table.refuse_fitted(validation);
  table.refuse_fitted(test);
  result.model = learner.fit_validated(table, result.split.of_part(0), validation, {o.seed, o.threads});
  std::vector<HeldOut> predicted(table.rows());
  add_fold(table, *result.model, test, 0, 0, predicted, result);
  for (const std::size_t r : test) result.predictions.push_back(predicted[r]);
  if (o.on_fit) o.on_fit();
  return result;
}

}  // namespace

std::uint64_t seed_of_repeat(const EvaluationOptions& o, std::size_t repeat) {
  return mix64(o.seed * 1000003 + repeat);
}

std::vector<Rows> outer_folds(const FeatureTable& table, const EvaluationOptions& o, std::size_t repeat) {
  if (o.leave_centre_out) return folds_of_centres(table);
  const auto fold = folds_of_both_classes(table, all_rows(table), o.folds, seed_of_repeat(o, repeat));
  std::vector<Rows> folds(*std::ranges::max_element(fold) + 1);
  for (std::size_t r = 0; r < fold.size(); ++r) folds[fold[r]].push_back(r);
  return folds;
}

FeatureTable with_permuted_classes(const FeatureTable& table, std::uint64_t seed) {
  // Patients with as many examinations exchange theirs, so that every patient keeps one class where it had one.
  std::map<int, Rows> rows_of;
  for (std::size_t r = 0; r < table.rows(); ++r) rows_of[table.patient[r]].push_back(r);
  std::map<std::size_t, std::vector<Rows>> alike;
  for (auto& [patient, rows] : rows_of) alike[rows.size()].push_back(rows);
  FeatureTable out = table;
  Random random(seed, "permute");
  for (const auto& [size, patients] : alike) {
    std::vector<std::size_t> from(patients.size());
    for (std::size_t i = 0; i < from.size(); ++i) from[i] = i;
    for (std::size_t i = from.size(); i > 1; --i) std::swap(from[i - 1], from[random.below(i)]);
    for (std::size_t i = 0; i < from.size(); ++i)
      for (std::size_t k = 0; k < size; ++k) out.outcome[patients[i][k]] = table.outcome[patients[from[i]][k]];
  }
  return out;
}

std::size_t fits_of(const FeatureTable& table, const EvaluationOptions& o) {
  if (!o.split.empty()) return 1;
  if (o.leave_centre_out) return folds_of_centres(table).size();
  return o.repeats * std::min(o.folds, patients_of_rarer_class(table, all_rows(table)));
}

Evaluation evaluate(const FeatureTable& table, const ChainLearner& learner, const EvaluationOptions& o) {
  if (!o.split.empty()) return evaluate_split(table, learner, o);
  if (!o.leave_centre_out) learner.require_patients(table, all_rows(table), o.folds);
  table.refuse_fitted(all_rows(table));
  Evaluation result;
  const std::size_t repeats = o.leave_centre_out ? 1 : o.repeats;
  for (std::size_t repeat = 0; repeat < repeats; ++repeat) {
    const auto folds = outer_folds(table, o, repeat);
    std::vector<Rows> training;
    for (const auto& held : folds) training.push_back(rows_without(table, held));
    const auto models = learner.fit_each(table, training, {seed_of_repeat(o, repeat), o.threads}, o.on_fit);
    std::vector<HeldOut> predicted(table.rows());
    for (std::size_t f = 0; f < folds.size(); ++f) add_fold(table, *models[f], folds[f], repeat, f, predicted, result);
    result.predictions.insert(result.predictions.end(), predicted.begin(), predicted.end());
    if (repeat == 0 && !o.leave_centre_out && folds.size() < o.folds)
      result.notes.push_back("outer folds are " + std::to_string(folds.size()) + " in place of " +
                             std::to_string(o.folds) + ": the rarer class has no more patients");
  }
  return result;
}

std::vector<double> Evaluation::mean_probability(std::size_t rows) const {
  std::vector<double> sum(rows, 0), n(rows, 0);
  for (const auto& p : predictions) {
    sum[p.row] += p.probability;
    ++n[p.row];
  }
  for (std::size_t r = 0; r < rows; ++r) sum[r] /= n[r];  // 0 / 0 where it was not predicted
  return sum;
}

LeakingEvaluation evaluate_with_leak(const FeatureTable& table, const ChainSpecification& chain,
                                     const EvaluationOptions& o) {
  const auto selected = ChainLearner(chain).select(table, {seed_of_repeat(o, 0), o.threads});
  ChainSpecification classifier_alone = chain;
  classifier_alone.steps.clear();
  EvaluationOptions once = o;
  once.repeats = 1;
  const auto judged = evaluate(selected.table, ChainLearner(classifier_alone), once);
  LeakingEvaluation out{judged.mean_probability(table.rows()), selected.notes};
  for (const auto& fold : judged.folds)
    for (const auto& note : fold.notes)
      if (std::ranges::find(out.notes, note) == out.notes.end()) out.notes.push_back(note);
  return out;
}

}  // namespace gliocast::learn
