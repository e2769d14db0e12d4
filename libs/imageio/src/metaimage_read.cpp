#include <gliocast/imageio/metaimage.hpp>

#include "header_text.hpp"
#include "raw_voxels.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/imageio/gzip.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <sstream>

namespace gliocast::imageio {
namespace {

using Fields = std::map<std::string, std::string>;

struct Header {
  Fields fields;
  std::string data_file;  ///< ElementDataFile: LOCAL, LIST …, a pattern or a name
  std::size_t end = 0;    ///< where LOCAL voxels or the names of a LIST start
};

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> result;
  for (std::string word; stream >> word;) result.push_back(word);
  return result;
}

/// ITK reads keys in this spelling only; another one would be left out silently there.
void check_spelling(const std::string& key, const std::string& name) {
  static const std::array<std::string_view, 22> known{"NDims",
                                                      "DimSize",
                                                      "ElementType",
                                                      "ElementDataFile",
                                                      "ElementSpacing",
                                                      "ElementSize",
                                                      "TransformMatrix",
                                                      "Rotation",
                                                      "Orientation",
                                                      "Offset",
                                                      "Position",
                                                      "Origin",
                                                      "CompressedData",
                                                      "CompressedDataSize",
                                                      "BinaryData",
                                                      "BinaryDataByteOrderMSB",
                                                      "ElementByteOrderMSB",
                                                      "ElementNumberOfChannels",
                                                      "HeaderSize",
                                                      "ObjectType",
                                                      "ObjectSubType",
                                                      "DistanceUnits"};
  for (const auto k : known)
    if (key != k && lower_case(key) == lower_case(std::string(k)))
      throw unusable_input("a key of the header must be spelled " + std::string(k), quoting(name, key));
}

Header parse_header(std::span<const std::byte> bytes, const std::string& name) {
  constexpr std::size_t kMaxHeader = 1 << 20;
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), kMaxHeader));
  Header header;
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t end = text.find('\n', position);
    const std::string line(trimmed(text.substr(position, end == std::string_view::npos ? end : end - position)));
    position = end == std::string_view::npos ? text.size() : end + 1;
    if (line.empty()) continue;
    const std::size_t separator = line.find_first_of("=:");
    if (separator == std::string::npos || separator == 0) throw unusable_input("not a MetaImage header", name);
    const std::string key(trimmed(std::string_view(line).substr(0, separator)));
    check_spelling(key, name);
    if (key == "ElementDataFile") {
      header.data_file = trimmed(std::string_view(line).substr(separator + 1));
      header.end = position;
      return header;
    }
    header.fields[key] = trimmed(std::string_view(line).substr(separator + 1));
  }
  throw unusable_input("the MetaImage header has no ElementDataFile", name);
}

const std::string* find(const Fields& fields, std::initializer_list<const char*> keys) {
  for (const char* k : keys)
    if (const auto found = fields.find(k); found != fields.end()) return &found->second;
  return nullptr;
}

/// `n` numbers of the first of `keys` that is there; nothing where none is.
std::optional<std::vector<double>> numbers(const Fields& fields, std::initializer_list<const char*> keys, std::size_t n,
                                           const std::string& name) {
  const std::string* text = find(fields, keys);
  if (text == nullptr) return std::nullopt;
  std::vector<double> out;
  for (const auto& word : words(*text)) {
    const auto v = parse_number(word.starts_with('+') ? word.substr(1) : word);
    if (!v || !std::isfinite(*v))
      throw unusable_input(std::string(*keys.begin()) + " holds what is no number", quoting(name, word));
    out.push_back(*v);
  }
  if (out.size() < n)
    throw unusable_input(std::string(*keys.begin()) + " has " + std::to_string(out.size()) + " numbers, " +
                             std::to_string(n) + " are needed",
                         name);
  out.resize(n);
  return out;
}

bool truth(const Fields& fields, std::initializer_list<const char*> keys, bool otherwise) {
  const std::string* text = find(fields, keys);
  if (text == nullptr || text->empty()) return otherwise;
  return std::string("Tt1").find(text->front()) != std::string::npos;
}

/// A whole number of the header from `low` to `high`.
std::size_t whole(const Fields& fields, const char* key, double otherwise, double low, double high,
                  const std::string& name) {
  const auto v = numbers(fields, {key}, 1, name);
  const double x = v ? v->front() : otherwise;
  if (x != std::floor(x) || x < low || x > high)
    throw unusable_input(std::string(key) + " is " + shortest(x) + (v ? "" : " (missing)"), name);
  return static_cast<std::size_t>(x);
}

