#pragma once
// Volume<T> and itk::Image<T, 3>, one way and back. For sources alone: no public header shows ITK.
#include <gliocast/core/volume.hpp>

#include <itkImage.h>

#include <algorithm>

namespace gliocast::itk_bridge {

/// Fixed number of pieces ITK filters cut their work into, so that results do not depend on the number of threads.
inline constexpr unsigned kWorkUnits = 8;

template <typename T>
void set_geometry(itk::Image<T, 3>& image, const Geometry& g) {
  typename itk::Image<T, 3>::SizeType size;
  typename itk::Image<T, 3>::SpacingType spacing;
  typename itk::Image<T, 3>::PointType origin;
  typename itk::Image<T, 3>::DirectionType direction;
  for (unsigned a = 0; a < 3; ++a) {
    size[a] = g.size[a];
    spacing[a] = g.spacing_mm[a];
    origin[a] = g.origin_mm[a];
    for (unsigned c = 0; c < 3; ++c) direction[a][c] = g.direction[3 * a + c];
  }
  image.SetRegions(size);
  image.SetSpacing(spacing);
  image.SetOrigin(origin);
  image.SetDirection(direction);
}

template <typename T>
Geometry get_geometry(const itk::Image<T, 3>& image) {
  Geometry g;
  const auto size = image.GetLargestPossibleRegion().GetSize();
  for (unsigned a = 0; a < 3; ++a) {
    g.size[a] = size[a];
    g.spacing_mm[a] = image.GetSpacing()[a];
    g.origin_mm[a] = image.GetOrigin()[a];
    for (unsigned c = 0; c < 3; ++c) g.direction[3 * a + c] = image.GetDirection()[a][c];
  }
  return g;
}

/// An ITK view of a volume's voxels: no copy, the volume must outlive it.
template <typename T>
typename itk::Image<T, 3>::Pointer view(const Volume<T>& volume) {
  auto image = itk::Image<T, 3>::New();
  set_geometry(*image, volume.geometry);
  image->GetPixelContainer()->SetImportPointer(const_cast<T*>(volume.voxels.data()), volume.voxels.size(), false);
  return image;
}

template <typename T>
Volume<T> copy(const itk::Image<T, 3>& image) {
  const Geometry g = get_geometry(image);
  const T* data = image.GetBufferPointer();
  return Volume<T>(g, std::vector<T>(data, data + g.voxel_count()));
}

}  // namespace gliocast::itk_bridge
