// Sliding window, mirrored averaging, weights that do not fit, thread counts.
#include <gliocast/core/error.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/nn/grad_cam.hpp>
#include <gliocast/nn/grading_network.hpp>
#include <gliocast/nn/segmentation_network.hpp>
#include <gliocast/nn/training.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <thread>
#include <vector>

using namespace gliocast;
using namespace gliocast::nn;

namespace {

UnetOptions small_unet() {
  UnetOptions o;
  o.widths = {4, 8, 16};
  return o;
}

NetworkInput random_input(const std::array<std::int64_t, 3>& size_zyx, std::uint64_t seed) {
  Random random(seed);
  NetworkInput input{3, size_zyx, 2, {}};
  input.values.resize(static_cast<std::size_t>(3 * input.voxels()));
  for (float& x : input.values) x = static_cast<float>(random.normal());
  return input;
}

/// Weights of a U-Net that looks at nothing but the voxel itself: of each 3×3×3 kernel the centre alone, nothing comes
/// up from the halved levels, and squeeze-and-excitation scales by a constant.
TensorFile local_weights(std::uint64_t seed) {
  TensorFile file = initial_unet_weights(small_unet(), seed);
  for (auto& [name, tensor] : file.tensors) {
    auto values = tensor.as_float();
    const auto& shape = tensor.shape;
    if (name.starts_with("up_") || (name.find(".se.") != std::string::npos && name.ends_with(".weight")))
      std::ranges::fill(values, 0.0F);
    else if (shape.size() == 5 && shape[2] == 3)
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = i % 27 == 13 ? 3 * values[i] : 0;
    else if (shape.size() == 5)  // 1×1×1: strong enough for probabilities that differ
      for (float& v : values) v *= 3;
    tensor = TensorData::from_float(shape, values);
  }
  return file;
}

}  // namespace

TEST(NetworkMechanics, PaperPresetIsExact) {
  const UnetOptions o = UnetOptions::preset("paper");
  EXPECT_EQ(o.widths, (std::vector<std::int64_t>{64, 64, 64, 64, 64}));
  EXPECT_EQ(ResnetOptions::preset("paper").features(), 512);
  EXPECT_THROW((void)UnetOptions::preset("other"), Error);
}

TEST(NetworkMechanics, AnyVolumeSizeGivesProbabilities) {
  const SegmentationNetwork net(small_unet(), initial_unet_weights(small_unet(), 1));
  const auto p = net.predict(random_input({9, 14, 11}, 2), {});  // no multiple of anything
  ASSERT_EQ(p.size(), 9U * 14 * 11);
  for (const float v : p) EXPECT_TRUE(v >= 0 && v <= 1);
}

TEST(NetworkMechanics, WindowsBlendToTheWholeWhereTheNetworkIsLocal) {
  const SegmentationNetwork net(small_unet(), local_weights(3));
  Random random(4);
  for (int draw = 0; draw < 12; ++draw) {
    std::array<std::int64_t, 3> size{};
    SegmentationNetwork::Options blended{.mirror = draw % 2 == 1};
    for (std::size_t a = 0; a < 3; ++a) {
      blended.window.window_zyx[a] = 4 * (2 + static_cast<std::int64_t>(random.below(4)));
      size[a] = 5 + static_cast<std::int64_t>(random.below(40));
    }
    size[2] = blended.window.window_zyx[2] + 1 + static_cast<std::int64_t>(random.below(20));  // two windows at least
    blended.window.overlap = random.uniform(0, 0.9);
    std::size_t windows = 0;
    blended.on_window = [&](std::size_t, std::size_t total) { windows = total; };
    const auto x = random_input(size, static_cast<std::uint64_t>(draw));
    const auto p = net.predict(x, blended), whole = net.predict(x, {.mirror = blended.mirror});
    EXPECT_GT(windows, 1U);
    ASSERT_EQ(p.size(), whole.size());
    for (std::size_t i = 0; i < p.size(); ++i) ASSERT_NEAR(p[i], whole[i], 2e-6) << draw << " " << i;
    const auto [least, most] = std::ranges::minmax(whole);
    EXPECT_GT(most - least, 0.01) << "a constant would show nothing";
  }
}

TEST(NetworkMechanics, WindowsAreCountedAndBlendToNumbers) {
  const SegmentationNetwork net(small_unet(), initial_unet_weights(small_unet(), 3));
  SegmentationNetwork::Options o;
  o.window.window_zyx = {16, 16, 16};
  std::size_t windows = 0;
  o.on_window = [&](std::size_t done, std::size_t total) {
    windows = total;
    EXPECT_LE(done, total);
  };
  const auto p = net.predict(random_input({24, 40, 24}, 4), o);
  EXPECT_EQ(windows, 2U * 4 * 2);
  for (const float v : p) EXPECT_TRUE(v >= 0 && v <= 1);
}

