// The networks, their gradients and the optimiser against Python's PyTorch
// (tests/reference/nn/make_network_fixtures.py).
#include "fast_unet.hpp"
#include "hashed_tensors.hpp"
#include "losses.hpp"
#include "resnet_module.hpp"
#include "training_loop.hpp"
#include "unet_module.hpp"
#include "unet_start.hpp"
#include "weights.hpp"

#include <gliocast/nn/grad_cam.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

using namespace gliocast::nn;

namespace {

const Fixtures& fixtures() {
  static const Fixtures file("network_fixtures");
  return file;
}

double difference(const torch::Tensor& ours, const std::string& name) { return fixtures().difference(ours, name); }
double compare_gradients(const torch::nn::Module& module, const std::string& prefix) {
  return fixtures().compare_gradients(module, prefix);
}

Unet narrow_unet() {
  UnetOptions o;
  o.widths = {4, 6, 8};
  o.se_reduction = 2;
  Unet net(o);
  fill(*net);
  return net;
}

Resnet3d narrow_resnet() {
  ResnetOptions o;
  o.base_width = 2;
  o.se_reduction = 4;
  o.hidden = 6;
  o.dropout = 0;
  Resnet3d net(o);
  fill(*net);
  return net;
}

}  // namespace

TEST(NetworkOracle, UnetForward) {
  torch::NoGradGuard no_grad;
  Unet net = narrow_unet();
  net->eval();
  const auto x = hashed_tensor("input", {2, 3, 8, 16, 8});
  const double d = difference(net->forward(x), "unet.eval");
  EXPECT_LT(d, 1e-5);
  std::printf("VALIDATION nn | 3-D U-Net, forward | PyTorch 1.13 (Python) | %lld | %.2g\n",
              static_cast<long long>(x.numel()), d);
}

TEST(NetworkOracle, FastUnetForward) {
  torch::NoGradGuard no_grad;
  Unet net = narrow_unet();
  net->eval();
  const FastUnet fast(net);
  const auto x = hashed_tensor("input", {2, 3, 8, 16, 8});
  const auto y = torch::cat({fast.forward(x.narrow(0, 0, 1)), fast.forward(x.narrow(0, 1, 1))});
  const double d = difference(y, "unet.eval");
  EXPECT_LT(d, 1e-5);
  std::printf("VALIDATION nn | 3-D U-Net, fast forward | PyTorch 1.13 (Python) | %lld | %.2g\n",
              static_cast<long long>(y.numel()), d);
}

TEST(NetworkOracle, FastUnetOfTheDefaultWidthsEqualsTheModule) {
  torch::NoGradGuard no_grad;
  for (const auto& widths :
       {std::vector<int64_t>{16, 32, 64}, std::vector<int64_t>{8, 32, 40}, std::vector<int64_t>{5, 7, 9}}) {
    UnetOptions o = UnetOptions::preset(widths[0] == 16 ? "default" : "real");  // two classes or nested regions
    o.in_channels = widths[0] == 16 ? 3 : 4;
    o.widths = widths;
    Unet net(o);
    fill(*net);
    net->eval();
    const auto x = hashed_tensor("wide", {1, o.in_channels, 12, 20, 28});
    const auto reference = net->forward(x);
    for (const bool blocked : {true, false}) {
      const double d = (FastUnet(net, blocked).forward(x) - reference).abs().max().item<double>() /
                       reference.abs().max().item<double>();
      EXPECT_LT(d, 1e-5) << widths[0] << (blocked ? " blocked" : " plain");
    }
  }
}

TEST(NetworkOracle, UnetLossAndGradients) {
  Unet net = narrow_unet();
  net->train();
  const auto x = hashed_tensor("input", {2, 3, 8, 16, 8});
  const auto target = (hashed_tensor("target", {2, 8, 16, 8}) > 0.6).to(torch::kFloat);
  const auto loss = dice_bce_loss(net->forward(x), target);
  loss.backward();
  EXPECT_LT(difference(loss.detach().reshape({1}), "unet.loss"), 1e-5);
  std::printf("VALIDATION nn | 3-D U-Net, gradients of Dice + BCE | PyTorch 1.13 (Python) | %zu | %.2g\n",
              net->parameters().size(), compare_gradients(*net, "unet.grad."));
}

TEST(NetworkOracle, ANetworkOfMoreChannelsAndRegionsStartsAsTheOtherEnds) {
  torch::NoGradGuard no_grad;
  Unet earlier = narrow_unet();
  earlier->eval();
  TensorFile weights;
  save_module(*earlier, weights);
  UnetOptions o = UnetOptions::preset("real");
  o.in_channels = 4;
  o.widths = {4, 6, 8};
  o.se_reduction = 2;
  Unet later(o, 1);
  load_module(*later, starting_weights(weights, later));
  later->eval();
  const auto x = hashed_tensor("input", {2, 4, 8, 16, 8});
  const auto before = earlier->forward(x.narrow(1, 0, 3)), after = later->forward(x);
  ASSERT_EQ(after.size(1), 3);
  for (int64_t r = 0; r < 3; ++r)
    EXPECT_LT((after.select(1, r) - before.select(1, 1) + before.select(1, 0)).abs().max().item<double>(), 1e-5) << r;
  EXPECT_EQ(later->forward_levels(x)[1].sizes(), (std::vector<int64_t>{2, 3, 4, 8, 4}));
}

