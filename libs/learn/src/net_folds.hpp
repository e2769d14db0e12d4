#pragma once
#include <gliocast/learn/elastic_net_cv.hpp>

#include <cstddef>
#include <functional>
#include <vector>

namespace gliocast::learn {

// What the cross-validations of all families share.

/// Values of one fold or row, one a λ; NaN where there is none.
struct FoldValues {
  double weight = 0;
  std::vector<double> values;
};

/// The number of folds. Throws Error{UnusableInput} where they are fewer than three, or not one for each of `rows`
/// rows.
[[nodiscard]] std::size_t count_folds(const std::vector<std::size_t>& fold, std::size_t rows);
/// Evaluates the folds on these threads and sets mean, error, best and within_error of the net, whose path and measure
/// are set.
void compare_lambdas(std::size_t folds, std::size_t threads,
                     const std::function<std::vector<FoldValues>(std::size_t fold)>& evaluate, CrossValidatedNet& net);

}  // namespace gliocast::learn
