#pragma once
#include <gliocast/core/volume.hpp>
#include <gliocast/findings/lobe.hpp>

#include <array>
#include <filesystem>
#include <vector>

namespace gliocast::simulation {

/// What the template says about one place of the head.
struct Tissue {
  float csf = 0, grey = 0, white = 0;  ///< probabilities within the brain; all 0 outside
  float detail = 0;  ///< real signal less the mean of its classes, in units of the white–grey difference
  float head = 0;    ///< signal outside the brain, white matter = 1
};

/// The ch2 head of mricron-data, its brain classified into cerebrospinal fluid, grey and white matter by a mixture of
/// three Gaussians; lobes from AAL.
struct Anatomy {
  Geometry geometry;
  std::vector<Tissue> tissue;
  std::vector<findings::Lobe> lobe;  ///< of each brain voxel, by the nearest labelled voxel
  Vec3 brain_centre_mm{};            ///< middle of the brain's bounding box, LPS

  /// Linear interpolation at a continuous index; outside the volume everything is 0.
  [[nodiscard]] Tissue sample(const Vec3& index) const noexcept;
  [[nodiscard]] findings::Lobe lobe_at(const Vec3& index) const noexcept;
};

/// The same on voxels twice as wide: tissues are the mean of eight, lobes those of the first of them.
[[nodiscard]] Anatomy halve(const Anatomy& anatomy);

/// Reads and classifies the template. Throws Error{MissingModel} where the files are absent.
[[nodiscard]] Anatomy load_anatomy(const std::filesystem::path& folder);

}  // namespace gliocast::simulation
