// Any bytes as model.json: a bundle or an Error, nothing else.
#include <gliocast/core/error.hpp>
#include <gliocast/models/bundle.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gliocast;
  if (size == 0) return 0;
  const auto kind = static_cast<models::Kind>(data[0] % 6);
  try {
    (void)models::parse_bundle({reinterpret_cast<const char*>(data) + 1, size - 1}, kind, {}, "fuzz");
  } catch (const Error&) {
  }
  return 0;
}
