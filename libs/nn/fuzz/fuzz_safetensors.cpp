// Survives any bytes: either tensors or an Error{UnusableInput}. Build: -DGLIOCAST_FUZZ=ON with clang; run:
// tools/fuzz.sh.
#include <gliocast/core/error.hpp>
#include <gliocast/nn/safetensors.hpp>

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto file = gliocast::nn::parse_safetensors({reinterpret_cast<const std::byte*>(data), size}, "fuzz");
    const auto again = gliocast::nn::parse_safetensors(gliocast::nn::format_safetensors(file), "fuzz");
    if (again.tensors.size() != file.tensors.size()) std::abort();
  } catch (const gliocast::Error& e) {
    if (e.code() != gliocast::ExitCode::UnusableInput) std::abort();
  }
  return 0;
}
