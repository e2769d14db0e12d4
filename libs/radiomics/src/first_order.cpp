#include <gliocast/radiomics/first_order.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/radiomics/discretise.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace gliocast::radiomics {
namespace {

constexpr double kEpsilon = 0x1.0p-52;  // inside every log2, as PyRadiomics

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

}  // namespace

Features first_order(const Volume<double>& image, const Mask& mask, const FirstOrderOptions& o) {
  if (image.voxels.size() != mask.voxels.size()) throw Error(ExitCode::InternalFault, "image and mask differ in size");
  const std::vector<double> values = values_inside(image, mask);
  if (values.empty()) throw unusable_input("the region is empty");
  return first_order(values, discretise_width(values, o.bin_width), image.geometry.voxel_volume_mm3(),
                     o.voxel_array_shift);
}

Features first_order(const std::vector<double>& values, const Discretised& levels, double voxel_volume_mm3,
                     double voxel_array_shift) {
  if (values.empty()) throw unusable_input("the region is empty");
  NumpyQuantiles quantiles(values);
  const double p10 = quantiles.percentile(10), p25 = quantiles.percentile(25), median = quantiles.percentile(50),
               p75 = quantiles.percentile(75), p90 = quantiles.percentile(90);
  const auto [least, most] = std::ranges::minmax(values);
  const Moments m = moments_of(values);
  double energy = 0;
  for (const double v : values) energy += (v + voxel_array_shift) * (v + voxel_array_shift);
  std::vector<double> robust;
  for (const double v : values)
    if (v >= p10 && v <= p90) robust.push_back(v);
  double entropy = 0, uniformity = 0;
  for (const double p : level_probabilities(levels)) {
    if (p > 0) entropy -= p * std::log2(p + kEpsilon);
    uniformity += p * p;
  }
  const bool flat = m.second == 0;
  const auto n = static_cast<double>(values.size());
  const auto f = [](const char* name, double value, const char* unit = "intensity") {
    return Feature{"firstorder", name, unit, value};
  };
  return {f("10Percentile", p10),
          f("90Percentile", p90),
          f("Energy", energy, "intensity^2"),
          f("Entropy", entropy, "bit"),
          f("InterquartileRange", p75 - p25),
          f("Kurtosis", flat ? 0 : m.fourth / (m.second * m.second), "1"),
          f("Maximum", most),
          f("MeanAbsoluteDeviation", mean_absolute_deviation(values)),
          f("Mean", m.mean),
          f("Median", median),
          f("Minimum", least),
          f("Range", most - least),
          f("RobustMeanAbsoluteDeviation",
            robust.empty() ? std::numeric_limits<double>::quiet_NaN() : mean_absolute_deviation(robust)),
          f("RootMeanSquared", std::sqrt(energy / n)),
          f("Skewness", flat ? 0 : m.third / std::pow(m.second, 1.5), "1"),
          f("TotalEnergy", energy * voxel_volume_mm3, "intensity^2 mm^3"),
          f("Uniformity", uniformity, "1"),
          f("Variance", m.second, "intensity^2")};
}

}  // namespace gliocast::radiomics
