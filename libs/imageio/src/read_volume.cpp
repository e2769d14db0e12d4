#include <gliocast/imageio/read_volume.hpp>

#include <gliocast/imageio/read_image.hpp>

namespace gliocast::imageio {

ReadVolume read_volume(const std::filesystem::path& path) {
  auto file = read_image(path);
  return {to_float(file.volume), std::move(file.warnings)};
}

LabelVolume read_labels(const std::filesystem::path& path) { return to_labels(read_image(path).volume, path.string()); }

}  // namespace gliocast::imageio
