#pragma once
#include <gliocast/imageio/any_volume.hpp>

#include <filesystem>

namespace gliocast::imageio {

/// Reads NIfTI, NRRD or MetaImage, by content first and ending second. Throws Error{UnusableInput} naming the file and
/// what can be read.
[[nodiscard]] ImageFile read_image(const std::filesystem::path& path, const ReadOptions& options = {});

/// Whether the ending is one that read_image knows (.nii, .nii.gz, .hdr, .img, .nrrd, .nhdr, .mha, .mhd).
[[nodiscard]] bool has_known_ending(const std::filesystem::path& path);

}  // namespace gliocast::imageio
