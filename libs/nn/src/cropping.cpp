#include <gliocast/nn/cropping.hpp>

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::nn {
namespace {

/// Calls add(voxel, weight) for the corners of the cell around a point that lie inside the volume and weigh something.
template <class Add>
void for_each_corner(const Vec3& point, const std::array<std::int64_t, 3>& size_zyx, const Add& add) {
  std::array<std::int64_t, 3> low{};
  Vec3 part{};
  bool whole = true;
  for (std::size_t a = 0; a < 3; ++a) {
    const double floor = std::floor(point[a]);
    low[a] = static_cast<std::int64_t>(floor);
    part[a] = point[a] - floor;
    whole = whole && low[a] >= 0 && low[a] + 1 < size_zyx[2 - a];
    if (low[a] < -1 || low[a] >= size_zyx[2 - a]) return;
  }
  if (whole) {  // nearly always: the same sums without the tests
    const std::int64_t row = size_zyx[2], plane = row * size_zyx[1];
    const std::int64_t base = low[0] + row * low[1] + plane * low[2];
    for (std::int64_t corner = 0; corner < 8; ++corner) {
      const std::int64_t x = corner & 1, y = (corner >> 1) & 1, z = corner >> 2;
      add(static_cast<std::size_t>(base + x + row * y + plane * z),
          (x != 0 ? part[0] : 1 - part[0]) * (y != 0 ? part[1] : 1 - part[1]) * (z != 0 ? part[2] : 1 - part[2]));
    }
    return;
  }
  for (std::size_t corner = 0; corner < 8; ++corner) {
    double weight = 1;
    std::int64_t voxel = 0;
    bool inside = true;
    for (std::size_t i = 0; i < 3; ++i) {
      const std::size_t a = 2 - i, up = (corner >> a) & 1U;
      const std::int64_t at = low[a] + static_cast<std::int64_t>(up);
      inside = inside && at >= 0 && at < size_zyx[i];
      voxel = voxel * size_zyx[i] + at;
    }
    for (std::size_t a = 0; a < 3; ++a) weight *= (corner >> a) & 1U ? part[a] : 1 - part[a];
    if (inside && weight > 0) add(static_cast<std::size_t>(voxel), weight);
  }
}

}  // namespace

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

Vec3 PatchPlan::position(std::int64_t x, std::int64_t y, std::int64_t z) const noexcept {
  const auto offset = [&](std::int64_t i, std::int64_t n, std::size_t axis) {
    return (static_cast<double>(i) - 0.5 * static_cast<double>(n - 1)) * step_xyz[axis];
  };
  const Vec3 turned = multiply(turn, {offset(x, size_zyx[2], 0), offset(y, size_zyx[1], 1), offset(z, size_zyx[0], 2)});
  const Vec3 straight{centre_xyz[0] + turned[0], centre_xyz[1] + turned[1], centre_xyz[2] + turned[2]};
  if (bend.offset_xyz.empty()) return straight;
  const Vec3 bent = bend.at(x, y, z);
  return {straight[0] + bent[0], straight[1] + bent[1], straight[2] + bent[2]};
}

Vec3 Bend::at(std::int64_t x, std::int64_t y, std::int64_t z) const noexcept {
  const std::array<std::int64_t, 3> sample{z, y, x};
  std::array<std::size_t, 3> low{};
  std::array<double, 3> part{};
  for (std::size_t a = 0; a < 3; ++a) {
    const double place = static_cast<double>(sample[a]) / spacing;
    low[a] = std::min(static_cast<std::size_t>(place), static_cast<std::size_t>(points_zyx[a] - 2));
    const double t = std::min(1.0, place - static_cast<double>(low[a]));
    part[a] = t * t * (3 - 2 * t);  // smooth where cells meet
  }
  Vec3 out{0, 0, 0};
  for (std::size_t corner = 0; corner < 8; ++corner) {
    double weight = 1;
    std::size_t point = 0;
    for (std::size_t a = 0; a < 3; ++a) {
      const std::size_t up = (corner >> a) & 1U;
      weight *= up != 0 ? part[a] : 1 - part[a];
      point = point * static_cast<std::size_t>(points_zyx[a]) + low[a] + up;
    }
    for (std::size_t a = 0; a < 3; ++a) out[a] += weight * offset_xyz[point][a];
  }
  return out;
}

NetworkInput cut_patch(const NetworkInput& input, const PatchPlan& plan) {
  NetworkInput patch{input.channels, plan.size_zyx, input.spacing_mm * plan.step_xyz[0], {}};
  const auto channels = static_cast<std::size_t>(input.channels), samples = static_cast<std::size_t>(patch.voxels()),
             voxels = static_cast<std::size_t>(input.voxels());
  patch.values.resize(channels * samples);
  std::vector<double> sum(channels);
  std::size_t k = 0;
  for (std::int64_t z = 0; z < plan.size_zyx[0]; ++z)
    for (std::int64_t y = 0; y < plan.size_zyx[1]; ++y)
      for (std::int64_t x = 0; x < plan.size_zyx[2]; ++x, ++k) {
        std::ranges::fill(sum, 0.0);
        for_each_corner(plan.position(x, y, z), input.size_zyx, [&](std::size_t source, double weight) {
          for (std::size_t c = 0; c < channels; ++c)
            sum[c] += weight * static_cast<double>(input.values[c * voxels + source]);
        });
        for (std::size_t c = 0; c < channels; ++c) patch.values[c * samples + k] = static_cast<float>(sum[c]);
      }
  return patch;
}

Mask brain_of(const NetworkInput& input) {
  Mask brain(input.grid());
  for (std::size_t c = 0; c < static_cast<std::size_t>(input.channels); ++c) {
    const auto channel = input.channel(c);
    for (std::size_t i = 0; i < channel.size(); ++i)
      if (channel[i] != 0) brain.voxels[i] = 1;
  }
  return brain;
}

}  // namespace gliocast::nn
