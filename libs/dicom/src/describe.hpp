#pragma once
// What a header says of one volume.
#include "header.hpp"
#include "recognise.hpp"

#include <gliocast/dicom/series.hpp>
#include <gliocast/dicom/series_names.hpp>

namespace gliocast::dicom {

/// How the volume with this slice was acquired; the number of slices and their distance are not known yet.
[[nodiscard]] Acquisition acquisition_of(const Header& header, const Slice& slice, const SeriesNames& names);
/// What a person knows the series by.
[[nodiscard]] SeriesLabel label_of(const Header& header);
/// The texts by which the volume with this frame is recognised.
[[nodiscard]] HeaderText text_of(const Header& header, std::size_t frame);

}  // namespace gliocast::dicom
