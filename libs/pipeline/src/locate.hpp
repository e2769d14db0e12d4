#pragma once
#include <gliocast/findings/location.hpp>
#include <gliocast/preprocess/preprocess.hpp>

#include <filesystem>

namespace gliocast::pipeline {

/// Where the tumour lies in the AAL atlas (MNI space). Raw input brings its map to the atlas; for stripped input the
/// atlas' brain is registered (affine) to the plainest sequence. Throws Error{MissingModel} without the atlas.
[[nodiscard]] findings::Location locate_tumour(const Mask& tumour, const preprocess::PreparedExam& exam,
                                               const std::filesystem::path& atlas);

}  // namespace gliocast::pipeline
