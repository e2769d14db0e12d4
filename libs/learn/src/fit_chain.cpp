// Fitting a chain: steps, grid, calibration and threshold, each from the rows given alone.
#include <gliocast/learn/chain.hpp>

#include "columns.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/learn/calibration.hpp>
#include <gliocast/learn/fit_progress.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/learn/registry.hpp>
#include <gliocast/stats/roc.hpp>
#include <gliocast/stats/threshold.hpp>

#include <algorithm>
#include <numeric>
#include <utility>

namespace gliocast::learn {
namespace {

using Steps = std::vector<std::shared_ptr<const FeatureLearner>>;
using Candidates = std::vector<std::shared_ptr<const ClassifierLearner>>;

/// What the parts of a fit take of its time, for progress: about that of the chain `paper`.
constexpr double kShareOfSteps = 0.45, kShareOfGrid = 0.35, kShareOfFinerGrid = 0.2;

/// Steps fitted one after another, and the training table that comes out.
struct FittedSteps {
  std::vector<std::shared_ptr<const FeatureModel>> models;
  FeatureTable table;
};
FittedSteps fit_steps(const Steps& steps, FeatureTable table, const FitContext& context) {
  FittedSteps fitted{{}, std::move(table)};
  for (const auto& step : steps) {
    throw_if_interrupted();
    fitted.models.push_back(step->fit(fitted.table, all_rows(fitted.table), context));
    fitted.table = fitted.models.back()->apply(fitted.table);
  }
  return fitted;
}

std::vector<std::string> notes_of(const std::vector<std::shared_ptr<const FeatureModel>>& models) {
  std::vector<std::string> notes;
  for (const auto& model : models)
    for (const auto& note : model->notes()) notes.push_back(note);
  return notes;
}

/// A fold of the cross-validation within: both parts after the steps that were fitted on the first.
struct InnerFold {
  FeatureTable training, held;
  Rows held_rows;  ///< in the rows that are cross-validated
};

/// Scores of the rows left out, by one candidate, and their AUC: of all folds together, since one calibration and one
/// threshold must hold for all. An SVM of tiny C ranks within a fold, but its offset follows the fold's share of
/// classes: by the mean of the folds' AUC it may be the best, and the calibration of all turns its predictions round.
struct Tried {
  std::shared_ptr<const ClassifierLearner> candidate;
  std::vector<double> scores;
  double auc = 0;
};

/// One fit in work: of the chain to these rows.
struct Fit {
  Rows rows;
  std::vector<std::size_t> fold;  ///< of each of them, within
  std::vector<int> truth;
  std::vector<InnerFold> inner;
  FittedSteps all;  ///< the steps of all rows
  std::vector<Tried> tried;
};

/// Fits the steps of one inner fold, or of all rows where `f` is the number of folds.
void fit_part(const Steps& steps, const FeatureTable& table, std::size_t f, std::uint64_t seed, Fit& fit) {
  const FitContext context{seed, 1};
  if (f == fit.inner.size()) {
    fit.all = fit_steps(steps, table.take(fit.rows), context);
    return;
  }
  InnerFold& inner = fit.inner[f];
  Rows training, held;
  for (std::size_t i = 0; i < fit.rows.size(); ++i) {
    (fit.fold[i] == f ? held : training).push_back(fit.rows[i]);
    if (fit.fold[i] == f) inner.held_rows.push_back(i);
  }
  auto fitted = fit_steps(steps, table.take(training), context);
  inner.training = std::move(fitted.table);
  inner.held = table.take(held);
  for (const auto& model : fitted.models) inner.held = model->apply(inner.held);
}

void try_candidate(const Fit& fit, std::uint64_t seed, Tried& tried) {
  throw_if_interrupted();
  tried.scores.resize(fit.rows.size());
  for (const auto& fold : fit.inner) {
    const auto model = tried.candidate->fit(fold.training, all_rows(fold.training), {seed, 1});
    const auto scores = model->decision(fold.held);
    for (std::size_t i = 0; i < scores.size(); ++i) tried.scores[fold.held_rows[i]] = scores[i];
  }
  tried.auc = stats::auc(tried.scores, fit.truth);
}

/// Calls work(fit, i) for i in [0, count(fit)) of every fit, on all threads, `share` of all work; the last i first,
/// since grids end with what takes longest and no thread should wait for it in the end.
template <class Count, class Work>
void for_each_part(std::vector<Fit>& fits, std::size_t threads, FitProgress& progress, double share, const Count& count,
                   const Work& work) {
  std::vector<std::pair<std::size_t, Fit*>> parts;
  for (auto& fit : fits)
    for (std::size_t i = 0; i < count(fit); ++i) parts.emplace_back(i, &fit);
  std::ranges::stable_sort(parts, std::greater{}, [](const auto& part) { return part.first; });
  progress.begin(share, parts.size());
  parallel_for(parts.size(), threads, [&](std::size_t p) {
    work(*parts[p].second, parts[p].first);
    progress.part_done();
  });
}

/// The first of those with the largest AUC.
const Tried& best_of(const Fit& fit) {
  return *std::ranges::max_element(fit.tried, [](const Tried& a, const Tried& b) { return a.auc < b.auc; });
}

/// Tries the grid in every fit, then the finer one around each one's best.
void choose(const std::shared_ptr<const ClassifierLearner>& classifier, const FitContext& context,
            FitProgress& progress, std::vector<Fit>& fits) {
  auto grid = classifier->grid();
  if (grid.empty()) grid.push_back(classifier);
  for (auto& fit : fits)
    for (const auto& candidate : grid) fit.tried.push_back({candidate, {}, 0});
  const auto count = [](const Fit& fit) { return fit.tried.size(); };
  const auto work = [&](Fit& fit, std::size_t i) {
    if (fit.tried[i].scores.empty()) try_candidate(fit, context.seed, fit.tried[i]);
  };
  for_each_part(fits, context.threads, progress, kShareOfGrid, count, work);
  for (auto& fit : fits)
    for (const auto& candidate : classifier->finer_grid(*best_of(fit).candidate))
      fit.tried.push_back({candidate, {}, 0});
  for_each_part(fits, context.threads, progress, kShareOfFinerGrid, count, work);
}

/// Youden's of the calibrated probabilities of the rows left out, or the probability that was asked for.
double threshold_of(const ChainSpecification& chain, const Calibration& calibration, const std::vector<double>& scores,
                    const std::vector<int>& truth) {
  if (chain.threshold != "youden") return *parse_number(chain.threshold);
  return stats::choose_threshold({}, calibration.apply(scores), truth);
}

void check_choices(const ChainSpecification& chain) {
  if (chain.folds < 2) throw unusable_input("a chain needs two folds within at least", chain.name);
  (void)calibration_method(chain.calibration);
  if (chain.threshold == "youden") return;
  const auto p = parse_number(chain.threshold);
  if (!p || !(*p > 0 && *p < 1))
    throw unusable_input("threshold must be youden or a probability in (0, 1), and is " + chain.threshold, "threshold",
                         meant(chain.threshold, {"youden"}));
}

/// Leaves to the steps no more columns than the classifier's depend on; all where a step cannot be restricted.
void restrict_steps(ChainModel::Parts& parts) {
  std::vector<std::size_t> columns(parts.selected.size());
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  auto steps = parts.steps;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    auto restricted = (*step)->restricted_to(columns);
    if (!restricted) return;
    *step = std::move(restricted->model);
    columns = std::move(restricted->inputs);
  }
  std::vector<std::string> features, networks;
  for (const std::size_t c : columns) {
    features.push_back(parts.features[c]);
    if (!parts.networks.empty()) networks.push_back(parts.networks[c]);
  }
  parts.features = std::move(features);
  parts.networks = std::move(networks);
  parts.steps = std::move(steps);
}

std::shared_ptr<const ChainModel> finish_fit(const ChainSpecification& chain, const FeatureTable& table,
                                             std::uint64_t seed, Fit& fit) {
  const Tried& best = best_of(fit);
  const auto calibration = fit_calibration(calibration_method(chain.calibration), best.scores, fit.truth);
  ChainModel::Parts parts;
  parts.chain = chain;
  parts.features = table.features;
  if (!table.origins.empty())
    for (std::size_t c = 0; c < table.features.size(); ++c) parts.networks.push_back(table.network_of(c));
  parts.inner_auc = best.auc;
  parts.classifier = {best.candidate->name(), best.candidate->options()};
  parts.model = best.candidate->fit(fit.all.table, all_rows(fit.all.table), {seed, 1});
  parts.threshold = threshold_of(chain, calibration, best.scores, fit.truth);
  parts.calibration = calibration;
  parts.selected = fit.all.table.features;
  parts.notes = notes_of(fit.all.models);
  if (fit.inner.size() > 1 && fit.inner.size() < chain.folds)
    parts.notes.push_back("folds within are " + std::to_string(fit.inner.size()) + " in place of " +
                          std::to_string(chain.folds) + ": the rarer class has no more patients");
  for (const auto& note : parts.model->notes()) parts.notes.push_back(note);
  parts.steps = std::move(fit.all.models);
  restrict_steps(parts);
  return std::make_shared<ChainModel>(std::move(parts));
}

std::string few_patients(const std::string& what, std::size_t needed, std::size_t fewest) {
  return what + " needs " + counted(needed, "patient") + " of each class, and one has " + std::to_string(fewest);
}

}  // namespace

