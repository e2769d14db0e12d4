#include <gliocast/dicom/series.hpp>

#include <algorithm>

namespace gliocast::dicom {

std::string Series::name() const {
  return "series " + std::to_string(acquisition.series_number) + (volumes > 1 ? ":" + std::to_string(volume) : "");
}

bool Series::spans_head() const {
  const auto& a = acquisition;
  const double width = a.pixel_mm[0] * static_cast<double>(a.columns);
  const double height = a.pixel_mm[1] * static_cast<double>(a.rows);
  return a.slice_distance_mm * static_cast<double>(a.slices) >= 100 && std::min(width, height) >= 150;
}

}  // namespace gliocast::dicom
