#include "resample_region.hpp"

#include "derived_images.hpp"
#include "grid_places.hpp"
#include "interpolation.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace gliocast::radiomics {
namespace {

constexpr double kMostVoxels = 1e9;

/// A value as the file's kind of number holds it: whole numbers lose their decimals.
double as_kind(double v, const ScalarImage& image) {
  if (image.kind == PixelKind::Integer) return std::trunc(std::clamp(v, image.least, image.most));
  if (image.kind == PixelKind::Double) return v;
  constexpr double kMost = std::numeric_limits<float>::max();
  return static_cast<double>(static_cast<float>(std::clamp(v, -kMost, kMost)));
}

/// The resampled grid around the region's box on the mask's grid.
Geometry target_grid(const Geometry& mask, const Vec3& spacing, const IndexBox& box, int pad) {
  Geometry out = mask;
  Vec3 origin{};
  out.spacing_mm = spacing;
  for (std::size_t a = 0; a < 3; ++a) {
    const double old = mask.spacing_mm[a], ratio = old / spacing[a];
    const auto first = static_cast<double>(box.first[a]), size = static_cast<double>(box.last[a] - box.first[a] + 1);
    const double low = std::max(0.0, std::floor((first - 0.5) * ratio - pad));
    const double high = std::min(std::ceil((first + size - 0.5) * ratio + pad),
                                 std::ceil(static_cast<double>(mask.size[a]) * ratio) - 1);
    out.size[a] = high < kMostVoxels ? static_cast<std::size_t>(high - low + 1) : static_cast<std::size_t>(kMostVoxels);
    origin[a] = 0.5 * (spacing[a] - old) / old + low / ratio;
  }
  out.origin_mm = GridPlaces(mask).lps_mm_of(origin);
  return out;
}

void refuse_too_many(const Size3& n) {
  double voxels = 1;
  for (const auto v : n) voxels *= static_cast<double>(v);
  if (voxels <= kMostVoxels) return;
  throw unusable_input(
      "resampling to " + std::to_string(n[0]) + "×" + std::to_string(n[1]) + "×" + std::to_string(n[2]) + " voxels",
      "resampledPixelSpacing", "choose a larger spacing");
}

/// Both with the image's spacing as it is.
void cut_region(ScalarImage& image, Mask& mask, const IndexBox& box, const Settings& s, std::size_t threads) {
  IndexBox here = box;
  if (mask.geometry != image.volume.geometry) {
    mask = resample_mask_to(mask, image.volume.geometry, threads);
    const auto found = bounding_box(mask);
    if (!found) return;
    here = *found;
  }
  const IndexBox wide = padded(here, static_cast<std::size_t>(s.pad_distance), mask.geometry.size);
  image.volume = crop(image.volume, wide);
  mask = crop(mask, wide);
}

}  // namespace

Mask resample_mask_to(const Mask& mask, const Geometry& grid, std::size_t threads) {
  Mask out(grid);
  for_each_place(mask.geometry, grid, threads, [&](std::size_t k, const Vec3& at) {
    const Size3 i = nearest_voxel(at, mask.geometry.size);
    out.voxels[k] = mask.at(i[0], i[1], i[2]);
  });
  return out;
}

void check_region_in_image(const Geometry& image, const Geometry& mask, const IndexBox& box) {
  constexpr double kTolerance = 1e-3;
  const GridPlaces of_image(image), of_mask(mask);
  Vec3 low{}, high{};
  for (std::size_t a = 0; a < 3; ++a) {
    low[a] = static_cast<double>(box.first[a]) - 0.5;
    high[a] = static_cast<double>(box.last[a] + 1) - 0.5;
  }
  const Vec3 first = of_image.index_of(of_mask.lps_mm_of(low)), last = of_image.index_of(of_mask.lps_mm_of(high));
  std::string beyond;
  for (std::size_t a = 0; a < 3; ++a) {
    const double from = std::min(first[a], last[a]), to = std::max(first[a], last[a]);
    const auto end = static_cast<double>(image.size[a]) - 0.5;
    if (from >= -0.5 - kTolerance && to <= end + kTolerance) continue;
    beyond += std::string(beyond.empty() ? "" : "; ") + "along " + "xyz"[a] + " it reaches from " +
              plain_number(from, 6) + " to " + plain_number(to, 6) + ", the image from -0.5 to " + plain_number(end, 6);
  }
  if (beyond.empty()) return;
  throw unusable_input("the region reaches outside the image (in the image's voxels, " + beyond + ")", {},
                       "check that image and mask are of the same patient and scan; else cut the mask to the image");
}

Vec3 resampled_spacing(const Geometry& mask, const IndexBox& box, const Settings& s) {
  Vec3 out{};
  for (std::size_t a = 0; a < 3; ++a) {
    const bool keep = s.resampled_spacing_mm[a] == 0 || box.first[a] == box.last[a];
    out[a] = keep ? mask.spacing_mm[a] : s.resampled_spacing_mm[a];
  }
  return out;
}

std::size_t resample_region(ScalarImage& image, Mask& mask, const IndexBox& box, const Settings& s,
                            std::size_t threads) {
  check_region_in_image(image.volume.geometry, mask.geometry, box);
  const Vec3 spacing = resampled_spacing(mask.geometry, box, s);
  bool same = true;
  for (std::size_t a = 0; a < 3; ++a)
    same = same && std::abs(image.volume.geometry.spacing_mm[a] - spacing[a]) <= 1e-8 + 1e-5 * spacing[a];
  if (same) {
    cut_region(image, mask, box, s, threads);
    return 0;
  }
  const Geometry target = target_grid(mask.geometry, spacing, box, s.pad_distance);
  refuse_too_many(target.size);
  mask = resample_mask_to(mask, target, threads);
  const bool spline = s.interpolator == ResampleMethod::BSpline;
  const Volume<double> source = spline ? spline_coefficients(image.volume, threads) : std::move(image.volume);
  Volume<double> values(target);
  Mask covered(target);
  const auto fill = [&, at_place = Interpolator(source, s.interpolator, s.dimensions)](std::size_t k,
                                                                                       const Vec3& at) mutable {
    values.voxels[k] = as_kind(at_place(at), image);
    covered.voxels[k] = 1;
  };
  for_each_place(source.geometry, target, threads, fill);
  image.volume = std::move(values);
  std::size_t beyond = 0;
  for (std::size_t k = 0; k < mask.voxels.size(); ++k) beyond += mask.voxels[k] != 0 && covered.voxels[k] == 0;
  return beyond;
}

}  // namespace gliocast::radiomics
