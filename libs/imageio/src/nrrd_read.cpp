#include <gliocast/imageio/nrrd.hpp>

#include "header_text.hpp"
#include "raw_voxels.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/imageio/gzip.hpp>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <optional>
#include <sstream>

namespace gliocast::imageio {
namespace {

using Fields = std::map<std::string, std::string>;

struct HeaderText {
  Fields fields;
  std::size_t end = 0;  ///< where attached voxels start
};

HeaderText parse_header(std::span<const std::byte> bytes, const std::string& name) {
  constexpr std::size_t kMaxHeader = 1 << 20;
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), kMaxHeader));
  if (!text.starts_with("NRRD000")) throw unusable_input("not an NRRD file", name);
  HeaderText header;
  std::size_t position = 0;
  bool first = true;
  while (position < text.size()) {
    const std::size_t end = text.find('\n', position);
    const std::string line(trimmed(text.substr(position, end == std::string_view::npos ? end : end - position)));
    position = end == std::string_view::npos ? text.size() : end + 1;
    if (std::exchange(first, false) || line.starts_with('#')) continue;
    if (line.empty()) break;
    if (line.find(":=") != std::string::npos) continue;  // key/value pair, not a field
    const auto colon = line.find(':');
    if (colon == std::string::npos)
      throw unusable_input("a header line is neither a field nor a comment", quoting(name, line));
    header.fields[lower_case(std::string(trimmed(std::string_view(line).substr(0, colon))))] =
        trimmed(std::string_view(line).substr(colon + 1));
  }
  header.end = position;
  return header;
}

std::string require(const Fields& fields, const std::string& key, const std::string& name) {
  const auto found = fields.find(key);
  if (found == fields.end()) throw unusable_input("the header has no '" + key + "'", name);
  return found->second;
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> result;
  for (std::string word; stream >> word;) result.push_back(word);
  return result;
}

PixelType pixel_type_from(const std::string& text, const std::string& name) {
  static const std::map<std::string, PixelType> types{{"signed char", PixelType::Int8},
                                                      {"int8", PixelType::Int8},
                                                      {"int8_t", PixelType::Int8},
                                                      {"uchar", PixelType::UInt8},
                                                      {"unsigned char", PixelType::UInt8},
                                                      {"uint8", PixelType::UInt8},
                                                      {"uint8_t", PixelType::UInt8},
                                                      {"short", PixelType::Int16},
                                                      {"short int", PixelType::Int16},
                                                      {"signed short", PixelType::Int16},
                                                      {"signed short int", PixelType::Int16},
                                                      {"int16", PixelType::Int16},
                                                      {"int16_t", PixelType::Int16},
                                                      {"ushort", PixelType::UInt16},
                                                      {"unsigned short", PixelType::UInt16},
                                                      {"unsigned short int", PixelType::UInt16},
                                                      {"uint16", PixelType::UInt16},
                                                      {"uint16_t", PixelType::UInt16},
                                                      {"int", PixelType::Int32},
                                                      {"signed int", PixelType::Int32},
                                                      {"int32", PixelType::Int32},
                                                      {"int32_t", PixelType::Int32},
                                                      {"uint", PixelType::UInt32},
                                                      {"unsigned int", PixelType::UInt32},
                                                      {"uint32", PixelType::UInt32},
                                                      {"uint32_t", PixelType::UInt32},
                                                      {"longlong", PixelType::Int64},
                                                      {"long long", PixelType::Int64},
                                                      {"long long int", PixelType::Int64},
                                                      {"signed long long", PixelType::Int64},
                                                      {"signed long long int", PixelType::Int64},
                                                      {"int64", PixelType::Int64},
                                                      {"int64_t", PixelType::Int64},
                                                      {"ulonglong", PixelType::UInt64},
                                                      {"unsigned long long", PixelType::UInt64},
                                                      {"unsigned long long int", PixelType::UInt64},
                                                      {"uint64", PixelType::UInt64},
                                                      {"uint64_t", PixelType::UInt64},
                                                      {"float", PixelType::Float32},
                                                      {"double", PixelType::Float64}};
  const auto found = types.find(text);
  if (found == types.end()) throw unusable_input("unknown pixel type", quoting(name, text));
  return found->second;
}

