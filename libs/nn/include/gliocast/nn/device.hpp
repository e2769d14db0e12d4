#pragma once
#include <cstddef>
#include <string>

namespace gliocast::nn {

enum class Device { Cpu, Cuda };

/// "cpu" or "cuda"; throws Error{WrongUse} for other words and where no CUDA device is there.
[[nodiscard]] Device parse_device(const std::string& text);

/// Sets libtorch's thread count (0 = all allowed) for the calling thread, and lets the process keep freed tensors'
/// memory for the next ones.
void set_network_threads(std::size_t threads);

/// "libtorch 1.13.0 (CPU)", for provenance.
[[nodiscard]] std::string backend_name(Device device);

}  // namespace gliocast::nn
