#include <gliocast/radiomics/discretise.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::radiomics {
namespace {

/// Remainder with the sign of the divisor, as Python's %.
double python_mod(double a, double b) {
  const double r = std::fmod(a, b);
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

}  // namespace

Discretised discretise_width(const std::vector<double>& values, double width) {
  if (values.empty()) return {};
  if (!(width > 0)) throw Error(ExitCode::WrongUse, "the bin width must be greater than 0", "binWidth");
  const auto [low, high] = std::ranges::minmax(values);
  const double first = low - python_mod(low, width);
  const double count = std::ceil((high + 2 * width - first) / width);
  constexpr double kMostLevels = 1e7;
  if (!(count < kMostLevels))
    throw unusable_input("a bin width of " + shortest(width) + " gives " + shortest(std::floor(count)) + " grey levels",
                         "binWidth", "choose a larger bin width");
  const double step = (first + width) - first;  // as numpy.arange steps
  const auto edge = [&](double k) { return first + k * step; };
  Discretised out;
  out.level.reserve(values.size());
  for (const double v : values) {
    double k = std::floor((v - first) / width);
    while (edge(k) > v) --k;  // the edges decide, not the rounded quotient
    while (edge(k + 1) <= v) ++k;
    out.level.push_back(static_cast<std::uint32_t>(k) + 1);
    out.levels = std::max(out.levels, out.level.back());
  }
  return out;
}

Discretised discretise_count(const std::vector<double>& values, std::uint32_t count) {
  if (values.empty()) return {};
  if (count == 0) throw Error(ExitCode::WrongUse, "the number of bins must be greater than 0", "binCount");
  const auto limits = std::ranges::minmax(values);
  double low = limits.min, high = limits.max;
  if (low == high) {
    low -= 0.5;
    high += 0.5;
  }
  const double step = (high - low) / static_cast<double>(count), last = high + 1;
  const auto edge = [&](std::uint32_t k) { return k == count ? last : low + static_cast<double>(k) * step; };
  Discretised out;
  out.level.reserve(values.size());
  for (const double v : values) {
    auto k = static_cast<std::uint32_t>(std::clamp(std::floor((v - low) / step), 0.0, static_cast<double>(count - 1)));
    while (k > 0 && edge(k) > v) --k;
    while (k + 1 < count && edge(k + 1) <= v) ++k;
    out.level.push_back(k + 1);
    out.levels = std::max(out.levels, k + 1);
  }
  return out;
}

Discretised discretise(const std::vector<double>& values, const Binning& binning) {
  return binning.count ? discretise_count(values, *binning.count) : discretise_width(values, binning.width);
}

LevelRegion::LevelRegion(const Mask& mask, const Discretised& values, std::size_t pad)
    : spacing_mm_(mask.geometry.spacing_mm) {
  const auto box = bounding_box(mask);
  if (!box) throw unusable_input("the region is empty");
  for (std::size_t a = 0; a < 3; ++a) {
    size_[a] = box->last[a] - box->first[a] + 1;
    padded_size_[a] = size_[a] + 2 * pad;
  }
  if (padded_count() > (std::size_t{1} << 32) - 2) throw unusable_input("the region's box holds more than 2^32 voxels");
  std::vector<std::uint32_t> rank(values.levels + 1, 0);
  for (const auto l : values.level) rank[l] = 1;
  std::uint32_t k = 0;
  for (std::uint32_t l = 1; l <= values.levels; ++l)
    if (rank[l] != 0) {
      rank[l] = ++k;
      levels_.push_back(static_cast<double>(l));
    }
  highest_ = levels_.empty() ? 0 : levels_.back();
  level_count_ = levels_.size();
  voxels_.reserve(values.level.size());
  fill(levels_.size(), [&]<typename T>(T* padded) {
    std::size_t next = 0;
    for (std::size_t z = 0; z < size_[2]; ++z)
      for (std::size_t y = 0; y < size_[1]; ++y) {
        const std::uint8_t* row = &mask.at(box->first[0], box->first[1] + y, box->first[2] + z);
        const std::size_t start = pad + padded_size_[0] * (pad + y + padded_size_[1] * (pad + z));
        for (std::size_t x = 0; x < size_[0]; ++x)
          if (row[x]) {
            padded[start + x] = static_cast<T>(rank[values.level[next++]]);
            voxels_.push_back(static_cast<std::uint32_t>(start + x));
          }
      }
  });
}

LevelRegion::LevelRegion(const Size3& size, const Vec3& spacing_mm, const std::vector<std::uint32_t>& level,
                         double highest, std::size_t number, std::size_t pad)
    : size_(size), spacing_mm_(spacing_mm), highest_(highest), level_count_(number) {
  for (std::size_t a = 0; a < 3; ++a) padded_size_[a] = size_[a] + 2 * pad;
  std::vector<std::uint32_t> present;
  for (const auto l : level)
    if (l != 0) present.push_back(l);
  voxels_.reserve(present.size());
  std::ranges::sort(present);
  present.erase(std::unique(present.begin(), present.end()), present.end());
  levels_.assign(present.begin(), present.end());
  fill(levels_.size(), [&]<typename T>(T* padded) {
    std::size_t next = 0;
    for (std::size_t z = 0; z < size_[2]; ++z)
      for (std::size_t y = 0; y < size_[1]; ++y)
        for (std::size_t x = 0; x < size_[0]; ++x, ++next) {
          if (level[next] == 0) continue;
          const std::size_t at = pad + x + padded_size_[0] * (pad + y + padded_size_[1] * (pad + z));
          padded[at] = static_cast<T>(std::ranges::lower_bound(present, level[next]) - present.begin() + 1);
          voxels_.push_back(static_cast<std::uint32_t>(at));
        }
  });
}

std::array<std::ptrdiff_t, 3> LevelRegion::index(std::uint32_t voxel) const noexcept {
  const std::size_t nx = padded_size_[0], ny = padded_size_[1];
  return {static_cast<std::ptrdiff_t>(voxel % nx), static_cast<std::ptrdiff_t>(voxel / nx % ny),
          static_cast<std::ptrdiff_t>(voxel / (nx * ny))};
}

std::ptrdiff_t LevelRegion::step(const std::array<int, 3>& o) const noexcept {
  return o[0] +
         static_cast<std::ptrdiff_t>(padded_size_[0]) * (o[1] + static_cast<std::ptrdiff_t>(padded_size_[1]) * o[2]);
}

}  // namespace gliocast::radiomics
