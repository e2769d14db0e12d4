#pragma once
// What a header says of one volume.
#include "dicom_header.hpp"
#include "dicom_recognise.hpp"

#include <gliocast/image/dicom.hpp>

namespace gliocast::image {

/// How the volume with this slice was acquired; the number of slices and their distance are not known yet.
[[nodiscard]] Acquisition acquisition_of(const DicomHeader& header, const DicomSlice& slice, const SeriesNames& names);
/// What a person knows the series by.
[[nodiscard]] SeriesLabel label_of(const DicomHeader& header);
/// The texts by which the volume with this frame is recognised.
[[nodiscard]] HeaderText text_of(const DicomHeader& header, std::size_t frame);

}  // namespace gliocast::image