PixelType pixel_type_from(const Fields& fields, const std::string& name) {
  static const std::map<std::string, PixelType> types{
      {"MET_CHAR", PixelType::Int8},       {"MET_ASCII_CHAR", PixelType::Int8},   {"MET_UCHAR", PixelType::UInt8},
      {"MET_SHORT", PixelType::Int16},     {"MET_USHORT", PixelType::UInt16},     {"MET_INT", PixelType::Int32},
      {"MET_UINT", PixelType::UInt32},     {"MET_LONG", PixelType::Int32},        {"MET_ULONG", PixelType::UInt32},
      {"MET_LONG_LONG", PixelType::Int64}, {"MET_ULONG_LONG", PixelType::UInt64}, {"MET_FLOAT", PixelType::Float32},
      {"MET_DOUBLE", PixelType::Float64}};
  const std::string* text = find(fields, {"ElementType"});
  if (text == nullptr) throw unusable_input("the header has no ElementType", name);
  std::string plain = *text;
  if (plain.ends_with("_ARRAY")) plain.resize(plain.size() - 6);
  const auto found = types.find(plain);
  if (found == types.end()) throw unusable_input("unknown pixel type", quoting(name, *text));
  return found->second;
}

/// Sizes along x, y, z; the axes after these must have one entry.
Size3 size_from(const Fields& fields, std::size_t axes, const ReadOptions& options, const std::string& name) {
  const auto sizes = numbers(fields, {"DimSize"}, axes, name);
  if (!sizes) throw unusable_input("the header has no DimSize", name);
  if (axes < (options.slice ? 2 : 3)) throw unusable_input("the image is 2-D; a volume is needed", name);
  Size3 size{1, 1, 1};
  for (std::size_t a = 0; a < axes; ++a) {
    const double n = (*sizes)[a];
    if (n < 1 || n != std::floor(n) || n > 1e9)
      throw unusable_input("the header claims a size of " + shortest(n) + " along axis " + std::to_string(a + 1), name);
    if (a < 3)
      size[a] = static_cast<std::size_t>(n);
    else if (n != 1)
      throw unusable_input(
          "the image has " + shortest(n) + " frames along axis " + std::to_string(a + 1) + "; one volume is needed",
          name, "extract the frame you mean");
  }
  (void)check_size(size, name, options.slice);
  return size;
}

Geometry geometry_from(const Fields& fields, std::size_t axes, const ReadOptions& options, const std::string& name,
                       std::vector<std::string>& warnings) {
  Geometry g;
  g.size = size_from(fields, axes, options, name);
  const std::size_t n = std::min<std::size_t>(axes, 3);
  const auto spacing = numbers(fields, {"ElementSpacing", "ElementSize"}, axes, name);
  const auto matrix = numbers(fields, {"TransformMatrix", "Rotation", "Orientation"}, axes * axes, name);
  const auto origin = numbers(fields, {"Origin", "Position", "Offset"}, axes, name);
  if (!spacing) warnings.emplace_back("the header gives no voxel spacing (ElementSpacing); 1 mm is taken");
  for (std::size_t a = 0; a < n; ++a) {
    const double s = spacing ? (*spacing)[a] : 1.0;
    g.spacing_mm[a] = std::abs(s);
    if (origin) g.origin_mm[a] = (*origin)[a] + 0.0;
    if (matrix)
      for (std::size_t r = 0; r < n; ++r) g.direction[3 * r + a] = (*matrix)[a * axes + r];
    if (s < 0)
      for (std::size_t r = 0; r < 3; ++r) g.direction[3 * r + a] = 0.0 - g.direction[3 * r + a];
  }
  if (n == 2) flatten(g, warnings);
  check_geometry(g, name);
  return g;
}

/// A name beside or below the header: a stranger's header must not read other files.
std::string checked_name(const std::string& file, const std::string& name) {
  const std::filesystem::path path = file;
  const bool outside = path.is_absolute() || std::ranges::any_of(path, [](const auto& part) { return part == ".."; });
  if (outside || file.empty())
    throw unusable_input("the voxels are elsewhere; only files beside the header can be read", quoting(name, file));
  return file;
}

