#pragma once
#include <gliocast/nn/training_case.hpp>

#include <array>
#include <cstdint>

namespace gliocast::nn {

/// The axial slice with the largest tumour area (the lowest of several), as a case of one slice: `size_yx` voxels of it
/// about the centre of the case's grid, which for a working grid is that of the brain's box; cropped, or filled up with
/// 0. Nothing is interpolated. Throws Error{UnusableInput} where the case has no tumour.
[[nodiscard]] TrainingCase tumour_slice(const TrainingCase& c, const std::array<std::int64_t, 2>& size_yx);

}  // namespace gliocast::nn
