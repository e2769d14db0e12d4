#pragma once
#include "unet_module.hpp"

#include <vector>

namespace gliocast::nn {

/// The U-Net's forward pass on CPU without gradients, rearranged so that only the 3×3×3 convolutions (oneDNN) and a few
/// fused passes over memory remain:
/// - batch normalisation is folded into the 1×1×1 convolution before it;
/// - the SE factor is positive and per channel, so it commutes with max-pooling and is folded into the next 1×1×1
/// convolution's weights;
/// - a transposed convolution followed by a 1×1×1 one is a single linear map, applied at the lower resolution.
/// The numbers differ from UnetImpl::forward by rounding only (a test says so).
class FastUnet {
 public:
  /// `allow_blocked`: use the AVX-512 kernels of blocked_level.hpp for the full resolution where this CPU and the width
  /// suit.
  explicit FastUnet(const Unet& net, bool allow_blocked = true);
  /// [1, in, D, H, W] float on CPU → logits [1, classes, D, H, W].
  [[nodiscard]] torch::Tensor forward(const torch::Tensor& x) const;

 private:
  struct Block {
    std::vector<float> expand, expand_bias;  ///< folded: [out][in], [out]; for decoders the skip half only
    std::vector<float> up;                   ///< decoders: [8][out][low], folded transposed convolution and expand
    torch::Tensor conv_weight, conv_bias;
    torch::Tensor se1_weight, se1_bias, se2_weight, se2_bias;
    int64_t in = 0, out = 0, low = 0;
  };
  struct Scaled {
    torch::Tensor value;        ///< [1, C, D, H, W], before SE
    std::vector<float> factor;  ///< SE factor of each channel
  };
  /// The full-resolution level with channels innermost (blocked_level.hpp).
  struct BlockedWeights {
    std::vector<float> encoder_expand, encoder_conv, encoder_bias, decoder_conv, decoder_bias;
  };
  [[nodiscard]] Scaled finish(const Block& block, const torch::Tensor& expanded) const;
  [[nodiscard]] std::vector<float> gate(const Block& block, const torch::Tensor& means) const;
  [[nodiscard]] Scaled decode(const Block& block, const Scaled& low, const Scaled& skip) const;
  [[nodiscard]] Scaled encode_deep(Scaled current, std::vector<Scaled>& skips) const;
  template <int L>
  [[nodiscard]] torch::Tensor forward_blocked(const torch::Tensor& x) const;
  [[nodiscard]] torch::Tensor forward_plain(const torch::Tensor& x) const;
  bool blocked_ = false;
  BlockedWeights blocked_weights_;
  std::vector<Block> encoder_, decoder_;
  std::vector<float> head_, head_bias_;
  int64_t classes_ = 2;
};

}  // namespace gliocast::nn
