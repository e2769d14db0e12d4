#include <gliocast/image/distance.hpp>

#include <itk_bridge.hpp>

#include <itkSignedMaurerDistanceMapImageFilter.h>

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
  const auto outside = distance_to(mask, false);
  Mask out(mask.geometry);
  for (std::size_t i = 0; i < out.voxels.size(); ++i)
    out.voxels[i] = static_cast<double>(outside.voxels[i]) > radius_mm + kTie;
  return out;
}

Mask dilate(const Mask& mask, double radius_mm) {
  if (const std::size_t n = count(mask); n == 0 || n == mask.voxels.size()) return mask;
  const auto inside = distance_to(mask, true);
  Mask out(mask.geometry);
  for (std::size_t i = 0; i < out.voxels.size(); ++i)
    out.voxels[i] = static_cast<double>(inside.voxels[i]) <= radius_mm + kTie;
  return out;
}

}  // namespace gliocast::image
