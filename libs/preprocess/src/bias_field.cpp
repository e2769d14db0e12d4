#include <gliocast/preprocess/bias_field.hpp>

#include "n4.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/image/smooth.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::preprocess {

BiasField correct_bias_field(const Volume<float>& image, const Mask& head, const BiasFieldOptions& o) {
  BiasField out;
  const auto coarse = image::shrink_to(image, o.spacing_mm);
  Volume<float> inside_head(head.geometry);
  for (std::size_t i = 0; i < head.voxels.size(); ++i) inside_head.voxels[i] = head.voxels[i];
  inside_head = image::shrink_to(inside_head, o.spacing_mm);  // means of whole blocks: no ties between neighbours
  Mask where(coarse.geometry);
  for (std::size_t i = 0; i < where.voxels.size(); ++i)
    where.voxels[i] = inside_head.voxels[i] > 0.5F && coarse.voxels[i] > 0;
  if (count(where) < 200 || *std::ranges::min_element(coarse.geometry.size) < 2)
    throw unusable_input("too little of a head for bias field correction");
  Volume<float> field = n4_log_field(coarse, where, o);
  std::vector<float> inside = values_inside(field, where);
  double sum = 0;
  for (const float v : inside) sum += static_cast<double>(v);
  const auto mean = static_cast<float>(sum / static_cast<double>(inside.size()));
  out.range =
      std::exp(static_cast<double>(quantile_lower(inside, 0.99)) - static_cast<double>(quantile_lower(inside, 0.01)));
  for (float& v : field.voxels) v -= mean;
  // A lattice this coarse is straight between voxels of 4 mm: linear interpolation of its logarithm loses nothing that
  // can be seen. Beyond the outermost centres the nearest holds.
  const Geometry &g = image.geometry, &c = field.geometry;
  const Size3 factor = image::shrink_factors(g, o.spacing_mm);
  out.corrected = image;
  struct Tap {
    std::size_t low, high;
    float t;
  };
  std::array<std::vector<Tap>, 3> taps;
  for (std::size_t a = 0; a < 3; ++a)
    for (std::size_t i = 0; i < g.size[a]; ++i) {
      const double u = std::clamp(
          (static_cast<double>(i) - 0.5 * static_cast<double>(factor[a] - 1)) / static_cast<double>(factor[a]), 0.0,
          static_cast<double>(c.size[a] - 1));
      const auto low = static_cast<std::size_t>(u);
      taps[a].push_back({low, std::min(low + 1, c.size[a] - 1), static_cast<float>(u - static_cast<double>(low))});
    }
  std::size_t i = 0;
  for (const Tap& z : taps[2])
    for (const Tap& y : taps[1]) {
      const auto row = [&](std::size_t zz, std::size_t yy) { return &field.voxels[c.size[0] * (yy + c.size[1] * zz)]; };
      const float *r00 = row(z.low, y.low), *r01 = row(z.low, y.high), *r10 = row(z.high, y.low),
                  *r11 = row(z.high, y.high);
      for (const Tap& x : taps[0]) {
        const auto at = [&](std::size_t k) {
          return (1 - z.t) * ((1 - y.t) * r00[k] + y.t * r01[k]) + z.t * ((1 - y.t) * r10[k] + y.t * r11[k]);
        };
        out.corrected.voxels[i++] *= std::exp(-((1 - x.t) * at(x.low) + x.t * at(x.high)));
      }
    }
  for (float& v : field.voxels) v = std::exp(v);
  out.field = std::move(field);
  return out;
}

}  // namespace gliocast::preprocess
