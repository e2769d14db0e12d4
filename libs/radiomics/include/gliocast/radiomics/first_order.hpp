#pragma once
#include <gliocast/core/volume.hpp>
#include <gliocast/radiomics/discretise.hpp>
#include <gliocast/radiomics/feature.hpp>

namespace gliocast::radiomics {

/// What first-order features are made with.
struct FirstOrderOptions {
  double bin_width = 25;         ///< for Entropy and Uniformity, in units of the image
  double voxel_array_shift = 0;  ///< added to the values in Energy, TotalEnergy and RootMeanSquared only
};

/// The 18 first-order features of the voxels of `image` in `mask`, in the order of feature_names("firstorder").
/// Definitions: PyRadiomics 3 (Kurtosis is not excess, percentiles interpolate linearly, RobustMeanAbsoluteDeviation
/// over the closed 10–90 % range). The same grid; throws Error{UnusableInput} where the mask is empty.
[[nodiscard]] Features first_order(const Volume<double>& image, const Mask& mask,
                                   const FirstOrderOptions& options = {});

/// The same of values and their grey levels, one of each voxel: those of `wanted`, in its order; all where it is empty.
[[nodiscard]] Features first_order(const std::vector<double>& values, const Discretised& levels,
                                   double voxel_volume_mm3, double voxel_array_shift,
                                   const std::vector<std::string>& wanted = {});

}  // namespace gliocast::radiomics
