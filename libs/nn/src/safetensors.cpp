#include <gliocast/nn/safetensors.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/nn/half.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

namespace gliocast::nn {
namespace {

struct TypeName {
  DType type;
  const char* name;
  std::size_t size;
};
constexpr std::array<TypeName, 13> kTypes{{{DType::Bool, "BOOL", 1},
                                           {DType::U8, "U8", 1},
                                           {DType::I8, "I8", 1},
                                           {DType::I16, "I16", 2},
                                           {DType::U16, "U16", 2},
                                           {DType::F16, "F16", 2},
                                           {DType::BF16, "BF16", 2},
                                           {DType::I32, "I32", 4},
                                           {DType::U32, "U32", 4},
                                           {DType::F32, "F32", 4},
                                           {DType::F64, "F64", 8},
                                           {DType::I64, "I64", 8},
                                           {DType::U64, "U64", 8}}};

constexpr std::uint64_t kMaxHeader = 100'000'000;  // the format's own limit

struct Range {
  std::uint64_t begin, end;
  std::string tensor;
};

std::uint64_t as_offset(const Json& json, const std::string& name, const std::string& tensor) {
  if (!json.is_number_unsigned())
    throw unusable_input("tensor '" + tensor + "' has an offset or size that is not a whole number ≥ 0", name);
  return json.get<std::uint64_t>();
}

/// Number of bytes a shape takes; an error where it overflows.
std::uint64_t byte_count(const Json& shape, std::size_t element, const std::string& name, const std::string& tensor,
                         std::vector<std::int64_t>& out) {
  if (!shape.is_array() || shape.size() > 16) throw unusable_input("tensor '" + tensor + "' has no shape", name);
  std::uint64_t bytes = element;
  for (const auto& entry : shape) {
    const std::uint64_t n = as_offset(entry, name, tensor);
    if (n > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) ||
        (n > 0 && bytes > std::numeric_limits<std::uint64_t>::max() / n))
      throw unusable_input("tensor '" + tensor + "' has an absurd shape", name);
    bytes *= n;
    out.push_back(static_cast<std::int64_t>(n));
  }
  return bytes;
}

void check_ranges(std::vector<Range>& ranges, std::uint64_t data_size, const std::string& name) {
  std::ranges::sort(ranges, {}, [](const Range& r) { return std::pair(r.begin, r.end); });
  std::uint64_t position = 0;
  for (const auto& r : ranges) {
    if (r.begin < position) throw unusable_input("tensor '" + r.tensor + "' overlaps another one", name);
    if (r.begin > position) throw unusable_input("there is a hole before tensor '" + r.tensor + "'", name);
    position = r.end;
  }
  if (position != data_size)
    throw unusable_input(
        "the data has " + std::to_string(data_size) + " bytes, its tensors take " + std::to_string(position), name);
}

TensorData read_entry(const Json& entry, std::span<const std::byte> data, const std::string& name,
                      const std::string& tensor, std::vector<Range>& ranges) {
  if (!entry.is_object() || !entry.contains("dtype") || !entry.contains("shape") || !entry.contains("data_offsets") ||
      !entry["dtype"].is_string())
    throw unusable_input("tensor '" + tensor + "' lacks dtype, shape or data_offsets", name);
  TensorData t;
  const auto type_name = entry["dtype"].get<std::string>();
  const auto type = std::ranges::find_if(kTypes, [&](const TypeName& k) { return type_name == k.name; });
  if (type == kTypes.end())
    throw unusable_input("tensor '" + tensor + "' has the unknown type '" + type_name.substr(0, 20) + "'", name);
  t.dtype = type->type;
  const std::uint64_t bytes = byte_count(entry["shape"], type->size, name, tensor, t.shape);
  const auto& offsets = entry["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2)
    throw unusable_input("tensor '" + tensor + "' has no data_offsets", name);
  const std::uint64_t begin = as_offset(offsets[0], name, tensor), end = as_offset(offsets[1], name, tensor);
  if (begin > end || end > data.size())
    throw unusable_input("tensor '" + tensor + "' lies beyond the end of the file", name);
  if (end - begin != bytes)
    throw unusable_input("tensor '" + tensor + "' has " + std::to_string(end - begin) + " bytes, its shape needs " +
                             std::to_string(bytes),
                         name);
  const auto part = data.subspan(begin, end - begin);
  t.bytes.assign(part.begin(), part.end());
  ranges.push_back({begin, end, tensor});
  return t;
}

/// JSON with its nesting bounded: a stranger's header of a million brackets must not exhaust the stack.
Json parse_header_json(std::string_view text, const std::string& name) {
  constexpr int kMaxDepth = 8;
  try {
    const auto limit = [&](int depth, Json::parse_event_t, Json&) {
      if (depth > kMaxDepth) throw unusable_input("the header is nested too deeply", name);
      return true;
    };
    Json json = Json::parse(text, limit);
    if (!json.is_object()) throw unusable_input("the header is not a JSON object", name);
    return json;
  } catch (const Json::exception& e) {
    throw unusable_input(std::string("the header is not valid JSON: ") + e.what(), name);
  }
}

}  // namespace

std::size_t size_of(DType type) noexcept {
  return std::ranges::find_if(kTypes, [&](const TypeName& k) { return k.type == type; })->size;
}

std::size_t TensorData::element_count() const noexcept { return bytes.size() / size_of(dtype); }

std::vector<float> TensorData::as_float() const {
  std::vector<float> out(element_count());
  const auto convert = [&]<typename T>(T, auto f) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      T value;
      std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
      out[i] = f(value);
    }
  };
  const auto plain = [](auto v) { return static_cast<float>(v); };
  switch (dtype) {
    case DType::F32:
      convert(float{}, plain);
      break;
    case DType::F16:
      convert(std::uint16_t{}, [](std::uint16_t v) { return half_to_float(v); });
      break;
    case DType::I8:
      convert(std::int8_t{}, plain);
      break;
    case DType::U8:
    case DType::Bool:
      convert(std::uint8_t{}, plain);
      break;
    case DType::I64:
      convert(std::int64_t{}, plain);
      break;
    default:
      throw unusable_input("a tensor's type cannot be read as numbers");
  }
  return out;
}

