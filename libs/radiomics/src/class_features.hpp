#pragma once
#include <gliocast/radiomics/discretise.hpp>
#include <gliocast/radiomics/feature.hpp>
#include <gliocast/radiomics/parameters.hpp>

namespace gliocast::radiomics {

/// The features of a class (not shape): those of `wanted`, in its order; where it is empty all in PyRadiomics' order.
/// `values` and `levels` are of the region's voxels. `directions_elsewhere`: see TextureOptions.
[[nodiscard]] Features class_features(const std::string& feature_class, const std::vector<std::string>& wanted,
                                      const std::vector<double>& values, const Discretised& levels,
                                      const LevelRegion& region, double voxel_volume_mm3, const Settings& settings,
                                      std::size_t directions_elsewhere = 0);

}  // namespace gliocast::radiomics