/// "(a,b,c)", "(a,b)" of a plane (c is 0) or "none".
std::optional<Vec3> parse_vector(const std::string& text, std::size_t length, const std::string& name) {
  if (text == "none") return std::nullopt;
  if (text.size() < 2 || text.front() != '(' || text.back() != ')')
    throw unusable_input("the header has something else for a vector", quoting(name, text));
  Vec3 v{};
  std::istringstream stream(text.substr(1, text.size() - 2));
  std::string part;
  std::size_t n = 0;
  bool good = true;
  while (good && std::getline(stream, part, ',')) {
    const auto number = parse_number(part);
    good = n < length && number.has_value();
    if (good) v[n++] = *number;
  }
  if (good && n == length) return v;
  const std::string wanted = length == 3 ? "three" : "two";
  throw unusable_input("a vector in the header is not of " + wanted + " numbers", quoting(name, text));
}

/// The vectors of "space directions" or "space origin"; blanks inside the parentheses are legal.
std::vector<std::optional<Vec3>> parse_vectors(const std::string& text, std::size_t length, const std::string& name) {
  std::string compact;
  bool inside = false;
  for (const char c : text) {
    if (c == '(') inside = true;
    if (c == ')') inside = false;
    if (!(inside && (c == ' ' || c == '\t'))) compact += c;
  }
  std::vector<std::optional<Vec3>> result;
  for (const auto& word : words(compact)) result.push_back(parse_vector(word, length, name));
  return result;
}

/// Which of the file's axes lie in space: those with a direction, else those whose kind says so, else the first three.
std::vector<bool> spatial_axes(const Fields& fields, std::size_t axes,
                               const std::vector<std::optional<Vec3>>& directions) {
  std::vector<bool> spatial(axes);
  const auto kinds = fields.contains("kinds") ? words(fields.at("kinds")) : std::vector<std::string>();
  for (std::size_t i = 0; i < axes; ++i) {
    if (directions.size() == axes)
      spatial[i] = directions[i].has_value();
    else if (kinds.size() == axes)
      spatial[i] = kinds[i] == "domain" || kinds[i] == "space" || ((kinds[i] == "none" || kinds[i] == "???") && i < 3);
    else
      spatial[i] = i < 3;
  }
  return spatial;
}

/// The image axes among the file's axes, in order: all of them, or all less the one of a single entry or of the
/// channels. Three, or two of a plane where a slice is welcome.
std::vector<std::size_t> image_axes(const std::vector<std::size_t>& sizes, const std::vector<bool>& spatial,
                                    const ReadOptions& options, const std::string& name) {
  std::vector<std::size_t> axes;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const bool at_an_end = i == 0 || i + 1 == sizes.size();
    if (spatial[i])
      axes.push_back(i);
    else if (sizes[i] != 1 && !(options.channel && at_an_end && sizes[i] > 0 && sizes[i] <= kMostChannels))
      throw unusable_input("the image has " + std::to_string(sizes[i]) + " frames or components; one volume is needed",
                           name);
  }
  if (axes.size() < (options.slice ? 2 : 3))
    throw unusable_input("the image is " + std::to_string(axes.size()) + "-D; a volume is needed", name);
  if (axes.size() > 3) throw unusable_input("the image has " + std::to_string(axes.size()) + " axes in space", name);
  if (sizes.size() > axes.size() + 1) throw unusable_input("the image has more than one axis outside space", name);
  return axes;
}

/// Numbers in a vector of the header: those of the space, two of a plane's.
std::size_t space_dimension(const Fields& fields, const std::string& name) {
  if (!fields.contains("space dimension")) return 3;
  const auto n = parse_number(fields.at("space dimension"));
  if (!n || (*n != 2 && *n != 3)) throw unusable_input("'space dimension' is neither 2 nor 3", name);
  return static_cast<std::size_t>(*n);
}

/// Signs that take the file's space to LPS.
Vec3 to_lps_signs(const Fields& fields, const std::string& name) {
  const auto found = fields.find("space");
  if (found == fields.end()) return {1, 1, 1};
  const std::string space = lower_case(found->second);
  if (space == "left-posterior-superior" || space == "lps") return {1, 1, 1};
  if (space == "right-anterior-superior" || space == "ras") return {-1, -1, 1};
  if (space == "left-anterior-superior" || space == "las") return {1, -1, 1};
  if (space.find("time") != std::string::npos)
    throw unusable_input("the space has a time axis", quoting(name, found->second));
  return {1, 1, 1};
}

