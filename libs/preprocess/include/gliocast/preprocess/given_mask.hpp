#pragma once
#include <gliocast/image/exam.hpp>
#include <gliocast/preprocess/preprocess.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gliocast::preprocess {

struct PreparedExam;

/// A user's mask, drawn on an image of the exam: for each sequence on whose grid it lies, the mask on the very grid
/// that was read; T1-Gd first.
struct GivenMask {
  std::vector<std::pair<Sequence, Mask>> on;
};

/// Finds the sequences on whose grid a mask lies; its axes may run otherwise, as converters of DICOM leave them. Throws
/// Error{UnusableInput} where it is empty, and with the difference from each sequence where it has the grid of none.
/// `drawn_on`: the only sequence that comes into question, where the user says; `what`: "the brain mask", for messages;
/// `place`: its file.
[[nodiscard]] GivenMask place_mask(const Mask& mask, const image::Exam& exam, std::optional<Sequence> drawn_on,
                                   const std::string& what, const std::string& place);

/// The sequence on whose grid the mask lies and that was used. Throws Error{UnusableInput} where none was, and where
/// there are several that registration moved against each other by more than 2 mm: only the user knows on which it was
/// drawn.
[[nodiscard]] Sequence carrier_of(const GivenMask& given, const PreparedExam& prepared);
/// The mask on that sequence's grid.
[[nodiscard]] const Mask& mask_of(const GivenMask& given, Sequence carrier);

/// The mask on a grid of the reference's space (linear interpolation, cut at one half); itself on the carrier's own
/// grid where that is the reference's.
[[nodiscard]] Mask mask_on(const GivenMask& given, const PreparedExam& prepared, const Geometry& grid);

}  // namespace gliocast::preprocess
