#include "net_folds.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/parallel.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace gliocast::learn {
namespace {

constexpr std::size_t kLeastFolds = 3;

/// Mean by weight and its standard error, of the groups that have a value.
void summarise(const std::vector<FoldValues>& groups, CrossValidatedNet& net) {
  for (std::size_t m = 0; m < net.path.fits.size(); ++m) {
    double weight = 0, sum = 0, squares = 0, count = 0;
    for (const auto& g : groups)
      if (g.weight > 0 && !std::isnan(g.values[m])) {
        weight += g.weight;
        sum += g.weight * g.values[m];
        ++count;
      }
    const double mean = sum / weight;
    for (const auto& g : groups)
      if (g.weight > 0 && !std::isnan(g.values[m])) squares += g.weight * (g.values[m] - mean) * (g.values[m] - mean);
    net.mean.push_back(mean);
    net.error.push_back(std::sqrt(squares / weight / (count - 1)));
  }
}

void choose(CrossValidatedNet& net) {
  const double sign = net.measure == NetMeasure::Auc ? -1 : 1;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t m = 0; m < net.mean.size(); ++m)
    if (sign * net.mean[m] < least) {
      least = sign * net.mean[m];
      net.best = m;
    }
  net.within_error = 0;
  while (net.within_error < net.best && !(sign * net.mean[net.within_error] <= least + net.error[net.best]))
    ++net.within_error;
}

}  // namespace

std::size_t count_folds(const std::vector<std::size_t>& fold, std::size_t rows) {
  const std::size_t folds = fold.empty() ? 0 : 1 + *std::ranges::max_element(fold);
  if (fold.size() != rows || folds < kLeastFolds)
    throw unusable_input("elastic net: three folds or more are needed, and the fold of each row");
  return folds;
}

void compare_lambdas(std::size_t folds, std::size_t threads,
                     const std::function<std::vector<FoldValues>(std::size_t fold)>& evaluate, CrossValidatedNet& net) {
  std::vector<std::vector<FoldValues>> by_fold(folds);
  parallel_for(folds, threads, [&](std::size_t f) { by_fold[f] = evaluate(f); });
  std::vector<FoldValues> groups;
  for (auto& of_fold : by_fold) groups.insert(groups.end(), of_fold.begin(), of_fold.end());
  summarise(groups, net);
  choose(net);
}

}  // namespace gliocast::learn
