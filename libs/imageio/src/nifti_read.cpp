#include <gliocast/imageio/nifti.hpp>

#include "nifti_header.hpp"
#include "raw_voxels.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/singular_values.hpp>
#include <gliocast/imageio/gzip.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>
#include <type_traits>

namespace gliocast::imageio {
namespace {

/// The fields of either version, in host byte order.
struct Header {
  bool swap = false, pair = false;
  int datatype = 0;
  std::array<std::int64_t, 8> dim{};
  std::array<double, 8> pixdim{};
  double vox_offset = 0, slope = 0, intercept = 0;
  int units = 0, qform_code = 0, sform_code = 0;
  std::array<double, 6> quaternion{};  ///< b, c, d, offset x, y, z
  std::array<double, 12> srow{};
};

template <typename T>
T field(std::span<const std::byte> bytes, std::size_t offset, bool swap) {
  std::array<std::byte, sizeof(T)> raw{};
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), sizeof(T), raw.begin());
  if (swap) std::ranges::reverse(raw);
  T value;
  std::memcpy(&value, raw.data(), sizeof(T));
  return value;
}

template <typename L, typename Dim, typename Real, typename Offset, typename Code>
Header read_fields(std::span<const std::byte> bytes, bool swap) {
  Header h;
  h.swap = swap;
  h.datatype = field<std::int16_t>(bytes, L::kDatatype, swap);
  for (std::size_t i = 0; i < 8; ++i) {
    h.dim[i] = field<Dim>(bytes, L::kDim + i * sizeof(Dim), swap);
    h.pixdim[i] = static_cast<double>(field<Real>(bytes, L::kPixdim + i * sizeof(Real), swap));
  }
  h.vox_offset = static_cast<double>(field<Offset>(bytes, L::kVoxOffset, swap));
  h.slope = static_cast<double>(field<Real>(bytes, L::kSclSlope, swap));
  h.intercept = static_cast<double>(field<Real>(bytes, L::kSclInter, swap));
  h.qform_code = static_cast<int>(field<Code>(bytes, L::kQformCode, swap));
  h.sform_code = static_cast<int>(field<Code>(bytes, L::kSformCode, swap));
  for (std::size_t i = 0; i < 6; ++i)
    h.quaternion[i] = static_cast<double>(field<Real>(bytes, L::kQuaternB + i * sizeof(Real), swap));
  for (std::size_t i = 0; i < 12; ++i)
    h.srow[i] = static_cast<double>(field<Real>(bytes, L::kSrowX + i * sizeof(Real), swap));
  return h;
}

Header parse_header(std::span<const std::byte> bytes, const std::string& name) {
  if (bytes.size() < Nifti1Layout::kHeaderSize)
    throw unusable_input("too short for a NIfTI header (" + std::to_string(bytes.size()) + " bytes)", name);
  const auto first = field<std::int32_t>(bytes, 0, false), swapped = field<std::int32_t>(bytes, 0, true);
  Header h;
  std::string magic;
  if (first == 348 || swapped == 348) {
    h = read_fields<Nifti1Layout, std::int16_t, float, float, std::int16_t>(bytes, first != 348);
    h.units = static_cast<int>(bytes[Nifti1Layout::kXyztUnits]);
    magic.assign(reinterpret_cast<const char*>(bytes.data()) + Nifti1Layout::kMagic, 3);
    if (magic != "n+1" && magic != "ni1")
      throw unusable_input("an ANALYZE 7.5 header: it does not say how the head lies", name, "convert it to NIfTI");
  } else if (first == 540 || swapped == 540) {
    if (bytes.size() < Nifti2Layout::kHeaderSize) throw unusable_input("the NIfTI-2 header is truncated", name);
    h = read_fields<Nifti2Layout, std::int64_t, double, std::int64_t, std::int32_t>(bytes, first != 540);
    h.units = field<std::int32_t>(bytes, Nifti2Layout::kXyztUnits, h.swap);
    magic.assign(reinterpret_cast<const char*>(bytes.data()) + Nifti2Layout::kMagic, 3);
    if (magic != "n+2" && magic != "ni2") throw unusable_input("the NIfTI-2 header has no magic string", name);
  } else {
    throw unusable_input("not a NIfTI file", name);
  }
  h.pair = magic[1] == 'i';
  return h;
}

