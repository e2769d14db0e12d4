#pragma once
#include <gliocast/radiomics/texture.hpp>

namespace gliocast::radiomics {

/// Sum of a matrix's entries.
[[nodiscard]] double total(const TextureMatrix& matrix);

/// Directions as they are averaged: each for itself without the empty ones, or all in one with the weights of
/// `options.weighting` (of distance d in mm: exp(−d²) where `exponential`, else d). `directions`: one for each of
/// `offsets`.
[[nodiscard]] std::vector<TextureMatrix> combine(std::vector<TextureMatrix> directions,
                                                 const std::vector<std::array<int, 3>>& offsets, const Vec3& spacing_mm,
                                                 const TextureOptions& options, bool exponential);

}  // namespace gliocast::radiomics
