#include "tree_grower.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/learn/random_forest.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace gliocast::learn {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// A tree and what the rows tell of it.
struct Grown {
  Tree tree;
  std::vector<bool> in_bag;         ///< of each row
  std::vector<double> decrease;     ///< of each column
  std::vector<double> permutation;  ///< of each column; empty where not asked for
};

std::vector<double> outcomes(const FeatureTable& table, ForestTask task) {
  if (task == ForestTask::Classification) {
    const auto classes = table.classes();
    return {classes.begin(), classes.end()};
  }
  const bool known = table.outcome.size() == table.rows() &&
                     std::ranges::all_of(table.outcome, [](double y) { return std::isfinite(y); });
  if (!known) throw unusable_input("a forest needs a finite outcome in every row");
  return table.outcome;
}

/// What is drawn as one.
std::vector<Rows> sampling_units(const FeatureTable& table, ForestSampling sampling) {
  if (sampling == ForestSampling::Patients && !table.patient.empty()) return stats::rows_of_clusters(table.patient);
  std::vector<Rows> units(table.rows());
  for (std::size_t r = 0; r < units.size(); ++r) units[r] = {r};
  return units;
}

std::vector<std::uint32_t> draw_weights(const std::vector<Rows>& units, std::size_t rows, ForestSampling sampling,
                                        Random& random) {
  if (sampling == ForestSampling::None) return std::vector<std::uint32_t>(rows, 1);
  std::vector<std::uint32_t> weight(rows, 0);
  for (std::size_t i = 0; i < units.size(); ++i)
    for (const std::size_t r : units[random.below(units.size())]) ++weight[r];
  return weight;
}

double loss(PermutationLoss kind, double predicted, double truth) {
  if (kind == PermutationLoss::Squared) return (predicted - truth) * (predicted - truth);
  if (predicted == 0.5) return 0.5;
  return (predicted > 0.5) == (truth > 0.5) ? 0 : 1;
}

/// Growth of a tree's mean loss out of bag as each column is permuted among those rows; 0 where the tree does not
/// split by it.
std::vector<double> permutation_growth(const Tree& tree, const std::vector<bool>& in_bag, const stats::Matrix& x,
                                       const std::vector<double>& outcome, PermutationLoss kind, Random& random) {
  std::vector<double> growth(x.columns, 0.0);
  Rows rows;
  for (std::size_t r = 0; r < x.rows; ++r)
    if (!in_bag[r]) rows.push_back(r);
  if (rows.empty()) return growth;
  double base = 0;
  for (const std::size_t r : rows) base += loss(kind, tree.predict([&](std::size_t c) { return x(r, c); }), outcome[r]);
  std::vector<bool> used(x.columns, false);
  for (const std::int32_t f : tree.feature)
    if (f >= 0) used[static_cast<std::size_t>(f)] = true;
  for (std::size_t column = 0; column < x.columns; ++column) {
    if (!used[column]) continue;
    Rows from = rows;
    for (std::size_t i = from.size(); i > 1; --i) std::swap(from[i - 1], from[random.below(i)]);
    double permuted = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto at = [&](std::size_t c) { return x(c == column ? from[i] : rows[i], c); };
      permuted += loss(kind, tree.predict(at), outcome[rows[i]]);
    }
    growth[column] = (permuted - base) / static_cast<double>(rows.size());
  }
  return growth;
}

/// Mean prediction of each row by the trees that did not see it; NaN where all did.
std::vector<double> out_of_bag(const std::vector<Grown>& grown, const stats::Matrix& x, std::size_t threads) {
  std::vector<double> out(x.rows, kNan);
  parallel_for(x.rows, threads, [&](std::size_t r) {
    double sum = 0;
    std::size_t trees = 0;
    for (const Grown& g : grown)
      if (!g.in_bag[r]) {
        sum += g.tree.predict([&](std::size_t c) { return x(r, c); });
        ++trees;
      }
    if (trees > 0) out[r] = sum / static_cast<double>(trees);
  });
  return out;
}

/// Mean loss of the rows that have a prediction; NaN where none has.
double mean_loss(const std::vector<double>& predicted, const std::vector<double>& outcome, PermutationLoss kind) {
  double sum = 0;
  std::size_t n = 0;
  for (std::size_t r = 0; r < predicted.size(); ++r)
    if (!std::isnan(predicted[r])) {
      sum += loss(kind, predicted[r], outcome[r]);
      ++n;
    }
  return n > 0 ? sum / static_cast<double>(n) : kNan;
}