Size3 size_from(const Header& h, const ReadOptions& options, const std::string& name) {
  const std::int64_t rank = h.dim[0];
  if (rank < 1 || rank > 7) throw unusable_input("the header claims " + std::to_string(rank) + " dimensions", name);
  if (rank < (options.slice ? 2 : 3))
    throw unusable_input("the image is " + std::to_string(rank) + "-D; a volume is needed", name);
  for (std::size_t i = 1; i <= static_cast<std::size_t>(rank); ++i) {
    if (h.dim[i] < 1)
      throw unusable_input(
          "the header claims a size of " + std::to_string(h.dim[i]) + " along axis " + std::to_string(i), name);
    if (i > 3 && h.dim[i] != 1 && !(i == 5 && options.channel && h.dim[i] <= static_cast<std::int64_t>(kMostChannels)))
      throw unusable_input("the image has " + std::to_string(h.dim[i]) + " frames along axis " + std::to_string(i) +
                               "; one volume is needed",
                           name, "extract the frame you mean");
  }
  const Size3 size{static_cast<std::size_t>(h.dim[1]), static_cast<std::size_t>(h.dim[2]),
                   rank > 2 ? static_cast<std::size_t>(h.dim[3]) : 1};
  (void)check_size(size, name, options.slice);
  return size;
}

constexpr int kRgb = 128, kRgba = 2304;  ///< colours of 8 bits

/// `colours`: a channel of them is wanted.
PixelType pixel_type_from(int datatype, bool colours, const std::string& name) {
  switch (datatype) {
    case 2:
      return PixelType::UInt8;
    case 4:
      return PixelType::Int16;
    case 8:
      return PixelType::Int32;
    case 16:
      return PixelType::Float32;
    case 64:
      return PixelType::Float64;
    case 256:
      return PixelType::Int8;
    case 512:
      return PixelType::UInt16;
    case 768:
      return PixelType::UInt32;
    case 1024:
      return PixelType::Int64;
    case 1280:
      return PixelType::UInt64;
    case 1:
      throw unusable_input("pixels of one bit cannot be read", name, "convert the image to 8 bits");
    case 32:
    case 1792:
    case 2048:
      throw unusable_input("the pixels are complex numbers", name, "use the magnitude image");
    case kRgb:
    case kRgba:
      if (colours) return PixelType::UInt8;
      throw unusable_input("the pixels are colours", name, "use the grey-scale image");
    default:
      throw unusable_input("unknown pixel type " + std::to_string(datatype), name);
  }
}

/// Metres and micrometres to millimetres.
double unit_in_mm(int units) {
  switch (units & 7) {
    case 1:
      return 1000;
    case 3:
      return 0.001;
    default:
      return 1;
  }
}

void set_ras(Geometry& g, const Mat3& ras_direction, const Vec3& ras_origin) {
  for (std::size_t r = 0; r < 3; ++r) {
    const double sign = r < 2 ? -1 : 1;
    for (std::size_t c = 0; c < 3; ++c) g.direction[3 * r + c] = sign * ras_direction[3 * r + c] + 0.0;
    g.origin_mm[r] = sign * ras_origin[r] + 0.0;
  }
}

using Matrix3x4 = std::array<double, 12>;  ///< rows of index to RAS mm, the origin last

struct Axes {
  Mat3 direction{};
  Vec3 norm{}, origin{};
  bool orthogonal = false;
};

