#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/preprocess/preprocess.hpp>

#include <filesystem>

namespace gliocast::pipeline {

/// Where the tumour lies in the AAL atlas (MNI space): {"main", "lobes": {name: share of the tumour}, "side_in_atlas",
/// "left_fraction_in_atlas"}. Raw input brings its map to the atlas; for stripped input the atlas' brain is registered
/// (affine) to the plainest sequence. Throws Error{MissingModel} without the atlas.
[[nodiscard]] Json locate_tumour(const Mask& tumour, const preprocess::PreparedExam& exam,
                                 const std::filesystem::path& atlas);

}  // namespace gliocast::pipeline
