#include <gliocast/preprocess/given_mask.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/image/reorient.hpp>
#include <gliocast/image/resample.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace gliocast::preprocess {
namespace {

constexpr std::array<Sequence, 4> kOrder{Sequence::T1Gd, Sequence::T1, Sequence::T2, Sequence::Flair};
constexpr double kApartMm = 2;

/// How far two sequences were moved against each other at the mask's middle.
double distance_mm(const Mask& mask, const SequencePreparation& a, const SequencePreparation& b) {
  const Vec3 middle = mask.geometry.index_to_lps_mm(mean_index(mask));
  const Vec3 other = b.from_reference(image::inverse(a.from_reference)(middle));
  return std::hypot(other[0] - middle[0], other[1] - middle[1], other[2] - middle[2]);
}

}  // namespace

GivenMask place_mask(const Mask& mask, const image::Exam& exam, std::optional<Sequence> drawn_on,
                     const std::string& what, const std::string& place) {
  if (count(mask) == 0) throw unusable_input(what + " is empty: no voxel has a wanted label", place);
  GivenMask given;
  std::string differences;
  for (const Sequence s : kOrder) {
    if (!exam.has(s) || (drawn_on && s != *drawn_on)) continue;
    const Geometry& grid = exam.sequences.at(s).geometry;
    Mask turned = image::reorient(mask, image::orientation_code(grid));
    const std::string difference = describe_difference(turned.geometry, grid);
    differences += (differences.empty() ? "" : "; ") + std::string(display_name(s)) + ": " + difference;
    if (!difference.empty()) continue;
    turned.geometry = grid;
    given.on.emplace_back(s, std::move(turned));
  }
  if (given.on.empty())
    throw unusable_input(what + " lies on the grid of no sequence that was given (" + differences + ")", place,
                         "resample it onto one of them with the nearest neighbour");
  return given;
}

Sequence carrier_of(const GivenMask& given, const PreparedExam& prepared) {
  std::optional<Sequence> carrier;
  for (const auto& [s, mask] : given.on) {
    if (!prepared.parts.contains(s)) continue;
    if (!carrier)
      carrier = s;
    else if (const double apart = distance_mm(mask, prepared.parts.at(*carrier), prepared.parts.at(s));
             apart > kApartMm)
      throw unusable_input("the given mask lies on the grid of " + std::string(display_name(*carrier)) + " and of " +
                               std::string(display_name(s)) + " alike, which had moved against each other by " +
                               decimal(apart, 0) + " mm",
                           {}, "say on which it was drawn, as in mask.nii.gz@" + std::string(key_name(s)));
  }
  if (carrier) return *carrier;
  throw unusable_input("the given mask lies on the grid of " + std::string(display_name(given.on.front().first)) +
                       ", which could not be used");
}

const Mask& mask_of(const GivenMask& given, Sequence carrier) {
  const auto found = std::ranges::find(given.on, carrier, &std::pair<Sequence, Mask>::first);
  if (found == given.on.end()) throw Error(ExitCode::InternalFault, "a mask was asked for on a grid that it has not");
  return found->second;
}

Mask mask_on(const GivenMask& given, const PreparedExam& prepared, const Geometry& grid) {
  const Sequence carrier = carrier_of(given, prepared);
  const Mask& mask = mask_of(given, carrier);
  if (carrier == prepared.reference && mask.geometry == grid) return mask;
  return image::resample_mask_linear(mask, grid, prepared.parts.at(carrier).from_reference);
}

}  // namespace gliocast::preprocess
