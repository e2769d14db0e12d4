#pragma once
#include "header.hpp"

#include <filesystem>

namespace gliocast::dicom {

/// Reads the functional groups of an enhanced MR file: `frames`, and what is the same for all of them as the texts that
/// other files have at the top (times, spacing, orientation, contrast agent). Leaves the header as it is where the file
/// has none. Runs in the worker process alone.
void add_functional_groups(const std::filesystem::path& path, Header& header);

}  // namespace gliocast::dicom
