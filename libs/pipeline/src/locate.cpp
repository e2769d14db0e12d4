#include "locate.hpp"

#include <gliocast/image/lobe.hpp>
#include <gliocast/image/atlas.hpp>
#include <gliocast/image/distance.hpp>
#include <gliocast/image/reorient.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/image/smooth.hpp>
#include <gliocast/imageio/read_volume.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace gliocast::pipeline {
namespace {

constexpr int kReachMm = 12;  ///< white matter has no AAL label: the nearest one within this reach counts

image::AffineMap map_to_atlas(const preprocess::PreparedExam& exam, const std::filesystem::path& folder) {
  if (exam.extraction) return exam.extraction->to_atlas;
  Sequence plain = exam.reference;
  for (const Sequence s : {Sequence::T2, Sequence::T1Gd, Sequence::T1})
    if (exam.intensities.contains(s)) plain = s;
  const auto brain = image::pad(image::reorient(imageio::read_volume(folder / "ch2bet.nii.gz").volume, "LPS"),
                                {40, 40, 40}, {40, 40, 40});
  return preprocess::register_images(image::shrink_to(exam.intensities.at(plain), 2), brain,
                                     {.model = preprocess::RegistrationOptions::Model::Affine, .samples = 12000})
      .map;
}

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
          if (label != 0 && d < nearest) nearest = d, best = label;
        }
    if (best != 0) return best;
  }
  return 0;
}

}  // namespace

Json locate_tumour(const Mask& tumour, const preprocess::PreparedExam& exam, const std::filesystem::path& atlas) {
  const auto folder = image::find_atlas(atlas);
  const auto map = map_to_atlas(exam, folder);
  const auto aal = imageio::read_labels(folder / "aal.nii.gz");
  std::array<double, 8> share{};
  double left = 0, n = 0;
  const Size3& size = tumour.geometry.size;
  for (std::size_t z = 0; z < size[2]; z += 2)
    for (std::size_t y = 0; y < size[1]; y += 2)
      for (std::size_t x = 0; x < size[0]; x += 2) {
        if (!tumour.at(x, y, z)) continue;
        const Vec3 p = map(
            tumour.geometry.index_to_lps_mm({static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)}));
        const Vec3 index = aal.geometry.lps_mm_to_index(p);
        const auto label = label_near(aal, {std::lround(index[0]), std::lround(index[1]), std::lround(index[2])});
        ++share[static_cast<std::size_t>(image::lobe_of_aal(label))];
        left += p[0] > 0;  // LPS: the atlas' mid-plane is x = 0
        ++n;
      }
  Json lobes = Json::object();
  std::size_t main = 0;
  for (std::size_t k = 1; k < share.size(); ++k) {
    if (share[k] > 0) lobes[image::lobe_name(static_cast<image::Lobe>(k))] = share[k] / std::max(n, 1.0);
    if (share[k] > share[main] || main == 0) main = k;
  }
  const double left_share = n > 0 ? left / n : 0;
  return {{"main", share[main] > 0 ? image::lobe_name(static_cast<image::Lobe>(main)) : "unknown"},
          {"lobes", lobes},
          {"left_fraction_in_atlas", left_share},
          {"side_in_atlas", left_share > 0.7   ? "left"
                            : left_share < 0.3 ? "right"
                                               : "both sides"}};
}

}  // namespace gliocast::pipeline