/// "img%03d.raw" with a number in place of the directive: %d with a width, nothing else.
std::string numbered(const std::string& pattern, long number, const std::string& name) {
  const std::size_t percent = pattern.find('%');
  std::size_t end = percent + 1, width = 0;
  const bool zeros = end < pattern.size() && pattern[end] == '0';
  while (end < pattern.size() && std::isdigit(static_cast<unsigned char>(pattern[end])) != 0 && width < 100)
    width = 10 * width + static_cast<std::size_t>(pattern[end++] - '0');
  if (end >= pattern.size() || pattern[end] != 'd' || width > 20 || pattern.find('%', end) != std::string::npos)
    throw unusable_input("this pattern of file names cannot be read", quoting(name, pattern),
                         "one %d with a width, e.g. slice%03d.raw");
  std::string digits = std::to_string(number);
  if (digits.size() < width) digits.insert(0, width - digits.size(), zeros ? '0' : ' ');
  return pattern.substr(0, percent) + digits + pattern.substr(end + 1);
}

/// The voxels' files, in order, of equal parts of the image.
std::vector<std::string> data_files(const Header& header, const std::string& text, std::size_t slices,
                                    const std::string& name) {
  const auto parts = words(header.data_file);
  std::vector<std::string> files;
  if (!parts.empty() && parts[0] == "LIST") {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line) && files.size() <= slices;)
      if (const std::string file(trimmed(line)); !file.empty()) files.push_back(checked_name(file, name));
  } else if (header.data_file.find('%') != std::string::npos) {
    const auto number = [&](std::size_t k, double otherwise) {
      const auto v = k < parts.size() ? parse_number(parts[k]) : std::optional<double>(otherwise);
      if (!v || *v != std::floor(*v) || std::abs(*v) > 1e9)
        throw unusable_input("the pattern of file names has no whole numbers behind it", name);
      return static_cast<long>(*v);
    };
    const long first = number(1, 1), last = number(2, static_cast<double>(first) + static_cast<double>(slices) - 1);
    const long step = number(3, 1);
    for (long i = first; step > 0 && i <= last && files.size() <= slices; i += step)
      files.push_back(checked_name(numbered(parts[0], i, name), name));
  } else {
    files.push_back(checked_name(header.data_file, name));
  }
  const bool one_each = files.size() == slices, one_for_all = files.size() == 1;
  if (!one_each && !one_for_all)
    throw unusable_input("the header names " + std::to_string(files.size()) + " files of voxels, the image has " +
                             std::to_string(slices) + " slices",
                         name);
  return files;
}

