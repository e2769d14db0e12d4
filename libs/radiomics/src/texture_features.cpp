// Features of texture matrices, by PyRadiomics' definitions.
#include <gliocast/radiomics/texture.hpp>

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace gliocast::radiomics {
namespace {

constexpr double kEpsilon = 0x1.0p-52;  // inside every log2, as PyRadiomics
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double plog(double p) { return p * std::log2(p + kEpsilon); }

/// Names and values of one direction; means over directions leave NaN out.
struct Named {
  const char* name;
  const char* unit;
  double value;
};

Features mean_over(const std::vector<std::vector<Named>>& directions, const char* feature_class) {
  Features out;
  if (directions.empty()) return out;
  for (std::size_t k = 0; k < directions.front().size(); ++k) {
    double sum = 0, n = 0;
    for (const auto& d : directions)
      if (!std::isnan(d[k].value)) {
        sum += d[k].value;
        ++n;
      }
    out.push_back({feature_class, directions.front()[k].name, directions.front()[k].unit, n > 0 ? sum / n : kNaN});
  }
  return out;
}

double total(const TextureMatrix& m) {
  double sum = 0;
  for (const auto& e : m) sum += e.count;
  return sum;
}

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

/// Directions as they are averaged: each for itself without the empty ones, or all in one with weights. One that is
/// empty and alone stays: its features are undefined.
std::vector<TextureMatrix> combine(std::vector<TextureMatrix> directions,
                                   const std::vector<std::array<int, 3>>& offsets, const LevelRegion& region,
                                   const TextureOptions& o, bool exponential) {
  if (o.weighting) {
    std::vector<double> weights;
    for (const auto& offset : offsets) {
      const double d = distance_mm(offset, region.spacing_mm(), *o.weighting);
      weights.push_back(*o.weighting == WeightingNorm::None ? 1 : exponential ? std::exp(-d * d) : d);
    }
    return {add_up(directions, weights)};
  }
  if (directions.size() > 1) std::erase_if(directions, [](const TextureMatrix& m) { return m.empty(); });
  return directions;
}

/// Marginals of one normalised GLCM.
struct Joint {
  TextureMatrix p;
  std::vector<double> px, py;           ///< over the levels present
  std::vector<double> sum, difference;  ///< over i + j (index k: sum k) and |i − j|
  double ux = 0, uy = 0, hxy = 0;
};

Joint joint_of(TextureMatrix m, const std::vector<double>& levels) {
  Joint j;
  const double n = total(m);
  const auto highest = static_cast<std::size_t>(levels.back());
  j.px.assign(levels.size(), 0);
  j.py.assign(levels.size(), 0);
  j.sum.assign(2 * highest + 1, 0);
  j.difference.assign(highest, 0);
  for (auto& e : m) {
    e.count /= n;
    const double a = levels[e.level], b = levels[e.column];
    j.px[e.level] += e.count;
    j.py[e.column] += e.count;
    j.sum[static_cast<std::size_t>(a + b)] += e.count;
    j.difference[static_cast<std::size_t>(std::abs(a - b))] += e.count;
    j.ux += a * e.count;
    j.uy += b * e.count;
    j.hxy -= plog(e.count);
  }
  j.p = std::move(m);
  return j;
}

/// Second largest singular value of p(i, j) / √(px(i) py(j)): the square root of the second largest eigenvalue of
/// Haralick's Q.
double maximal_correlation(const Joint& j) {
  const auto k = static_cast<Eigen::Index>(j.px.size());
  if (k < 2) return 0;  // one level here of several in the region
  Eigen::MatrixXd s = Eigen::MatrixXd::Zero(k, k);
  for (const auto& e : j.p)
    s(static_cast<Eigen::Index>(e.level), static_cast<Eigen::Index>(e.column)) =
        e.count / std::sqrt(j.px[e.level] * j.py[e.column]);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(s * s.transpose(), Eigen::EigenvaluesOnly);
  return std::sqrt(std::max(0.0, solver.eigenvalues()[k - 2]));
}

struct Information {
  double first = 0, second = 0;
};

Information information_correlation(const Joint& j) {
  double hx = 0, hy = 0, hxy1 = 0, hxy2 = 0;
  for (const double p : j.px) hx -= plog(p);
  for (const double p : j.py) hy -= plog(p);
  for (const auto& e : j.p) hxy1 -= e.count * std::log2(j.px[e.level] * j.py[e.column] + kEpsilon);
  if (j.px.size() <= 1024) {
    for (const double a : j.px)
      if (a > 0)
        for (const double b : j.py)
          if (b > 0) hxy2 -= plog(a * b);
  } else {
    hxy2 = hx + hy;  // the same but for the epsilon
  }
  Information i;
  const double larger = std::max(hx, hy);
  i.first = larger != 0 ? (j.hxy - hxy1) / larger : 0;
  i.second =
      hxy2 == j.hxy
          ? 0
          : std::sqrt(
                1 -
                std::exp(-2 * (hxy2 - j.hxy)));  // NaN where rounding makes it negative, and then left out of the mean
  return i;
}

constexpr std::array<const char*, 24> kGlcmNames{"Autocorrelation",
                                                 "JointAverage",
                                                 "ClusterProminence",
                                                 "ClusterShade",
                                                 "ClusterTendency",
                                                 "Contrast",
                                                 "Correlation",
                                                 "DifferenceAverage",
                                                 "DifferenceEntropy",
                                                 "DifferenceVariance",
                                                 "JointEnergy",
                                                 "JointEntropy",
                                                 "Imc1",
                                                 "Imc2",
                                                 "Idm",
                                                 "Idmn",
                                                 "Id",
                                                 "Idn",
                                                 "InverseVariance",
                                                 "MaximumProbability",
                                                 "SumAverage",
                                                 "SumEntropy",
                                                 "SumSquares",
                                                 "MCC"};

/// The features of a matrix that has entries, in the order of kGlcmNames.
std::array<double, 24> glcm_values(const TextureMatrix& m, const LevelRegion& region, bool with_mcc) {
  const std::vector<double>& levels = region.levels();
  std::array<double, 24> v{};
  const Joint j = joint_of(m, levels);
  double sxx = 0, syy = 0, sxy = 0;
  for (const auto& e : j.p) {
    const double a = levels[e.level], b = levels[e.column], p = e.count, c = a + b - j.ux - j.uy;
    v[0] += p * a * b;
    v[2] += p * c * c * c * c;
    v[3] += p * c * c * c;
    v[4] += p * c * c;
    v[5] += p * (a - b) * (a - b);
    v[10] += p * p;
    v[19] = std::max(v[19], p);
    sxx += p * (a - j.ux) * (a - j.ux);
    syy += p * (b - j.uy) * (b - j.uy);
    sxy += p * (a - j.ux) * (b - j.uy);
  }
  v[1] = j.ux;
  v[11] = j.hxy;
  v[22] = sxx;
  v[6] = sxx > 0 && syy > 0 ? sxy / std::sqrt(sxx * syy) : 1;
  const double ng = region.highest_level();
  for (std::size_t k = 0; k < j.difference.size(); ++k) {
    const double p = j.difference[k], d = static_cast<double>(k);
    if (p == 0) continue;
    v[7] += d * p;
    v[8] -= plog(p);
    v[14] += p / (1 + d * d);
    v[15] += p / (1 + d * d / (ng * ng));
    v[16] += p / (1 + d);
    v[17] += p / (1 + d / ng);
    if (k > 0) v[18] += p / (d * d);
  }
  for (std::size_t k = 0; k < j.difference.size(); ++k)
    v[9] += j.difference[k] * (static_cast<double>(k) - v[7]) * (static_cast<double>(k) - v[7]);
  for (std::size_t k = 2; k < j.sum.size(); ++k)
    if (j.sum[k] > 0) {
      v[20] += static_cast<double>(k) * j.sum[k];
      v[21] -= plog(j.sum[k]);
    }
  const Information i = information_correlation(j);
  v[12] = i.first;
  v[13] = i.second;
  v[23] = with_mcc ? (region.level_count() < 2 ? 1 : maximal_correlation(j)) : kNaN;
  return v;
}

std::vector<Named> glcm_direction(const TextureMatrix& m, const LevelRegion& region, bool with_mcc) {
  std::array<double, 24> v{};
  if (m.empty())
    v.fill(kNaN);
  else
    v = glcm_values(m, region, with_mcc);
  std::vector<Named> out;
  for (std::size_t k = 0; k < (with_mcc ? 24U : 23U); ++k) out.push_back({kGlcmNames[k], "1", v[k]});
  return out;
}

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

std::vector<Named> run_direction(const TextureMatrix& m, const std::vector<double>& levels) {
  Emphases e = emphases_of(m, levels);
  const double n = m.empty() ? kNaN : e.entries;
  return {{"ShortRunEmphasis", "1", e.small},
          {"LongRunEmphasis", "1", e.large},
          {"GrayLevelNonUniformity", "1", e.level_square / n},
          {"GrayLevelNonUniformityNormalized", "1", e.level_square / (n * n)},
          {"RunLengthNonUniformity", "1", e.column_square / n},
          {"RunLengthNonUniformityNormalized", "1", e.column_square / (n * n)},
          {"RunPercentage", "1", n / e.voxels},
          {"GrayLevelVariance", "1", m.empty() ? kNaN : e.level_variance},
          {"RunVariance", "1", m.empty() ? kNaN : e.column_variance},
          {"RunEntropy", "bit", m.empty() ? kNaN : e.entropy},
          {"LowGrayLevelRunEmphasis", "1", e.low},
          {"HighGrayLevelRunEmphasis", "1", e.high},
          {"ShortRunLowGrayLevelEmphasis", "1", e.small_low},
          {"ShortRunHighGrayLevelEmphasis", "1", e.small_high},
          {"LongRunLowGrayLevelEmphasis", "1", e.large_low},
          {"LongRunHighGrayLevelEmphasis", "1", e.large_high}};
}

}  // namespace

Features glcm_features(const LevelRegion& region, const TextureOptions& o) {
  std::vector<std::vector<Named>> directions;
  for (const auto& m :
       combine(glcm(region, o), neighbour_offsets(region.size(), o.distances, o.plane_axis, false), region, o, true))
    directions.push_back(glcm_direction(m, region, o.with_mcc));
  if (directions.empty()) directions.push_back(glcm_direction({}, region, o.with_mcc));
  Features out = mean_over(directions, "glcm");
  if (!o.weighting && directions.size() < o.directions_elsewhere)
    for (auto& f : out)
      if (f.name == "JointAverage") f.value = kNaN;
  return out;
}

Features glrlm_features(const LevelRegion& region, const TextureOptions& o) {
  std::vector<std::vector<Named>> directions;
  for (const auto& m :
       combine(glrlm(region, o), neighbour_offsets(region.size(), {1}, o.plane_axis, false), region, o, false))
    directions.push_back(run_direction(m, region.levels()));
  if (directions.empty()) directions.push_back(run_direction({}, region.levels()));
  return mean_over(directions, "glrlm");
}

Features glszm_features(const LevelRegion& region, const TextureOptions& o) {
  const Emphases e = emphases_of(glszm(region, o), region.levels());
  const double n = e.entries;
  const auto f = [](const char* name, double value, const char* unit = "1") {
    return Feature{"glszm", name, unit, value};
  };
  return {f("SmallAreaEmphasis", e.small),
          f("LargeAreaEmphasis", e.large),
          f("GrayLevelNonUniformity", e.level_square / n),
          f("GrayLevelNonUniformityNormalized", e.level_square / (n * n)),
          f("SizeZoneNonUniformity", e.column_square / n),
          f("SizeZoneNonUniformityNormalized", e.column_square / (n * n)),
          f("ZonePercentage", n / e.voxels),
          f("GrayLevelVariance", e.level_variance),
          f("ZoneVariance", e.column_variance),
          f("ZoneEntropy", e.entropy, "bit"),
          f("LowGrayLevelZoneEmphasis", e.low),
          f("HighGrayLevelZoneEmphasis", e.high),
          f("SmallAreaLowGrayLevelEmphasis", e.small_low),
          f("SmallAreaHighGrayLevelEmphasis", e.small_high),
          f("LargeAreaLowGrayLevelEmphasis", e.large_low),
          f("LargeAreaHighGrayLevelEmphasis", e.large_high)};
}

Features gldm_features(const LevelRegion& region, const TextureOptions& o) {
  const Emphases e = emphases_of(gldm(region, o), region.levels());
  const double n = e.entries;
  const auto f = [](const char* name, double value, const char* unit = "1") {
    return Feature{"gldm", name, unit, value};
  };
  return {f("SmallDependenceEmphasis", e.small),
          f("LargeDependenceEmphasis", e.large),
          f("GrayLevelNonUniformity", e.level_square / n),
          f("DependenceNonUniformity", e.column_square / n),
          f("DependenceNonUniformityNormalized", e.column_square / (n * n)),
          f("GrayLevelVariance", e.level_variance),
          f("DependenceVariance", e.column_variance),
          f("DependenceEntropy", e.entropy, "bit"),
          f("LowGrayLevelEmphasis", e.low),
          f("HighGrayLevelEmphasis", e.high),
          f("SmallDependenceLowGrayLevelEmphasis", e.small_low),
          f("SmallDependenceHighGrayLevelEmphasis", e.small_high),
          f("LargeDependenceLowGrayLevelEmphasis", e.large_low),
          f("LargeDependenceHighGrayLevelEmphasis", e.large_high)};
}

Features ngtdm_features(const LevelRegion& region, const TextureOptions& o) {
  const Ngtdm m = ngtdm(region, o);
  const auto& levels = region.levels();
  const std::size_t k = levels.size();
  double n = 0, ps = 0, s = 0, contrast = 0, busyness = 0, complexity = 0, strength = 0;
  for (const double v : m.voxels) n += v;
  for (std::size_t i = 0; i < k; ++i) {
    ps += m.voxels[i] / n * m.difference[i];
    s += m.difference[i];
  }
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t j = 0; j < k; ++j) {
      const double p = m.voxels[i] / n, q = m.voxels[j] / n, d = levels[i] - levels[j];
      contrast += p * q * d * d;
      busyness += std::abs(levels[i] * p - levels[j] * q);
      complexity += std::abs(d) * (p * m.difference[i] + q * m.difference[j]) / (p + q);
      strength += (p + q) * d * d;
    }
  const auto f = [](const char* name, double value) { return Feature{"ngtdm", name, "1", value}; };
  const auto kk = static_cast<double>(k);
  return {f("Coarseness", ps != 0 ? 1 / ps : 1e6), f("Contrast", k > 1 ? contrast * s / n / (kk * (kk - 1)) : 0),
          f("Busyness", busyness != 0 ? ps / busyness : 0), f("Complexity", complexity / n),
          f("Strength", s != 0 ? strength / s : 0)};
}

}  // namespace gliocast::radiomics
