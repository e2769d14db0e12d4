#pragma once
#include <filesystem>
#include <vector>

namespace gliocast::image {

/// The files under a folder that look like DICOM, in the order of their names, to a depth of 8; the file itself where it is
/// one. Throws Error{UnusableInput} beyond 200,000.
[[nodiscard]] std::vector<std::filesystem::path> find_dicom_files(const std::filesystem::path& folder);

/// Memory that decoding any one of the files may take, bytes: compressed pixels grow some forty times at most.
[[nodiscard]] std::size_t decoding_memory(const std::vector<std::filesystem::path>& files);

}  // namespace gliocast::image
