#pragma once
#include <gliocast/core/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace gliocast::nn {

/// What the U-Net's outputs are.
enum class Head {
  Softmax,  ///< classes that exclude each other: background, tumour
  Regions,  ///< nested regions, each with its own sigmoid (Isensee 2019): whole tumour ⊃ core ⊃ enhancing
};

/// The 3-D U-Net of recombination blocks (Xu 2022, after Isensee 2017; Hu 2018 for SE).
struct UnetOptions {
  std::int64_t in_channels = 3;  ///< T1, T1-Gd, T2 (and FLAIR)
  Head head = Head::Softmax;
  std::int64_t classes = 2;                                ///< outputs: background and tumour, or kRegions
  std::vector<std::int64_t> widths{16, 32, 64, 128, 256};  ///< channels per level; the last is the bottleneck
  std::int64_t se_reduction = 8;  ///< squeeze-and-excitation: hidden units = channels / reduction, at least 2

  /// "default" (16·2^level), "paper" (64 everywhere) or "real" (8 and 32·2^level, nested regions). Throws
  /// Error{WrongUse}.
  [[nodiscard]] static UnetOptions preset(const std::string& name);
  /// Input sizes must be multiples of this.
  [[nodiscard]] std::int64_t size_multiple() const noexcept { return std::int64_t{1} << (widths.size() - 1); }
  [[nodiscard]] Json to_json() const;
  [[nodiscard]] static UnetOptions from_json(const Json& json);
};

/// 3-D ResNet18 with SE after the fourth stage, two fully connected layers behind the pooled features (He 2016, made
/// 3-D).
struct ResnetOptions {
  std::int64_t in_channels = 3;
  std::int64_t base_width = 16;  ///< channels of the first stage; features = 8 × this (64 gives the paper's 512)
  std::int64_t se_reduction = 16;
  std::int64_t hidden = 64;        ///< units between the two fully connected layers
  std::int64_t classes = 2;        ///< LGG, HGG
  double dropout = 0.3;            ///< on the pooled features, in training only
  bool squeeze_excitation = true;  ///< false: the paper's baseline

  [[nodiscard]] static ResnetOptions preset(const std::string& name);
  [[nodiscard]] std::int64_t features() const noexcept { return 8 * base_width; }
  [[nodiscard]] Json to_json() const;
  [[nodiscard]] static ResnetOptions from_json(const Json& json);
};

/// 2-D ResNet18 (He 2016) with torchvision's layers, names and shapes, and two heads behind the pooled features: WHO
/// grade II or III, and survival.
struct Resnet2dOptions {
  static constexpr std::int64_t kPublishedWidth = 64;  ///< of published weights, such as ImageNet's
  std::int64_t in_channels = 3;                        ///< T1, T2, T1-Gd
  std::int64_t base_width = 16;  ///< channels of the first stage; features = 8 × this (64 gives the paper's 512)
  double dropout = 0.3;          ///< on the pooled features, in training only

  /// "default" or "paper" (width 64, no dropout). Throws Error{WrongUse}.
  [[nodiscard]] static Resnet2dOptions preset(const std::string& name);
  [[nodiscard]] std::int64_t features() const noexcept { return 8 * base_width; }
  [[nodiscard]] Json to_json() const;
  [[nodiscard]] static Resnet2dOptions from_json(const Json& json);
};

}  // namespace gliocast::nn
