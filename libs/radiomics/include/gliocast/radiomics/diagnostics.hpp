#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/core/volume.hpp>

#include <string>

namespace gliocast::radiomics {

/// PyRadiomics' diagnostics of an image: Spacing, Size, Mean, Minimum, Maximum; keys start with
/// "diagnostics_Image-<stage>_".
[[nodiscard]] Json image_diagnostics(const Volume<double>& image, const std::string& stage);
/// The same of a region: Spacing, Size, BoundingBox, VoxelNum, VolumeNum (pieces that touch by a corner are one),
/// CenterOfMassIndex, CenterOfMass; with an image also Mean, Minimum, Maximum in the region.
[[nodiscard]] Json mask_diagnostics(const Mask& mask, const std::string& stage, const Volume<double>* image = nullptr);

}  // namespace gliocast::radiomics
