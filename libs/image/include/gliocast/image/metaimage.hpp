#pragma once
#include <gliocast/core/volume.hpp>

#include <filesystem>

namespace gliocast::image {

/// Reads MetaImage (.mha, .mhd) by ITK, as float. Throws Error{UnusableInput} naming the file.
[[nodiscard]] Volume<float> read_metaimage(const std::filesystem::path& path);

}  // namespace gliocast::image
