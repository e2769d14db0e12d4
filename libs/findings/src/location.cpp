#include <gliocast/findings/location.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace gliocast::findings {
namespace {

constexpr int kReachMm = 12;  ///< white matter has no AAL label: the nearest one within this reach counts
constexpr std::size_t kLobes = 8;

/// Label at an index, or the nearest one along growing cubes.
std::uint32_t label_near(const LabelVolume& aal, const std::array<std::ptrdiff_t, 3>& at) {
  const auto inside = [&](std::ptrdiff_t v, std::size_t a) {
    return v >= 0 && v < static_cast<std::ptrdiff_t>(aal.geometry.size[a]);
  };
  for (std::ptrdiff_t reach = 0; reach <= kReachMm; reach += 2) {
    std::uint32_t best = 0;
    double nearest = 1e9;
    for (std::ptrdiff_t z = -reach; z <= reach; z += 2)
      for (std::ptrdiff_t y = -reach; y <= reach; y += 2)
        for (std::ptrdiff_t x = -reach; x <= reach; x += 2) {
          if (std::max({std::abs(x), std::abs(y), std::abs(z)}) != reach || !inside(at[0] + x, 0) ||
              !inside(at[1] + y, 1) || !inside(at[2] + z, 2))
            continue;
          const auto label = aal.at(static_cast<std::size_t>(at[0] + x), static_cast<std::size_t>(at[1] + y),
                                    static_cast<std::size_t>(at[2] + z));
          const auto d = static_cast<double>(x * x + y * y + z * z);
          if (label != 0 && d < nearest) {
            nearest = d;
            best = label;
          }
        }
    if (best != 0) return best;
  }
  return 0;
}

}  // namespace

std::string_view side_name(Side side) noexcept {
  return side == Side::Left ? "left" : side == Side::Right ? "right" : "both sides";
}

Side side_of(double left_fraction) noexcept {
  return left_fraction > 0.7 ? Side::Left : left_fraction < 0.3 ? Side::Right : Side::Both;
}

double left_fraction(const Mask& tumour, const Mask& brain) {
  const Size3& n = brain.geometry.size;
  const double middle = mean_index(brain)[0];
  double left = 0, all = 0;
  std::size_t k = 0;
  for (std::size_t z = 0; z < n[2]; ++z)
    for (std::size_t y = 0; y < n[1]; ++y)
      for (std::size_t x = 0; x < n[0]; ++x, ++k) {
        if (!tumour.voxels[k]) continue;
        left += static_cast<double>(x) > middle;
        ++all;
      }
  return all > 0 ? left / all : 0;
}

Location locate(const Mask& tumour, const std::function<Vec3(const Vec3&)>& to_atlas, const LabelVolume& aal) {
  std::array<double, kLobes> share{};
  double left = 0, n = 0;
  const Size3& size = tumour.geometry.size;
  for (std::size_t z = 0; z < size[2]; z += 2)
    for (std::size_t y = 0; y < size[1]; y += 2)
      for (std::size_t x = 0; x < size[0]; x += 2) {
        if (!tumour.at(x, y, z)) continue;
        const Vec3 p = to_atlas(
            tumour.geometry.index_to_lps_mm({static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)}));
        const Vec3 index = aal.geometry.lps_mm_to_index(p);
        const auto label = label_near(aal, {std::lround(index[0]), std::lround(index[1]), std::lround(index[2])});
        ++share[static_cast<std::size_t>(lobe_of_aal(label))];
        left += p[0] > 0;  // LPS: the atlas' mid-plane is x = 0
        ++n;
      }
  Location found;
  std::size_t main = 0;
  for (std::size_t k = 1; k < share.size(); ++k) {
    if (share[k] > 0) found.lobes.emplace_back(static_cast<Lobe>(k), share[k] / std::max(n, 1.0));
    if (share[k] > share[main] || main == 0) main = k;
  }
  found.main = share[main] > 0 ? static_cast<Lobe>(main) : Lobe::None;
  found.left_fraction = n > 0 ? left / n : 0;
  return found;
}

}  // namespace gliocast::findings
