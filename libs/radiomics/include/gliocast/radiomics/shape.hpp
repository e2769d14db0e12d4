#pragma once
#include <gliocast/core/volume.hpp>
#include <gliocast/radiomics/feature.hpp>

namespace gliocast::radiomics {

/// The 14 three-dimensional shape features, alphabetical, or those of `wanted` in its order. Mesh by marching cubes at
/// 0.5 (Lorensen & Cline 1987), signed volume; largest diameters over the mesh's vertices; axes from the eigenvalues of
/// the voxel centres' covariance (divided by N), length 4√λ. Definitions: PyRadiomics 3. Throws Error{UnusableInput}
/// where the mask is empty or of one voxel.
[[nodiscard]] Features shape_3d(const Mask& mask, const std::vector<std::string>& wanted = {});

/// The 9 two-dimensional shape features, or those of `wanted`, of a mask of one slice across `axis` (0 x, 1 y, 2 z), by
/// the marching-squares outline at 0.5; units of mm. Definitions: PyRadiomics 3. Throws Error{UnusableInput} where the
/// mask is empty or thicker than a slice.
[[nodiscard]] Features shape_2d(const Mask& mask, std::size_t axis, const std::vector<std::string>& wanted = {});

}  // namespace gliocast::radiomics
