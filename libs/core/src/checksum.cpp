#include <gliocast/core/checksum.hpp>

#include <gliocast/core/error.hpp>

#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <memory>
#include <vector>

namespace gliocast {
namespace {

class Digest {
 public:
  explicit Digest(const EVP_MD* kind) : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), kind, nullptr) != 1)
      throw Error(ExitCode::InternalFault, "a checksum is not available");
  }
  void add(const void* data, std::size_t size) {
    if (EVP_DigestUpdate(context_.get(), data, size) != 1) throw Error(ExitCode::InternalFault, "a checksum failed");
  }
  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    if (EVP_DigestFinal_ex(context_.get(), digest.data(), &length) != 1)
      throw Error(ExitCode::InternalFault, "a checksum failed");
    std::string text;
    for (unsigned i = 0; i < length; ++i) {
      text += "0123456789abcdef"[digest[i] >> 4];
      text += "0123456789abcdef"[digest[i] & 15];
    }
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::string sha256(std::span<const std::byte> bytes) {
  Digest hash(EVP_sha256());
  hash.add(bytes.data(), bytes.size());
  return hash.hex();
}

std::string sha1(std::span<const std::byte> bytes) {
  Digest hash(EVP_sha1());
  hash.add(bytes.data(), bytes.size());
  return hash.hex();
}

std::string sha256(std::string_view text) { return sha256(std::as_bytes(std::span(text))); }

std::string sha256_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) throw unusable_input("no such file", path.string());
  if (std::filesystem::is_directory(status)) throw unusable_input("is a folder, not a file", path.string());
  std::ifstream file(path, std::ios::binary);
  if (!file) throw unusable_input("cannot be read", path.string(), "check its permissions");
  Digest hash(EVP_sha256());
  std::vector<char> buffer(1 << 20);
  while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || file.gcount() > 0)
    hash.add(buffer.data(), static_cast<std::size_t>(file.gcount()));
  return hash.hex();
}

}  // namespace gliocast