/// How the voxels lie in space and in the file.
struct Layout {
  Geometry geometry;
  int dimensions = 3;
  bool has_channels = false, interleaved = false;  ///< an axis outside space; it is the first
};

/// The numbers of a field with one per axis, under its name or its old one; nothing where it says no number (NaN).
/// Empty where there is no such field.
std::vector<std::optional<double>> numbers_of_axes(const Fields& fields, const std::string& key,
                                                   const std::string& alternative, std::size_t axes,
                                                   const std::string& name) {
  auto found = fields.find(key);
  if (found == fields.end()) found = fields.find(alternative);
  if (found == fields.end()) return {};
  std::vector<std::optional<double>> numbers;
  for (const auto& word : words(found->second)) {
    const auto number = parse_number(word);
    numbers.push_back(number && std::isfinite(*number) ? number : std::nullopt);
  }
  if (numbers.size() != axes) throw unusable_input("'" + key + "' and 'sizes' have different lengths", name);
  return numbers;
}

/// Spacing, axes and origin of a file without directions: a negative spacing turns its axis round; "axis mins" are the
/// first samples' places where "centerings" say node, else their outer ends, half a step before. As ITK reads them
/// (teem's nrrdOriginCalculate); a "space origin" comes before them.
void place_by_axes(Geometry& g, const Fields& fields, const std::vector<std::size_t>& sizes,
                   const std::vector<std::size_t>& axes, bool has_directions, const std::string& name,
                   std::vector<std::string>& warnings) {
  const auto numbers = [&](const std::string& key, const std::string& alternative) {
    return numbers_of_axes(fields, key, alternative, sizes.size(), name);
  };
  const auto mins = numbers("axis mins", "axismins"), maxs = numbers("axis maxs", "axismaxs");
  const bool has_mins = std::ranges::any_of(mins, [](const auto& m) { return m.has_value(); });
  if (has_mins && (has_directions || fields.contains("space")))
    throw unusable_input("the header gives both 'axis mins' and a space: they contradict each other", name,
                         "save it with 'space directions' and 'space origin'");
  if (has_directions) return;
  const auto spacings = numbers("spacings", "spacings");
  for (std::size_t a = 0; a < axes.size() && !spacings.empty(); ++a) {
    if (const auto s = spacings[axes[a]]) {
      g.spacing_mm[a] = std::abs(*s);
      if (*s < 0) g.direction[3 * a + a] = -1;
    } else {
      warnings.push_back("no voxel spacing along axis " + std::to_string(a + 1) + "; 1 mm is taken");
    }
  }
  if (!has_mins || fields.contains("space origin")) return;
  const std::string centers = fields.contains("centers") ? "centers" : "centerings";
  const auto centering = fields.contains(centers) ? words(fields.at(centers)) : std::vector<std::string>();
  Vec3 origin{};
  for (std::size_t a = 0; a < axes.size(); ++a) {
    const std::size_t k = axes[a];
    const bool node = k < centering.size() && centering[k] == "node";
    const double intervals = static_cast<double>(sizes[k]) - (node ? 1 : 0);
    std::optional<double> step = spacings.empty() ? std::nullopt : spacings[k];
    if (!step && mins[k] && !maxs.empty() && maxs[k] && intervals > 0) step = (*maxs[k] - *mins[k]) / intervals;
    if (!mins[k] || !step) {
      warnings.emplace_back("'axis mins' does not say where every axis starts: the origin is taken as 0");
      return;
    }
    origin[a] = *mins[k] + (node ? 0 : 0.5 * *step);
  }
  g.origin_mm = origin;
}

