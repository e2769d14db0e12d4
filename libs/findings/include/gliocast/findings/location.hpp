#pragma once
#include <gliocast/core/volume.hpp>
#include <gliocast/findings/lobe.hpp>

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace gliocast::findings {

/// Left from 70 % of the tumour on, right below 30 %.
enum class Side : std::uint8_t { Left, Right, Both };
/// "left", "right", "both sides".
[[nodiscard]] std::string_view side_name(Side side) noexcept;
[[nodiscard]] Side side_of(double left_fraction) noexcept;

/// Share of the tumour to the left of the brain's middle (working grid: LPS, x grows to the left); 0 without tumour.
[[nodiscard]] double left_fraction(const Mask& tumour, const Mask& brain);

/// Where the tumour lies in the AAL atlas (MNI space).
struct Location {
  Lobe main = Lobe::None;                        ///< the lobe with the largest share; None: unknown
  std::vector<std::pair<Lobe, double>> lobes{};  ///< those that hold some of it, with their share
  double left_fraction = 0;                      ///< left of the atlas' mid-plane

  friend bool operator==(const Location&, const Location&) = default;
};

/// `to_atlas` takes LPS positions in mm of the tumour's grid to the atlas'; `aal` holds AAL's labels (116 regions).
/// Every second voxel is looked at; white matter has no label: the nearest one within 12 mm counts.
[[nodiscard]] Location locate(const Mask& tumour, const std::function<Vec3(const Vec3&)>& to_atlas,
                              const LabelVolume& aal);

}  // namespace gliocast::findings
