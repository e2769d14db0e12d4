#pragma once
#include <gliocast/dicom/series.hpp>
#include <gliocast/imageio/read_volume.hpp>

#include <vector>

namespace gliocast::dicom {

/// Reads ordered slices (GDCM, rescale slope and intercept applied). Slices that are not evenly spaced are interpolated
/// linearly to even places and told; missing ones likewise where they are at most a tenth of the series, and are an
/// Error{UnusableInput} beyond; slices at one place are told and the first is taken.
[[nodiscard]] imageio::ReadVolume read_slices(const std::vector<Slice>& slices);

}  // namespace gliocast::dicom
