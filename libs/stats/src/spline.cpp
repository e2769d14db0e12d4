#include <gliocast/stats/spline.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/quantile.hpp>

#include <algorithm>
#include <cmath>
#include <map>

namespace gliocast::stats {
namespace {

std::vector<double> unique_values(std::vector<double> values) {
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

/// p values from `first` to 1 − `first` in equal steps.
std::vector<double> quantiles_between(const std::vector<double>& sorted, double first, std::size_t n) {
  std::vector<double> result;
  for (std::size_t i = 0; i < n; ++i)
    result.push_back(
        quantile_r7(sorted, first + (1 - 2 * first) * static_cast<double>(i) / static_cast<double>(n - 1)));
  return result;
}

/// A smallest or largest value that many share becomes a knot of its own neighbour, and its side is left to it (Hmisc's
/// fractied = 0.05).
struct TiedEnds {
  std::vector<double> first, last;
  std::vector<double> inner;  ///< sorted values between
};
TiedEnds tied_ends(std::vector<double> sorted) {
  TiedEnds ends;
  std::map<double, std::size_t> counts;
  for (const double v : sorted) ++counts[v];
  const double n = static_cast<double>(sorted.size()), limit = 0.05;
  double most_inner = 0;
  for (auto it = std::next(counts.begin()); it != std::prev(counts.end()); ++it)
    most_inner = std::max(most_inner, static_cast<double>(it->second) / n);
  if (most_inner < limit) {
    const bool low = static_cast<double>(counts.begin()->second) / n >= limit,
               high = static_cast<double>(counts.rbegin()->second) / n >= limit;
    if (low) {
      ends.first.push_back(std::next(counts.begin())->first);
      std::erase_if(sorted, [&](double v) { return v <= ends.first[0]; });
    }
    if (high && !sorted.empty()) {
      const double top = sorted.back();
      std::erase_if(sorted, [&](double v) { return v >= top; });
      if (!sorted.empty()) {
        ends.last.push_back(sorted.back());
        std::erase_if(sorted, [&](double v) { return v >= ends.last[0]; });
      }
    }
  }
  ends.inner = std::move(sorted);
  return ends;
}

}  // namespace

std::vector<double> spline_knots(const std::vector<double>& values, std::size_t knots, const std::string& what) {
  std::vector<double> sorted;
  for (const double v : values)
    if (std::isfinite(v)) sorted.push_back(v);
  std::ranges::sort(sorted);
  if (knots < 3 || knots > 20)
    throw Error(ExitCode::WrongUse, "a spline has 3 to 20 knots, not " + std::to_string(knots), what);
  if (sorted.size() < 6) throw unusable_input("a spline needs at least 6 values", what);
  const auto distinct = unique_values(sorted);
  std::vector<double> result;
  if (distinct.size() < knots + 3) {
    if (distinct.size() > 2) result.assign(distinct.begin() + 1, distinct.end() - 1);
  } else {
    const double outer = knots > 6 ? 0.025 : knots > 3 ? 0.05 : 0.1;
    const TiedEnds ends = tied_ends(sorted);
    const std::size_t inner = knots - ends.first.size() - ends.last.size();
    const auto& x = ends.inner;
    if (x.empty()) throw unusable_input("the values have too few different ones for a spline", what);
    if (inner == 1)
      result = {quantile_r7(x, 0.5)};
    else {
      result = quantiles_between(x, inner == 2 ? 0.5 : outer, inner);
      if (inner == 2) result = {quantile_r7(x, 0.5), quantile_r7(x, 1 - outer)};
      if (unique_values(result).size() < std::min<std::size_t>(inner, 3))
        result = quantiles_between(x, outer, 2 * inner);
      if (x.size() < 100 && x.size() >= 5) {
        if (ends.first.empty()) result.front() = x[4];
        if (ends.last.empty()) result[std::min(inner, result.size()) - 1] = x[x.size() - 5];
      }
    }
    result.insert(result.end(), ends.first.begin(), ends.first.end());
    result.insert(result.end(), ends.last.begin(), ends.last.end());
  }
  result = unique_values(result);
  if (result.size() < 3) throw unusable_input("fewer than 3 different knots; use the variable as it is", what);
  return result;
}

std::vector<double> spline_terms(double x, const std::vector<double>& knots) {
  const std::size_t k = knots.size();
  const double scale = std::pow(knots[k - 1] - knots[0], 2.0 / 3.0), last = knots[k - 1], before = knots[k - 2];
  const auto cube = [&](double knot) {
    const double u = std::max((x - knot) / scale, 0.0);
    return u * u * u;
  };
  std::vector<double> terms;
  for (std::size_t j = 0; j + 2 < k; ++j)
    terms.push_back(cube(knots[j]) +
                    ((before - knots[j]) * cube(last) - (last - knots[j]) * cube(before)) / (last - before));
  return terms;
}

}  // namespace gliocast::stats
