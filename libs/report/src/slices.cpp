#include <gliocast/report/slices.hpp>

#include <gliocast/core/quantile.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::report {
namespace {

/// Axes of a plane: picture's columns, rows, and the axis through it; rows run from the top, so z is turned over.
struct PlaneAxes {
  std::size_t column, row, through;
  bool flip_row;
};

PlaneAxes axes_of(Plane plane) {
  switch (plane) {
    case Plane::Axial:
      return {0, 1, 2, false};
    case Plane::Coronal:
      return {0, 2, 1, true};
    case Plane::Sagittal:
      return {1, 2, 0, true};
  }
  return {0, 1, 2, false};
}

/// Value at a continuous position of a slice, linear, clamped at its edges.
template <typename T>
double sample(const Volume<T>& v, const PlaneAxes& a, std::size_t index, double column, double row) {
  const Size3& n = v.geometry.size;
  const double c = std::clamp(column, 0.0, static_cast<double>(n[a.column] - 1)),
               r = std::clamp(row, 0.0, static_cast<double>(n[a.row] - 1));
  const auto c0 = static_cast<std::size_t>(c), r0 = static_cast<std::size_t>(r);
  const std::size_t c1 = std::min(c0 + 1, n[a.column] - 1), r1 = std::min(r0 + 1, n[a.row] - 1);
  const auto at = [&](std::size_t x, std::size_t y) {
    Size3 p{};
    p[a.column] = x;
    p[a.row] = y;
    p[a.through] = index;
    return static_cast<double>(v.at(p[0], p[1], p[2]));
  };
  const double tc = c - static_cast<double>(c0), tr = r - static_cast<double>(r0);
  return (1 - tr) * ((1 - tc) * at(c0, r0) + tc * at(c1, r0)) + tr * ((1 - tc) * at(c0, r1) + tc * at(c1, r1));
}

/// Where the middle of a picture's pixel lies in the slice, in voxels.
double column_of(std::size_t x, std::size_t zoom) {
  return (static_cast<double>(x) + 0.5) / static_cast<double>(zoom) - 0.5;
}
double row_of(std::size_t y, std::size_t height, std::size_t zoom, const PlaneAxes& a) {
  return column_of(a.flip_row ? height - 1 - y : y, zoom);
}

/// Grey with so much heat (0 … 1) over it: yellow, then red, the stronger the less of the grey is left.
std::array<std::uint8_t, 3> heated(std::uint8_t grey, double heat) {
  const double h = std::clamp(heat, 0.0, 1.0), cover = 0.65 * h;
  const std::array<double, 3> colour{255, 220 * (1 - h), 40 * (1 - h)};
  std::array<std::uint8_t, 3> out{};
  for (std::size_t c = 0; c < 3; ++c)
    out[c] = static_cast<std::uint8_t>(std::lround((1 - cover) * static_cast<double>(grey) + cover * colour[c]));
  return out;
}

}  // namespace

const char* plane_name(Plane plane) noexcept {
  switch (plane) {
    case Plane::Axial:
      return "axial";
    case Plane::Coronal:
      return "coronal";
    case Plane::Sagittal:
      return "sagittal";
  }
  return "";
}

RgbImage render_slice(const Volume<float>& image, const Mask& outline, Plane plane, std::size_t index,
                      const SliceOptions& o) {
  const PlaneAxes a = axes_of(plane);
  const Size3& n = image.geometry.size;
  RgbImage out(n[a.column] * o.zoom, n[a.row] * o.zoom);
  for (std::size_t y = 0; y < out.height; ++y)
    for (std::size_t x = 0; x < out.width; ++x) {
      const double column = column_of(x, o.zoom), row = row_of(y, out.height, o.zoom, a);
      const double v = sample(image, a, index, column, row);
      const auto grey = static_cast<std::uint8_t>(
          std::lround(255 * std::clamp((v - o.window_low) / (o.window_high - o.window_low), 0.0, 1.0)));
      out.set(x, y,
              o.heat ? heated(grey, sample(*o.heat, a, index, column, row))
                     : std::array<std::uint8_t, 3>{grey, grey, grey});
    }
  add_outline(out, outline, plane, index, o);
  return out;
}

void add_outline(RgbImage& picture, const Mask& outline, Plane plane, std::size_t index, const SliceOptions& o) {
  const PlaneAxes a = axes_of(plane);
  const std::size_t width = picture.width, height = picture.height;
  std::vector<std::uint8_t> inside(width * height);
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x)
      inside[y * width + x] = sample(outline, a, index, column_of(x, o.zoom), row_of(y, height, o.zoom, a)) >= 0.5;
  for (std::size_t y = 1; y + 1 < height; ++y)
    for (std::size_t x = 1; x + 1 < width; ++x) {
      const std::size_t k = y * width + x;
      if (inside[k] && !(inside[k - 1] && inside[k + 1] && inside[k - width] && inside[k + width]))
        picture.set(x, y, o.colour);
    }
}

Size3 middle_of(const Mask& mask) {
  const Size3& n = mask.geometry.size;
  Size3 low = n, high{0, 0, 0}, p{};
  for (p[2] = 0; p[2] < n[2]; ++p[2])
    for (p[1] = 0; p[1] < n[1]; ++p[1])
      for (p[0] = 0; p[0] < n[0]; ++p[0])
        if (mask.at(p[0], p[1], p[2]))
          for (std::size_t a = 0; a < 3; ++a) {
            low[a] = std::min(low[a], p[a]);
            high[a] = std::max(high[a], p[a]);
          }
  if (low == n) return {n[0] / 2, n[1] / 2, n[2] / 2};
  return {(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2};
}

std::size_t largest_slice(const Mask& mask, Plane plane) {
  const PlaneAxes a = axes_of(plane);
  const Size3& n = mask.geometry.size;
  std::vector<std::size_t> area(n[a.through], 0);
  Size3 p{};
  for (p[2] = 0; p[2] < n[2]; ++p[2])
    for (p[1] = 0; p[1] < n[1]; ++p[1])
      for (p[0] = 0; p[0] < n[0]; ++p[0]) area[p[a.through]] += mask.at(p[0], p[1], p[2]) != 0;
  const auto best = std::ranges::max_element(area);
  return *best == 0 ? n[a.through] / 2 : static_cast<std::size_t>(best - area.begin());
}

std::array<double, 2> window_of(const Volume<float>& image, const Mask& mask, double low, double high) {
  auto values = values_inside(image, mask);
  if (values.empty()) return {0, 1};
  const auto a = static_cast<double>(quantile_lower(values, low)),
             b = static_cast<double>(quantile_lower(values, high));
  return {std::min(a, 0.0), b > a ? b : a + 1};
}

}  // namespace gliocast::report
