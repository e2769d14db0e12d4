#include "class_features.hpp"

#include "feature_list.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/radiomics/first_order.hpp>

#include <map>

namespace gliocast::radiomics {

const std::vector<FeatureClass>& feature_classes() {
  static const std::vector<FeatureClass> all{first_order_class(), glcm_class(),  gldm_class(),  glrlm_class(),
                                             glszm_class(),       ngtdm_class(), shape_class(), shape_2d_class()};
  return all;
}

const FeatureClass& find_feature_class(const std::string& name) {
  const auto& all = feature_classes();
  if (const auto found = std::ranges::find(all, name, &FeatureClass::name); found != all.end()) return *found;
  std::string names;
  for (std::size_t k = 0; k < all.size(); ++k)
    names += (k == 0 ? "" : k + 1 == all.size() ? " and " : ", ") + all[k].name;
  throw Error(ExitCode::WrongUse, "is no feature class; there are " + names, name);
}

const std::vector<std::string>& feature_names(const std::string& feature_class) {
  static const auto all = [] {
    std::map<std::string, std::vector<std::string>> names;
    for (const auto& one : feature_classes())
      for (const auto& f : one.features)
        if (!f.deprecated) names[one.name].push_back(f.name);
    return names;
  }();
  return all.at(find_feature_class(feature_class).name);
}

Features class_features(const std::string& feature_class, const std::vector<std::string>& wanted,
                        const std::vector<double>& values, const Discretised& levels, const LevelRegion& region,
                        double voxel_volume_mm3, const Settings& s, std::size_t directions_elsewhere) {
  if (feature_class == "firstorder") return first_order(values, levels, voxel_volume_mm3, s.voxel_array_shift, wanted);
  TextureOptions t = s.texture();
  t.directions_elsewhere = directions_elsewhere;
  if (feature_class == "glcm") return glcm_features(region, t, wanted);
  if (feature_class == "glrlm") return glrlm_features(region, t, wanted);
  if (feature_class == "glszm") return glszm_features(region, t, wanted);
  if (feature_class == "gldm") return gldm_features(region, t, wanted);
  if (feature_class == "ngtdm") return ngtdm_features(region, t, wanted);
  return {};
}

}  // namespace gliocast::radiomics
