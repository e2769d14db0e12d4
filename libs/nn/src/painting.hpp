#pragma once
// Samples that no scanner took, from those that one did.
#include <gliocast/core/random.hpp>
#include <gliocast/nn/augmentation.hpp>

#include <cstdint>
#include <vector>

namespace gliocast::nn {

/// Paints a sample's image anew: in each channel each class gets a random mean, a random part of the image's own
/// departures from the class's mean (of a channel that is not there, none) and noise; then z-scores over what is
/// painted. `tissue`: classes at the samples, 0 outside.
void paint_tissue(Sample& sample, const std::vector<std::uint8_t>& tissue, const std::vector<bool>& present,
                  Random& random);

/// Paints two to thirty small ellipsoids into what is no tumour, as of multiple sclerosis or small vessels: dark on T1,
/// bright on T2 and FLAIR, some enhancing; scattered or in clusters. The labels stay.
void paint_lesions(Sample& sample, const std::vector<bool>& present, Random& random);

}  // namespace gliocast::nn
