#include "smooth_field.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace gliocast::simulation {
namespace {

struct Tap {
  std::size_t first;
  std::array<float, 4> weight;
};

/// Cubic B-spline taps of each of n voxels on a lattice of spacing `scale` with one node of margin.
std::vector<Tap> taps(std::size_t n, double scale, double phase) {
  std::vector<Tap> out(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double u = (static_cast<double>(i) / scale) + phase;
    const auto k = static_cast<std::size_t>(u);
    const double t = u - static_cast<double>(k), s = 1 - t;
    out[i] = {k,
              {static_cast<float>(s * s * s / 6), static_cast<float>((3 * t * t * t - 6 * t * t + 4) / 6),
               static_cast<float>((3 * s * s * s - 6 * s * s + 4) / 6), static_cast<float>(t * t * t / 6)}};
  }
  return out;
}

}  // namespace

std::vector<float> smooth_field(const Geometry& grid, double scale_mm, Random& random) {
  const Size3& size = grid.size;
  const double scale = scale_mm / grid.spacing_mm[0];  // voxels
  std::array<std::vector<Tap>, 3> tap;
  Size3 nodes{};
  for (std::size_t a = 0; a < 3; ++a) {
    tap[a] = taps(size[a], scale, random.uniform());
    nodes[a] = tap[a].back().first + 4;
  }
  std::vector<float> lattice(nodes[0] * nodes[1] * nodes[2]);
  for (float& v : lattice) v = static_cast<float>(random.normal());
  // One axis after the other: x, then y, then z.
  std::vector<float> a(size[0] * nodes[1] * nodes[2]);
  for (std::size_t row = 0; row < nodes[1] * nodes[2]; ++row)
    for (std::size_t x = 0; x < size[0]; ++x) {
      const float* p = &lattice[row * nodes[0] + tap[0][x].first];
      const auto& w = tap[0][x].weight;
      a[row * size[0] + x] = w[0] * p[0] + w[1] * p[1] + w[2] * p[2] + w[3] * p[3];
    }
  std::vector<float> b(size[0] * size[1] * nodes[2]);
  for (std::size_t z = 0; z < nodes[2]; ++z)
    for (std::size_t y = 0; y < size[1]; ++y) {
      const auto& t = tap[1][y];
      const float* p = &a[(z * nodes[1] + t.first) * size[0]];
      float* q = &b[(z * size[1] + y) * size[0]];
      for (std::size_t x = 0; x < size[0]; ++x)
        q[x] = t.weight[0] * p[x] + t.weight[1] * p[x + size[0]] + t.weight[2] * p[x + 2 * size[0]] +
               t.weight[3] * p[x + 3 * size[0]];
    }
  // Variance of the spline at a random phase: (Σ w²)³ with E Σ w² = 151/315.
  const auto scale_to_unit = static_cast<float>(std::pow(315.0 / 151.0, 1.5));
  const std::size_t plane = size[0] * size[1];
  std::vector<float> out(plane * size[2]);
  for (std::size_t z = 0; z < size[2]; ++z) {
    const auto& t = tap[2][z];
    const float* p = &b[t.first * plane];
    float* q = &out[z * plane];
    for (std::size_t i = 0; i < plane; ++i)
      q[i] = scale_to_unit * (t.weight[0] * p[i] + t.weight[1] * p[i + plane] + t.weight[2] * p[i + 2 * plane] +
                              t.weight[3] * p[i + 3 * plane]);
  }
  return out;
}

}  // namespace gliocast::simulation
