#include <gliocast/signature/evaluation.hpp>

#include "weights.hpp"

#include <gliocast/core/random.hpp>
#include <gliocast/learn/folds.hpp>

#include <algorithm>
#include <numeric>
#include <utility>

namespace gliocast::signature {
namespace {

using learn::Rows;

std::uint64_t seed_of_repeat(const EvaluationOptions& o, std::size_t repeat) {
  return mix64(o.seed * 1000003 + repeat);
}

std::vector<Rows> outer_folds(const SurvivalTable& table, const EvaluationOptions& o, std::size_t repeat) {
  const auto fold = folds_by_event(table, learn::all_rows(table.features), o.folds, seed_of_repeat(o, repeat));
  std::vector<Rows> folds(*std::ranges::max_element(fold) + 1);
  for (std::size_t r = 0; r < fold.size(); ++r) folds[fold[r]].push_back(r);
  return folds;
}

/// What a fit says of the rows that it was fitted without.
void add_fold(const SurvivalTable& table, const SignatureFit& fit, const Rows& training, const Rows& held,
              const EvaluationOptions& o, FittedFold fold, std::vector<HeldOutRow>& rows, SignatureEvaluation& out) {
  const auto& model = *fit.model;
  const auto signature = model.signature(table.features.take(held));
  const auto high = model.high_risk(signature);
  auto survival = model.survival(signature, o.times);
  for (std::size_t i = 0; i < held.size(); ++i)
    rows[held[i]] = {held[i], fold.repeat, fold.fold, signature[i], high[i] != 0, std::move(survival[i])};
  fold.model = fit.model;
  fold.groups = {training, held, fit.training_high_risk(), high};
  out.folds.push_back(std::move(fold));
}

void tell_folds(const EvaluationOptions& o, SignatureEvaluation& out) {
  std::size_t constant = 0, dealt = 0;
  for (const auto& fold : out.folds) {
    constant += fold.model->constant() ? 1 : 0;
    dealt = std::max(dealt, fold.fold + 1);
  }
  if (dealt < o.folds)
    out.notes.push_back("outer folds are " + std::to_string(dealt) + " in place of " + std::to_string(o.folds) +
                        ": no more patients have an event");
  if (constant > 0)
    out.notes.push_back("warning: in " + std::to_string(constant) + " of " + std::to_string(out.folds.size()) +
                        " fits the elastic net kept no feature: their signature is constant, and no test row of them "
                        "is of high risk");
}

}  // namespace

std::size_t fits_of(const SurvivalTable& table, const EvaluationOptions& o) {
  return o.repeats * std::min(o.folds, patients_with_event(table, learn::all_rows(table.features)));
}

SignatureEvaluation evaluate_signature(const SurvivalTable& table, const SignatureLearner& learner,
                                       const EvaluationOptions& o) {
  check_outcome(table);
  learner.require_patients(table, learn::all_rows(table.features), o.folds);
  table.features.refuse_fitted(learn::all_rows(table.features));
  SignatureEvaluation out;
  for (std::size_t repeat = 0; repeat < o.repeats; ++repeat) {
    const auto folds = outer_folds(table, o, repeat);
    std::vector<Rows> training;
    for (const auto& held : folds) training.push_back(learn::rows_without(table.features, held));
    const auto fits = learner.fit_each(table, training, {seed_of_repeat(o, repeat), o.threads}, o.on_fit);
    std::vector<HeldOutRow> rows(table.rows());
    for (std::size_t f = 0; f < folds.size(); ++f)
      add_fold(table, fits[f], training[f], folds[f], o, {repeat, f, nullptr, {}}, rows, out);
    out.predictions.insert(out.predictions.end(), rows.begin(), rows.end());
  }
  tell_folds(o, out);
  return out;
}

SignatureEvaluation evaluate_with_leak(const SurvivalTable& table, const SignatureLearner& learner,
                                       const EvaluationOptions& o) {
  const auto kept =
      fit_candidates(learner.specification(), table, learn::all_rows(table.features), seed_of_repeat(o, 0));
  EvaluationOptions once = o;
  once.repeats = 1;
  return evaluate_signature({table.features.select(kept), table.outcome}, learner, once);
}

GroupedFold external_groups(const SignatureFit& fit, const std::vector<double>& external_signature) {
  Rows training(fit.in_sample.size()), test(external_signature.size());
  std::iota(training.begin(), training.end(), std::size_t{0});
  std::iota(test.begin(), test.end(), std::size_t{0});
  return {training, test, fit.training_high_risk(), fit.model->high_risk(external_signature)};
}

}  // namespace gliocast::signature
