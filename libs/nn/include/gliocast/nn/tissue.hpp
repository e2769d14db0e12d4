#pragma once
#include <gliocast/nn/training_case.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace gliocast::nn {

/// Classes of a case's voxels for synthetic images (Billot 2023): 1 … 6 of the brain by k-means on the channels that
/// are there, behind them one for each tumour label; 0 outside. [z][y][x]. The same seed gives the same classes.
[[nodiscard]] std::vector<std::uint8_t> tissue_classes(const TrainingCase& c, std::uint64_t seed);

/// The case with its tumour replaced by the mirrored other side, blended in at the edges, and no label left. Nothing
/// where the other side does not have it to give: a tumour of both sides, or at the middle.
[[nodiscard]] std::optional<TrainingCase> without_tumour(const TrainingCase& c);

}  // namespace gliocast::nn
