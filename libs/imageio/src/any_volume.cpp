#include <gliocast/imageio/any_volume.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>

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

/// The label that a value is, or 0 with the reason counted.
std::uint32_t label_of(double x, bool single_precision, FoundLabels& found) {
  if (std::isnan(x)) {
    ++found.not_a_number;
    return 0;
  }
  const double whole = std::round(x);
  const double slack = single_precision ? std::min(1e-3, 1e-6 * std::max(1.0, std::abs(x))) : 0.0;
  const bool is_whole = std::isinf(x) || std::abs(x - whole) <= slack;
  if (is_whole && whole >= 0 && whole < 4294967296.0) return static_cast<std::uint32_t>(whole);
  const bool first_of_all = found.broken + found.below_zero + found.too_large == 0;
  if (first_of_all || (!is_whole && found.broken == 0)) found.example = x;
  ++(!is_whole ? found.broken : x < 0 ? found.below_zero : found.too_large);
  return 0U;
}

}  // namespace

const Geometry& geometry_of(const AnyVolume& volume) noexcept {
  return std::visit([](const auto& v) -> const Geometry& { return v.geometry; }, volume);
}

std::string_view pixel_type_name(const AnyVolume& volume) noexcept {
  constexpr std::array<std::string_view, 10> names{"uint8", "int8",   "uint16", "int16",   "uint32",
                                                   "int32", "uint64", "int64",  "float32", "float64"};
  return names[volume.index()];
}

Volume<float> to_float(const AnyVolume& volume) { return convert<float>(volume); }
Volume<double> to_double(const AnyVolume& volume) { return convert<double>(volume); }

std::string FoundLabels::others() const {
  std::string text;
  const auto add = [&](std::size_t n, const std::string& one, const std::string& many) {
    if (n > 0) text += (text.empty() ? "" : ", ") + std::to_string(n) + (n == 1 ? " voxel " + one : " voxels " + many);
  };
  const std::string value = " (" + shortest(example) + (broken + below_zero + too_large > 1 ? " …)" : ")");
  add(broken, "holds a broken number" + value, "hold broken numbers" + value);
  add(below_zero, "is below 0", "are below 0");
  add(too_large, "is above 2^32 - 1", "are above 2^32 - 1");
  add(not_a_number, "is not a number", "are not a number");
  return text;
}

FoundLabels find_labels(const AnyVolume& volume) {
  return std::visit(
      [](const auto& v) {
        using T = typename std::decay_t<decltype(v.voxels)>::value_type;
        FoundLabels found;
        found.labels = LabelVolume(v.geometry);
        constexpr bool always = std::is_unsigned_v<T> && sizeof(T) <= sizeof(std::uint32_t);
        for (std::size_t i = 0; i < v.voxels.size(); ++i) {
          const T x = v.voxels[i];
          if constexpr (always)
            found.labels.voxels[i] = x;
          else if (x != T{0})
            found.labels.voxels[i] = label_of(static_cast<double>(x), std::is_floating_point_v<T>, found);
        }
        return found;
      },
      volume);
}

LabelVolume to_labels(const AnyVolume& volume, const std::string& name) {
  return std::visit(
      [&](const auto& v) {
        LabelVolume out(v.geometry);
        for (std::size_t i = 0; i < v.voxels.size(); ++i) {
          const auto x = static_cast<double>(v.voxels[i]);
          if (!(x >= 0 && x < 4294967296.0) || x != std::floor(x))
            throw unusable_input(
                "a label is " + std::to_string(x) + ", labels are whole numbers from 0 up", name,
                "is this an image, or a mask resampled with interpolation? Use nearest-neighbour resampling");
          out.voxels[i] = static_cast<std::uint32_t>(x);
        }
        return out;
      },
      volume);
}

}  // namespace gliocast::imageio
