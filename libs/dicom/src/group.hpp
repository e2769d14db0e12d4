#pragma once
#include "header.hpp"
#include "volumes.hpp"

#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace gliocast::dicom {

/// A file and what its header says.
struct ReadHeader {
  std::filesystem::path file;
  Header header;
};

/// Slices of one series, size, orientation and voxel size.
struct Stack {
  std::array<double, 6> orientation{};
  std::array<double, 2> pixel_mm{};
  std::vector<Candidate> slices;
};

/// The stacks of each series, in the order of the files; what is no image has none. A copy of an object counts once.
[[nodiscard]] std::map<std::string, std::vector<Stack>> group_slices(const std::vector<ReadHeader>& headers);

/// Normal of slices with these directions along a row and along a column, LPS.
[[nodiscard]] Vec3 normal_of(const std::array<double, 6>& orientation);

/// The numbers of a backslash-separated value.
[[nodiscard]] std::vector<double> numbers(const std::string& text);
/// The first number of a tag; NaN where there is none.
[[nodiscard]] double number(const Header& header, Tag tag);

}  // namespace gliocast::dicom
