#pragma once
#include <gliocast/nn/device.hpp>
#include <gliocast/nn/network_input.hpp>
#include <gliocast/nn/network_options.hpp>
#include <gliocast/nn/safetensors.hpp>
#include <gliocast/nn/sliding_window.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace gliocast::nn {

/// A fitted U-Net that only predicts.
class SegmentationNetwork {
 public:
  /// Weights by name, as `train segmentation` writes them. Throws Error{MissingModel} where a tensor is absent or has
  /// another shape.
  SegmentationNetwork(const UnetOptions& options, const TensorFile& weights, Device device = Device::Cpu);
  ~SegmentationNetwork();
  SegmentationNetwork(SegmentationNetwork&&) noexcept;
  SegmentationNetwork& operator=(SegmentationNetwork&&) noexcept;

  struct Options {
    SlidingWindowOptions window{};
    bool mirror = true;                                         ///< average with the left–right mirrored input
    std::function<void(std::size_t, std::size_t)> on_window{};  ///< (done, total), for progress; may be empty
  };

  /// Probability of tumour of each voxel, [z][y][x]. Memory is bounded by the window, whatever the volume. Throws
  /// Error{Interrupted} between windows where the user asked to stop.
  [[nodiscard]] std::vector<float> predict(const NetworkInput& input, const Options& options) const;
  /// The same of each nested region (whole tumour, core, enhancing), none above the one that it lies in; of a network
  /// without regions the tumour alone.
  [[nodiscard]] std::vector<std::vector<float>> predict_regions(const NetworkInput& input,
                                                                const Options& options) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gliocast::nn