TensorData TensorData::from_float(std::vector<std::int64_t> shape, std::span<const float> values, DType as) {
  TensorData t{as, std::move(shape), {}};
  if (as == DType::F16) {
    t.bytes.resize(values.size() * 2);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::uint16_t half = float_to_half(values[i]);
      std::memcpy(t.bytes.data() + 2 * i, &half, 2);
    }
  } else if (as == DType::F32) {
    const auto raw = std::as_bytes(values);
    t.bytes.assign(raw.begin(), raw.end());
  } else {
    throw Error(ExitCode::InternalFault, "floats are written as F32 or F16");
  }
  return t;
}

const TensorData& TensorFile::at(const std::string& name) const {
  const auto found = tensors.find(name);
  if (found == tensors.end())
    throw Error(ExitCode::MissingModel, "the weights have no tensor '" + name + "'", {},
                "they belong to another network");
  return found->second;
}

TensorFile parse_safetensors(std::span<const std::byte> bytes, const std::string& name) {
  std::uint64_t length = 0;
  if (bytes.size() < 8) throw unusable_input("too short for a safetensors file", name);
  for (std::size_t i = 0; i < 8; ++i) length |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
  if (length > kMaxHeader || length > bytes.size() - 8)
    throw unusable_input("the header claims " + std::to_string(length) + " bytes, more than the file has", name);
  const Json header = parse_header_json({reinterpret_cast<const char*>(bytes.data()) + 8, length}, name);
  const auto data = bytes.subspan(8 + length);
  TensorFile file;
  std::vector<Range> ranges;
  for (const auto& [key, entry] : header.items()) {
    if (key == "__metadata__") {
      if (!entry.is_object()) throw unusable_input("__metadata__ is not an object", name);
      for (const auto& [k, v] : entry.items()) {
        if (!v.is_string()) throw unusable_input("__metadata__ holds something other than text", name);
        file.metadata[k] = v.get<std::string>();
      }
    } else {
      if (file.tensors.contains(key)) throw unusable_input("tensor '" + key + "' is there twice", name);
      file.tensors[key] = read_entry(entry, data, name, key, ranges);
    }
  }
  check_ranges(ranges, data.size(), name);
  return file;
}

TensorFile read_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(read_file(path), path.string());
}

std::vector<std::byte> format_safetensors(const TensorFile& file) {
  Json header = Json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::uint64_t position = 0;
  for (const auto& [key, t] : file.tensors) {
    const auto type = std::ranges::find_if(kTypes, [wanted = t.dtype](const TypeName& k) { return k.type == wanted; });
    header[key] = {{"dtype", type->name}, {"shape", t.shape}, {"data_offsets", {position, position + t.bytes.size()}}};
    position += t.bytes.size();
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  std::vector<std::byte> out(8 + text.size() + position);
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::byte>((text.size() >> (8 * i)) & 0xFF);
  std::memcpy(out.data() + 8, text.data(), text.size());
  std::size_t at = 8 + text.size();
  for (const auto& [key, t] : file.tensors) {
    if (!t.bytes.empty()) std::memcpy(out.data() + at, t.bytes.data(), t.bytes.size());
    at += t.bytes.size();
  }
  return out;
}

void write_safetensors(const std::filesystem::path& path, const TensorFile& file) {
  write_file(path, format_safetensors(file));
}

}  // namespace gliocast::nn
