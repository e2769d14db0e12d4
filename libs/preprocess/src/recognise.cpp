#include <gliocast/preprocess/recognise.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::preprocess {
namespace {

std::string percent(double fraction) { return std::to_string(std::lround(100 * fraction)) + " %"; }

}  // namespace

Recognition recognise(const image::Exam& exam) {
  Recognition r;
  r.stripped = true;
  double least = 1;
  for (const auto& [sequence, volume] : exam.sequences) {
    const auto zeros = std::ranges::count(volume.voxels, 0.0F);
    const double fraction = static_cast<double>(zeros) / static_cast<double>(volume.voxels.size());
    r.zero_fraction[sequence] = fraction;
    least = std::min(least, fraction);
    r.stripped = r.stripped && fraction > kStrippedZeros;
  }
  r.stripped_reason = r.stripped ? "The skull is taken as removed: at least " + percent(least) + " of the voxels of every sequence are exactly 0."
                                 : "The skull seems to be there: only " + percent(least) + " of a sequence's voxels are exactly 0.";
  r.aligned = true;
  const Sequence reference = exam.reference();
  for (const auto& [sequence, volume] : exam.sequences) {
    const std::string difference = describe_difference(volume.geometry, exam.sequences.at(reference).geometry);
    if (difference.empty()) continue;
    r.aligned = false;
    r.aligned_reason = std::string(display_name(sequence)) + " and " + std::string(display_name(reference)) + " lie on different grids: " + difference + ".";
  }
  if (r.aligned) r.aligned_reason = "The sequences are taken as aligned: all lie on the same grid.";
  return r;
}

}  // namespace gliocast::preprocess