TEST(NetworkOracle, LossOfRegionsIsItsFormulaAndBearsEmptyTruth) {
  const auto x = hashed_tensor("logits", {2, 3, 4, 5, 5});
  auto y = (hashed_tensor("regions", {2, 3, 4, 5, 5}) > 0.5).to(torch::kFloat);
  y[1][2].zero_();
  const auto loss = regions_loss(x, y);
  for (int64_t n = 0; n < 2; ++n) {
    double sum = 0;
    for (int64_t r = 0; r < 3; ++r) {
      const auto p = torch::sigmoid(x[n][r]), t = y[n][r];
      const auto entropy = -(t * torch::log(p) + (1 - t) * torch::log(1 - p));
      const auto sorted = std::get<0>(entropy.flatten().sort(0, true));
      const double both = (p * t).sum().item<double>(), all = (p.sum() + t.sum()).item<double>();
      sum += 1 - (2 * both + 20) / (all + 20) + entropy.mean().item<double>() +
             sorted.narrow(0, 0, 10).mean().item<double>();
    }
    EXPECT_NEAR(loss[n].item<double>(), sum / 3, 1e-5) << n;
  }
  const auto nothing = torch::zeros({1, 3, 4, 5, 5});
  EXPECT_LT(regions_loss(nothing - 12, nothing).item<double>(), 1e-3) << "nothing, rightly";
  EXPECT_GT(regions_loss(nothing + 4, nothing).item<double>(), 4) << "invented";
  EXPECT_GT(regions_loss(nothing - 4, nothing + 1).item<double>(), 4) << "missed";
}

TEST(NetworkOracle, ResnetForward) {
  torch::NoGradGuard no_grad;
  Resnet3d net = narrow_resnet();
  net->eval();
  const auto y = hashed_tensor("patch", {2, 3, 24, 32, 24});
  const double d =
      std::max(difference(net->features(y), "resnet.features"), difference(net->forward(y), "resnet.logits"));
  EXPECT_LT(d, 1e-5);
  std::printf("VALIDATION nn | 3-D ResNet18 + SE, features and logits | PyTorch 1.13 (Python) | %d | %.2g\n", 36, d);
}

TEST(NetworkOracle, ResnetLossAndGradients) {
  Resnet3d net = narrow_resnet();
  net->train();
  const auto y = hashed_tensor("patch", {2, 3, 24, 32, 24});
  const auto loss = torch::nn::functional::cross_entropy(net->forward(y), torch::tensor({0, 1}, torch::kLong));
  loss.backward();
  EXPECT_LT(difference(loss.detach().reshape({1}), "resnet.loss"), 1e-5);
  std::printf("VALIDATION nn | 3-D ResNet18 + SE, gradients of cross-entropy | PyTorch 1.13 (Python) | %zu | %.2g\n",
              net->parameters().size(), compare_gradients(*net, "resnet.grad."));
}

TEST(NetworkOracle, GradCam) {
  ResnetOptions o;
  o.base_width = 8;
  o.se_reduction = 4;
  o.hidden = 16;
  Resnet3d net(o);
  fill(*net);
  TensorFile weights;
  save_module(*net, weights);
  const GradingNetwork network(o, weights);
  const std::array<std::int64_t, 3> size{64, 96, 72};
  auto x = hashed_tensor("cam", {3, size[0], size[1], size[2]});
  x.slice(0, 0, 2).slice(1, 10, 40).slice(2, 20, 50).slice(3, 5, 25) += 3;
  const auto flat = x.contiguous();
  const NetworkInput patch{3, size, 2, {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()}};
  const torch::NoGradGuard no_grad;  // as predictions run
  double worst = 0;
  for (const bool high : {false, true}) {
    const auto map = grad_cam(network, patch, high);
    EXPECT_EQ(map.positions_zyx, (std::array<std::int64_t, 3>{2, 3, 3}));
    ASSERT_EQ(map.size_zyx, size);
    auto ours = torch::tensor(map.values).reshape({size[0], size[1], size[2]});
    for (std::int64_t axis = 0; axis < 3; ++axis) ours = ours.slice(axis, 1, size[static_cast<std::size_t>(axis)], 4);
    worst = std::max(worst, difference(ours, high ? "resnet.gradcam1" : "resnet.gradcam0"));
  }
  EXPECT_LT(worst, 1e-4);
  std::printf("VALIDATION nn | 3-D ResNet18 + SE, Grad-CAM of both classes | PyTorch 1.13 (Python) | %d | %.2g\n",
              2 * 16 * 24 * 18, worst);
}

TEST(NetworkOracle, AdamFiveSteps) {
  struct Point : torch::nn::Module {
    Point() { w = register_parameter("w", hashed_tensor("adam", {8})); }
    torch::Tensor w;
  } point;
  const auto goal = hashed_tensor("goal", {8});
  auto adam = make_optimizer(point, 0);
  set_learning_rate(adam, 0.01);
  for (int i = 0; i < 5; ++i) {
    adam.zero_grad();
    ((point.w - goal).square() * torch::arange(1, 9)).sum().backward();
    adam.step();
  }
  const double d = difference(point.w.detach(), "adam.after5");
  EXPECT_LT(d, 1e-6);
  std::printf("VALIDATION nn | Adam, 5 steps | torch.optim.Adam 1.13 | 8 | %.2g\n", d);
}
