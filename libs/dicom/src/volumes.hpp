#pragma once
#include <gliocast/dicom/series.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace gliocast::dicom {

/// What may tell two volumes at the same places apart, in the order in which it is tried.
enum class Teller : std::size_t {
  ImageType,
  Echo,
  EchoTime,
  InversionTime,
  BValue,
  Temporal,
  Dimension1,
  Dimension2,
  Dimension3,
  Dimension4,
  Agent,
  Acquisition,
  Trigger,
  Flip,
  Repetition,
  PulseSequence,
  PlaneOffset
};
inline constexpr std::size_t kTellers = 17;

/// A slice with what tells it apart from others at its place.
struct Candidate {
  Slice slice;
  double along_mm = 0;     ///< its position along the stack's normal
  int instance = 0;        ///< InstanceNumber, or the frame's number
  std::size_t header = 0;  ///< index of its header
  std::array<std::string, kTellers> tellers;
};

/// One volume of a stack.
struct VolumePart {
  std::vector<Candidate> slices;  ///< by position, then by number
  std::string told_apart_by;      ///< plain words; empty where the stack is one volume
  bool over_time = false;         ///< the volumes are of one kind, taken one after another
  bool mixed = false;             ///< several volumes that nothing tells apart
};

/// The volumes of a stack (slices of one series, size and orientation): one where every place has one slice, also where
/// a few slices are there twice. Otherwise it is split by what leaves the stacks even, tried in the order of Teller,
/// and at last by the order of the instance numbers.
[[nodiscard]] std::vector<VolumePart> split_volumes(std::vector<Candidate> slices);

}  // namespace gliocast::dicom
