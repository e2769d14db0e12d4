#include <gliocast/stats/lowess.hpp>

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <span>

namespace gliocast::stats {
namespace {

// Cleveland's constants: within `kNear` of the bandwidth a weight is 1, beyond `kFar` of it 0; a spread of x below
// `kNear` of its range has no slope; residuals below `kNoResidual` of their mean are none.
constexpr double kNear = 0.001, kFar = 0.999, kNoResidual = 1e-7;

struct Points {
  std::span<const double> x, y;
  std::vector<double> robustness;  // weight of each row; empty: 1
};

struct Window {
  std::size_t first, last;  // its nearest rows
};

/// Turns the weights of rows `first` … into those of the straight line's value at `at`.
void tilt(std::span<const double> x, std::size_t first, double at, double range, std::vector<double>& weights) {
  double mean = 0, spread = 0;
  for (std::size_t k = 0; k < weights.size(); ++k) mean += weights[k] * x[first + k];
  for (std::size_t k = 0; k < weights.size(); ++k) spread += weights[k] * (x[first + k] - mean) * (x[first + k] - mean);
  if (!(std::sqrt(spread) > kNear * range)) return;
  const double slope = (at - mean) / spread;
  for (std::size_t k = 0; k < weights.size(); ++k) weights[k] *= slope * (x[first + k] - mean) + 1;
}

/// The local line's value at row i; the row's own where no row has weight.
double local_value(const Points& points, std::size_t i, Window window) {
  const double at = points.x[i], h = std::max(at - points.x[window.first], points.x[window.last] - at);
  std::vector<double> weights;
  double sum = 0;
  for (std::size_t j = window.first; j < points.x.size(); ++j) {
    const double r = std::abs(points.x[j] - at);
    if (r > kFar * h && points.x[j] > at) break;
    double w = 0;
    if (r <= kNear * h)
      w = 1;
    else if (r <= kFar * h)
      w = std::pow(1 - (r / h) * (r / h) * (r / h), 3);
    if (!points.robustness.empty()) w *= points.robustness[j];
    weights.push_back(w);
    sum += w;
  }
  if (!(sum > 0)) return points.y[i];
  for (double& w : weights) w /= sum;
  if (h > 0) tilt(points.x, window.first, at, points.x.back() - points.x.front(), weights);
  double value = 0;
  for (std::size_t k = 0; k < weights.size(); ++k) value += weights[k] * points.y[window.first + k];
  return value;
}

void interpolate(std::span<const double> x, std::size_t from, std::size_t to, std::vector<double>& fitted) {
  for (std::size_t j = from + 1; j < to; ++j) {
    const double t = (x[j] - x[from]) / (x[to] - x[from]);
    fitted[j] = t * fitted[to] + (1 - t) * fitted[from];
  }
}

std::vector<double> smooth(const Points& points, std::size_t nearest, double delta) {
  const std::size_t n = points.x.size();
  std::vector<double> fitted(n);
  Window window{0, nearest - 1};
  std::size_t i = 0, done = 0;  // `done`: the last row with a value; none before the first pass
  for (bool first = true;; first = false) {
    while (window.last + 1 < n && points.x[i] - points.x[window.first] > points.x[window.last + 1] - points.x[i]) {
      ++window.first;
      ++window.last;
    }
    fitted[i] = local_value(points, i, window);
    if (!first) interpolate(points.x, done, i, fitted);
    done = i;
    // The next row to fit is the last within delta; equal x have equal values.
    const double cut = points.x[done] + delta;
    for (i = done + 1; i < n && points.x[i] <= cut; ++i)
      if (points.x[i] == points.x[done]) {
        fitted[i] = fitted[done];
        done = i;
      }
    if (done + 1 >= n) return fitted;
    i = std::max(done + 1, i - 1);
  }
}

/// Bisquare weights of the residuals over six times their median; none where there is no residual to speak of.
std::vector<double> robustness(const Points& points, const std::vector<double>& fitted) {
  const std::size_t n = fitted.size();
  std::vector<double> size(n);
  double mean = 0;
  for (std::size_t i = 0; i < n; ++i) {
    size[i] = std::abs(points.y[i] - fitted[i]);
    mean += size[i] / static_cast<double>(n);
  }
  auto sorted = size;
  std::ranges::sort(sorted);
  const double six_medians = 3 * (sorted[n / 2] + sorted[(n - 1) / 2]);
  if (six_medians < kNoResidual * mean) return {};
  for (double& s : size) {
    const double r = s / six_medians;
    if (r <= kNear)
      s = 1;
    else
      s = r <= kFar ? (1 - r * r) * (1 - r * r) : 0;
  }
  return size;
}

}  // namespace

std::vector<double> lowess(const std::vector<double>& x, const std::vector<double>& y, const LowessOptions& options) {
  if (x.size() != y.size() || !std::ranges::is_sorted(x) ||
      !std::ranges::all_of(x, [](double v) { return std::isfinite(v); }))
    throw unusable_input("a smooth curve needs finite rows in ascending order");
  const std::size_t n = x.size();
  if (n < 2) return y;
  const auto nearest =
      std::max(std::size_t{2}, std::min(n, static_cast<std::size_t>(options.span * static_cast<double>(n) + 1e-7)));
  const double delta = options.delta.value_or(0.01 * (x.back() - x.front()));
  Points points{x, y, {}};
  auto fitted = smooth(points, nearest, delta);
  for (std::size_t k = 0; k < options.iterations; ++k) {
    points.robustness = robustness(points, fitted);
    if (points.robustness.empty()) break;
    fitted = smooth(points, nearest, delta);
  }
  return fitted;
}

}  // namespace gliocast::stats
