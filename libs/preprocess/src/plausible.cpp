#include "plausible.hpp"

#include <gliocast/core/quantile.hpp>
#include <gliocast/image/components.hpp>
#include <gliocast/image/resample.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace gliocast::preprocess {
namespace {

// 28 stripped patients, a template and two extracted brains: 1144 to 1731 cm³, fill 0.42 to 0.50, flatness 0.65 to
// 0.76, mirror 0.94 to 0.98. A hemisphere: flatness 0.43, mirror 0.74; a front, lower or upper half: flatness 0.41 to
// 0.57.
constexpr double kLeastCm3 = 450;       ///< of a whole brain
constexpr double kLargestPiece = 0.15;  ///< of the main piece: a second one this large is a brain's other part
constexpr double kMostFill = 0.7;       ///< of the box about it; a ball fills 0.52
constexpr double kMostFlatEnd = 0.75;   ///< of the largest slice
constexpr double kLeastFlatness = 0.58, kMostFlatness = 0.9;  ///< a ball has 1
constexpr double kLeastMirror = 0.8;
constexpr double kCutMm2 = 1500;        ///< of the mask on the image's faces; beyond it the image cuts the brain
constexpr double kWholeCovered = 0.93;  ///< of which shape says something
constexpr double kLeastAgreement = 0.6;
constexpr double kLeastHalf = 0.6;  ///< of a half, as the atlas expects it, against the other's
// Heads of two patients, each sequence alone, share 0.12 nats and more with the atlas' head; cylinders and boxes 0.03
// and less.
constexpr double kLeastInformation = 0.05;
constexpr float kDark = 0.1F;        ///< of the brain's upper quartile
constexpr double kMostDark = 0.35;   ///< of the brain; fluid and its rim are dark on T1 and FLAIR
constexpr double kLeastHead = 1.25;  ///< signal of a head over its brain's volume

std::string in_cm3(double mm3) { return std::to_string(std::lround(mm3 / 1000)) + " cm³"; }

double volume_mm3(const Mask& mask) { return static_cast<double>(count(mask)) * mask.geometry.voxel_volume_mm3(); }

/// Area of the mask on the faces of its grid, mm².
double area_on_faces(const Mask& mask) {
  const Geometry& g = mask.geometry;
  double area = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::size_t u = (axis + 1) % 3, v = (axis + 2) % 3;
    std::size_t touched = 0;
    for (const std::size_t end : {std::size_t{0}, g.size[axis] - 1}) {
      Size3 i{};
      i[axis] = end;
      for (i[u] = 0; i[u] < g.size[u]; ++i[u])
        for (i[v] = 0; i[v] < g.size[v]; ++i[v]) touched += mask.at(i[0], i[1], i[2]) != 0;
    }
    area += static_cast<double>(touched) * g.spacing_mm[u] * g.spacing_mm[v];
  }
  return area;
}

/// Part of the box about the mask that it fills.
double fill(const Mask& mask) {
  const auto box = bounding_box(mask);
  if (!box) return 0;
  double voxels = 1;
  for (std::size_t a = 0; a < 3; ++a) voxels *= static_cast<double>(box->last[a] - box->first[a] + 1);
  return static_cast<double>(count(mask)) / voxels;
}

/// Largest area of the mask's first and last slices from left to right and from front to back, over its largest slice
/// there: 1 where it was cut in half.
double flat_end(const Mask& mask) {
  const Geometry& g = mask.geometry;
  double worst = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (std::abs(g.direction[6 + axis]) > 0.7) continue;  // many images end at the base or below the vertex
    std::vector<std::size_t> area(g.size[axis], 0);
    for (std::size_t i = 0; i < mask.voxels.size(); ++i)
      if (mask.voxels[i]) ++area[Size3{i % g.size[0], i / g.size[0] % g.size[1], i / (g.size[0] * g.size[1])}[axis]];
    std::erase(area, std::size_t{0});
    if (!area.empty())
      worst = std::max(worst, static_cast<double>(std::max(area.front(), area.back())) /
                                  static_cast<double>(std::ranges::max(area)));
  }
  return worst;
}

/// Smallest and largest eigenvalue of a symmetric matrix (Smith 1961).
std::array<double, 2> extreme_eigenvalues(const Mat3& m) {
  const double mean = (m[0] + m[4] + m[8]) / 3;
  double square = 2 * (m[1] * m[1] + m[2] * m[2] + m[5] * m[5]);
  for (const std::size_t k : {0U, 4U, 8U}) square += (m[k] - mean) * (m[k] - mean);
  const double p = std::sqrt(square / 6);
  if (!(p > 0)) return {mean, mean};
  Mat3 b = m;
  for (const std::size_t k : {0U, 4U, 8U}) b[k] -= mean;
  for (double& v : b) v /= p;
  const double angle = std::acos(std::clamp(determinant(b) / 2, -1.0, 1.0)) / 3;
  return {mean + 2 * p * std::cos(angle + 2 * std::numbers::pi / 3), mean + 2 * p * std::cos(angle)};
}

/// Smallest over largest standard deviation of the mask's positions along its principal axes.
double flatness(const Mask& mask) {
  const Geometry& g = mask.geometry;
  const Vec3 middle = g.index_to_lps_mm(mean_index(mask));
  Mat3 sum{};
  for (std::size_t i = 0; i < mask.voxels.size(); ++i) {
    if (!mask.voxels[i]) continue;
    Vec3 p = g.index_to_lps_mm({static_cast<double>(i % g.size[0]), static_cast<double>(i / g.size[0] % g.size[1]),
                                static_cast<double>(i / (g.size[0] * g.size[1]))});
    for (std::size_t a = 0; a < 3; ++a) p[a] -= middle[a];
    for (std::size_t r = 0; r < 3; ++r)
      for (std::size_t c = 0; c < 3; ++c) sum[3 * r + c] += p[r] * p[c];
  }
  const auto [smallest, largest] = extreme_eigenvalues(sum);
  return largest > 0 ? std::sqrt(std::max(smallest, 0.0) / largest) : 0;
}

