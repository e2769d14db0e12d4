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

}  // namespace gliocast::radiomics
