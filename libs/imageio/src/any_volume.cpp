#include <gliocast/imageio/any_volume.hpp>

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace gliocast::imageio {
namespace {

template <typename To>
Volume<To> convert(const AnyVolume& volume) {
  return std::visit(
      [](const auto& v) {
        Volume<To> out(v.geometry);
        std::ranges::transform(v.voxels, out.voxels.begin(), [](auto x) { return static_cast<To>(x); });
        return out;
      },
      volume);
}

}  // namespace

const Geometry& geometry_of(const AnyVolume& volume) noexcept {
  return std::visit([](const auto& v) -> const Geometry& { return v.geometry; }, volume);
}

std::string_view pixel_type_name(const AnyVolume& volume) noexcept {
  constexpr std::array<std::string_view, 10> names{"uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"};
  return names[volume.index()];
}

Volume<float> to_float(const AnyVolume& volume) { return convert<float>(volume); }
Volume<double> to_double(const AnyVolume& volume) { return convert<double>(volume); }

LabelVolume to_labels(const AnyVolume& volume, const std::string& name) {
  return std::visit(
      [&](const auto& v) {
        LabelVolume out(v.geometry);
        for (std::size_t i = 0; i < v.voxels.size(); ++i) {
          const auto x = static_cast<double>(v.voxels[i]);
          if (!(x >= 0 && x < 4294967296.0) || x != std::floor(x))
            throw unusable_input("a label is " + std::to_string(x) + ", labels are whole numbers from 0 up", name,
                                 "is this an image, or a mask resampled with interpolation? Use nearest-neighbour resampling");
          out.voxels[i] = static_cast<std::uint32_t>(x);
        }
        return out;
      },
      volume);
}

}  // namespace gliocast::imageio
