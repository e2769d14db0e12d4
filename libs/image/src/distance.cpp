#include <gliocast/image/distance.hpp>
#include <gliocast/image/resample.hpp>

#include <itk_bridge.hpp>

#include <itkSignedMaurerDistanceMapImageFilter.h>

#include <algorithm>
#include <cmath>

namespace gliocast::image {
namespace {

constexpr double kTie = 1e-3;  ///< mm: rounding of a header's spacing must not decide

/// Distance to the nearest voxel with mask == wanted; 0 on those voxels.
Volume<float> distance_to(const Mask& mask, bool wanted) {
  Mask object(mask.geometry);
  for (std::size_t i = 0; i < mask.voxels.size(); ++i) object.voxels[i] = (mask.voxels[i] != 0) == wanted;
  auto filter = itk::SignedMaurerDistanceMapImageFilter<itk::Image<std::uint8_t, 3>, itk::Image<float, 3>>::New();
  const auto input = itk_bridge::view(object);
  filter->SetInput(input);
  filter->SetSquaredDistance(false);
  filter->SetUseImageSpacing(true);
  filter->SetInsideIsPositive(false);
  filter->SetNumberOfWorkUnits(itk_bridge::kWorkUnits);
  filter->Update();
  auto out = itk_bridge::copy(*filter->GetOutput());
  for (float& d : out.voxels) d = std::max(d, 0.0F);
  return out;
}

/// The box of the mask's voxels (not none), grown.
IndexBox box_about(const Mask& mask, const Size3& margin) {
  return grown(*bounding_box(mask), margin, mask.geometry.size);
}

/// Sets the voxels of the box whose distance is `wanted`.
template <typename Wanted>
void put(const IndexBox& box, const Volume<float>& distance, Mask& out, Wanted wanted) {
  const Size3& n = distance.geometry.size;
  for (std::size_t z = 0; z < n[2]; ++z)
    for (std::size_t y = 0; y < n[1]; ++y)
      for (std::size_t x = 0; x < n[0]; ++x)
        out.at(box.first[0] + x, box.first[1] + y, box.first[2] + z) = wanted(distance.at(x, y, z));
}

}  // namespace

Volume<float> signed_distance_mm(const Mask& mask) {
  const std::size_t n = count(mask);
  if (n == 0 || n == mask.voxels.size()) return Volume<float>(mask.geometry, n == 0 ? -1000.0F : 1000.0F);
  auto out = distance_to(mask, false);
  const auto outside = distance_to(mask, true);
  for (std::size_t i = 0; i < out.voxels.size(); ++i) out.voxels[i] -= outside.voxels[i];
  return out;
}

Mask erode(const Mask& mask, double radius_mm) {
  if (const std::size_t n = count(mask); n == 0 || n == mask.voxels.size()) return mask;
  // The nearest voxel beyond the mask's box lies on the layer about it: one that is farther is not nearer.
  const IndexBox box = box_about(mask, {1, 1, 1});
  const auto outside = distance_to(crop(mask, box), false);
  Mask out(mask.geometry);
  put(box, outside, out, [&](float d) { return static_cast<double>(d) > radius_mm + kTie; });
  return out;
}

Mask dilate(const Mask& mask, double radius_mm) {
  if (const std::size_t n = count(mask); n == 0 || n == mask.voxels.size()) return mask;
  Size3 margin{};
  for (std::size_t a = 0; a < 3; ++a)
    margin[a] = static_cast<std::size_t>(std::ceil((radius_mm + kTie) / mask.geometry.spacing_mm[a]));
  const IndexBox box = box_about(mask, margin);
  const auto inside = distance_to(crop(mask, box), true);
  Mask out(mask.geometry);
  put(box, inside, out, [&](float d) { return static_cast<double>(d) <= radius_mm + kTie; });
  return out;
}

}  // namespace gliocast::image