Axes decompose(const Matrix3x4& rows) {
  Axes s;
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t r = 0; r < 3; ++r) s.norm[c] += rows[4 * r + c] * rows[4 * r + c];
    s.norm[c] = std::sqrt(s.norm[c]);
    for (std::size_t r = 0; r < 3; ++r) s.direction[3 * r + c] = rows[4 * r + c] / s.norm[c];
    s.origin[c] = rows[4 * c + 3];
  }
  s.orthogonal = true;
  for (std::size_t a = 0; a < 3; ++a)
    for (std::size_t b = 0; b <= a; ++b) {
      double dot = 0;
      for (std::size_t r = 0; r < 3; ++r) dot += s.direction[3 * r + a] * s.direction[3 * r + b];
      if (!(std::abs(dot - (a == b ? 1.0 : 0.0)) < 1e-3)) s.orthogonal = false;
    }
  return s;
}

/// The qform's matrix, in single precision as ITK's reader keeps it. Source: NIfTI-1.1, nifti_quatern_to_mat44.
Matrix3x4 qform_rows(const Header& h) {
  double b = h.quaternion[0], c = h.quaternion[1], d = h.quaternion[2];
  double a = 1 - (b * b + c * c + d * d);
  if (a < 1e-7) {  // a rotation by 180°: normalise the vector part
    const double n = 1 / std::sqrt(b * b + c * c + d * d);
    b *= n;
    c *= n;
    d *= n;
    a = 0;
  } else {
    a = std::sqrt(a);
  }
  const Mat3 r{a * a + b * b - c * c - d * d, 2 * (b * c - a * d),           2 * (b * d + a * c),
               2 * (b * c + a * d),           a * a + c * c - b * b - d * d, 2 * (c * d - a * b),
               2 * (b * d - a * c),           2 * (c * d + a * b),           a * a + d * d - c * c - b * b};
  Matrix3x4 rows{};
  for (std::size_t k = 0; k < 3; ++k) {
    for (std::size_t column = 0; column < 3; ++column) {
      const double width = std::abs(h.pixdim[column + 1]), sign = column == 2 && h.pixdim[0] < 0 ? -1 : 1;
      const auto product = static_cast<long double>(r[3 * k + column]) * (sign * (width > 0 ? width : 1.0));
      rows[4 * k + column] = static_cast<double>(static_cast<float>(product));
    }
    rows[4 * k + 3] = h.quaternion[3 + k];
  }
  return rows;
}

/// Whether both forms are known and say the same to 1e-4, by their singular values in single precision, as ITK's reader
/// judges it: then it takes the sform, which is the more exact one. Source: itk::NiftiImageIO (5.4).
bool forms_are_similar(const Matrix3x4& sform, const Matrix3x4& qform) {
  constexpr double kTolerance = 1e-4;
  const auto decomposed = [](const Matrix3x4& rows) {
    std::array<float, 9> m{};
    for (std::size_t k = 0; k < 9; ++k) m[k] = static_cast<float>(rows[4 * (k / 3) + k % 3]);
    return singular_values(m);
  };
  const SingularValues<float> s = decomposed(sform), q = decomposed(qform);
  for (std::size_t k = 0; k < 3; ++k) {
    const auto offset = static_cast<float>(sform[4 * k + 3]) - static_cast<float>(qform[4 * k + 3]);
    if (!(std::abs(s.values[k] - q.values[k]) <= kTolerance) || !(std::abs(offset) <= kTolerance)) return false;
  }
  std::array<float, 9> u{};
  for (std::size_t k = 0; k < 9; ++k) u[k] = q.left[k % 3][k / 3];
  const std::array<float, 9> back = inverse_by_singular_values(u);
  for (std::size_t r = 0; r < 3; ++r)
    for (std::size_t c = 0; c < 3; ++c) {
      float sum = 0;
      for (std::size_t k = 0; k < 3; ++k) sum += s.left[k][r] * back[3 * k + c];
      if (!(std::abs(sum - (r == c ? 1.0F : 0.0F)) <= kTolerance)) return false;
    }
  return true;
}

