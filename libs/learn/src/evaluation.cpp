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

Evaluation evaluate(const FeatureTable& original, const ChainLearner& learner, const EvaluationOptions& o) {
  original.refuse_fitted(all_rows(original));
  const FeatureTable table = o.permute_labels ? with_permuted_classes(original, o.seed) : original;
  Evaluation result;
  result.outcome = table.outcome;
  const std::size_t repeats = o.leave_centre_out ? 1 : o.repeats;
  for (std::size_t repeat = 0; repeat < repeats; ++repeat) {
    const auto folds = outer_folds(table, o, repeat);
    std::vector<Rows> training;
    for (const auto& held : folds) training.push_back(rows_without(table, held));
    const auto models = learner.fit_each(table, training, {seed_of_repeat(o, repeat), o.threads});
    std::vector<HeldOut> predicted(table.rows());
    for (std::size_t f = 0; f < folds.size(); ++f) {
      const auto p = models[f]->probability(table.take(folds[f]));
      const auto& parts = models[f]->parts();
      for (std::size_t i = 0; i < p.size(); ++i)
        predicted[folds[f][i]] = {folds[f][i], repeat, f, p[i], p[i] >= parts.threshold};
      result.folds.push_back({repeat, f, parts.selected, parts.classifier, parts.threshold, parts.notes});
    }
    result.predictions.insert(result.predictions.end(), predicted.begin(), predicted.end());
    if (o.on_repeat) o.on_repeat();
  }
  return result;
}

std::vector<double> Evaluation::mean_probability(std::size_t rows) const {
  std::vector<double> sum(rows, 0), n(rows, 0);
  for (const auto& p : predictions) {
    sum[p.row] += p.probability;
    ++n[p.row];
  }
  for (std::size_t r = 0; r < rows; ++r) sum[r] /= n[r];
  return sum;
}

LeakingEvaluation evaluate_with_leak(const FeatureTable& original, const ChainSpecification& chain,
                                     const EvaluationOptions& o) {
  const FeatureTable table = o.permute_labels ? with_permuted_classes(original, o.seed) : original;
  const auto selected = ChainLearner(chain).select(table, {seed_of_repeat(o, 0), o.threads});
  ChainSpecification classifier_alone = chain;
  classifier_alone.steps.clear();
  EvaluationOptions once = o;
  once.repeats = 1;
  once.permute_labels = false;
  once.on_repeat = nullptr;
  const auto judged = evaluate(selected.table, ChainLearner(classifier_alone), once);
  LeakingEvaluation out{judged.mean_probability(table.rows()), selected.notes};
  for (const auto& fold : judged.folds)
    for (const auto& note : fold.notes)
      if (std::ranges::find(out.notes, note) == out.notes.end()) out.notes.push_back(note);
  return out;
}

}  // namespace gliocast::learn
