#include <gliocast/nn/cropping.hpp>

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::nn {

PatchPlan plan_patch(const Mask& tumour, const CroppingOptions& options) {
  const Size3& size = tumour.geometry.size;
  Size3 low = size, high{0, 0, 0};
  for (std::size_t z = 0; z < size[2]; ++z)
    for (std::size_t y = 0; y < size[1]; ++y)
      for (std::size_t x = 0; x < size[0]; ++x) {
        if (!tumour.at(x, y, z)) continue;
        const Size3 p{x, y, z};
        for (std::size_t a = 0; a < 3; ++a) {
          low[a] = std::min(low[a], p[a]);
          high[a] = std::max(high[a], p[a] + 1);
        }
      }
  if (high[0] == 0) throw unusable_input("the tumour mask is empty: there is no patch to cut");
  PatchPlan plan;
  plan.size_zyx = options.size_zyx;
  double factor = 1;
  for (std::size_t a = 0; a < 3; ++a) {
    plan.centre_xyz[a] = 0.5 * static_cast<double>(low[a] + high[a] - 1);
    const double room = static_cast<double>(options.size_zyx[2 - a]) * options.step;
    factor = std::max(factor, static_cast<double>(high[a] - low[a]) / room);
  }
  plan.shrunk = factor > 1;
  plan.step_xyz = {options.step * factor, options.step * factor, options.step * factor};
  return plan;
}

std::vector<float> sample_patch(std::span<const float> image, const Size3& size, const PatchPlan& plan) {
  const auto [dz, dy, dx] = plan.size_zyx;
  std::vector<float> out(static_cast<std::size_t>(dz * dy * dx));
  const auto value = [&](std::ptrdiff_t x, std::ptrdiff_t y, std::ptrdiff_t z) -> double {
    if (x < 0 || y < 0 || z < 0 || x >= static_cast<std::ptrdiff_t>(size[0]) ||
        y >= static_cast<std::ptrdiff_t>(size[1]) || z >= static_cast<std::ptrdiff_t>(size[2]))
      return 0;
    return static_cast<double>(image[static_cast<std::size_t>(x) +
                                     size[0] * (static_cast<std::size_t>(y) + size[1] * static_cast<std::size_t>(z))]);
  };
  const auto position = [&](std::int64_t i, std::int64_t n, std::size_t axis) {
    return plan.centre_xyz[axis] + (static_cast<double>(i) - 0.5 * static_cast<double>(n - 1)) * plan.step_xyz[axis];
  };
  std::size_t k = 0;
  for (std::int64_t z = 0; z < dz; ++z)
    for (std::int64_t y = 0; y < dy; ++y)
      for (std::int64_t x = 0; x < dx; ++x, ++k) {
        const double px = position(x, dx, 0), py = position(y, dy, 1), pz = position(z, dz, 2);
        const double fx = std::floor(px), fy = std::floor(py), fz = std::floor(pz);
        const auto ix = static_cast<std::ptrdiff_t>(fx), iy = static_cast<std::ptrdiff_t>(fy),
                   iz = static_cast<std::ptrdiff_t>(fz);
        double sum = 0;
        for (int corner = 0; corner < 8; ++corner) {
          const int cx = corner & 1, cy = (corner >> 1) & 1, cz = corner >> 2;
          const double weight =
              (cx ? px - fx : 1 - px + fx) * (cy ? py - fy : 1 - py + fy) * (cz ? pz - fz : 1 - pz + fz);
          if (weight > 0) sum += weight * value(ix + cx, iy + cy, iz + cz);
        }
        out[k] = static_cast<float>(sum);
      }
  return out;
}

NetworkInput cut_patch(const NetworkInput& input, const PatchPlan& plan) {
  NetworkInput patch{input.channels, plan.size_zyx, input.spacing_mm * plan.step_xyz[0], {}};
  const Size3 size = input.grid().size;
  for (std::size_t c = 0; c < static_cast<std::size_t>(input.channels); ++c) {
    const auto channel = sample_patch(input.channel(c), size, plan);
    patch.values.insert(patch.values.end(), channel.begin(), channel.end());
  }
  return patch;
}

}  // namespace gliocast::nn
