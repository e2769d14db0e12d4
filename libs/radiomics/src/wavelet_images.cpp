// Stationary wavelet transform on the region's box. The transform treats the image as periodic, so the box with a
// margin taken periodically gives the very values of the whole image.
#include "derived_images.hpp"
#include "wavelet.hpp"

#include <algorithm>
#include <array>
#include <numbers>
#include <type_traits>

namespace gliocast::radiomics {
namespace {

template <typename T>
struct Block {
  Size3 size{};
  std::vector<T> values;
  std::array<std::ptrdiff_t, 3> first{}, period{};  ///< place of the first voxel in the image, and where that repeats
};

/// The box with `before` and `after` more voxels along the transformed axes. PyRadiomics lengthens odd axes by one
/// voxel, the first again, before it closes the period.
template <typename T>
Block<T> gather(const Volume<double>& image, const IndexBox& box, const std::array<bool, 3>& axes, std::size_t before,
                std::size_t after) {
  Block<T> out;
  std::array<std::vector<std::size_t>, 3> index;
  for (std::size_t a = 0; a < 3; ++a) {
    const auto n = static_cast<std::ptrdiff_t>(image.geometry.size[a]), period = n + n % 2;
    const auto from = static_cast<std::ptrdiff_t>(box.first[a]) - (axes[a] ? static_cast<std::ptrdiff_t>(before) : 0),
               to = static_cast<std::ptrdiff_t>(box.last[a]) + (axes[a] ? static_cast<std::ptrdiff_t>(after) : 0);
    for (std::ptrdiff_t i = from; i <= to; ++i) {
      const std::ptrdiff_t k = ((i % period) + period) % period;
      index[a].push_back(static_cast<std::size_t>(k < n ? k : 0));
    }
    out.size[a] = index[a].size();
    out.first[a] = from;
    out.period[a] = period;
  }
  out.values.reserve(out.size[0] * out.size[1] * out.size[2]);
  for (const std::size_t z : index[2])
    for (const std::size_t y : index[1]) {
      const double* row = &image.voxels[image.index(0, y, z)];
      for (const std::size_t x : index[0]) out.values.push_back(static_cast<T>(row[x]));
    }
  return out;
}

/// A filter's coefficients in the image's precision. PyWavelets scales single-precision coiflets by √2 after rounding
/// them.
template <typename T>
std::vector<T> coefficients(std::span<const double> h, std::string_view name) {
  std::vector<T> out;
  for (const double c : h)
    out.push_back(std::is_same_v<T, float> && name.starts_with("coif")
                      ? static_cast<T>(c / std::numbers::sqrt2) * static_cast<T>(std::numbers::sqrt2)
                      : static_cast<T>(c));
  return out;
}

/// How many of a sum's terms lie beyond the image's end, for each place along the axis of a block to be: PyWavelets
/// adds those first, from the last to the first of them, and in single precision the order shows in the last digits.
/// Source: pywt/_extensions/c/convolution.template.c, downsampling_convolution_periodization.
std::vector<std::size_t> terms_beyond_end(std::ptrdiff_t first, std::ptrdiff_t period, std::size_t places,
                                          std::size_t length) {
  std::vector<std::size_t> out;
  const auto half = static_cast<std::ptrdiff_t>(length / 2);
  for (std::size_t k = 0; k < places; ++k) {
    const std::ptrdiff_t place = ((first + static_cast<std::ptrdiff_t>(k)) % period + period) % period;
    out.push_back(static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, place + half - period + 1)));
  }
  return out;
}

