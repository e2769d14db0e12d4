#pragma once
#include <gliocast/core/sequence.hpp>
#include <gliocast/dicom/series.hpp>

#include <map>
#include <string>
#include <vector>

namespace gliocast::dicom {

/// What is taken for a sequence.
struct ChosenSeries {
  const Series* series = nullptr;
  std::string remark;  ///< a sentence with the reason where there was a choice; else empty
};

/// The best volume for each sequence of one patient's: the most certain, then one that spans a head, is original, alone
/// in its series, clearly finer (longest voxel edge by a third), in the plane of most of the exam, finer; of equals the
/// first, of T1-Gd the last.
[[nodiscard]] std::map<Sequence, ChosenSeries> choose_series(const std::vector<Series>& series);

}  // namespace gliocast::dicom
