#pragma once
#include <string>
#include <vector>

namespace gliocast::radiomics {

/// One feature of a region, named as in PyRadiomics without its image prefix: class "firstorder" or "shape", feature
/// "Mean".
struct Feature {
  std::string feature_class, name, unit;
  double value = 0;  ///< NaN where it is undefined
};

using Features = std::vector<Feature>;

/// What a feature is, whatever the region.
struct FeatureDefinition {
  std::string name, unit;
  std::string definition;   ///< a formula in the symbols of its class
  bool deprecated = false;  ///< computed only where it is named, as in PyRadiomics; one that equals another never is
};

/// A class of features and what its definitions are written in.
struct FeatureClass {
  std::string name;     ///< as in parameter files: "glcm"
  std::string title;    ///< in words
  std::string source;   ///< where the formulae come from
  std::string symbols;  ///< what they are written in
  std::vector<FeatureDefinition>
      features;  ///< in PyRadiomics' order (alphabetical by its methods), deprecated ones last
};

/// The eight classes, alphabetical. docs/features.md is their page.
[[nodiscard]] const std::vector<FeatureClass>& feature_classes();
/// The class of that name. Throws Error{WrongUse} that lists the names there are.
[[nodiscard]] const FeatureClass& find_feature_class(const std::string& name);
/// The features of a class that are computed where none is named, in PyRadiomics' order. Errors as above.
[[nodiscard]] const std::vector<std::string>& feature_names(const std::string& feature_class);

}  // namespace gliocast::radiomics