std::vector<std::size_t> folds_of_both_classes(const FeatureTable& table, const Rows& rows, std::size_t folds,
                                               std::uint64_t seed) {
  const std::size_t fewest = patients_of_rarer_class(table, rows);
  if (fewest < 2) throw unusable_input(few_patients("cross-validation", 2, fewest));
  return folds_by_patient(table, rows, std::min(folds, fewest), true, seed);
}

ChainLearner::ChainLearner(ChainSpecification chain) : chain_(std::move(chain)) {
  check_choices(chain_);
  for (const auto& step : chain_.steps) steps_.push_back(make_step(step.name, step.options));
  classifier_ = make_classifier(chain_.classifier.name, chain_.classifier.options);
}

SelectedTable ChainLearner::select(const FeatureTable& table, const FitContext& context) const {
  auto fitted = fit_steps(steps_, table, context);
  return {std::move(fitted.table), notes_of(fitted.models)};
}

std::shared_ptr<const ChainModel> ChainLearner::fit(const FeatureTable& table, const Rows& rows,
                                                    const FitContext& context) const {
  return fit_each(table, {rows}, context).front();
}

std::size_t ChainLearner::patients_without_folds() const {
  std::size_t least = classifier_->least_patients();
  for (const auto& step : steps_) least = std::max(least, step->least_patients());
  return least;
}

