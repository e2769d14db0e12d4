#pragma once
#include <gliocast/core/geometry.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace gliocast::nn {

/// What a network reads: z-scored channels on a grid of cubic voxels.
struct NetworkInput {
  std::int64_t channels = 3;  ///< T1, T1-Gd, T2 (and FLAIR)
  std::array<std::int64_t, 3> size_zyx{0, 0, 0};
  double spacing_mm = 2;
  std::vector<float> values;  ///< [channel][z][y][x]

  [[nodiscard]] std::int64_t voxels() const noexcept { return size_zyx[0] * size_zyx[1] * size_zyx[2]; }
  /// The values of one channel, [z][y][x].
  [[nodiscard]] std::span<const float> channel(std::size_t c) const;
  /// The grid, for masks on it; where it lies in space is not known: origin 0, axes along LPS.
  [[nodiscard]] Geometry grid() const;
  /// Error{InternalFault} where values and sizes disagree or a network takes another number of channels.
  void check(std::int64_t channels_of_network) const;
};

}  // namespace gliocast::nn
