#include "texture_directions.hpp"

#include <algorithm>
#include <cmath>

namespace gliocast::radiomics {
namespace {

/// Weighted matrices added up.
TextureMatrix add_up(const std::vector<TextureMatrix>& directions, const std::vector<double>& weights) {
  TextureMatrix all;
  for (std::size_t k = 0; k < directions.size(); ++k)
    for (const auto& e : directions[k]) all.push_back({e.level, e.column, e.count * weights[k]});
  std::ranges::stable_sort(all, {}, [](const MatrixEntry& e) { return std::pair(e.level, e.column); });
  TextureMatrix out;
  for (const auto& e : all) {
    if (out.empty() || out.back().level != e.level || out.back().column != e.column)
      out.push_back(e);
    else
      out.back().count += e.count;
  }
  return out;
}

double distance_mm(const std::array<int, 3>& o, const Vec3& spacing, WeightingNorm norm) {
  std::array<double, 3> d{};
  for (std::size_t a = 0; a < 3; ++a) d[a] = std::abs(o[a]) * spacing[a];
  switch (norm) {
    case WeightingNorm::Infinity:
      return std::ranges::max(d);
    case WeightingNorm::Euclidean:
      return std::sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
    case WeightingNorm::Manhattan:
      return d[0] + d[1] + d[2];
    case WeightingNorm::None:
      break;
  }
  return 0;
}

}  // namespace

double total(const TextureMatrix& m) {
  double sum = 0;
  for (const auto& e : m) sum += e.count;
  return sum;
}

std::vector<TextureMatrix> combine(std::vector<TextureMatrix> directions,
                                   const std::vector<std::array<int, 3>>& offsets, const Vec3& spacing_mm,
                                   const TextureOptions& o, bool exponential) {
  if (o.weighting) {
    std::vector<double> weights;
    for (const auto& offset : offsets) {
      const double d = distance_mm(offset, spacing_mm, *o.weighting);
      weights.push_back(*o.weighting == WeightingNorm::None ? 1 : exponential ? std::exp(-d * d) : d);
    }
    return {add_up(directions, weights)};
  }
  std::erase_if(directions, [](const TextureMatrix& m) { return m.empty(); });
  return directions;
}

}  // namespace gliocast::radiomics
