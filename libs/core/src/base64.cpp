#include <gliocast/core/base64.hpp>

#include <openssl/evp.h>

#include <algorithm>

namespace gliocast {

std::string base64(std::span<const std::byte> bytes) {
  constexpr std::size_t kBlock = 3U << 20;                 // whole groups of three; OpenSSL takes an int
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends its text with a zero
  std::size_t written = 0;
  for (std::size_t at = 0; at < bytes.size(); at += kBlock) {
    const auto part = bytes.subspan(at, std::min(kBlock, bytes.size() - at));
    written += static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data() + written),
                                                        reinterpret_cast<const unsigned char*>(part.data()),
                                                        static_cast<int>(part.size())));
  }
  text.resize(written);
  return text;
}

}  // namespace gliocast
