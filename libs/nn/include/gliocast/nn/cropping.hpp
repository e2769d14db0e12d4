#pragma once
#include <gliocast/core/volume.hpp>
#include <gliocast/nn/network_input.hpp>

#include <array>
#include <cstdint>
#include <vector>

namespace gliocast::nn {

/// A smooth displacement of a patch's samples: offsets at control points, blended between them.
struct Bend {
  std::array<std::int64_t, 3> points_zyx{2, 2, 2};  ///< at least two along each axis
  double spacing = 16;                              ///< samples between control points
  std::vector<Vec3> offset_xyz;                     ///< voxels of the volume, [z][y][x]
  [[nodiscard]] Vec3 at(std::int64_t x, std::int64_t y, std::int64_t z) const noexcept;
};

/// Where a patch lies: a box of `size_zyx` samples around `centre_xyz`, in the index space of its volume.
struct PatchPlan {
  std::array<double, 3> centre_xyz{};  ///< continuous voxel index of the patch's centre
  std::array<std::int64_t, 3> size_zyx{96, 128, 96};
  /// Voxels of the volume per sample, equal along the axes; > the nominal step where a tumour was shrunk to fit.
  std::array<double, 3> step_xyz{1, 1, 1};
  bool shrunk = false;
  Mat3 turn{1, 0, 0, 0, 1, 0, 0, 0, 1};  ///< of the offsets from the centre: how training turns, mirrors and stretches
  Bend bend{};                           ///< no offsets: straight

  /// Continuous voxel index (x, y, z) of sample x, y, z of the patch.
  [[nodiscard]] Vec3 position(std::int64_t x, std::int64_t y, std::int64_t z) const noexcept;
};

struct CroppingOptions {
  std::array<std::int64_t, 3> size_zyx{96, 128, 96};  ///< samples of the patch
  double step = 1;                                    ///< voxels of the volume per sample: 1 = its own spacing
};

/// Coordinate cropping (Xu 2022, Methods): the patch is centred on the tumour's bounding box over all slices, so that
/// the whole tumour lies inside; a tumour larger than the patch is sampled more coarsely (all axes alike), never cut.
/// `tumour` must hold a voxel, or Error{UnusableInput}.
[[nodiscard]] PatchPlan plan_patch(const Mask& tumour, const CroppingOptions& options);

/// What the grading network reads of an exam: the patch about the tumour, or the complete MRI (Xu 2022, Tables 1 and
/// 2).
enum class GradingInput { Patch, Brain };

/// Where a channel has a value: the brain, since all else is 0 after z-score.
[[nodiscard]] Mask brain_of(const NetworkInput& input);

/// Samples every channel at the plan's points, trilinear; beyond the volume's edge 0 (the background after z-score).
/// What the networks read in training, and the grading network in prediction.
[[nodiscard]] NetworkInput cut_patch(const NetworkInput& input, const PatchPlan& plan);

}  // namespace gliocast::nn