std::size_t ChainLearner::patients_needed(std::size_t outer_folds) const {
  const std::size_t within = patients_to_leave(patients_without_folds(), chain_.folds);
  return outer_folds > 0 ? patients_to_leave(within, outer_folds) : within;
}

void ChainLearner::require_patients(const FeatureTable& table, const Rows& rows, std::size_t outer_folds) const {
  const std::size_t needed = patients_needed(outer_folds), fewest = patients_of_rarer_class(table, rows);
  if (fewest >= needed) return;
  const std::string folds = outer_folds > 0 ? "at most " + std::to_string(outer_folds) + " outer folds and " : "";
  throw unusable_input(few_patients(
      "the chain " + chain_.name + " with " + folds + "at most " + std::to_string(chain_.folds) + " folds within",
      needed, fewest));
}

std::vector<std::shared_ptr<const ChainModel>> ChainLearner::fit_each(const FeatureTable& table,
                                                                      const std::vector<Rows>& row_sets,
                                                                      const FitContext& context,
                                                                      const std::function<void()>& on_fit) const {
  std::vector<Fit> fits;
  for (const auto& rows : row_sets) {
    require_patients(table, rows);
    fits.push_back({rows, {}, classes_of(table, rows), {}, {}, {}});
    fits.back().fold = folds_of_both_classes(table, rows, chain_.folds, context.seed);
    fits.back().inner.resize(*std::ranges::max_element(fits.back().fold) + 1);
  }
  FitProgress progress(fits.size(), on_fit);
  for_each_part(
      fits, context.threads, progress, kShareOfSteps, [](const Fit& fit) { return fit.inner.size() + 1; },
      [&](Fit& fit, std::size_t f) { fit_part(steps_, table, f, context.seed, fit); });
  choose(classifier_, context, progress, fits);
  std::vector<std::shared_ptr<const ChainModel>> models(fits.size());
  parallel_for(fits.size(), context.threads,
               [&](std::size_t i) { models[i] = finish_fit(chain_, table, context.seed, fits[i]); });
  progress.finish();
  return models;
}

std::shared_ptr<const ChainModel> ChainLearner::fit_validated(const FeatureTable& table, const Rows& training,
                                                              const Rows& validation, const FitContext& context) const {
  const std::size_t needed = patients_without_folds(), fewest = patients_of_rarer_class(table, training);
  if (fewest < needed) throw unusable_input(few_patients("the training part", needed, fewest));
  std::vector<Fit> fits{{validation, {}, classes_of(table, validation), {}, {}, {}}};
  Fit& fit = fits.front();
  fit.all = fit_steps(steps_, table.take(training), context);
  InnerFold fold{fit.all.table, table.take(validation), Rows(validation.size())};
  std::iota(fold.held_rows.begin(), fold.held_rows.end(), std::size_t{0});
  for (const auto& model : fit.all.models) fold.held = model->apply(fold.held);
  fit.inner.push_back(std::move(fold));
  FitProgress progress(1, {});
  choose(classifier_, context, progress, fits);
  return finish_fit(chain_, table, context.seed, fit);
}

}  // namespace gliocast::learn