/// Voxels written as numbers in text become raw doubles.
std::vector<std::byte> text_voxels(std::span<const std::byte> bytes, std::size_t count, const std::string& name) {
  if (count > bytes.size()) throw unusable_input("the file is truncated", name);  // a number takes a byte at least
  std::istringstream stream(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  std::vector<double> values;
  for (std::string word; values.size() < count && stream >> word;) {
    const auto number = parse_number(word);
    if (!number) throw unusable_input("the voxels hold what is no number", quoting(name, word));
    values.push_back(*number);
  }
  if (values.size() < count)
    throw unusable_input("the file is truncated: " + std::to_string(values.size()) + " of " + std::to_string(count) +
                             " voxels are there",
                         name);
  std::vector<std::byte> raw(values.size() * sizeof(double));
  std::memcpy(raw.data(), values.data(), raw.size());
  return raw;
}

/// How the voxels are stored.
struct Storage {
  bool compressed = false, binary = true;
  bool header_from_end = false;     ///< HeaderSize -1: the voxels are the file's last bytes
  std::size_t header = 0;           ///< bytes to skip in a voxel file
  std::size_t compressed_size = 0;  ///< 0: all that is there
};

Storage storage_from(const Fields& fields, const std::string& name) {
  Storage s;
  s.compressed = truth(fields, {"CompressedData"}, false);
  s.binary = truth(fields, {"BinaryData"}, true);
  s.compressed_size = whole(fields, "CompressedDataSize", 0, 0, 1e15, name);
  s.header_from_end = fields.contains("HeaderSize") && fields.at("HeaderSize") == "-1";
  if (!s.header_from_end) s.header = whole(fields, "HeaderSize", 0, 0, 1e15, name);
  return s;
}

/// The `needed` bytes of voxels that a file's bytes hold.
std::vector<std::byte> unpacked(std::span<const std::byte> bytes, const Storage& s, std::size_t needed, bool local,
                                const std::string& name) {
  if (!local && s.header_from_end && bytes.size() > needed) bytes = bytes.subspan(bytes.size() - needed);
  if (!local && s.header > 0) {
    if (s.header > bytes.size()) throw unusable_input("the voxels' file is shorter than its header", name);
    bytes = bytes.subspan(s.header);
  }
  if (s.compressed) {
    if (s.compressed_size > 0 && local) bytes = bytes.first(std::min(bytes.size(), s.compressed_size));
    return inflate(bytes, needed, name);
  }
  if (bytes.size() < needed)
    throw unusable_input("the file is truncated: " + std::to_string(bytes.size()) + " of " + std::to_string(needed) +
                             " bytes of voxels are there",
                         name);
  bytes = bytes.first(needed);
  return {bytes.begin(), bytes.end()};
}

/// All values of the image as raw bytes of `type`; text becomes doubles.
std::vector<std::byte> voxel_bytes(std::span<const std::byte> bytes, const Header& header, const Storage& s,
                                   const Size3& size, std::size_t bytes_each, std::size_t dimensions,
                                   const FileContent& content_of, const std::string& name) {
  const std::size_t values = size[0] * size[1] * size[2], needed = values * bytes_each;
  const auto rest = bytes.subspan(header.end);
  const bool local = lower_case(header.data_file) == "local";
  if (!s.binary) {
    const auto files = local ? std::vector<std::string>() : data_files(header, {}, 1, name);
    return local ? text_voxels(rest, needed / sizeof(double), name)
                 : text_voxels(content_of(files.front()), needed / sizeof(double), name);
  }
  if (local) return unpacked(rest, s, needed, true, name);
  const std::string text(reinterpret_cast<const char*>(rest.data()), std::min<std::size_t>(rest.size(), 1 << 20));
  const auto files = data_files(header, text, dimensions == 2 ? size[1] : size[2], name);
  std::vector<std::byte> all;
  for (const auto& file : files) {
    const auto part = unpacked(content_of(file), s, needed / files.size(), false, name);
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace

ImageFile parse_metaimage(std::span<const std::byte> bytes, const std::string& name, const FileContent& content_of,
                          const ReadOptions& options) {
  const Header header = parse_header(bytes, name);
  const Fields& f = header.fields;
  const std::size_t axes = whole(f, "NDims", 0, 1, 10, name);
  ImageFile file;
  const Geometry geometry = geometry_from(f, axes, options, name, file.warnings);
  file.dimensions = axes == 2 ? 2 : 3;
  const PixelType type = pixel_type_from(f, name);
  const std::size_t channels = whole(f, "ElementNumberOfChannels", 1, 1, static_cast<double>(kMostChannels), name);
  if (channels > 1 && !options.channel)
    throw unusable_input("the image has " + std::to_string(channels) + " values a voxel, one is needed", name);
  const Storage storage = storage_from(f, name);
  const PixelType stored = storage.binary ? type : PixelType::Float64;
  const std::size_t bytes_each = size_of(stored) * channels;
  if (bytes_each > kMaxImageBytes / geometry.voxel_count())
    throw unusable_input("the header claims more voxels than any MR image has", name, "the header is damaged");
  auto raw = voxel_bytes(bytes, header, storage, geometry.size, bytes_each, axes, content_of, name);
  if (channels > 1)
    raw = pick_channel(raw, *options.channel, channels, true, geometry.voxel_count(), size_of(stored), name);
  else
    warn_of_single_channel(options, file.warnings);
  const bool big = truth(f, {"BinaryDataByteOrderMSB", "ElementByteOrderMSB"}, false);
  const bool swap = storage.binary && big != (std::endian::native == std::endian::big);
  file.volume = decode_voxels(raw, stored, swap, geometry, name);
  if (!storage.binary) file.volume = as_type(file.volume, type, name);
  return file;
}

ImageFile read_metaimage(const std::filesystem::path& path, const ReadOptions& options) {
  const auto content_of = [&](const std::string& file) { return read_file(path.parent_path() / file); };
  return parse_metaimage(read_file(path), path.string(), content_of, options);
}

}  // namespace gliocast::imageio
