#pragma once
#include <gliocast/core/volume.hpp>

#include <filesystem>

namespace gliocast::report {

/// Writes a PNG of the axial slice with the largest area of the reference outline (of the found one where that is
/// empty), the reference in blue and what was found in orange over it, grey values from the 0.5 % to the 99.5 %
/// quantile of the voxels that are not 0. Axes along LPS, all three on one grid: else Error{UnusableInput}. Throws
/// Error{CannotWrite}.
void write_outline_picture(const std::filesystem::path& png, const Volume<float>& image, const Mask& reference,
                           const Mask& found);

}  // namespace gliocast::report
