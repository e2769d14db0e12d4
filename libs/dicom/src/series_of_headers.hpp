#pragma once
// The volumes of one folder's files as an exam: told apart, named, recognised.
#include "group.hpp"

#include <gliocast/dicom/series.hpp>
#include <gliocast/dicom/series_names.hpp>

#include <vector>

namespace gliocast::dicom {

/// All volumes by series number, patients and studies numbered, each recognised or passed over with the reason; empty
/// where no file is an image.
[[nodiscard]] std::vector<Series> series_of_headers(const std::vector<ReadHeader>& headers, const SeriesNames& names);

}  // namespace gliocast::dicom
