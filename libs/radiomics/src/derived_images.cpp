// Filters of one voxel or its nearest neighbours; the others have files of their own.
#include "derived_images.hpp"

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace gliocast::radiomics {
namespace {

double largest_magnitude(const Volume<double>& image) {
  std::array<double, 8> most{};  // side by side: one maximum would wait for the other
  const std::size_t n = image.voxels.size(), whole = n - n % most.size();
  for (std::size_t i = 0; i < whole; i += most.size())
    for (std::size_t k = 0; k < most.size(); ++k) most[k] = std::max(most[k], std::abs(image.voxels[i + k]));
  for (std::size_t i = whole; i < n; ++i) most[0] = std::max(most[0], std::abs(image.voxels[i]));
  return std::ranges::max(most);
}

/// Square, square root, logarithm and exponential, scaled to the image's largest magnitude.
Volume<double> point_filter(const std::string& type, const Volume<double>& image, const IndexBox& box) {
  const double most = largest_magnitude(image);
  Volume<double> out = crop(image, box);
  if (type == "Square") {
    const double scale = 1 / std::sqrt(most);
    for (double& v : out.voxels) v = (scale * v) * (scale * v);
  } else if (type == "SquareRoot") {
    for (double& v : out.voxels) v = v > 0 ? std::sqrt(v * most) : v < 0 ? -std::sqrt(-v * most) : v;
  } else if (type == "Logarithm") {
    const double scale = most / std::log(most + 1);
    for (double& v : out.voxels) v = (v > 0 ? std::log(v + 1) : v < 0 ? -std::log(-(v - 1)) : v) * scale;
  } else {
    const double scale = std::log(most) / most;
    for (double& v : out.voxels) v = std::exp(scale * v);
  }
  return out;
}

/// Magnitude of central differences; beyond the image its edge repeats. Single precision, as ITK.
Volume<double> gradient_magnitude(const Volume<double>& image, const IndexBox& box, bool use_spacing) {
  Volume<double> out = crop(image, box);
  const Geometry& g = image.geometry;
  std::size_t k = 0;
  for (std::size_t z = box.first[2]; z <= box.last[2]; ++z)
    for (std::size_t y = box.first[1]; y <= box.last[1]; ++y)
      for (std::size_t x = box.first[0]; x <= box.last[0]; ++x, ++k) {
        const Size3 here{x, y, z};
        double sum = 0;
        for (std::size_t a = 0; a < 3; ++a) {
          Size3 before = here, after = here;
          before[a] = here[a] > 0 ? here[a] - 1 : 0;
          after[a] = std::min(here[a] + 1, g.size[a] - 1);
          const double half = 0.5 / (use_spacing ? g.spacing_mm[a] : 1.0);
          const double d =
              half * image.at(after[0], after[1], after[2]) - half * image.at(before[0], before[1], before[2]);
          sum += d * d;
        }
        out.voxels[k] = static_cast<double>(static_cast<float>(std::sqrt(sum)));
      }
  return out;
}

std::vector<DerivedImage> log_images(const ScalarImage& image, const IndexBox& box, const Settings& s,
                                     std::vector<std::string>& warnings) {
  std::vector<DerivedImage> out;
  const Geometry& g = image.volume.geometry;
  const auto axes = static_cast<std::size_t>(s.dimensions);
  for (std::size_t k = 0; k < s.sigma_mm.size(); ++k) {
    bool fits = true;
    for (std::size_t a = 0; a < axes; ++a)
      fits = fits && g.size[a] >= 4 && static_cast<double>(g.size[a]) >= std::ceil(s.sigma_mm[k] / g.spacing_mm[a]) + 1;
    if (!fits) {
      warnings.push_back("the image is too small for LoG with sigma " + s.sigma_names[k] + " mm: left out");
      continue;
    }
    std::string name = s.sigma_names[k];
    std::ranges::replace(name, '.', '-');
    // What lies farther than 30 standard deviations has no influence that a number could show: it falls to a quarter
    // with each.
    IndexBox wide = box, inner = box;
    for (std::size_t a = 0; a < 3; ++a) {
      const auto margin = static_cast<std::size_t>(std::min(1e9, std::ceil(30 * s.sigma_mm[k] / g.spacing_mm[a]) + 4));
      wide.first[a] = box.first[a] - std::min(box.first[a], margin);
      wide.last[a] = std::min(g.size[a] - 1, box.last[a] + margin);
      inner.first[a] = box.first[a] - wide.first[a];
      inner.last[a] = box.last[a] - wide.first[a];
    }
    out.push_back(
        {"log-sigma-" + name + "-mm-3D", laplacian_of_gaussian(crop(image.volume, wide), inner, s.sigma_mm[k], axes)});
  }
  return out;
}

}  // namespace

std::vector<DerivedImage> derive_images(const std::string& type, const ScalarImage& image, const IndexBox& box,
                                        const Mask& region, const Settings& s, std::vector<std::string>& warnings) {
  std::vector<DerivedImage> out;
  if (type == "Original")
    out.push_back({"original", crop(image.volume, box)});
  else if (type == "Wavelet")
    out = wavelet_images(image, box, s);
  else if (type == "LoG")
    out = log_images(image, box, s, warnings);
  else if (type == "LBP2D")
    out = lbp_2d_images(image, box, s, warnings);
  else if (type == "LBP3D")
    out = lbp_3d_images(image, box, region, s, warnings);
  else if (type == "Gradient")
    out.push_back({"gradient", gradient_magnitude(image.volume, box, s.gradient_use_spacing)});
  else {
    std::string name = type;
    std::ranges::transform(name, name.begin(),
                           [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
    out.push_back({name, point_filter(type, image.volume, box)});
  }
  return out;
}

}  // namespace gliocast::radiomics
