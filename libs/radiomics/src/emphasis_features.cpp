// Features of run length, zone and dependence matrices, by PyRadiomics' definitions: one set of sums, three sets of
// names.
#include "feature_list.hpp"
#include "texture_directions.hpp"

namespace gliocast::radiomics {
namespace {

/// What run lengths, zones and dependences have in common.
struct Emphases {
  double entries = 0, voxels = 0;
  double small = 0, large = 0, low = 0, high = 0, small_low = 0, small_high = 0, large_low = 0, large_high = 0;
  double level_square = 0, column_square = 0, level_variance = 0, column_variance = 0, entropy = 0;
};

Emphases emphases_of(const TextureMatrix& m, const std::vector<double>& levels) {
  Emphases e;
  e.entries = total(m);
  std::uint32_t widest = 0;
  for (const auto& x : m) widest = std::max(widest, x.column);
  std::vector<double> by_level(levels.size(), 0.0), by_column(widest + 1, 0.0);
  const double n = e.entries;
  double mean_level = 0, mean_column = 0;
  for (const auto& x : m) {
    const double i = levels[x.level], j = x.column, p = x.count, i2 = i * i, j2 = j * j;
    by_level[x.level] += p;
    by_column[x.column] += p;
    e.voxels += p * j;
    e.small += p / j2;
    e.large += p * j2;
    e.low += p / i2;
    e.high += p * i2;
    e.small_low += p / (i2 * j2);
    e.small_high += p * i2 / j2;
    e.large_low += p * j2 / i2;
    e.large_high += p * i2 * j2;
    mean_level += p / n * i;
    mean_column += p / n * j;
    e.entropy -= plog(p / n);
  }
  for (std::size_t k = 0; k < levels.size(); ++k) {
    e.level_square += by_level[k] * by_level[k];
    e.level_variance += by_level[k] / n * (levels[k] - mean_level) * (levels[k] - mean_level);
  }
  for (std::size_t k = 0; k < by_column.size(); ++k) {
    e.column_square += by_column[k] * by_column[k];
    e.column_variance +=
        by_column[k] / n * (static_cast<double>(k) - mean_column) * (static_cast<double>(k) - mean_column);
  }
  for (double* v : {&e.small, &e.large, &e.low, &e.high, &e.small_low, &e.small_high, &e.large_low, &e.large_high})
    *v /= n;
  return e;
}

using V = Emphases;

double level_non_uniformity(const V& v) { return v.level_square / v.entries; }
double level_non_uniformity_normalized(const V& v) { return v.level_square / (v.entries * v.entries); }
double column_non_uniformity(const V& v) { return v.column_square / v.entries; }
double column_non_uniformity_normalized(const V& v) { return v.column_square / (v.entries * v.entries); }
double percentage(const V& v) { return v.entries / v.voxels; }

const FeatureList<V>& glrlm_list() {
  static const FeatureList<V> list{
      "glrlm",
      "grey level run length matrix",
      "Galloway, Comput Graph Image Process 1975;4:172; Chu, Pattern Recognit Lett 1990;11:415",
      "p(i, j): number of runs of j voxels of level i along a direction; N: their sum; μ: mean of i or j, weighted "
      "with p/N. A matrix for each direction; a feature is its mean over them",
      {{"GrayLevelNonUniformity", "1", "Σᵢ (Σⱼ p(i, j))² / N", level_non_uniformity},
       {"GrayLevelNonUniformityNormalized", "1", "Σᵢ (Σⱼ p(i, j))² / N²", level_non_uniformity_normalized},
       {"GrayLevelVariance", "1", "Σ p(i, j)/N (i − μ)²", &V::level_variance},
       {"HighGrayLevelRunEmphasis", "1", "Σ p(i, j) i² / N", &V::high},
       {"LongRunEmphasis", "1", "Σ p(i, j) j² / N", &V::large},
       {"LongRunHighGrayLevelEmphasis", "1", "Σ p(i, j) i² j² / N", &V::large_high},
       {"LongRunLowGrayLevelEmphasis", "1", "Σ p(i, j) j²/i² / N", &V::large_low},
       {"LowGrayLevelRunEmphasis", "1", "Σ p(i, j) / i² / N", &V::low},
       {"RunEntropy", "bit", "−Σ p(i, j)/N log₂(p(i, j)/N)", &V::entropy},
       {"RunLengthNonUniformity", "1", "Σⱼ (Σᵢ p(i, j))² / N", column_non_uniformity},
       {"RunLengthNonUniformityNormalized", "1", "Σⱼ (Σᵢ p(i, j))² / N²", column_non_uniformity_normalized},
       {"RunPercentage", "1", "N / Σ p(i, j) j", percentage},
       {"RunVariance", "1", "Σ p(i, j)/N (j − μ)²", &V::column_variance},
       {"ShortRunEmphasis", "1", "Σ p(i, j) / j² / N", &V::small},
       {"ShortRunHighGrayLevelEmphasis", "1", "Σ p(i, j) i²/j² / N", &V::small_high},
       {"ShortRunLowGrayLevelEmphasis", "1", "Σ p(i, j) / (i² j²) / N", &V::small_low}}};
  return list;
}

const FeatureList<V>& glszm_list() {
  static const FeatureList<V> list{
      "glszm",
      "grey level size zone matrix",
      "Thibault et al., Pattern Recognition and Information Processing 2009:140",
      "p(i, j): number of connected zones of j voxels of level i; N: their sum; μ: mean of i or j, weighted with p/N",
      {{"GrayLevelNonUniformity", "1", "Σᵢ (Σⱼ p(i, j))² / N", level_non_uniformity},
       {"GrayLevelNonUniformityNormalized", "1", "Σᵢ (Σⱼ p(i, j))² / N²", level_non_uniformity_normalized},
       {"GrayLevelVariance", "1", "Σ p(i, j)/N (i − μ)²", &V::level_variance},
       {"HighGrayLevelZoneEmphasis", "1", "Σ p(i, j) i² / N", &V::high},
       {"LargeAreaEmphasis", "1", "Σ p(i, j) j² / N", &V::large},
       {"LargeAreaHighGrayLevelEmphasis", "1", "Σ p(i, j) i² j² / N", &V::large_high},
       {"LargeAreaLowGrayLevelEmphasis", "1", "Σ p(i, j) j²/i² / N", &V::large_low},
       {"LowGrayLevelZoneEmphasis", "1", "Σ p(i, j) / i² / N", &V::low},
       {"SizeZoneNonUniformity", "1", "Σⱼ (Σᵢ p(i, j))² / N", column_non_uniformity},
       {"SizeZoneNonUniformityNormalized", "1", "Σⱼ (Σᵢ p(i, j))² / N²", column_non_uniformity_normalized},
       {"SmallAreaEmphasis", "1", "Σ p(i, j) / j² / N", &V::small},
       {"SmallAreaHighGrayLevelEmphasis", "1", "Σ p(i, j) i²/j² / N", &V::small_high},
       {"SmallAreaLowGrayLevelEmphasis", "1", "Σ p(i, j) / (i² j²) / N", &V::small_low},
       {"ZoneEntropy", "bit", "−Σ p(i, j)/N log₂(p(i, j)/N)", &V::entropy},
       {"ZonePercentage", "1", "N / Σ p(i, j) j", percentage},
       {"ZoneVariance", "1", "Σ p(i, j)/N (j − μ)²", &V::column_variance}}};
  return list;
}

const FeatureList<V>& gldm_list() {
  static const FeatureList<V> list{
      "gldm",
      "grey level dependence matrix",
      "Sun and Wee, Comput Vis Graph Image Process 1983;23:341",
      "p(i, j): number of voxels of level i with j − 1 neighbours whose level differs by at most gldm_a; N: their sum; "
      "μ: mean of i or j, weighted with p/N",
      {{"DependenceEntropy", "bit", "−Σ p(i, j)/N log₂(p(i, j)/N)", &V::entropy},
       {"DependenceNonUniformity", "1", "Σⱼ (Σᵢ p(i, j))² / N", column_non_uniformity},
       {"DependenceNonUniformityNormalized", "1", "Σⱼ (Σᵢ p(i, j))² / N²", column_non_uniformity_normalized},
       {"DependenceVariance", "1", "Σ p(i, j)/N (j − μ)²", &V::column_variance},
       {"GrayLevelNonUniformity", "1", "Σᵢ (Σⱼ p(i, j))² / N", level_non_uniformity},
       {"GrayLevelVariance", "1", "Σ p(i, j)/N (i − μ)²", &V::level_variance},
       {"HighGrayLevelEmphasis", "1", "Σ p(i, j) i² / N", &V::high},
       {"LargeDependenceEmphasis", "1", "Σ p(i, j) j² / N", &V::large},
       {"LargeDependenceHighGrayLevelEmphasis", "1", "Σ p(i, j) i² j² / N", &V::large_high},
       {"LargeDependenceLowGrayLevelEmphasis", "1", "Σ p(i, j) j²/i² / N", &V::large_low},
       {"LowGrayLevelEmphasis", "1", "Σ p(i, j) / i² / N", &V::low},
       {"SmallDependenceEmphasis", "1", "Σ p(i, j) / j² / N", &V::small},
       {"SmallDependenceHighGrayLevelEmphasis", "1", "Σ p(i, j) i²/j² / N", &V::small_high},
       {"SmallDependenceLowGrayLevelEmphasis", "1", "Σ p(i, j) / (i² j²) / N", &V::small_low},
       {"DependencePercentage", "1", "equals 1", nullptr, true},
       {"GrayLevelNonUniformityNormalized", "1", "equals Uniformity of firstorder", nullptr, true}}};
  return list;
}

}  // namespace

FeatureClass gldm_class() { return gldm_list().described(); }
FeatureClass glrlm_class() { return glrlm_list().described(); }
FeatureClass glszm_class() { return glszm_list().described(); }

Features glrlm_features(const LevelRegion& region, const TextureOptions& o, const std::vector<std::string>& wanted) {
  const auto offsets = neighbour_offsets(region.size(), {1}, o.plane_axis, false);
  std::vector<Emphases> directions;
  for (const auto& m : combine(glrlm(region, o), offsets, region.spacing_mm(), o, false))
    if (!m.empty()) directions.push_back(emphases_of(m, region.levels()));
  return glrlm_list().evaluate_mean(directions, wanted);
}

Features glszm_features(const LevelRegion& region, const TextureOptions& o, const std::vector<std::string>& wanted) {
  return glszm_list().evaluate(emphases_of(glszm(region, o), region.levels()), wanted);
}

Features gldm_features(const LevelRegion& region, const TextureOptions& o, const std::vector<std::string>& wanted) {
  return gldm_list().evaluate(emphases_of(gldm(region, o), region.levels()), wanted);
}

}  // namespace gliocast::radiomics