/// Dice of the mask and its mirror image left to right through its middle.
double mirror(const Mask& mask) {
  const Vec3 middle = mask.geometry.index_to_lps_mm(mean_index(mask));
  image::AffineMap flip;
  flip.matrix[0] = -1;
  flip.translation_mm[0] = 2 * middle[0];
  const Mask other = image::resample_mask(mask, mask.geometry, flip);
  std::size_t both = 0;
  for (std::size_t i = 0; i < mask.voxels.size(); ++i) both += mask.voxels[i] && other.voxels[i];
  return 2 * static_cast<double>(both) / std::max(1.0, static_cast<double>(count(mask) + count(other)));
}

/// Volumes of the extracted brain left and right of the atlas' middle plane, each over what the atlas expects there
/// within the reference's field of view.
std::array<double, 2> halves(const PreparedExam& e) {
  const Geometry &grid = e.brain.geometry, &native = e.brain_native.geometry;
  const auto is_left = [&](const Vec3& p) { return e.extraction->to_atlas(p)[0] > 0; };
  std::array<double, 2> found{}, expected{};
  for (std::size_t i = 0; i < e.brain.voxels.size(); ++i)
    if (e.brain.voxels[i])
      found[is_left(grid.index_to_lps_mm({static_cast<double>(i % grid.size[0]),
                                          static_cast<double>(i / grid.size[0] % grid.size[1]),
                                          static_cast<double>(i / (grid.size[0] * grid.size[1]))}))] += 1;
  for (const Vec3& p : e.extraction->expected) {
    const Vec3 at = native.lps_mm_to_index(p);
    bool inside = true;
    for (std::size_t a = 0; a < 3; ++a)
      inside = inside && at[a] > -0.5 && at[a] < static_cast<double>(native.size[a]) - 0.5;
    if (inside) expected[is_left(p)] += e.extraction->expected_mm3;
  }
  for (std::size_t k = 0; k < 2; ++k) found[k] *= grid.voxel_volume_mm3() / std::max(expected[k], 1000.0);
  return found;
}

/// Part of the brain that is next to dark on the reference.
double dark_part(const PreparedExam& e) {
  auto values = values_inside(e.intensities.at(e.reference), e.parts.at(e.reference).imaged);
  if (values.empty()) return 1;
  const float limit = kDark * quantile_lower(values, 0.75);
  return static_cast<double>(std::ranges::count_if(values, [&](float v) { return v < limit; })) /
         static_cast<double>(values.size());
}

}  // namespace

NoBrainInStripped::NoBrainInStripped(const std::string& why)
    : Error(unusable_input("the images look skull-stripped, but what is not 0 " + why, {},
                           "if it is a stripped brain all the same, say --preprocessed yes")),
      why_("what is not 0 " + why) {}

bool cut_by_image(const Mask& mask) { return area_on_faces(mask) > kCutMm2; }

bool more_than_a_brain(const Mask& mask) { return volume_mm3(mask) > 1000 * kLargestBrainCm3; }

std::string why_no_stripped_brain(const Mask& signal, const Mask& main) {
  const auto pieces = image::component_sizes(signal);
  if (pieces.empty()) return "is nothing at all";
  const double mm3 = volume_mm3(main);
  if (more_than_a_brain(main)) return "measures " + in_cm3(mm3) + ", more than a brain";
  if (cut_by_image(main)) return {};
  if (mm3 < 1000 * kLeastCm3) return "measures " + in_cm3(mm3) + ", less than a brain";
  if (pieces.size() > 1 && static_cast<double>(pieces[1]) > kLargestPiece * static_cast<double>(pieces[0]))
    return "lies in two pieces, as no brain does";
  if (fill(main) > kMostFill) return "is a box, no brain";
  if (flat_end(main) > kMostFlatEnd) return "ends in a plane, as if cut in half";
  const double flat = flatness(main);
  if (flat < kLeastFlatness) return "is too flat for a whole brain";
  if (flat > kMostFlatness) return "is as round as a ball, like a phantom";
  if (mirror(main) < kLeastMirror) return "has halves too unlike for a whole brain";
  return {};
}

std::string why_no_extracted_brain(const PreparedExam& e) {
  if (e.extraction->atlas_information < kLeastInformation) return "has nothing in common with a head";
  const double mm3 = volume_mm3(e.brain), covered = std::max(e.quality.brain_covered, 0.05);
  const bool whole = covered > kWholeCovered;
  const double all = mm3 / covered / 1000;
  if (all < kLeastCm3 || all > kLargestBrainCm3 || e.extraction->agreement < kLeastAgreement)
    return "measures " + in_cm3(mm3) + (whole ? "" : " within the image") + " and agrees with the atlas to Dice " +
           std::to_string(std::lround(100 * e.extraction->agreement)) + " %";
  const auto half = halves(e);
  if (std::min(half[0], half[1]) < kLeastHalf * std::max(half[0], half[1]))
    return "has halves too unlike for a whole brain";
  if (whole && fill(e.brain_native) > kMostFill) return "is a box";
  if (const double part = dark_part(e); part > kMostDark)
    return "is without signal in " + std::to_string(std::lround(100 * part)) + " %";
  return {};
}

bool has_head_about_it(const PreparedExam& e) {
  const double signal = e.recognition.sequences.at(e.reference).signal_cm3;
  return 1000 * signal > kLeastHead * volume_mm3(e.brain);
}

}  // namespace gliocast::preprocess