TEST(NetworkMechanics, MirrorAveragingIsSymmetric) {
  const SegmentationNetwork net(small_unet(), initial_unet_weights(small_unet(), 5));
  const auto x = random_input({8, 8, 16}, 6);
  auto mirrored = x;
  for (std::size_t row = 0; row < 3 * 64; ++row)
    for (std::size_t i = 0; i < 16; ++i) mirrored.values[row * 16 + i] = x.values[row * 16 + 15 - i];
  const auto p = net.predict(x, {}), q = net.predict(mirrored, {});
  for (std::size_t row = 0; row < 64; ++row)
    for (std::size_t i = 0; i < 16; ++i) EXPECT_NEAR(p[row * 16 + i], q[row * 16 + 15 - i], 1e-5);
}

TEST(NetworkMechanics, ThreadCountDoesNotChangeABit) {
  const auto weights = initial_unet_weights(UnetOptions{}, 7);
  const auto x = random_input({32, 48, 32}, 8);
  std::vector<std::vector<float>> results;
  for (const std::size_t threads : {1U, 2U, 3U}) {
    set_network_threads(threads);
    results.push_back(SegmentationNetwork(UnetOptions{}, weights).predict(x, {}));
  }
  set_network_threads(0);
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

TEST(NetworkMechanics, ForeignWeightsAreRefusedByName) {
  TensorFile weights = initial_unet_weights(small_unet(), 1);
  weights.tensors.erase("head.weight");
  try {
    const SegmentationNetwork net(small_unet(), weights);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::MissingModel);
    EXPECT_NE(std::string(e.what()).find("head.weight"), std::string::npos);
  }
  EXPECT_THROW(SegmentationNetwork(UnetOptions{}, initial_unet_weights(small_unet(), 1)), Error);
}

TEST(NetworkMechanics, InputOfOtherSizesOrChannelsIsAFault) {
  const SegmentationNetwork net(small_unet(), initial_unet_weights(small_unet(), 1));
  auto input = random_input({8, 8, 8}, 1);
  input.values.pop_back();
  EXPECT_THROW((void)net.predict(input, {}), Error);
  input = random_input({8, 8, 8}, 1);
  input.channels = 2;
  input.size_zyx = {8, 8, 12};
  EXPECT_THROW((void)net.predict(input, {}), Error);
}

TEST(NetworkMechanics, GradingGivesFeaturesOfItsWidth) {
  ResnetOptions o;
  o.base_width = 4;
  const GradingNetwork net(o, to_half(initial_resnet_weights(o, 1)));
  const auto out = net.predict(random_input({32, 32, 32}, 9));
  EXPECT_EQ(out.features.size(), 32U);
  EXPECT_TRUE(std::isfinite(out.logit));
}

TEST(NetworkMechanics, GradCamLeavesTheNetworkAsItWas) {
  ResnetOptions o;
  o.base_width = 4;
  const GradingNetwork net(o, initial_resnet_weights(o, 3));
  const auto x = random_input({40, 64, 48}, 2);
  const auto before = net.predict(x);
  const auto first = grad_cam(net, x, true);
  EXPECT_EQ(first.positions_zyx, (std::array<std::int64_t, 3>{2, 2, 2}));
  EXPECT_EQ(first.values.size(), static_cast<std::size_t>(x.voxels()));
  EXPECT_GE(std::ranges::min(first.values), 0);
  EXPECT_GT(std::ranges::max(first.values) + std::ranges::max(grad_cam(net, x, false).values), 0);
  std::vector<ActivationMap> maps(4);
  {
    std::vector<std::jthread> threads;
    for (auto& map : maps) threads.emplace_back([&] { map = grad_cam(net, x, true); });
  }
  for (const auto& map : maps) EXPECT_EQ(map.values, first.values);
  const auto after = net.predict(x);
  EXPECT_EQ(after.logit, before.logit);
  EXPECT_EQ(after.features, before.features);
}

TEST(NetworkMechanics, MapsAreAveragedByTheirLargestValues) {
  const ActivationMap a{{1, 1, 3}, {1, 1, 1}, {0, 1, 2}}, b{{1, 1, 3}, {1, 1, 1}, {40, 0, 10}},
      nothing{{1, 1, 3}, {1, 1, 1}, {0, 0, 0}};
  EXPECT_EQ(mean_of_maps({a}).values, (std::vector<float>{0, 0.5F, 1}));
  EXPECT_EQ(mean_of_maps({a, b}).values, (std::vector<float>{0.5F, 0.25F, 0.625F}));
  EXPECT_EQ(mean_of_maps({a, nothing}).values, (std::vector<float>{0, 0.25F, 0.5F}));
  EXPECT_THROW((void)mean_of_maps({}), Error);
  EXPECT_THROW((void)mean_of_maps({a, {{1, 1, 2}, {1, 1, 1}, {0, 0}}}), Error);
}
