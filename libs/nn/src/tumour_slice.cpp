#include <gliocast/nn/tumour_slice.hpp>

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <cstddef>

namespace gliocast::nn {
namespace {

std::int64_t largest_slice(const TrainingCase& c) {
  const auto [nz, ny, nx] = c.input.size_zyx;
  std::int64_t best = -1, largest = 0;
  for (std::int64_t z = 0; z < nz; ++z) {
    const auto first = c.label.begin() + static_cast<std::ptrdiff_t>(z * ny * nx);
    const auto area = std::count_if(first, first + ny * nx, [](std::uint8_t label) { return label > 0; });
    if (area > largest) {
      largest = area;
      best = z;
    }
  }
  if (best < 0) throw unusable_input("the tumour mask is empty: there is no slice to take", c.id);
  return best;
}

/// What two axes, laid centre on centre, share.
struct Overlap {
  Overlap(std::int64_t from_size, std::int64_t to_size)
      : from(std::max<std::int64_t>(0, (from_size - to_size) / 2)),
        to(std::max<std::int64_t>(0, (to_size - from_size) / 2)),
        length(std::min(from_size, to_size)) {}
  std::int64_t from, to, length;
};

template <typename T>
void copy_centred(const T* source, std::int64_t ny, std::int64_t nx, T* target, std::int64_t my, std::int64_t mx) {
  const Overlap rows(ny, my), columns(nx, mx);
  for (std::int64_t r = 0; r < rows.length; ++r)
    std::copy_n(source + (rows.from + r) * nx + columns.from, columns.length, target + (rows.to + r) * mx + columns.to);
}

}  // namespace

TrainingCase tumour_slice(const TrainingCase& c, const std::array<std::int64_t, 2>& size_yx) {
  const std::int64_t z = largest_slice(c);
  const auto [nz, ny, nx] = c.input.size_zyx;
  const auto [my, mx] = size_yx;
  TrainingCase out;
  out.id = c.id;
  out.present = c.present;
  out.grade = c.grade;
  out.group = c.group;
  out.input = {c.input.channels, {1, my, mx}, c.input.spacing_mm, {}};
  out.input.values.assign(static_cast<std::size_t>(c.input.channels * my * mx), 0.0F);
  out.label.assign(static_cast<std::size_t>(my * mx), 0);
  for (std::int64_t ch = 0; ch < c.input.channels; ++ch)
    copy_centred(c.input.values.data() + (ch * nz + z) * ny * nx, ny, nx, out.input.values.data() + ch * my * mx, my,
                 mx);
  copy_centred(c.label.data() + z * ny * nx, ny, nx, out.label.data(), my, mx);
  return out;
}

}  // namespace gliocast::nn
