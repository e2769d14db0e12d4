#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace gliocast::nn {

enum class DType { Bool, U8, I8, I16, U16, F16, BF16, I32, U32, F32, F64, I64, U64 };
[[nodiscard]] std::size_t size_of(DType type) noexcept;

/// One named array of a file: row-major bytes in little-endian order.
struct TensorData {
  DType dtype = DType::F32;
  std::vector<std::int64_t> shape;
  std::vector<std::byte> bytes;

  [[nodiscard]] std::size_t element_count() const noexcept;
  /// The elements as float; F16, F32, I8, U8 are converted. Throws Error{UnusableInput} for other types.
  [[nodiscard]] std::vector<float> as_float() const;
  [[nodiscard]] static TensorData from_float(std::vector<std::int64_t> shape, std::span<const float> values,
                                             DType as = DType::F32);
  template <typename T>
  [[nodiscard]] static TensorData from_bytes(DType type, std::vector<std::int64_t> shape, std::span<const T> values) {
    TensorData t{type, std::move(shape), {}};
    const auto raw = std::as_bytes(values);
    t.bytes.assign(raw.begin(), raw.end());
    return t;
  }
};

/// The content of a .safetensors file: named tensors and text metadata. Nothing in it can run.
struct TensorFile {
  std::map<std::string, TensorData> tensors;
  std::map<std::string, std::string> metadata;

  /// The tensor of a name; throws Error{MissingModel} naming it where absent.
  [[nodiscard]] const TensorData& at(const std::string& name) const;
};

/// Parses a whole file: an 8-byte length, a JSON header, the data. Errors (Error{UnusableInput} with `name`):
/// truncated, header longer than the file or 100 MB, unknown type, shape and byte range that disagree, ranges that
/// overlap, leave holes or end beyond the file. Source: the format's own description, huggingface/safetensors README.
[[nodiscard]] TensorFile parse_safetensors(std::span<const std::byte> bytes, const std::string& name);
/// The same of a file; Error{UnusableInput} where it cannot be read.
[[nodiscard]] TensorFile read_safetensors(const std::filesystem::path& path);

/// The bytes of a file: tensors in the order of their names, the header padded with blanks to a multiple of 8 bytes.
[[nodiscard]] std::vector<std::byte> format_safetensors(const TensorFile& file);
/// Whole or not at all (temporary name, then renamed). Throws Error{CannotWrite}.
void write_safetensors(const std::filesystem::path& path, const TensorFile& file);

}  // namespace gliocast::nn
