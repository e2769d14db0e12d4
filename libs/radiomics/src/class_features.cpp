#include "class_features.hpp"

#include <gliocast/radiomics/first_order.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

namespace gliocast::radiomics {

namespace {

/// A deprecated feature from those it follows from; nothing where it equals another one.
std::optional<Feature> deprecated(const std::string& feature_class, const std::string& name, const Features& computed) {
  const auto value = [&](const char* of) { return std::ranges::find(computed, of, &Feature::name)->value; };
  const auto f = [&](double v, const char* unit) { return Feature{feature_class, name, unit, v}; };
  constexpr double pi = std::numbers::pi;
  if (feature_class == "firstorder" && name == "StandardDeviation") return f(std::sqrt(value("Variance")), "intensity");
  if (feature_class == "shape2D" && name == "SphericalDisproportion") return f(1 / value("Sphericity"), "1");
  if (feature_class != "shape") return std::nullopt;
  const double volume = value("MeshVolume"), area = value("SurfaceArea");
  if (name == "Compactness1") return f(volume / (std::pow(area, 1.5) * std::sqrt(pi)), "1");
  if (name == "Compactness2") return f(36 * pi * volume * volume / (area * area * area), "1");
  return f(area / std::cbrt(36 * pi * volume * volume), "1");
}

}  // namespace

Features ordered(const Features& computed, const std::string& feature_class, const std::vector<std::string>& wanted) {
  Features out;
  for (const auto& name : wanted.empty() ? feature_names(feature_class) : wanted) {
    const auto found = std::ranges::find(computed, name, &Feature::name);
    if (found != computed.end())
      out.push_back(*found);
    else if (const auto old = computed.empty() ? std::nullopt : deprecated(feature_class, name, computed))
      out.push_back(*old);
  }
  return out;
}

Features class_features(const std::string& feature_class, const std::vector<std::string>& wanted,
                        const std::vector<double>& values, const Discretised& levels, const LevelRegion& region,
                        double voxel_volume_mm3, const Settings& s, std::size_t directions_elsewhere) {
  TextureOptions t = s.texture();
  t.directions_elsewhere = directions_elsewhere;
  t.with_mcc = wanted.empty() || std::ranges::find(wanted, "MCC") != wanted.end();
  Features computed;
  if (feature_class == "firstorder")
    computed = first_order(values, levels, voxel_volume_mm3, s.voxel_array_shift);
  else if (feature_class == "glcm")
    computed = glcm_features(region, t);
  else if (feature_class == "glrlm")
    computed = glrlm_features(region, t);
  else if (feature_class == "glszm")
    computed = glszm_features(region, t);
  else if (feature_class == "gldm")
    computed = gldm_features(region, t);
  else if (feature_class == "ngtdm")
    computed = ngtdm_features(region, t);
  return ordered(computed, feature_class, wanted);
}

}  // namespace gliocast::radiomics
