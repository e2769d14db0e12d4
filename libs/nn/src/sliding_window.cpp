#include <gliocast/nn/sliding_window.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::nn {

std::vector<std::array<std::int64_t, 3>> window_starts(const std::array<std::int64_t, 3>& size,
                                                       const SlidingWindowOptions& options) {
  std::array<std::vector<std::int64_t>, 3> starts;
  for (std::size_t a = 0; a < 3; ++a) {
    const std::int64_t slack = size[a] - options.window_zyx[a];
    if (slack <= 0) {
      starts[a] = {0};
      continue;
    }
    const double stride = std::max(1.0, static_cast<double>(options.window_zyx[a]) * (1 - options.overlap));
    const auto steps = static_cast<std::int64_t>(std::ceil(static_cast<double>(slack) / stride));
    for (std::int64_t i = 0; i <= steps; ++i) starts[a].push_back((i * slack + steps / 2) / steps);
  }
  std::vector<std::array<std::int64_t, 3>> all;
  for (const auto z : starts[0])
    for (const auto y : starts[1])
      for (const auto x : starts[2]) all.push_back({z, y, x});
  return all;
}

std::vector<float> gaussian_weights(const std::array<std::int64_t, 3>& window) {
  std::array<std::vector<double>, 3> axis;
  for (std::size_t a = 0; a < 3; ++a) {
    const double centre = 0.5 * static_cast<double>(window[a] - 1), sigma = static_cast<double>(window[a]) / 8;
    for (std::int64_t i = 0; i < window[a]; ++i) {
      const double d = (static_cast<double>(i) - centre) / sigma;
      axis[a].push_back(std::exp(-0.5 * d * d));
    }
  }
  std::vector<float> weights;
  weights.reserve(static_cast<std::size_t>(window[0] * window[1] * window[2]));
  for (const double z : axis[0])
    for (const double y : axis[1])
      for (const double x : axis[2]) weights.push_back(static_cast<float>(std::max(z * y * x, 1e-3)));
  return weights;
}

}  // namespace gliocast::nn