Layout layout_from(const Fields& fields, const std::vector<std::size_t>& sizes, const std::string& name,
                   const ReadOptions& options, std::vector<std::string>& warnings) {
  std::vector<std::optional<Vec3>> directions;
  const std::size_t space = space_dimension(fields, name);
  if (fields.contains("space directions")) directions = parse_vectors(fields.at("space directions"), space, name);
  if (!directions.empty() && directions.size() != sizes.size())
    throw unusable_input("'space directions' and 'sizes' have different lengths", name);
  const auto axes = image_axes(sizes, spatial_axes(fields, sizes.size(), directions), options, name);
  if (!directions.empty() && axes.size() != space)
    throw unusable_input(
        "the image has " + std::to_string(axes.size()) + " axes in a space of " + std::to_string(space), name,
        "save it as a volume of one slice, or as a plane");
  const Vec3 signs = to_lps_signs(fields, name);
  Layout layout{{}, static_cast<int>(axes.size()), sizes.size() > axes.size(), axes.front() != 0};
  Geometry& g = layout.geometry;
  g.size[2] = 1;
  for (std::size_t a = 0; a < axes.size(); ++a) {
    g.size[a] = sizes[axes[a]];
    if (directions.empty()) continue;
    const Vec3 d = *directions[axes[a]];
    g.spacing_mm[a] = std::sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
    const double scale = 1.0 / g.spacing_mm[a];  // not divided: rounded as the format's own library does
    for (std::size_t r = 0; r < 3; ++r) g.direction[3 * r + a] = signs[r] * (scale * d[r]) + 0.0;
  }
  place_by_axes(g, fields, sizes, axes, !directions.empty(), name, warnings);
  if (fields.contains("space origin")) {
    const auto origin = parse_vectors(fields.at("space origin"), space, name);
    if (origin.size() != 1 || !origin[0]) throw unusable_input("'space origin' is not one vector", name);
    for (std::size_t r = 0; r < 3; ++r) g.origin_mm[r] = signs[r] * (*origin[0])[r] + 0.0;
  }
  (void)check_size(g.size, name, options.slice);
  if (layout.dimensions == 2) flatten(g, warnings);
  check_geometry(g, name);
  return layout;
}

std::vector<std::size_t> parse_sizes(const Fields& fields, const std::string& name) {
  std::vector<std::size_t> sizes;
  for (const auto& word : words(require(fields, "sizes", name))) {
    std::size_t n = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), n);
    if (error != std::errc{} || end != word.data() + word.size())
      throw unusable_input("'sizes' holds something else than sizes", quoting(name, word));
    sizes.push_back(n);
  }
  const auto dimension = require(fields, "dimension", name);
  if (dimension != std::to_string(sizes.size()))
    throw unusable_input("'dimension' differs from the number of 'sizes', " + std::to_string(sizes.size()),
                         quoting(name, dimension));
  return sizes;
}

/// Voxels written as numbers in text become raw doubles.
std::vector<std::byte> parse_text_voxels(std::span<const std::byte> bytes, std::size_t voxels,
                                         const std::string& name) {
  if (voxels > bytes.size()) throw unusable_input("the file is truncated", name);  // each number takes a byte at least
  std::istringstream stream(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  std::vector<double> values;
  for (std::string word; values.size() < voxels && stream >> word;) {
    const auto number = parse_number(word);
    values.push_back(number.value_or(std::numeric_limits<double>::quiet_NaN()));
  }
  if (values.size() < voxels)
    throw unusable_input("the file is truncated: " + std::to_string(values.size()) + " of " + std::to_string(voxels) +
                             " voxels are there",
                         name);
  std::vector<std::byte> raw(values.size() * sizeof(double));
  std::memcpy(raw.data(), values.data(), raw.size());
  return raw;
}

/// What to leave out before the voxels. Nothing: `from_end` is said (-1), the voxels are the last of the data.
std::optional<std::size_t> skip_count(const Fields& fields, const std::string& key, const std::string& alternative,
                                      bool from_end, const std::string& name) {
  auto found = fields.find(key);
  if (found == fields.end()) found = fields.find(alternative);
  if (found == fields.end()) return 0;
  const auto number = parse_number(found->second);
  if (number && from_end && *number == -1) return std::nullopt;
  if (!number || !(*number >= 0 && *number < 1e15))
    throw unusable_input("'" + key + "' is not a number from 0 on" + (from_end ? ", or -1" : ""),
                         quoting(name, found->second));
  return static_cast<std::size_t>(*number);
}

std::span<const std::byte> skip_lines(std::span<const std::byte> data, std::size_t lines, const std::string& name) {
  for (; lines > 0; --lines) {
    const auto end = std::ranges::find(data, std::byte{'\n'});
    if (end == data.end()) throw unusable_input("the file has fewer lines than it says to skip", name);
    data = data.subspan(static_cast<std::size_t>(end - data.begin()) + 1);
  }
  return data;
}

/// The data less its "byte skip"; with -1 its last `needed` bytes (0: not known, of text).
std::span<const std::byte> skip_bytes(std::span<const std::byte> data, const Fields& fields, std::size_t needed,
                                      const std::string& name) {
  const auto skip = skip_count(fields, "byte skip", "byteskip", needed > 0, name);
  if (!skip) return data.last(std::min(needed, data.size()));  // too few are told of where they are decoded
  if (*skip > data.size()) throw unusable_input("the file is truncated: it is shorter than its 'byte skip'", name);
  return data.subspan(*skip);
}

}  // namespace

