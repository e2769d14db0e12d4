// The default U-Net's forward pass on CPU, 1×3×96×112×96, beside oneDNN on one 32→32 3×3×3 convolution at 48³ in the
// same run; a table per layer. FLOPs = 2 × multiply-adds of the convolutions, as the network is defined (not as we
// rearrange it).
#include "fast_unet.hpp"
#include "weights.hpp"

#include <gliocast/nn/device.hpp>
#include <gliocast/nn/training.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

using namespace gliocast::nn;

namespace {

template <typename F>
double best_seconds(F f, int repeats = 5) {
  f();
  double best = 1e9;
  for (int i = 0; i < repeats; ++i) {
    const auto start = std::chrono::steady_clock::now();
    f();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

double conv_gflop(double in, double out, double kernel, double voxels) {
  return 2 * in * out * kernel * kernel * kernel * voxels / 1e9;
}

double unet_gflop(const UnetOptions& o, double voxels) {
  double sum = 0;
  const auto& w = o.widths;
  for (std::size_t l = 0; l < w.size(); ++l) {
    const double n = voxels / static_cast<double>(1 << (3 * l)), c = static_cast<double>(w[l]);
    sum += conv_gflop(static_cast<double>(l == 0 ? o.in_channels : w[l - 1]), c, 1, n) + conv_gflop(c, c, 3, n);
    if (l + 1 < w.size())
      sum += conv_gflop(static_cast<double>(w[l + 1]), 8 * c, 1, n / 8) + conv_gflop(2 * c, c, 1, n) +
             conv_gflop(c, c, 3, n);
  }
  return sum + conv_gflop(static_cast<double>(w[0]), static_cast<double>(o.classes), 1, voxels);
}

}  // namespace

int main(int argc, char** argv) {
  torch::NoGradGuard no_grad;
  const std::size_t threads = argc > 1 ? static_cast<std::size_t>(std::atoi(argv[1])) : 2;
  set_network_threads(threads);
  std::printf("%s, %zu threads\n", backend_name(Device::Cpu).c_str(), threads);

  const auto x48 = torch::randn({1, 32, 48, 48, 48}), w = torch::randn({32, 32, 3, 3, 3}), b = torch::zeros({32});
  const double reference_gflop = conv_gflop(32, 32, 3, 48.0 * 48 * 48);
  const double reference = reference_gflop / best_seconds([&] { return conv3d(x48, w, b, 1, 1); });
  std::printf("oneDNN, 32→32 3³ convolution at 48³: %.1f GFLOP/s\n\n", reference);

  UnetOptions o;
  Unet net(o);
  initialise(*net, 1);
  net->eval();
  const FastUnet fast(net);
  const auto x = torch::randn({1, 3, 96, 112, 96});
  const double gflop = unet_gflop(o, 96.0 * 112 * 96);
  const double fast_s = best_seconds([&] { return fast.forward(x); }),
               plain_s = best_seconds([&] { return net->forward(x); }, 2);

  std::printf("| layer | GFLOP | s | GFLOP/s |\n|---|---|---|---|\n");
  for (std::size_t l = 0; l < o.widths.size(); ++l) {
    const int64_t c = o.widths[l], d = 96 >> l, h = 112 >> l, v = 96 >> l;
    const auto in = torch::randn({1, c, d, h, v}), weight = torch::randn({c, c, 3, 3, 3}), bias = torch::zeros({c});
    const double g = conv_gflop(static_cast<double>(c), static_cast<double>(c), 3, static_cast<double>(d * h * v)),
                 s = best_seconds([&] { return conv3d(in, weight, bias, 1, 1); });
    std::printf("| level %zu: %lld→%lld 3³ at %lld×%lld×%lld | %.2f | %.4f | %.1f |\n", l, static_cast<long long>(c),
                static_cast<long long>(c), static_cast<long long>(d), static_cast<long long>(h),
                static_cast<long long>(v), g, s, g / s);
  }
  std::printf(
      "\nU-Net forward, %.1f GFLOP: %.3f s = %.1f GFLOP/s; %.0f %% of the single convolution's rate (aim: 60 %%)\n",
      gflop, fast_s, gflop / fast_s, 100 * gflop / fast_s / reference);
  std::printf("the same network as plain modules: %.3f s; the rearranged pass is %.2f times as fast\n", plain_s,
              plain_s / fast_s);
  return 0;
}
