#include <gliocast/stats/adjust_p.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace gliocast::stats {
namespace {

/// Positions of the P values that are numbers, ascending by P.
std::vector<std::size_t> ascending(const std::vector<double>& p) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p.size(); ++i)
    if (!std::isnan(p[i])) order.push_back(i);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return p[i]; });
  return order;
}

/// Step-up: from the largest P down, the smallest of count / rank · P · factor so far.
void step_up(std::vector<double>& p, double factor) {
  const auto order = ascending(p);
  double least = 1;
  for (std::size_t k = order.size(); k-- > 0;) {
    least = std::min(least, factor * static_cast<double>(order.size()) / static_cast<double>(k + 1) * p[order[k]]);
    p[order[k]] = least;
  }
}

/// Step-down: from the smallest P up, the largest of (count − rank + 1) · P so far.
void step_down(std::vector<double>& p) {
  const auto order = ascending(p);
  double most = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    most = std::max(most, static_cast<double>(order.size() - k) * p[order[k]]);
    p[order[k]] = std::min(most, 1.0);
  }
}

}  // namespace

std::vector<double> adjust_p(const std::vector<double>& p, PAdjustment adjustment) {
  std::vector<double> adjusted = p;
  const auto tests = static_cast<double>(std::ranges::count_if(p, [](double v) { return !std::isnan(v); }));
  double harmonic = 0;
  switch (adjustment) {
    case PAdjustment::None:
      break;
    case PAdjustment::Bonferroni:
      for (double& v : adjusted) v = std::isnan(v) ? v : std::min(1.0, v * tests);
      break;
    case PAdjustment::Holm:
      step_down(adjusted);
      break;
    case PAdjustment::BenjaminiHochberg:
      step_up(adjusted, 1);
      break;
    case PAdjustment::BenjaminiYekutieli:
      for (double i = 1; i <= tests; ++i) harmonic += 1 / i;
      step_up(adjusted, harmonic);
      break;
  }
  return adjusted;
}

}  // namespace gliocast::stats
