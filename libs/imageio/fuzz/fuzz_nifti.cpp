// Survives any bytes: either an image or an Error{UnusableInput}. Build: -DGLIOCAST_FUZZ=ON with clang; run:
// tools/fuzz.sh.
#include <gliocast/core/error.hpp>
#include <gliocast/imageio/nifti.hpp>

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
    const gliocast::imageio::ReadOptions channels{.channel = size % 5,
                                                  .slice = true};  // half of the inputs as a mask of several channels
    const auto file = gliocast::imageio::parse_nifti(bytes, "fuzz", bytes,
                                                     size % 2 == 1 ? channels : gliocast::imageio::ReadOptions{});
    (void)gliocast::imageio::format_nifti(file.volume);
  } catch (const gliocast::Error& e) {
    if (e.code() != gliocast::ExitCode::UnusableInput && e.code() != gliocast::ExitCode::CannotWrite) std::abort();
  }
  return 0;
}
