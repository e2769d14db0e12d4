#pragma once
#include <gliocast/nn/grading_network.hpp>

#include <array>
#include <cstdint>
#include <vector>

namespace gliocast::nn {

/// How much each place of a patch counts for a class, as the last convolution stage sees it.
struct ActivationMap {
  std::array<std::int64_t, 3> size_zyx{0, 0, 0};       ///< of the patch
  std::array<std::int64_t, 3> positions_zyx{0, 0, 0};  ///< of the stage: what the map resolves
  std::vector<float> values;                           ///< [z][y][x], at least 0, in units of the class' score
};

/// Grad-CAM for the score of a class (before softmax): the stage's channels, weighted by the mean gradient of the score
/// and summed, negative sums 0, brought to the patch's size linearly. Source: Selvaraju et al. 2017. Errors as
/// GradingNetwork::predict(). May be called where gradients are off, and from several threads.
[[nodiscard]] ActivationMap grad_cam(const GradingNetwork& network, const NetworkInput& patch, bool high_grade);

/// The mean of maps of one patch, each divided by its largest value (one without any stays 0): 0 … 1. Throws
/// Error{WrongUse} without maps or where sizes differ.
[[nodiscard]] ActivationMap mean_of_maps(const std::vector<ActivationMap>& maps);

}  // namespace gliocast::nn
