#include "class_features.hpp"

#include <gliocast/radiomics/first_order.hpp>

#include <algorithm>

namespace gliocast::radiomics {

Features ordered(const Features& computed, const std::string& feature_class, const std::vector<std::string>& wanted) {
  Features out;
  for (const auto& name : wanted.empty() ? feature_names(feature_class) : wanted) {
    const auto found = std::ranges::find(computed, name, &Feature::name);
    if (found != computed.end()) out.push_back(*found);
  }
  return out;
}

Features class_features(const std::string& feature_class, const std::vector<std::string>& wanted, const std::vector<double>& values, const Discretised& levels, const LevelRegion& region,
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
