#include <gliocast/image/reorient.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::image {
namespace {

constexpr std::string_view kPositive = "LPS", kNegative = "RAI";  // ends of the LPS axes

/// Assigns to each image axis the world axis it follows most closely, largest cosines first, so that no world axis is
/// used twice.
std::array<std::size_t, 3> nearest_world_axes(const Geometry& g) {
  std::array<std::size_t, 3> world{};
  std::array<bool, 3> image_done{}, world_done{};
  for (int round = 0; round < 3; ++round) {
    double best = -1;
    std::size_t image = 0, axis = 0;
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t w = 0; w < 3; ++w)
        if (!image_done[i] && !world_done[w] && std::abs(g.direction[3 * w + i]) > best) {
          best = std::abs(g.direction[3 * w + i]);
          image = i;
          axis = w;
        }
    image_done[image] = world_done[axis] = true;
    world[image] = axis;
  }
  return world;
}

}  // namespace

std::string orientation_code(const Geometry& g) {
  const auto world = nearest_world_axes(g);
  std::string code;
  for (std::size_t i = 0; i < 3; ++i)
    code += g.direction[3 * world[i] + i] >= 0 ? kPositive[world[i]] : kNegative[world[i]];
  return code;
}

Reorientation plan_reorientation(const Geometry& g, const std::string& code) {
  const auto world = nearest_world_axes(g);
  Reorientation plan;
  plan.geometry = g;
  std::array<bool, 3> used{};
  if (code.size() != 3)
    throw Error(ExitCode::WrongUse, "'" + code + "' is no orientation", {}, "give three letters such as LPS or RAS");
  Vec3 corner{};
  for (std::size_t a = 0; a < 3; ++a) {
    const auto positive = kPositive.find(code[a]), negative = kNegative.find(code[a]);
    const std::size_t axis = positive != std::string_view::npos ? positive : negative;
    if (axis == std::string_view::npos || used[axis])
      throw Error(ExitCode::WrongUse, "'" + code + "' is no orientation", {}, "give three letters such as LPS or RAS");
    used[axis] = true;
    const auto image = static_cast<std::size_t>(std::ranges::find(world, axis) - world.begin());
    plan.permutation[a] = image;
    plan.flipped[a] = (g.direction[3 * axis + image] >= 0) != (positive != std::string_view::npos);
    plan.geometry.size[a] = g.size[image];
    plan.geometry.spacing_mm[a] = g.spacing_mm[image];
    for (std::size_t r = 0; r < 3; ++r)
      plan.geometry.direction[3 * r + a] = (plan.flipped[a] ? -1.0 : 1.0) * g.direction[3 * r + image] + 0.0;
    if (plan.flipped[a]) corner[image] = static_cast<double>(g.size[image] - 1);
  }
  plan.geometry.origin_mm = g.index_to_lps_mm(corner);
  return plan;
}

}  // namespace gliocast::image