/// out[n] = Σ h[j] · x[n + L/2 − j] along an axis, where all of x is there: L − 1 voxels fewer.
template <typename T>
Block<T> filter_along(const Block<T>& in, std::size_t axis, const std::vector<T>& h) {
  Block<T> out = {in.size, {}, in.first, in.period};
  const std::size_t length = h.size();
  out.size[axis] -= length - 1;
  out.first[axis] += static_cast<std::ptrdiff_t>(length / 2) - 1;
  out.values.assign(out.size[0] * out.size[1] * out.size[2], T{0});
  const auto beyond = terms_beyond_end(out.first[axis], out.period[axis], out.size[axis], length);
  const auto term = [](std::size_t t, std::size_t turned) { return t < turned ? turned - 1 - t : t; };
  const std::array<std::size_t, 3> stride{1, in.size[0], in.size[0] * in.size[1]};
  T* row = out.values.data();
  for (std::size_t z = 0; z < out.size[2]; ++z)
    for (std::size_t y = 0; y < out.size[1]; ++y, row += out.size[0]) {
      const T* base = &in.values[stride[1] * y + stride[2] * z];
      const std::size_t turned = axis == 0 ? 0 : beyond[axis == 1 ? y : z];
      for (std::size_t t = 0; t < length; ++t) {
        const std::size_t j = term(t, turned);
        const T* from = base + stride[axis] * (length - 1 - j);
        const T w = h[j];
        for (std::size_t x = 0; x < out.size[0]; ++x) row[x] += w * from[x];
      }
      for (std::size_t x = 0; axis == 0 && x < out.size[0]; ++x) {
        if (beyond[x] < 3) continue;  // two terms have one sum
        row[x] = 0;
        for (std::size_t t = 0; t < length; ++t) {
          const std::size_t j = term(t, beyond[x]);
          row[x] += h[j] * base[x + length - 1 - j];
        }
      }
    }
  return out;
}

template <typename T>
std::vector<DerivedImage> transform(const ScalarImage& image, const IndexBox& box, const Settings& s) {
  const Wavelet& wavelet = *find_wavelet(s.wavelet);
  std::array<bool, 3> axes{true, true, s.dimensions == 3};
  if (const auto axis = s.forced_axis()) axes[*axis] = false;
  const std::vector<T> low = coefficients<T>(wavelet.low(), wavelet.name),
                       high = coefficients<T>(wavelet.high(), wavelet.name);
  const auto levels = static_cast<std::size_t>(s.start_level + s.level), length = wavelet.length;
  Block<T> data = gather<T>(image.volume, box, axes, levels * (length / 2 - 1), levels * (length / 2));
  const Geometry grid = crop(Mask(image.volume.geometry), box).geometry;
  // A level's block is larger than the box by the margin that the levels after it need.
  const auto to_box = [&](const Block<T>& b, std::size_t left_over) {
    Volume<double> out(grid);
    Size3 skip{};
    for (std::size_t a = 0; a < 3; ++a) skip[a] = axes[a] ? left_over * (length / 2 - 1) : 0;
    std::size_t k = 0;
    for (std::size_t z = 0; z < grid.size[2]; ++z)
      for (std::size_t y = 0; y < grid.size[1]; ++y)
        for (std::size_t x = 0; x < grid.size[0]; ++x)
          out.voxels[k++] =
              static_cast<double>(b.values[skip[0] + x + b.size[0] * (skip[1] + y + b.size[1] * (skip[2] + z))]);
    return out;
  };
  std::vector<DerivedImage> out;
  for (std::size_t level = 0; level < levels; ++level) {
    const bool wanted = level >= static_cast<std::size_t>(s.start_level);
    const std::size_t number = level - static_cast<std::size_t>(s.start_level) + 1;
    std::vector<std::pair<std::string, Block<T>>> parts;
    parts.emplace_back("", std::move(data));
    for (std::size_t a = 0; a < 3; ++a) {
      if (!axes[a]) continue;
      std::vector<std::pair<std::string, Block<T>>> next;
      for (const auto& [letters, block] : parts) {
        next.emplace_back(letters + "L", filter_along(block, a, low));
        if (wanted) next.emplace_back(letters + "H", filter_along(block, a, high));
      }
      parts = std::move(next);
    }
    if (wanted)
      for (std::size_t k = 1; k < parts.size(); ++k)
        out.push_back({(number == 1 ? "wavelet-" : "wavelet" + std::to_string(number) + "-") + parts[k].first,
                       to_box(parts[k].second, levels - 1 - level)});
    if (level + 1 == levels)
      out.push_back({(s.level == 1 ? "wavelet-" : "wavelet" + std::to_string(s.level) + "-") + parts[0].first,
                     to_box(parts[0].second, 0)});
    data = std::move(parts[0].second);
  }
  return out;
}

}  // namespace

std::vector<DerivedImage> wavelet_images(const ScalarImage& image, const IndexBox& box, const Settings& s) {
  return image.kind == PixelKind::Float ? transform<float>(image, box, s) : transform<double>(image, box, s);
}

}  // namespace gliocast::radiomics
