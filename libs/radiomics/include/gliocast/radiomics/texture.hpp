#pragma once
#include <gliocast/radiomics/discretise.hpp>
#include <gliocast/radiomics/feature.hpp>

#include <array>
#include <optional>
#include <vector>

namespace gliocast::radiomics {

/// Norm of a neighbour's offset in mm that weights its direction (PyRadiomics' weightingNorm).
enum class WeightingNorm {
  None,
  Infinity,
  Euclidean,
  Manhattan
};  ///< None: PyRadiomics' "no_weighting", all directions together with weight 1

/// What texture matrices are made with.
struct TextureOptions {
  std::vector<int> distances{1};  ///< of neighbours in voxels, infinity norm: GLCM, GLDM, NGTDM
  std::optional<int>
      plane_axis;  ///< 0 x, 1 y, 2 z: neighbours only within slices across this axis (force2D); nothing: in 3-D
  bool symmetrical_glcm = true;
  std::optional<WeightingNorm> weighting;  ///< nothing: features of each direction, then their mean
  int gldm_alpha = 0;                      ///< largest difference of levels that depend on each other
  std::size_t directions_elsewhere =
      0;  ///< of a neighbourhood: directions that hold a pair somewhere in the region; JointAverage is undefined where
          ///< one holds none here, as in PyRadiomics' maps
};

/// A non-zero entry of a texture matrix. `level`: position among the levels present; `column`: second level's position,
/// run length, zone size or dependence.
struct MatrixEntry {
  std::uint32_t level = 0, column = 0;
  double count = 0;
};
using TextureMatrix = std::vector<MatrixEntry>;  ///< by level, then column

/// Offsets (x, y, z) of the given distances that can hold two voxels of a box; one of each pair of opposite ones, or
/// both.
[[nodiscard]] std::vector<std::array<int, 3>> neighbour_offsets(const Size3& size, const std::vector<int>& distances,
                                                                const std::optional<int>& plane_axis, bool both);

/// Grey level co-occurrence (Haralick 1973): pairs of levels at each of neighbour_offsets(…, both = false) of
/// `options.distances`, a matrix each in that order; counted both ways round where `options.symmetrical_glcm`. A
/// direction without a pair is empty.
[[nodiscard]] std::vector<TextureMatrix> glcm(const LevelRegion& region, const TextureOptions& options);
/// Grey level run lengths (Galloway 1975): along each direction of distance 1, in the same order; empty where no two
/// voxels lie on one line.
[[nodiscard]] std::vector<TextureMatrix> glrlm(const LevelRegion& region, const TextureOptions& options);
/// Grey level size zones (Thibault 2009): voxels of one level that are connected over faces, edges or corners; within
/// slices across `options.plane_axis` where it is given.
[[nodiscard]] TextureMatrix glszm(const LevelRegion& region, const TextureOptions& options);
/// Grey level dependence (Sun and Wee 1983): 1 + number of neighbours at `options.distances` whose level differs by at
/// most `options.gldm_alpha`.
[[nodiscard]] TextureMatrix gldm(const LevelRegion& region, const TextureOptions& options);
/// Number of voxels and sum of |level − mean of its neighbours| for each level present.
struct Ngtdm {
  std::vector<double> voxels, difference;
};
/// Neighbouring grey tone differences (Amadasun and King 1989), neighbours at `options.distances`.
[[nodiscard]] Ngtdm ngtdm(const LevelRegion& region, const TextureOptions& options);

/// Features by PyRadiomics' definitions (3.x; docs/features.md), NaN where undefined: those of `wanted`, in its order;
/// where it is empty all in the order of feature_names. Means over the directions that hold a pair.
[[nodiscard]] Features glcm_features(const LevelRegion& region, const TextureOptions& options,
                                     const std::vector<std::string>& wanted = {});
/// The same of run lengths: means over the directions that hold a run.
[[nodiscard]] Features glrlm_features(const LevelRegion& region, const TextureOptions& options,
                                      const std::vector<std::string>& wanted = {});
/// The same of the one matrix of zones.
[[nodiscard]] Features glszm_features(const LevelRegion& region, const TextureOptions& options,
                                      const std::vector<std::string>& wanted = {});
/// The same of the one matrix of dependences.
[[nodiscard]] Features gldm_features(const LevelRegion& region, const TextureOptions& options,
                                     const std::vector<std::string>& wanted = {});
/// The same of grey tone differences.
[[nodiscard]] Features ngtdm_features(const LevelRegion& region, const TextureOptions& options,
                                      const std::vector<std::string>& wanted = {});

}  // namespace gliocast::radiomics
