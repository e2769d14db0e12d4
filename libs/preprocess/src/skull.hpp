#pragma once
#include <gliocast/core/volume.hpp>

namespace gliocast::preprocess {

/// What surrounds an image's largest piece of signal (voxels that are not exactly 0, holes filled).
struct SignalShape {
  double volume_cm3 = 0;
  double skull = 0;  ///< part of the ways from the surface inwards that cross a dark layer between two brighter ones
};

/// Measures on voxels of about 2 mm. From points of the surface above the middle of the piece, signal is followed 30 mm
/// inwards: scalp is bright, bone dark, what lies within bright again on every sequence in use; a brain without its
/// skull has no such layer. 28 stripped patients and two heads stripped here: at most 0.03; six sequences of two
/// clinical heads and one of a research head: at least 0.18.
[[nodiscard]] SignalShape measure_signal(const Volume<float>& volume);

}  // namespace gliocast::preprocess
