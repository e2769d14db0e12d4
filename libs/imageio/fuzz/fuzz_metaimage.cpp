// Survives any bytes: either an image or an Error{UnusableInput}. Build: -DGLIOCAST_FUZZ=ON with clang; run:
// tools/fuzz.sh.
#include <gliocast/core/error.hpp>
#include <gliocast/imageio/metaimage.hpp>

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gliocast;
  try {
    const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
    const auto same = [&](const std::string&) { return std::vector<std::byte>(bytes.begin(), bytes.end()); };
    const imageio::ReadOptions channels{.channel = size % 5,
                                        .slice = true};  // half of the inputs as a mask of several channels
    const auto file = imageio::parse_metaimage(bytes, "fuzz", same, size % 2 == 1 ? channels : imageio::ReadOptions{});
    (void)imageio::find_labels(file.volume).others();
  } catch (const Error& e) {
    if (e.code() != ExitCode::UnusableInput) std::abort();
  }
  return 0;
}
