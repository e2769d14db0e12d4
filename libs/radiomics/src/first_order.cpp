#include <gliocast/radiomics/first_order.hpp>

#include "feature_list.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/radiomics/discretise.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace gliocast::radiomics {
namespace {

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

double mean_absolute_deviation(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double sum = 0;
  for (const double v : values) sum += std::abs(v - mean);
  return sum / static_cast<double>(values.size());
}

struct Moments {
  double mean = 0, second = 0, third = 0, fourth = 0;  ///< central, divided by N
};

Moments moments_of(const std::vector<double>& values) {
  Moments m;
  m.mean = mean_of(values);
  for (const double v : values) {
    const double d = v - m.mean, d2 = d * d;
    m.second += d2;
    m.third += d2 * d;
    m.fourth += d2 * d2;
  }
  const auto n = static_cast<double>(values.size());
  m.second /= n;
  m.third /= n;
  m.fourth /= n;
  return m;
}

/// Probabilities of the grey levels.
std::vector<double> level_probabilities(const Discretised& d) {
  std::vector<double> p(d.levels, 0.0);
  for (const auto l : d.level) p[l - 1] += 1;
  for (double& v : p) v /= static_cast<double>(d.level.size());
  return p;
}

/// What the features are made of.
struct FirstOrderValues {
  const std::vector<double>* values = nullptr;
  double p10 = 0, p25 = 0, median = 0, p75 = 0, p90 = 0;
  double least = 0, most = 0;
  Moments moments;
  double energy = 0;  ///< of shifted values
  double entropy = 0, uniformity = 0;
  double voxel_volume_mm3 = 0;
};

FirstOrderValues values_of(const std::vector<double>& values, const Discretised& levels, double voxel_volume_mm3,
                           double voxel_array_shift) {
  FirstOrderValues v;
  v.values = &values;
  NumpyQuantiles quantiles(values);
  v.p10 = quantiles.percentile(10);
  v.p25 = quantiles.percentile(25);
  v.median = quantiles.percentile(50);
  v.p75 = quantiles.percentile(75);
  v.p90 = quantiles.percentile(90);
  const auto [least, most] = std::ranges::minmax(values);
  v.least = least;
  v.most = most;
  v.moments = moments_of(values);
  for (const double x : values) v.energy += (x + voxel_array_shift) * (x + voxel_array_shift);
  for (const double p : level_probabilities(levels)) {
    if (p > 0) v.entropy -= plog(p);
    v.uniformity += p * p;
  }
  v.voxel_volume_mm3 = voxel_volume_mm3;
  return v;
}

double robust_mean_absolute_deviation(const FirstOrderValues& v) {
  std::vector<double> robust;
  for (const double x : *v.values)
    if (x >= v.p10 && x <= v.p90) robust.push_back(x);
  return robust.empty() ? std::numeric_limits<double>::quiet_NaN() : mean_absolute_deviation(robust);
}

double kurtosis(const Moments& m) { return m.second == 0 ? 0 : m.fourth / (m.second * m.second); }
double skewness(const Moments& m) { return m.second == 0 ? 0 : m.third / std::pow(m.second, 1.5); }

const FeatureList<FirstOrderValues>& first_order_list() {
  using V = FirstOrderValues;
  static const FeatureList<V> list{
      "firstorder",
      "first order",
      "PyRadiomics 3; percentiles interpolate linearly between values",
      "x: the values of the region's N voxels, x̄: their mean; Pₖ: the k-th percentile; c: voxelArrayShift; V: volume "
      "of "
      "a voxel in mm³; p: share of the voxels at a grey level",
      {{"10Percentile", "intensity", "P₁₀", &V::p10},
       {"90Percentile", "intensity", "P₉₀", &V::p90},
       {"Energy", "intensity^2", "Σ (x + c)²", &V::energy},
       {"Entropy", "bit", "−Σ p log₂ p", &V::entropy},
       {"InterquartileRange", "intensity", "P₇₅ − P₂₅", [](const V& v) { return v.p75 - v.p25; }},
       {"Kurtosis", "1", "m₄ / m₂² of central moments (3 for a normal distribution); 0 where m₂ = 0",
        [](const V& v) { return kurtosis(v.moments); }},
       {"Maximum", "intensity", "max x", &V::most},
       {"MeanAbsoluteDeviation", "intensity", "Σ |x − x̄| / N",
        [](const V& v) { return mean_absolute_deviation(*v.values); }},
       {"Mean", "intensity", "x̄", [](const V& v) { return v.moments.mean; }},
       {"Median", "intensity", "P₅₀", &V::median},
       {"Minimum", "intensity", "min x", &V::least},
       {"Range", "intensity", "max x − min x", [](const V& v) { return v.most - v.least; }},
       {"RobustMeanAbsoluteDeviation", "intensity",
        "MeanAbsoluteDeviation of the values from P₁₀ to P₉₀, about their mean", robust_mean_absolute_deviation},
       {"RootMeanSquared", "intensity", "√(Energy / N)",
        [](const V& v) { return std::sqrt(v.energy / static_cast<double>(v.values->size())); }},
       {"Skewness", "1", "m₃ / m₂^1.5 of central moments; 0 where m₂ = 0",
        [](const V& v) { return skewness(v.moments); }},
       {"TotalEnergy", "intensity^2 mm^3", "V · Energy", [](const V& v) { return v.energy * v.voxel_volume_mm3; }},
       {"Uniformity", "1", "Σ p²", &V::uniformity},
       {"Variance", "intensity^2", "m₂ = Σ (x − x̄)² / N", [](const V& v) { return v.moments.second; }},
       {"StandardDeviation", "intensity", "√Variance", [](const V& v) { return std::sqrt(v.moments.second); }, true}}};
  return list;
}

}  // namespace

FeatureClass first_order_class() { return first_order_list().described(); }

Features first_order(const Volume<double>& image, const Mask& mask, const FirstOrderOptions& o) {
  if (image.voxels.size() != mask.voxels.size()) throw Error(ExitCode::InternalFault, "image and mask differ in size");
  const std::vector<double> values = values_inside(image, mask);
  if (values.empty()) throw unusable_input("the region is empty");
  return first_order(values, discretise_width(values, o.bin_width), image.geometry.voxel_volume_mm3(),
                     o.voxel_array_shift);
}

Features first_order(const std::vector<double>& values, const Discretised& levels, double voxel_volume_mm3,
                     double voxel_array_shift, const std::vector<std::string>& wanted) {
  if (values.empty()) throw unusable_input("the region is empty");
  return first_order_list().evaluate(values_of(values, levels, voxel_volume_mm3, voxel_array_shift), wanted);
}

}  // namespace gliocast::radiomics
