#pragma once
// The volumes of one folder's files as an exam: told apart, named, recognised.
#include "dicom_group.hpp"

#include <gliocast/image/dicom.hpp>

#include <vector>

namespace gliocast::image {

/// All volumes by series number, patients and studies numbered, each recognised or passed over with the reason; empty
/// where no file is an image.
[[nodiscard]] std::vector<DicomSeries> series_of_headers(const std::vector<ReadHeader>& headers,
                                                         const SeriesNames& names);

}  // namespace gliocast::image
