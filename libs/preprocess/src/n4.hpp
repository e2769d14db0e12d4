#pragma once
#include <gliocast/preprocess/bias_field.hpp>

namespace gliocast::preprocess {

/// The logarithm of the multiplicative bias field of `image` on its own grid (not centred), estimated where `where` is
/// set: N4 (Tustison 2010) as ITK 5 computes it, with a Wiener filter noise of 0.01, a full width at half maximum of
/// 0.15 and 200 histogram bins. The voxels lie on a grid, so the B-spline fit to them (Lee 1997) is done axis by axis
/// instead of point by point. `where` must hold positive signals only, and each axis two voxels or more.
[[nodiscard]] Volume<float> n4_log_field(const Volume<float>& image, const Mask& where,
                                         const BiasFieldOptions& options);

}  // namespace gliocast::preprocess