void add_impurity(ForestFit& fit, const std::vector<Grown>& grown, std::size_t columns, ForestTask task) {
  const double gini = task == ForestTask::Classification ? 2 : 1;
  fit.impurity.assign(columns, 0.0);
  fit.impurity_share.assign(columns, 0.0);
  for (const Grown& g : grown) {
    const double total = std::accumulate(g.decrease.begin(), g.decrease.end(), 0.0);
    for (std::size_t c = 0; c < columns; ++c) {
      fit.impurity[c] += gini * g.decrease[c] / static_cast<double>(grown.size());
      if (total > 0) fit.impurity_share[c] += g.decrease[c] / total;
    }
  }
  const double all = std::accumulate(fit.impurity_share.begin(), fit.impurity_share.end(), 0.0);
  if (all > 0)
    for (double& share : fit.impurity_share) share /= all;
}

void add_permutation(ForestFit& fit, const std::vector<Grown>& grown, std::size_t columns) {
  const auto n = static_cast<double>(grown.size());
  for (std::size_t c = 0; c < columns; ++c) {
    double sum = 0, squares = 0;
    for (const Grown& g : grown) {
      sum += g.permutation[c];
      squares += g.permutation[c] * g.permutation[c];
    }
    const double mean = sum / n, variance = std::max(0.0, squares / n - mean * mean);
    fit.permutation.push_back(mean);
    fit.permutation_scaled.push_back(variance > 0 ? mean / std::sqrt(variance / n) : 0);
  }
}

std::size_t resolved_mtry(const ForestOptions& options, std::size_t columns) {
  if (options.mtry > 0) return std::min(options.mtry, columns);
  const std::size_t standard = options.task == ForestTask::Classification
                                   ? static_cast<std::size_t>(std::sqrt(static_cast<double>(columns)))
                                   : columns / 3;
  return std::max<std::size_t>(1, standard);
}

/// The outcomes less their mean in regression, so that sums of squares do not cancel.
std::pair<std::vector<double>, double> centred(const std::vector<double>& outcome, ForestTask task) {
  if (task == ForestTask::Classification) return {outcome, 0};
  const double mean = std::accumulate(outcome.begin(), outcome.end(), 0.0) / static_cast<double>(outcome.size());
  auto out = outcome;
  for (double& y : out) y -= mean;
  return {out, mean};
}

void shift_leaves(Tree& tree, double by) {
  for (std::size_t i = 0; i < tree.value.size(); ++i)
    if (tree.feature[i] < 0) tree.value[i] += by;
}

std::vector<Grown> grow_all(const FeatureTable& table, const std::vector<double>& outcome, ForestOptions options,
                            const FitContext& context) {
  options.mtry = resolved_mtry(options, table.values.columns);
  const RankedColumns columns(table, context.threads);
  const auto units = sampling_units(table, options.sampling);
  const auto [y, mean] = centred(outcome, options.task);
  std::vector<Grown> grown(options.trees);
  parallel_for(options.trees, context.threads, [&, &y = y, mean = mean](std::size_t t) {
    Random random(context.seed, "tree", t);
    const auto weight = draw_weights(units, table.rows(), options.sampling, random);
    TreeGrower grower(columns, y, options, random);
    Grown& g = grown[t];
    g.tree = grower.grow(weight);
    if (options.task == ForestTask::Regression) shift_leaves(g.tree, mean);
    g.decrease = grower.decrease();
    for (const std::uint32_t w : weight) g.in_bag.push_back(w > 0);
    if (options.permutation == PermutationLoss::None) return;
    Random order(context.seed, "permutation", t);
    g.permutation = permutation_growth(g.tree, g.in_bag, table.values, outcome, options.permutation, order);
  });
  return grown;
}

}  // namespace

ForestFit fit_forest(const FeatureTable& table, const Rows& rows, const ForestOptions& options,
                     const FitContext& context) {
  const FeatureTable taken = table.take(rows);
  if (taken.rows() == 0 || taken.values.columns == 0)
    throw unusable_input("a forest needs at least one row and one column");
  const bool classifies = options.task == ForestTask::Classification;
  if (options.trees == 0 || (!classifies && options.permutation == PermutationLoss::Misclassified))
    throw Error(ExitCode::WrongUse, "these options of a forest make no sense");
  const auto outcome = outcomes(taken, options.task);
  auto grown = grow_all(taken, outcome, options, context);
  ForestFit fit{RandomForest(options.task, taken.values.columns, {}), {}, {}, {}, {}, {}, kNan, kNan};
  add_impurity(fit, grown, taken.values.columns, options.task);
  if (options.permutation != PermutationLoss::None) add_permutation(fit, grown, taken.values.columns);
  fit.out_of_bag = out_of_bag(grown, taken.values, context.threads);
  if (classifies) fit.misclassified = mean_loss(fit.out_of_bag, outcome, PermutationLoss::Misclassified);
  fit.squared_error = mean_loss(fit.out_of_bag, outcome, PermutationLoss::Squared);
  std::vector<Tree> trees;
  for (Grown& g : grown) trees.push_back(std::move(g.tree));
  fit.forest = RandomForest(options.task, taken.values.columns, std::move(trees));
  return fit;
}

}  // namespace gliocast::learn