void set_from_qform(Geometry& g, const Header& h, double unit) {
  const Axes axes = decompose(qform_rows(h));
  set_ras(g, axes.direction, {axes.origin[0] * unit, axes.origin[1] * unit, axes.origin[2] * unit});
}

/// ITK's choice between the two forms (see the header).
Geometry geometry_from(const Header& h, const Size3& size, const std::string& name,
                       std::vector<std::string>& warnings) {
  Geometry g;
  g.size = size;
  const double unit = unit_in_mm(h.units);
  for (std::size_t i = 0; i < 3; ++i) {
    const double d = static_cast<std::int64_t>(i) < h.dim[0] ? std::abs(h.pixdim[i + 1]) : 1.0;
    if (!std::isfinite(d)) throw unusable_input("the voxel spacing in the header is not a number", name);
    g.spacing_mm[i] = (d > 0 ? d : 1.0) * unit;
    if (!(d > 0))
      warnings.push_back("the voxel spacing along axis " + std::to_string(i + 1) + " is 0 in the header; 1 is taken");
  }
  const bool has_q = h.qform_code > 0, has_s = h.sform_code > 0;
  if (has_s) {
    const Axes s = decompose(h.srow);
    if (s.orthogonal && (!has_q || h.sform_code == 1 || forms_are_similar(h.srow, qform_rows(h)))) {
      set_ras(g, s.direction, {s.origin[0] * unit, s.origin[1] * unit, s.origin[2] * unit});
      for (std::size_t i = 0; i < 3; ++i)
        if (std::abs(s.norm[i] * unit - g.spacing_mm[i]) > 1e-2 * g.spacing_mm[i])
          warnings.push_back("the header contradicts itself: voxel spacing " + shortest(g.spacing_mm[i]) +
                             " mm along axis " + std::to_string(i + 1) + ", but " + shortest(s.norm[i] * unit) +
                             " mm in the sform; the former is taken, as ITK does");
    } else if (has_q) {
      set_from_qform(g, h, unit);
    } else {
      throw unusable_input("the sform in the header is sheared or singular and there is no qform", name,
                           "resample the image to an orthogonal grid");
    }
  } else if (has_q) {
    set_from_qform(g, h, unit);
  } else {
    warnings.push_back(
        "the header does not say how the head lies (neither sform nor qform); axes and origin are taken as they are "
        "stored");
  }
  if (h.dim[0] == 2) flatten(g, warnings);
  check_geometry(g, name);
  return g;
}

/// Values a voxel: those of a vector lie a volume apart, colours side by side.
struct Channels {
  std::size_t count = 1;
  bool interleaved = false;
};

Channels channels_of(const Header& h) {
  if (h.datatype == kRgb || h.datatype == kRgba) return {h.datatype == kRgb ? std::size_t{3} : std::size_t{4}, true};
  return {h.dim[0] >= 5 ? static_cast<std::size_t>(h.dim[5]) : 1, false};
}

/// 2 for a plane; 0 where a vector of one slice may be a plane's as well (ITK writes both alike).
int dimensions_of(const Header& h) {
  if (h.dim[0] == 2) return 2;
  return h.dim[0] >= 5 && h.dim[5] > 1 && h.dim[3] == 1 && h.dim[4] == 1 ? 0 : 3;
}

std::span<const std::byte> voxel_bytes(const Header& h, std::span<const std::byte> file,
                                       std::span<const std::byte> pair, const std::string& name) {
  const auto source = h.pair ? pair : file;
  if (h.pair && pair.empty())
    throw unusable_input("the header belongs to a .hdr/.img pair, the .img file is missing", name);
  if (!(h.vox_offset >= 0) || h.vox_offset > static_cast<double>(source.size()))
    throw unusable_input("the voxels start beyond the end of the file: it is truncated", name);
  auto offset = static_cast<std::size_t>(h.vox_offset);
  if (!h.pair && offset < Nifti1Layout::kHeaderSize) offset = 352;  // some writers leave 0
  if (offset > source.size()) throw unusable_input("the file ends with its header", name);
  return source.subspan(offset);
}

