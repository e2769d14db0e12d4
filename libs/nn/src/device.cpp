#include <gliocast/nn/device.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/parallel.hpp>

#include <ATen/Parallel.h>
#include <torch/torch.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace gliocast::nn {

Device parse_device(const std::string& text) {
  if (text == "cpu") return Device::Cpu;
  if (text != "cuda") throw Error(ExitCode::WrongUse, "unknown device '" + text + "'", "--device", "use cpu or cuda");
  if (!torch::cuda::is_available())
    throw Error(ExitCode::WrongUse, "no CUDA device can be used", "--device cuda",
                "this libtorch has no CUDA, or no GPU is there; use --device cpu");
  return Device::Cuda;
}

void set_network_threads(std::size_t threads) {
  at::set_num_threads(static_cast<int>(resolve_threads(threads)));
#if defined(__GLIBC__)
  // A network's large tensors come and go; by default each would be fresh pages from the kernel (a fifth of the U-Net's
  // time went there).
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

std::string backend_name(Device device) {
#ifdef TORCH_VERSION
  const std::string version = TORCH_VERSION;
#else
  const std::string version = "unknown";
#endif
  return "libtorch " + version + (device == Device::Cuda ? " (CUDA)" : " (CPU)");
}

}  // namespace gliocast::nn
