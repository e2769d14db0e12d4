#pragma once
#include <gliocast/core/volume.hpp>
#include <gliocast/radiomics/feature.hpp>

namespace gliocast::radiomics {

/// The 14 three-dimensional shape features, alphabetical. Mesh by marching cubes at 0.5 (Lorensen & Cline 1987), signed volume; largest diameters over the mesh's
/// vertices; axes from the eigenvalues of the voxel centres' covariance (divided by N), length 4√λ. Definitions: PyRadiomics 3.
/// Throws Error{UnusableInput} where the mask is empty or of one voxel.
[[nodiscard]] Features shape_3d(const Mask& mask);

}  // namespace gliocast::radiomics
