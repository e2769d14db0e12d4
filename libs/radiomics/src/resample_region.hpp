#pragma once
#include <gliocast/radiomics/extractor.hpp>

namespace gliocast::radiomics {

/// The region's box must lie in the image, to a thousandth of a voxel, else Error{UnusableInput} says along which axes
/// it does not and how far both reach. Source: PyRadiomics, imageoperations._checkROI.
void check_region_in_image(const Geometry& image, const Geometry& mask, const IndexBox& box);

/// The spacing in mm that resampling leads to: where the setting is 0 or the region one voxel wide, the mask's.
[[nodiscard]] Vec3 resampled_spacing(const Geometry& mask, const IndexBox& box, const Settings& settings);

/// Image and mask on PyRadiomics' resampled grid, each from its own: it has the mask's direction, starts at the mask's
/// corner, and is cut to the region's box and padDistance; 0 where it leaves the image. Where the image has the wanted
/// spacing already, the mask is brought to the image's grid and both are cut only. The region may get lost. The
/// arithmetic follows ITK's (5.4) step by step, since whole numbers lose their decimals and masks have ties. Throws
/// Error{UnusableInput} where the box leaves the image.
/// Returns the number of the region's voxels that lie outside the image (grids turned against each other): they are 0.
/// Source: PyRadiomics, imageoperations.resampleImage; itk::ResampleImageFilter.
std::size_t resample_region(ScalarImage& image, Mask& mask, const IndexBox& box, const Settings& settings,
                            std::size_t threads = 1);

/// A mask on another grid: nearest neighbour, 0 beyond its own.
[[nodiscard]] Mask resample_mask_to(const Mask& mask, const Geometry& grid, std::size_t threads = 1);

}  // namespace gliocast::radiomics