ImageFile parse_nrrd(std::span<const std::byte> bytes, const std::string& name, std::span<const std::byte> detached,
                     const ReadOptions& options) {
  const HeaderText header = parse_header(bytes, name);
  const Fields& f = header.fields;
  const auto sizes = parse_sizes(f, name);
  const PixelType type = pixel_type_from(require(f, "type", name), name);
  ImageFile file;
  const Layout layout = layout_from(f, sizes, name, options, file.warnings);
  const Geometry& geometry = layout.geometry;
  file.dimensions = layout.dimensions;
  const std::size_t voxels = geometry.voxel_count();
  std::size_t channels = 1;
  for (const auto n : sizes) channels *= n;
  channels /= voxels;
  if (!layout.has_channels) warn_of_single_channel(options, file.warnings);
  const auto picked_of = [&](std::span<const std::byte> all, PixelType of) {
    return pick_channel(all, options.channel.value_or(0), channels, layout.interleaved, voxels, size_of(of), name);
  };

  const bool is_detached = f.contains("data file") || f.contains("datafile");
  auto data = is_detached ? detached : bytes.subspan(header.end);
  if (is_detached && detached.empty()) throw unusable_input("the voxels' own file is missing or empty", name);
  data = skip_lines(data, *skip_count(f, "line skip", "lineskip", false, name), name);
  const std::string encoding = require(f, "encoding", name);
  std::vector<std::byte> unpacked;
  if (encoding == "gzip" || encoding == "gz") data = unpacked = gunzip(data, name);
  const bool is_text = encoding == "text" || encoding == "txt" || encoding == "ascii";
  data = skip_bytes(data, f, is_text ? 0 : voxels * channels * size_of(type), name);

  if (is_text) {
    unpacked = parse_text_voxels(data, voxels * channels, name);
    if (layout.has_channels) unpacked = picked_of(unpacked, PixelType::Float64);
    file.volume = to_float(decode_voxels(unpacked, PixelType::Float64, false, geometry, name));
  } else if (encoding == "raw" || encoding == "gzip" || encoding == "gz") {
    bool swap = false;
    if (size_of(type) > 1) {
      const std::string endian = require(f, "endian", name);
      if (endian != "little" && endian != "big")
        throw unusable_input("'endian' is neither little nor big", quoting(name, endian));
      swap = (endian == "little") != (std::endian::native == std::endian::little);
    }
    std::vector<std::byte> picked;
    if (layout.has_channels) data = picked = picked_of(data, type);
    file.volume = decode_voxels(data, type, swap, geometry, name);
  } else {
    throw unusable_input("this encoding cannot be read", quoting(name, encoding), "save it as raw or gzip");
  }
  return file;
}

ImageFile read_nrrd(const std::filesystem::path& path, const ReadOptions& options) {
  const auto bytes = read_file(path);
  const HeaderText header = parse_header(bytes, path.string());
  auto found = header.fields.find("data file");
  if (found == header.fields.end()) found = header.fields.find("datafile");
  if (found == header.fields.end()) return parse_nrrd(bytes, path.string(), {}, options);
  // A header may only name a file in its own folder: a stranger's header must not read others.
  const std::filesystem::path data_file = found->second;
  if (data_file.is_absolute() || found->second.find("..") != std::string::npos ||
      found->second.find('%') != std::string::npos || found->second.starts_with("LIST"))
    throw unusable_input("the voxels are in another place; only one file beside the header can be read",
                         quoting(path.string(), found->second));
  return parse_nrrd(bytes, path.string(), read_file(path.parent_path() / data_file), options);
}

}  // namespace gliocast::imageio
