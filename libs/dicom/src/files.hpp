#pragma once
#include <filesystem>
#include <vector>

namespace gliocast::dicom {

/// The files under a folder that look like DICOM, in the order of their names, to a depth of 8; the file itself where
/// it is one. Throws Error{UnusableInput} beyond 200,000.
[[nodiscard]] std::vector<std::filesystem::path> find_files(const std::filesystem::path& folder);

/// Whether a file that stores `bytes` of pixels as they are ends before they do: a broken transfer. The pixels' place
/// is where their tag and length stand; where that is not found, the file's length alone tells.
[[nodiscard]] bool ends_in_pixels(const std::filesystem::path& file, double bytes);

/// Memory that decoding any one of the files may take, bytes: compressed pixels grow some forty times at most.
[[nodiscard]] std::size_t decoding_memory(const std::vector<std::filesystem::path>& files);

}  // namespace gliocast::dicom
