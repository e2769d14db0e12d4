#pragma once
#include <gliocast/core/volume.hpp>
#include <gliocast/report/png_image.hpp>

namespace gliocast::report {

enum class Plane { Axial, Coronal, Sagittal };
[[nodiscard]] const char* plane_name(Plane plane) noexcept;

struct SliceOptions {
  std::size_t zoom = 2;                             ///< pixels per voxel
  double window_low = 0, window_high = 1;           ///< intensities shown as black and white
  std::array<std::uint8_t, 3> colour{255, 96, 32};  ///< of the outline
  const Volume<float>* heat = nullptr;              ///< 0 … 1 on the image's grid, laid over it in colour
};

/// One slice of a volume whose axes run along LPS, in radiological view (patient's left on the right of axial and
/// coronal pictures; sagittal from the left, nose left), with the mask's outline on it (interpolated linearly, so that
/// it is smooth).
[[nodiscard]] RgbImage render_slice(const Volume<float>& image, const Mask& outline, Plane plane, std::size_t index,
                                    const SliceOptions& options);

/// Draws the outline of another mask of the same grid on a picture that render_slice() made with the same plane, index
/// and zoom.
void add_outline(RgbImage& picture, const Mask& outline, Plane plane, std::size_t index, const SliceOptions& options);

/// The middle of the mask's bounding box; of the volume where the mask is empty.
[[nodiscard]] Size3 middle_of(const Mask& mask);

/// The slice with the largest area of the mask; the middle slice where the mask is empty.
[[nodiscard]] std::size_t largest_slice(const Mask& mask, Plane plane);

/// Intensities at two quantiles of the voxels in `mask`, for the window.
[[nodiscard]] std::array<double, 2> window_of(const Volume<float>& image, const Mask& mask, double low = 0.005,
                                              double high = 0.995);

}  // namespace gliocast::report
