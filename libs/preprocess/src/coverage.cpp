#include "coverage.hpp"

#include <gliocast/image/distance.hpp>
#include <gliocast/image/resample.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::preprocess {
namespace {

constexpr double kBlankReachMm = 3;   ///< zeros of anatomy and of rounding are thinner than twice this
constexpr double kLeastBlank = 0.02;  ///< of the brain

/// Whether the image has data at a position of its own space.
bool has_data(const Geometry& own, const Mask& blank, const Vec3& position) {
  const Vec3 at = own.lps_mm_to_index(position);
  Size3 i{};
  for (std::size_t a = 0; a < 3; ++a) {
    if (!(at[a] > -0.5 && at[a] < static_cast<double>(own.size[a]) - 0.5)) return false;
    i[a] = std::min(static_cast<std::size_t>(std::max(0.0, at[a] + 0.5)), own.size[a] - 1);
  }
  return blank.voxels.empty() || blank.at(i[0], i[1], i[2]) == 0;
}

}  // namespace

Mask blank_pieces(const Volume<float>& image, const Mask& brain) {
  Mask zeros(image.geometry);
  for (std::size_t i = 0; i < zeros.voxels.size(); ++i) zeros.voxels[i] = brain.voxels[i] && image.voxels[i] == 0;
  const double least = kLeastBlank * static_cast<double>(count(brain));
  if (static_cast<double>(count(zeros)) <= least) return {};
  Mask piece = image::dilate(image::erode(zeros, kBlankReachMm), kBlankReachMm);
  keep_common(piece, zeros);
  if (static_cast<double>(count(piece)) <= least) return {};
  return piece;
}

Mask imaged(const Geometry& own, const Mask& blank, const Geometry& target, const image::AffineMap& map) {
  Mask out = image::field_of_view(own, target, map);
  if (blank.voxels.empty()) return out;
  const Mask absent = image::resample_mask(blank, target, map);
  for (std::size_t i = 0; i < out.voxels.size(); ++i) out.voxels[i] = out.voxels[i] && !absent.voxels[i];
  return out;
}

Coverage measure_coverage(const PreparedExam& prepared, const image::Exam& exam,
                          const std::map<Sequence, Mask>& blank) {
  const auto geometry = [&](Sequence s) -> const Geometry& { return exam.sequences.at(s).geometry; };
  std::vector<Vec3> beyond;  // brain that the reference does not show
  double each = 0;
  if (prepared.extraction) {
    each = prepared.extraction->expected_mm3;
    for (const Vec3& p : prepared.extraction->expected)
      if (!has_data(geometry(prepared.reference), blank.at(prepared.reference), p)) beyond.push_back(p);
  }
  const double voxel = prepared.brain.geometry.voxel_volume_mm3();
  const double found = static_cast<double>(count(prepared.brain)) * voxel;
  const double whole = std::max(found + each * static_cast<double>(beyond.size()), 1e-9);
  Coverage out;
  out.brain = found / whole;
  for (const auto& [s, part] : prepared.parts) {
    const auto& signal = prepared.intensities.at(s);
    std::size_t seen = 0, elsewhere = 0;
    for (std::size_t i = 0; i < part.imaged.voxels.size(); ++i) seen += part.imaged.voxels[i] && signal.voxels[i] != 0;
    for (const Vec3& p : beyond) elsewhere += has_data(geometry(s), blank.at(s), part.from_reference(p));
    out.parts[s] = (static_cast<double>(seen) * voxel + static_cast<double>(elsewhere) * each) / whole;
  }
  return out;
}

}  // namespace gliocast::preprocess
