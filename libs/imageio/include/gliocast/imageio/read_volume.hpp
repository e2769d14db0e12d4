#pragma once
#include <gliocast/core/volume.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::imageio {

struct ReadVolume {
  Volume<float> volume;
  std::vector<std::string> warnings;
};

/// NIfTI, NRRD or MetaImage. Throws Error{UnusableInput} naming the file.
[[nodiscard]] ReadVolume read_volume(const std::filesystem::path& path);
/// The same as labels (whole numbers ≥ 0).
[[nodiscard]] LabelVolume read_labels(const std::filesystem::path& path);

}  // namespace gliocast::imageio
