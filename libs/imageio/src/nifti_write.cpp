#include <gliocast/imageio/nifti.hpp>

#include "nifti_header.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/imageio/gzip.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace gliocast::imageio {
namespace {

static_assert(std::endian::native == std::endian::little, "the writer puts out host byte order");

template <typename T>
void put(std::vector<std::byte>& out, std::size_t offset, T value) {
  std::memcpy(out.data() + offset, &value, sizeof(T));
}

template <typename T>
constexpr std::int16_t datatype_code() {
  if constexpr (std::is_same_v<T, std::uint8_t>)
    return 2;
  else if constexpr (std::is_same_v<T, std::int16_t>)
    return 4;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return 8;
  else if constexpr (std::is_same_v<T, float>)
    return 16;
  else if constexpr (std::is_same_v<T, double>)
    return 64;
  else if constexpr (std::is_same_v<T, std::int8_t>)
    return 256;
  else if constexpr (std::is_same_v<T, std::uint16_t>)
    return 512;
  else if constexpr (std::is_same_v<T, std::uint32_t>)
    return 768;
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return 1024;
  else
    return 1280;
}

/// Unit quaternion (b, c, d with a ≥ 0) and handedness of an orthonormal RAS direction. Source: NIfTI-1.1,
/// nifti_mat44_to_quatern.
struct Quaternion {
  double b, c, d, qfac;
};

Quaternion to_quaternion(Mat3 r) {
  Quaternion q{0, 0, 0, 1};
  if (determinant(r) < 0) {
    q.qfac = -1;
    for (std::size_t i : {2U, 5U, 8U}) r[i] = -r[i];
  }
  double a = r[0] + r[4] + r[8] + 1;
  if (a > 0.5) {
    a = 0.5 * std::sqrt(a);
    q.b = 0.25 * (r[7] - r[5]) / a;
    q.c = 0.25 * (r[2] - r[6]) / a;
    q.d = 0.25 * (r[3] - r[1]) / a;
    return q;
  }
  const double xd = 1 + r[0] - r[4] - r[8], yd = 1 + r[4] - r[0] - r[8], zd = 1 + r[8] - r[0] - r[4];
  if (xd > 1) {
    q.b = 0.5 * std::sqrt(xd);
    q.c = 0.25 * (r[1] + r[3]) / q.b;
    q.d = 0.25 * (r[2] + r[6]) / q.b;
    a = 0.25 * (r[7] - r[5]) / q.b;
  } else if (yd > 1) {
    q.c = 0.5 * std::sqrt(yd);
    q.b = 0.25 * (r[1] + r[3]) / q.c;
    q.d = 0.25 * (r[5] + r[7]) / q.c;
    a = 0.25 * (r[2] - r[6]) / q.c;
  } else {
    q.d = 0.5 * std::sqrt(zd);
    q.b = 0.25 * (r[2] + r[6]) / q.d;
    q.c = 0.25 * (r[5] + r[7]) / q.d;
    a = 0.25 * (r[3] - r[1]) / q.d;
  }
  if (a < 0) {
    q.b = -q.b;
    q.c = -q.c;
    q.d = -q.d;
  }
  return q;
}

template <typename T>
std::vector<std::byte> format(const Volume<T>& volume) {
  using L = Nifti1Layout;
  const Geometry& g = volume.geometry;
  for (const std::size_t n : g.size)
    if (n == 0 || n > 32767)
      throw Error(ExitCode::CannotWrite, "a size of " + std::to_string(n) + " voxels does not fit NIfTI-1");
  constexpr std::size_t kVoxels = 352;
  std::vector<std::byte> out(kVoxels + volume.voxels.size() * sizeof(T));
  put<std::int32_t>(out, 0, static_cast<std::int32_t>(L::kHeaderSize));
  put<std::int16_t>(out, L::kDim, 3);
  for (std::size_t i = 0; i < 7; ++i)
    put<std::int16_t>(out, L::kDim + 2 * (i + 1), i < 3 ? static_cast<std::int16_t>(g.size[i]) : std::int16_t{1});
  put<std::int16_t>(out, L::kDatatype, datatype_code<T>());
  put<std::int16_t>(out, L::kBitpix, static_cast<std::int16_t>(8 * sizeof(T)));
  const auto ras = g.index_to_ras_matrix();
  Mat3 direction{};
  for (std::size_t r = 0; r < 3; ++r)
    for (std::size_t c = 0; c < 3; ++c) direction[3 * r + c] = ras[4 * r + c] / g.spacing_mm[c];
  const Quaternion q = to_quaternion(direction);
  put<float>(out, L::kPixdim, static_cast<float>(q.qfac));
  for (std::size_t i = 0; i < 3; ++i) put<float>(out, L::kPixdim + 4 * (i + 1), static_cast<float>(g.spacing_mm[i]));
  put<float>(out, L::kVoxOffset, static_cast<float>(kVoxels));
  put<float>(out, L::kSclSlope, 1.0F);
  out[L::kXyztUnits] = std::byte{2};  // mm
  put<std::int16_t>(out, L::kQformCode, 1);
  put<std::int16_t>(out, L::kSformCode, 1);
  const std::array<double, 3> bcd{q.b, q.c, q.d};
  for (std::size_t i = 0; i < 3; ++i) {
    put<float>(out, L::kQuaternB + 4 * i, static_cast<float>(bcd[i]));
    put<float>(out, L::kQoffsetX + 4 * i, static_cast<float>(ras[4 * i + 3]));
  }
  for (std::size_t i = 0; i < 12; ++i) put<float>(out, L::kSrowX + 4 * i, static_cast<float>(ras[i]));
  std::memcpy(out.data() + L::kMagic, "n+1", 4);
  std::memcpy(out.data() + kVoxels, volume.voxels.data(), volume.voxels.size() * sizeof(T));
  return out;
}

}  // namespace

std::vector<std::byte> format_nifti(const AnyVolume& volume) {
  return std::visit([](const auto& v) { return format(v); }, volume);
}

void write_nifti(const std::filesystem::path& path, const AnyVolume& volume) {
  auto bytes = format_nifti(volume);
  if (path.extension() == ".gz") bytes = gzip(bytes);
  write_file(path, bytes);
}

}  // namespace gliocast::imageio
