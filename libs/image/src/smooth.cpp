#include <gliocast/image/smooth.hpp>

#include <itk_bridge.hpp>

#include <itkBinShrinkImageFilter.h>
#include <itkDiscreteGaussianImageFilter.h>

#include <cmath>

namespace gliocast::image {

using Image = itk::Image<float, 3>;

Volume<float> smooth_gaussian(const Volume<float>& volume, double sigma_mm) {
  if (!(sigma_mm > 0)) return volume;
  auto filter = itk::DiscreteGaussianImageFilter<Image, Image>::New();
  const auto input = itk_bridge::view(volume);
  filter->SetInput(input);
  filter->SetVariance(sigma_mm * sigma_mm);
  filter->SetUseImageSpacing(true);
  filter->SetMaximumKernelWidth(33);
  filter->SetMaximumError(0.01);
  filter->SetNumberOfWorkUnits(itk_bridge::kWorkUnits);
  filter->Update();
  return itk_bridge::copy(*filter->GetOutput());
}

Size3 shrink_factors(const Geometry& geometry, double spacing_mm) noexcept {
  Size3 factor{1, 1, 1};
  for (std::size_t a = 0; a < 3; ++a) {
    // A little beyond a quarter, so that the last digits of a header's 0.8 mm do not decide about 3 mm.
    const auto wanted =
        static_cast<std::size_t>(std::max(1.0, std::floor(spacing_mm / geometry.spacing_mm[a] + 0.255)));
    factor[a] = std::min(wanted, std::max<std::size_t>(1, geometry.size[a] / 4));
  }
  return factor;
}

Volume<float> shrink_to(const Volume<float>& volume, double spacing_mm) {
  const Size3 factor = shrink_factors(volume.geometry, spacing_mm);
  if (factor == Size3{1, 1, 1}) return volume;
  auto filter = itk::BinShrinkImageFilter<Image, Image>::New();
  const auto input = itk_bridge::view(volume);
  filter->SetInput(input);
  for (unsigned a = 0; a < 3; ++a) filter->SetShrinkFactor(a, static_cast<unsigned>(factor[a]));
  filter->SetNumberOfWorkUnits(itk_bridge::kWorkUnits);
  filter->Update();
  return itk_bridge::copy(*filter->GetOutput());
}

}  // namespace gliocast::image
