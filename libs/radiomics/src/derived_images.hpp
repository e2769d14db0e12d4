#pragma once
#include <gliocast/radiomics/extractor.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace gliocast::radiomics {

/// A filtered image on the region's box.
struct DerivedImage {
  std::string name;  ///< "original", "wavelet-LLH", "log-sigma-1-0-mm-3D" …
  Volume<double> volume;
};

/// The images of a type ("Wavelet", "LoG" …) on `box` of `image`; `region`: the mask on that box. Fewer, with a
/// warning, where the image is too small for a filter.
[[nodiscard]] std::vector<DerivedImage> derive_images(const std::string& type, const ScalarImage& image,
                                                      const IndexBox& box, const Mask& region, const Settings& settings,
                                                      std::vector<std::string>& warnings);

[[nodiscard]] std::vector<DerivedImage> wavelet_images(const ScalarImage& image, const IndexBox& box,
                                                       const Settings& settings);
/// Codes of local binary patterns, slice by slice.
[[nodiscard]] std::vector<DerivedImage> lbp_2d_images(const ScalarImage& image, const IndexBox& box,
                                                      const Settings& settings, std::vector<std::string>& warnings);
/// Norms of local binary patterns on a sphere by degree of spherical harmonics, and the kurtosis of its samples; inside
/// the region only, 0 elsewhere.
[[nodiscard]] std::vector<DerivedImage> lbp_3d_images(const ScalarImage& image, const IndexBox& box, const Mask& region,
                                                      const Settings& settings, std::vector<std::string>& warnings);
/// Laplacian of Gaussian by recursive filters (Deriche 1993; Farnebäck and Westin 2006), as ITK computes it: in single
/// precision between the axes. `axes`: the first two or all three.
[[nodiscard]] Volume<double> laplacian_of_gaussian(const Volume<double>& image, const IndexBox& box, double sigma_mm,
                                                   std::size_t axes = 3);

/// The box with `pad` more voxels on every side, as far as a volume of `size` has them.
[[nodiscard]] inline IndexBox padded(const IndexBox& box, std::size_t pad, const Size3& size) {
  IndexBox wide = box;
  for (std::size_t a = 0; a < 3; ++a) {
    wide.first[a] = box.first[a] > pad ? box.first[a] - pad : 0;
    wide.last[a] = std::min(box.last[a] + pad, size[a] - 1);
  }
  return wide;
}

/// The part of a volume within a box.
template <typename T>
[[nodiscard]] Volume<T> crop(const Volume<T>& volume, const IndexBox& box) {
  Geometry g = volume.geometry;
  for (std::size_t a = 0; a < 3; ++a) g.size[a] = box.last[a] - box.first[a] + 1;
  g.origin_mm = volume.geometry.index_to_lps_mm(
      {static_cast<double>(box.first[0]), static_cast<double>(box.first[1]), static_cast<double>(box.first[2])});
  Volume<T> out(g);
  for (std::size_t z = 0; z < g.size[2]; ++z)
    for (std::size_t y = 0; y < g.size[1]; ++y) {
      const auto from = volume.voxels.begin() +
                        static_cast<std::ptrdiff_t>(volume.index(box.first[0], box.first[1] + y, box.first[2] + z));
      std::copy_n(from, g.size[0], out.voxels.begin() + static_cast<std::ptrdiff_t>(out.index(0, y, z)));
    }
  return out;
}

}  // namespace gliocast::radiomics
