#pragma once
// Arrays of numpy files (.npy, .npz) for tests: little-endian numbers as double, in C order.
#include <libdeflate.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

namespace gliocast::test_support {

struct NpyArray {
  std::vector<std::size_t> shape;
  std::vector<double> values;
};

template <typename T>
void append_as_double(std::vector<double>& out, const std::string& bytes, std::size_t from) {
  for (std::size_t i = from; i + sizeof(T) <= bytes.size(); i += sizeof(T)) {
    T v;
    std::memcpy(&v, &bytes[i], sizeof v);
    out.push_back(static_cast<double>(v));
  }
}

/// Values of a Fortran-ordered array in C order.
inline std::vector<double> to_c_order(const std::vector<double>& in, const std::vector<std::size_t>& shape) {
  std::vector<double> out(in.size());
  for (std::size_t k = 0; k < in.size(); ++k) {
    std::size_t left = k, from = 0;
    std::vector<std::size_t> index(shape.size());
    for (std::size_t a = shape.size(); a-- > 0;) {
      index[a] = left % shape[a];
      left /= shape[a];
    }
    for (std::size_t a = shape.size(); a-- > 0;) from = from * shape[a] + index[a];
    out[k] = in[from];
  }
  return out;
}

inline NpyArray parse_npy(const std::string& bytes) {
  const bool wide = bytes.at(6) > 1;
  std::size_t length = static_cast<unsigned char>(bytes.at(8)) + 256U * static_cast<unsigned char>(bytes.at(9));
  const std::size_t start = wide ? 12 : 10;
  const std::string header = bytes.substr(start, length);
  std::smatch m;
  NpyArray out;
  if (!std::regex_search(header, m, std::regex("'descr': '[<|=]([a-z][0-9])'")))
    throw std::runtime_error("unknown type: " + header);
  const std::string type = m[1];
  std::regex_search(header, m, std::regex("'shape': \\(([0-9, ]*)\\)"));
  const std::string shape = m[1];
  const std::regex digits("[0-9]+");
  for (std::sregex_iterator i(shape.begin(), shape.end(), digits), end; i != end; ++i)
    out.shape.push_back(std::stoul(i->str()));
  const std::size_t from = start + length;
  if (type == "f8")
    append_as_double<double>(out.values, bytes, from);
  else if (type == "f4")
    append_as_double<float>(out.values, bytes, from);
  else if (type == "i2")
    append_as_double<std::int16_t>(out.values, bytes, from);
  else if (type == "u1")
    append_as_double<std::uint8_t>(out.values, bytes, from);
  else
    throw std::runtime_error("unknown type: " + type);
  if (header.find("'fortran_order': True") != std::string::npos) out.values = to_c_order(out.values, out.shape);
  return out;
}

inline std::string file_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline NpyArray read_npy(const std::filesystem::path& path) { return parse_npy(file_bytes(path)); }

/// All arrays of a .npz by name (through the ZIP's central directory).
inline std::map<std::string, NpyArray> read_npz(const std::filesystem::path& path) {
  const std::string b = file_bytes(path);
  const auto u16 = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(b.at(i)) +
                                    256U * static_cast<unsigned char>(b.at(i + 1)));
  };
  const auto u32 = [&](std::size_t i) { return u16(i) + 65536 * u16(i + 2); };
  const std::size_t end = b.rfind("PK\5\6");
  std::map<std::string, NpyArray> out;
  std::size_t at = u32(end + 16);
  for (std::size_t k = u16(end + 10); k > 0; --k) {
    const std::size_t method = u16(at + 10), packed = u32(at + 20), size = u32(at + 24), name_length = u16(at + 28),
                      local = u32(at + 42);
    const std::string name = b.substr(at + 46, name_length);
    at += 46 + name_length + u16(at + 30) + u16(at + 32);
    const std::size_t data = local + 30 + u16(local + 26) + u16(local + 28);
    std::string bytes(size, '\0');
    if (method == 0)
      bytes = b.substr(data, packed);
    else {
      libdeflate_decompressor* d = libdeflate_alloc_decompressor();
      const auto result = libdeflate_deflate_decompress(d, &b[data], packed, bytes.data(), size, nullptr);
      libdeflate_free_decompressor(d);
      if (result != LIBDEFLATE_SUCCESS) throw std::runtime_error("damaged entry " + name);
    }
    out[name.substr(0, name.size() - 4)] = parse_npy(bytes);
  }
  return out;
}

}  // namespace gliocast::test_support
