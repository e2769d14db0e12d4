// Survives any bytes: either an image or an Error{UnusableInput}. Build: -DGLIOCAST_FUZZ=ON with clang; run:
// tools/fuzz.sh.
#include <gliocast/core/error.hpp>
#include <gliocast/imageio/nrrd.hpp>

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
    if (size % 2 == 1)  // half of the inputs as a mask of several channels
      (void)gliocast::imageio::parse_nrrd(bytes, "fuzz", bytes, {.channel = size % 5, .slice = true});
    else
      (void)gliocast::imageio::parse_nrrd(bytes, "fuzz", bytes);
  } catch (const gliocast::Error& e) {
    if (e.code() != gliocast::ExitCode::UnusableInput) std::abort();
  }
  return 0;
}
