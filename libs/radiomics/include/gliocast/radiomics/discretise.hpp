#pragma once
#include <gliocast/core/volume.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace gliocast::radiomics {

/// How grey levels are made of intensities.
struct Binning {
  double width = 25;                   ///< fixed bin width, in units of the image, > 0
  std::optional<std::uint32_t> count;  ///< a fixed number of bins instead
};

/// Grey levels 1 … levels of a region's values.
struct Discretised {
  std::vector<std::uint32_t> level;  ///< of each value, from 1
  std::uint32_t levels = 0;          ///< the highest level
};

/// Fixed bin width, as PyRadiomics: edges from minimum − (minimum mod width) up, half-open bins. Throws
/// Error{UnusableInput} with the number where more than 10^7 levels would result, Error{WrongUse} where the width is
/// not above 0.
[[nodiscard]] Discretised discretise_width(const std::vector<double>& values, double width);
/// A fixed number of bins between minimum and maximum, the maximum in the last one, as PyRadiomics (numpy.histogram's
/// edges).
[[nodiscard]] Discretised discretise_count(const std::vector<double>& values, std::uint32_t count);
/// By `binning`: its count where it has one, else its width. Errors as above.
[[nodiscard]] Discretised discretise(const std::vector<double>& values, const Binning& binning);

/// The grey levels of a region, cropped to its box and padded with 0 on every side, ready for neighbourhoods.
class LevelRegion {
 public:
  /// `values`: of the mask's voxels in the order of memory. `pad`: the largest distance that will be looked at.
  LevelRegion(const Mask& mask, const Discretised& values, std::size_t pad);
  /// A part of a larger region, in a box of its own: `level` of each voxel of the box, 0 outside the region. `highest`
  /// and `number`: highest level and number of levels of the whole region, which some features ask for.
  LevelRegion(const Size3& size, const Vec3& spacing_mm, const std::vector<std::uint32_t>& level, double highest,
              std::size_t number, std::size_t pad);

  /// Calls f with a pointer to the padded box, 0 outside, else 1 + position in levels(): of 16 bits where the levels
  /// fit, for the cache's sake, else of 32.
  template <typename F>
  decltype(auto) visit(F&& f) const {
    return narrow_.empty() ? f(wide_.data()) : f(narrow_.data());
  }
  [[nodiscard]] std::size_t padded_count() const noexcept {
    return padded_size_[0] * padded_size_[1] * padded_size_[2];
  }
  [[nodiscard]] const std::vector<std::uint32_t>& voxels() const noexcept {
    return voxels_;
  }  ///< positions in the padded box
  [[nodiscard]] const std::vector<double>& levels() const noexcept { return levels_; }  ///< those present, ascending
  [[nodiscard]] double highest_level() const noexcept { return highest_; }              ///< of the whole region
  [[nodiscard]] std::size_t level_count() const noexcept { return level_count_; }       ///< of the whole region
  [[nodiscard]] const Size3& size() const noexcept { return size_; }                    ///< of the box, without padding
  [[nodiscard]] const Vec3& spacing_mm() const noexcept { return spacing_mm_; }
  /// Index in the padded box of a position in it.
  [[nodiscard]] std::array<std::ptrdiff_t, 3> index(std::uint32_t voxel) const noexcept;
  /// Step in the padded box of an offset (x, y, z).
  [[nodiscard]] std::ptrdiff_t step(const std::array<int, 3>& offset) const noexcept;

 private:
  template <typename F>
  void fill(std::size_t levels, F&& f) {
    if (levels < 65535) {
      narrow_.assign(padded_count(), 0);
      f(narrow_.data());
    } else {
      wide_.assign(padded_count(), 0);
      f(wide_.data());
    }
  }

  Size3 size_{}, padded_size_{};
  Vec3 spacing_mm_{};
  std::vector<std::uint16_t> narrow_;
  std::vector<std::uint32_t> wide_, voxels_;
  std::vector<double> levels_;
  double highest_ = 0;
  std::size_t level_count_ = 0;
};

}  // namespace gliocast::radiomics