/// NaN and infinities become 0 before any scale, as in ITK's reader (itk::NiftiImageIO), and are told of.
void zero_what_is_not_finite(AnyVolume& volume, std::vector<std::string>& warnings) {
  std::size_t nan = 0, infinite = 0;
  std::visit(
      [&](auto& v) {
        using T = typename std::decay_t<decltype(v.voxels)>::value_type;
        if constexpr (std::is_floating_point_v<T>)
          for (T& x : v.voxels)
            if (!std::isfinite(x)) {
              ++(std::isnan(x) ? nan : infinite);
              x = 0;
            }
      },
      volume);
  if (nan + infinite == 0) return;
  std::string kinds = nan > 0 ? std::to_string(nan) + " NaN" : "";
  if (infinite > 0) kinds += (kinds.empty() ? "" : ", ") + std::to_string(infinite) + " infinite";
  warnings.push_back(kinds + (nan + infinite == 1 ? " voxel is" : " voxels are") +
                     " read as 0, as ITK and PyRadiomics read them in NIfTI");
}

}  // namespace

ImageFile parse_nifti(std::span<const std::byte> bytes, const std::string& name, std::span<const std::byte> pair_voxels,
                      const ReadOptions& options) {
  std::vector<std::byte> unpacked, unpacked_pair;
  if (is_gzip(bytes)) bytes = unpacked = gunzip(bytes, name);
  if (is_gzip(pair_voxels)) pair_voxels = unpacked_pair = gunzip(pair_voxels, name);
  const Header h = parse_header(bytes, name);
  const Size3 size = size_from(h, options, name);
  const PixelType type = pixel_type_from(h.datatype, options.channel.has_value(), name);
  ImageFile file;
  const Geometry geometry = geometry_from(h, size, name, file.warnings);
  auto data = voxel_bytes(h, bytes, pair_voxels, name);
  file.dimensions = dimensions_of(h);
  const Channels channels = channels_of(h);
  std::vector<std::byte> picked;
  if (channels.count > 1)
    data = picked = pick_channel(data, options.channel.value_or(0), channels.count, channels.interleaved,
                                 geometry.voxel_count(), size_of(type), name);
  else
    warn_of_single_channel(options, file.warnings);
  file.volume = decode_voxels(data, type, h.swap, geometry, name);
  if (options.itk_values) zero_what_is_not_finite(file.volume, file.warnings);
  const bool scaled =
      h.slope != 0 && std::isfinite(h.slope) && std::isfinite(h.intercept) && (h.slope != 1 || h.intercept != 0);
  if (scaled) file.volume = rescale(file.volume, h.slope, h.intercept);
  return file;
}

ImageFile read_nifti(const std::filesystem::path& path, const ReadOptions& options) {
  std::filesystem::path header = path, voxels;
  std::string text = path.string();
  const auto swap_ending = [&](const std::string& from, const std::string& to) -> std::optional<std::filesystem::path> {
    if (!text.ends_with(from)) return std::nullopt;
    return text.substr(0, text.size() - from.size()) + to;
  };
  for (const std::string gz : {"", ".gz"}) {
    if (const auto h = swap_ending(".img" + gz, ".hdr" + gz)) {
      header = *h;
      voxels = path;
    }
    if (const auto v = swap_ending(".hdr" + gz, ".img" + gz)) voxels = *v;
  }
  const auto bytes = read_file(header);
  std::vector<std::byte> pair;
  std::error_code error;
  if (!voxels.empty() && std::filesystem::exists(voxels, error)) pair = read_file(voxels);
  return parse_nifti(bytes, path.string(), pair, options);
}

}  // namespace gliocast::imageio
