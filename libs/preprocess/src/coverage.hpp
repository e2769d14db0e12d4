#pragma once
// Where a sequence has data: within its field of view, and not where a slab was filled up with zeros.
#include <gliocast/preprocess/preprocess.hpp>

#include <map>

namespace gliocast::preprocess {

/// Pieces of exact zeros too large for anatomy within `brain` (on the image's grid), as where a slab was carried to a
/// larger grid. Without voxels where there is none.
[[nodiscard]] Mask blank_pieces(const Volume<float>& image, const Mask& brain);

/// Voxels of `target` where an image on the grid `own`, without its `blank` pieces, has data; `map`: target → image.
[[nodiscard]] Mask imaged(const Geometry& own, const Mask& blank, const Geometry& target, const image::AffineMap& map);

/// How much of the brain was imaged.
struct Coverage {
  double brain = 1;                  ///< part of the whole brain that lies within the reference
  std::map<Sequence, double> parts;  ///< part of the whole brain where each sequence has signal
};

/// The whole brain: the mask, and beyond the reference's data where the atlas expects it (raw input).
/// `blank`: see blank_pieces, of each sequence on its own grid.
[[nodiscard]] Coverage measure_coverage(const PreparedExam& prepared, const image::Exam& exam,
                                        const std::map<Sequence, Mask>& blank);

}  // namespace gliocast::preprocess
