#pragma once
#include <gliocast/radiomics/discretise.hpp>
#include <gliocast/radiomics/feature.hpp>
#include <gliocast/radiomics/parameters.hpp>

namespace gliocast::radiomics {

/// The features of a class (not shape) that are wanted, in PyRadiomics' order: all alphabetically where `wanted` is
/// empty, else as listed. `values` and `levels` are of the region's voxels. `directions_elsewhere`: see TextureOptions.
[[nodiscard]] Features class_features(const std::string& feature_class, const std::vector<std::string>& wanted,
                                      const std::vector<double>& values, const Discretised& levels,
                                      const LevelRegion& region, double voxel_volume_mm3, const Settings& settings,
                                      std::size_t directions_elsewhere = 0);
/// `computed` in that order, without what is not wanted.
[[nodiscard]] Features ordered(const Features& computed, const std::string& feature_class,
                               const std::vector<std::string>& wanted);

}  // namespace gliocast::radiomics
