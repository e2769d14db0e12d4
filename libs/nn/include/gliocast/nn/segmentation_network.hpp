#pragma once
#include <gliocast/nn/device.hpp>
#include <gliocast/nn/network_options.hpp>
#include <gliocast/nn/safetensors.hpp>
#include <gliocast/nn/sliding_window.hpp>

#include <array>
#include <cstdint>
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
    SlidingWindowOptions window;
    bool mirror = true;                                       ///< average with the left–right mirrored input
    std::function<void(std::size_t, std::size_t)> on_window;  ///< (done, total), for progress; may be empty
  };

  /// Probability of tumour of each voxel. `image` [channels][z][y][x] z-scores; memory is bounded by the window,
  /// whatever the volume.
  [[nodiscard]] std::vector<float> predict(const std::vector<float>& image, const std::array<std::int64_t, 3>& size_zyx,
                                           const Options& options) const;

  /// One forward pass of a window whose sizes are multiples of options.size_multiple(): class logits
  /// [classes][z][y][x].
  [[nodiscard]] std::vector<float> logits(const std::vector<float>& image,
                                          const std::array<std::int64_t, 3>& size_zyx) const;

  [[nodiscard]] std::int64_t parameter_count() const;
  [[nodiscard]] const UnetOptions& options() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gliocast::nn
