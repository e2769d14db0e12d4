#pragma once
#include <gliocast/core/volume.hpp>

#include <array>
#include <cstdint>
#include <vector>

namespace gliocast::nn {

/// Where a patch lies: a box of `size_zyx` samples of `spacing_mm` around `centre`, in the index space of its volume.
struct PatchPlan {
  std::array<double, 3> centre_xyz{};  ///< continuous voxel index of the patch's centre
  std::array<std::int64_t, 3> size_zyx{96, 128, 96};
  std::array<double, 3> step_xyz{
      1, 1, 1};  ///< voxels of the volume per sample; > the nominal step where a tumour had to be shrunk to fit
  bool shrunk = false;
};

struct CroppingOptions {
  std::array<std::int64_t, 3> size_zyx{96, 128, 96};  ///< samples of the patch
  double step = 1;                                    ///< voxels of the volume per sample: 1 = its own spacing
};

/// Coordinate cropping (Xu 2022, Methods): the patch is centred on the tumour's bounding box over all slices, so that
/// the whole tumour lies inside; a tumour larger than the patch is sampled more coarsely (all axes alike), never cut.
/// `tumour` must hold a voxel, or Error{UnusableInput}.
[[nodiscard]] PatchPlan plan_patch(const Mask& tumour, const CroppingOptions& options);

/// Samples one channel at the plan's points, trilinear; beyond the volume's edge 0 (the background after z-score).
/// Result [z][y][x].
[[nodiscard]] std::vector<float> sample_patch(const std::vector<float>& image, const Size3& size_xyz,
                                              const PatchPlan& plan);

}  // namespace gliocast::nn
