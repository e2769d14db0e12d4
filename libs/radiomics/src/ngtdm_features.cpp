// Features of the neighbouring grey tone difference matrix, by PyRadiomics' definitions.
#include "feature_list.hpp"

#include <gliocast/radiomics/texture.hpp>

namespace gliocast::radiomics {
namespace {

/// Sums over the levels, and over pairs of levels.
struct NgtdmValues {
  double voxels = 0, levels = 0;
  double weighted_difference = 0, difference = 0;  ///< Σ pᵢ sᵢ, Σ sᵢ
  double contrast = 0, busyness = 0, complexity = 0, strength = 0;
};

NgtdmValues ngtdm_values(const Ngtdm& m, const std::vector<double>& levels) {
  NgtdmValues v;
  const std::size_t k = levels.size();
  v.levels = static_cast<double>(k);
  for (const double n : m.voxels) v.voxels += n;
  for (std::size_t i = 0; i < k; ++i) {
    v.weighted_difference += m.voxels[i] / v.voxels * m.difference[i];
    v.difference += m.difference[i];
  }
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t j = 0; j < k; ++j) {
      const double p = m.voxels[i] / v.voxels, q = m.voxels[j] / v.voxels, d = levels[i] - levels[j];
      v.contrast += p * q * d * d;
      v.busyness += std::abs(levels[i] * p - levels[j] * q);
      v.complexity += std::abs(d) * (p * m.difference[i] + q * m.difference[j]) / (p + q);
      v.strength += (p + q) * d * d;
    }
  return v;
}

const FeatureList<NgtdmValues>& ngtdm_list() {
  using V = NgtdmValues;
  static const FeatureList<V> list{
      "ngtdm",
      "neighbouring grey tone difference matrix",
      "Amadasun and King, IEEE Trans Syst Man Cybern 1989;19:1264",
      "n: number of voxels; pᵢ: share of those of level i; sᵢ: sum of |i − mean of the "
      "neighbours' levels| over them; L: number of levels that occur; sums over pairs go over all i and j",
      {{"Busyness", "1", "Σ pᵢ sᵢ / Σ |i pᵢ − j pⱼ|; 0 where the divisor is 0",
        [](const V& v) { return v.busyness != 0 ? v.weighted_difference / v.busyness : 0; }},
       {"Coarseness", "1", "1 / Σ pᵢ sᵢ; 10⁶ where the sum is 0",
        [](const V& v) { return v.weighted_difference != 0 ? 1 / v.weighted_difference : 1e6; }},
       {"Complexity", "1", "Σ |i − j| (pᵢ sᵢ + pⱼ sⱼ) / (pᵢ + pⱼ) / n",
        [](const V& v) { return v.complexity / v.voxels; }},
       {"Contrast", "1", "Σ pᵢ pⱼ (i − j)² / (L (L − 1)) · Σ sᵢ / n; 0 where L = 1",
        [](const V& v) {
          return v.levels > 1 ? v.contrast * v.difference / v.voxels / (v.levels * (v.levels - 1)) : 0;
        }},
       {"Strength", "1", "Σ (pᵢ + pⱼ)(i − j)² / Σ sᵢ; 0 where the divisor is 0",
        [](const V& v) { return v.difference != 0 ? v.strength / v.difference : 0; }}}};
  return list;
}

}  // namespace

FeatureClass ngtdm_class() { return ngtdm_list().described(); }

Features ngtdm_features(const LevelRegion& region, const TextureOptions& o, const std::vector<std::string>& wanted) {
  return ngtdm_list().evaluate(ngtdm_values(ngtdm(region, o), region.levels()), wanted);
}

}  // namespace gliocast::radiomics
