#pragma once
#include "unet_module.hpp"

#include <gliocast/nn/safetensors.hpp>

namespace gliocast::nn {

/// Weights of a U-Net as the start of another, `fresh`, whose own values remain where the earlier has none (auxiliary
/// heads). New input channels begin at 0; a head of nested regions begins, in each region, as the softmax head's log
/// odds of tumour. Tensors that fit in neither way are left for load_module to refuse.
[[nodiscard]] TensorFile starting_weights(const TensorFile& earlier, const Unet& fresh);

}  // namespace gliocast::nn
