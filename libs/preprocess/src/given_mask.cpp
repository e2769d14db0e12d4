#include <gliocast/preprocess/given_mask.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/image/reorient.hpp>
#include <gliocast/image/resample.hpp>

#include <algorithm>
#include <array>

namespace gliocast::preprocess {
namespace {

constexpr std::array<Sequence, 4> kOrder{Sequence::T1Gd, Sequence::T1, Sequence::T2, Sequence::Flair};

}  // namespace

GivenMask place_mask(const Mask& mask, const image::Exam& exam, const std::string& what, const std::string& place) {
  if (count(mask) == 0) throw unusable_input(what + " is empty: no voxel has a wanted label", place);
  GivenMask given;
  std::string differences;
  for (const Sequence s : kOrder) {
    if (!exam.has(s)) continue;
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
  for (const auto& [s, mask] : given.on)
    if (prepared.parts.contains(s)) return s;
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
