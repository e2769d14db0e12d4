#include <gliocast/learn/selection_stability.hpp>

#include <gliocast/core/error.hpp>

#include <cmath>
#include <limits>
#include <string>

namespace gliocast::learn {
namespace {

/// Theorem 7 of the paper: the standard error by the influence of each selection.
double standard_error(const std::vector<std::vector<std::size_t>>& selections, const SelectionStability& s,
                      double index, double scale) {
  const auto m = static_cast<double>(selections.size()), d = static_cast<double>(s.frequency.size());
  std::vector<double> influence;
  double mean = 0, squares = 0;
  for (const auto& selection : selections) {
    const auto k = static_cast<double>(selection.size());
    double overlap = 0;
    for (const std::size_t f : selection) overlap += s.frequency[f] / d;
    const double size = s.mean_size / d;
    influence.push_back((overlap - size * k / d + index / 2 * (2 * size * k / d - k / d - size + 1)) / scale);
    mean += influence.back() / m;
  }
  for (const double v : influence) squares += (v - mean) * (v - mean);
  return std::sqrt(4 / (m * m) * squares);
}

}  // namespace

SelectionStability selection_stability(const std::vector<std::vector<std::size_t>>& selections, std::size_t features,
                                       double level) {
  SelectionStability s;
  s.frequency.assign(features, 0);
  s.index = stats::unknown_estimate(level);
  const auto m = static_cast<double>(selections.size()), d = static_cast<double>(features);
  std::size_t chosen = 0;
  std::vector<std::size_t> count(features, 0);
  for (const auto& selection : selections) {
    for (const std::size_t f : selection) {
      if (f >= features)
        throw unusable_input("a selection has feature " + std::to_string(f) + " of " + std::to_string(features));
      ++count[f];
    }
    chosen += selection.size();
  }
  if (selections.empty() || features == 0) return s;
  s.mean_size = static_cast<double>(chosen) / m;
  double variance = 0;
  for (std::size_t f = 0; f < features; ++f) {
    s.frequency[f] = static_cast<double>(count[f]) / m;
    variance += s.frequency[f] * (1 - s.frequency[f]) / d;
  }
  const double scale = s.mean_size / d * (1 - s.mean_size / d);
  if (selections.size() < 2 || chosen == 0 || chosen == selections.size() * features) return s;
  const double index = 1 - m / (m - 1) * variance / scale;
  s.index = stats::normal_estimate(index, standard_error(selections, s, index, scale), level,
                                   -std::numeric_limits<double>::infinity(), 1);
  return s;
}

}  // namespace gliocast::learn
