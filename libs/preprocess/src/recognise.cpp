#include <gliocast/preprocess/recognise.hpp>

#include "skull.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace gliocast::preprocess {
namespace {

constexpr double kSameVolume = 0.02;  ///< relative: stripped by one mask, volumes differ by a few voxels

std::string percent(double fraction) { return std::to_string(std::lround(100 * fraction)) + " %"; }

SequenceState judge(const Volume<float>& volume) {
  SequenceState s;
  const auto zeros = std::ranges::count(volume.voxels, 0.0F);
  s.zero_fraction = static_cast<double>(zeros) / static_cast<double>(volume.voxels.size());
  if (s.zero_fraction <= kStrippedZeros) {
    s.reason = "has only " + percent(s.zero_fraction) + " voxels of exactly 0";
    return s;
  }
  const SignalShape shape = measure_signal(volume);
  s.signal_cm3 = shape.volume_cm3;
  s.skull = shape.skull;
  const std::string litres = std::to_string(std::lround(shape.volume_cm3)) + " cm³";
  if (shape.volume_cm3 > kLargestBrainCm3) {
    s.reason = "has signal in " + litres + ", more than a brain";
  } else if (shape.skull > kSkullOnWays) {
    s.reason = "has a dark layer as of bone below " + percent(shape.skull) + " of its surface";
  } else {
    s.stripped = true;
    s.reason = "is exactly 0 in " + percent(s.zero_fraction) + " of its voxels, and the other " + litres +
               " have no skull about them";
  }
  return s;
}

/// A tumour or vessels may look like bone on one sequence. Where others have signal in the same volume, the skull was
/// taken off all of them or none: their mean decides.
void judge_same_outlines_together(std::map<Sequence, SequenceState>& states) {
  const auto before = states;
  for (auto& [sequence, state] : states) {
    if (state.stripped || state.signal_cm3 <= 0 || state.signal_cm3 > kLargestBrainCm3) continue;
    double sum = 0, same = 0, stripped = 0;
    for (const auto& [other, theirs] : before) {
      if (std::abs(theirs.signal_cm3 - state.signal_cm3) > kSameVolume * state.signal_cm3) continue;
      sum += theirs.skull;
      ++same;
      stripped += theirs.stripped;
    }
    if (stripped == 0 || sum / same > kSkullOnWays) continue;
    state.stripped = true;
    state.reason += ", but shows the same volume as others that have none";
  }
}

}  // namespace

Recognition recognise(const image::Exam& exam) {
  Recognition r;
  for (const auto& [sequence, volume] : exam.sequences) r.sequences[sequence] = judge(volume);
  judge_same_outlines_together(r.sequences);
  r.stripped = std::ranges::all_of(r.sequences, [](const auto& s) { return s.second.stripped; });
  std::string reasons;
  for (const auto& [sequence, state] : r.sequences)
    if (state.stripped == r.stripped)
      reasons += (reasons.empty() ? "" : "; ") + std::string(display_name(sequence)) + " " + state.reason;
  const std::string verdict = r.stripped ? "The skull is taken as removed: " : "The skull seems to be there: ";
  r.stripped_reason = verdict + reasons + ".";
  r.aligned = true;
  const Sequence reference = exam.reference();
  for (const auto& [sequence, volume] : exam.sequences) {
    const std::string difference = describe_difference(volume.geometry, exam.sequences.at(reference).geometry);
    if (difference.empty()) continue;
    r.aligned = false;
    r.aligned_reason = std::string(display_name(sequence)) + " and " + std::string(display_name(reference)) +
                       " lie on different grids: " + difference + ".";
  }
  if (r.aligned) r.aligned_reason = "The sequences are taken as aligned: all lie on the same grid.";
  return r;
}

}  // namespace gliocast::preprocess
