#include <gliocast/stats/isotonic.hpp>

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gliocast::stats {
namespace {

/// Neighbouring rows that have one value.
struct Block {
  double first = 0, last = 0, sum = 0, n = 0;
  [[nodiscard]] double mean() const { return sum / n; }
};

void pool(std::vector<Block>& blocks) {
  while (blocks.size() > 1 && blocks[blocks.size() - 2].mean() >= blocks.back().mean()) {
    const Block later = blocks.back();
    blocks.pop_back();
    Block& b = blocks.back();
    b = {b.first, later.last, b.sum + later.sum, b.n + later.n};
  }
}

}  // namespace

double IsotonicCurve::value(double at) const {
  if (std::isnan(at)) return at;
  const auto next = std::ranges::upper_bound(x, at);
  if (next == x.begin()) return y.front();
  if (next == x.end()) return y.back();
  const auto i = static_cast<std::size_t>(next - x.begin());
  return y[i - 1] + (y[i] - y[i - 1]) * ((at - x[i - 1]) / (x[i] - x[i - 1]));
}

IsotonicCurve fit_isotonic(const std::vector<double>& x, const std::vector<double>& y) {
  const auto finite = [](double v) { return std::isfinite(v); };
  if (x.empty() || x.size() != y.size() || !std::ranges::all_of(x, finite) || !std::ranges::all_of(y, finite))
    throw unusable_input("an isotonic regression needs rows whose values are finite");
  std::vector<std::size_t> order(x.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return x[i]; });
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < order.size();) {
    Block tied{x[order[i]], x[order[i]], 0, 0};
    for (; i < order.size() && x[order[i]] == tied.first; ++i) {
      tied.sum += y[order[i]];
      tied.n += 1;
    }
    blocks.push_back(tied);
    pool(blocks);
  }
  IsotonicCurve curve;
  for (const Block& b : blocks) {
    curve.x.push_back(b.first);
    curve.y.push_back(b.mean());
    if (b.last == b.first) continue;
    curve.x.push_back(b.last);
    curve.y.push_back(b.mean());
  }
  return curve;
}

}  // namespace gliocast::stats
