#pragma once
#include <gliocast/core/volume.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::image {

struct ReadVolume {
  Volume<float> volume;
  std::vector<std::string> warnings;
};

/// Whether a file's name ends as those of images do that read_volume reads.
[[nodiscard]] bool has_image_ending(const std::filesystem::path& path);
/// NIfTI, NRRD or MetaImage. Throws Error{UnusableInput} naming the file.
[[nodiscard]] ReadVolume read_volume(const std::filesystem::path& path);
/// The same as labels (whole numbers ≥ 0).
[[nodiscard]] LabelVolume read_labels(const std::filesystem::path& path);

}  // namespace gliocast::image
