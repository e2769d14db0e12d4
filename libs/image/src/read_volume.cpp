#include <gliocast/image/read_volume.hpp>

#include <gliocast/imageio/read_image.hpp>

namespace gliocast::image {

ReadVolume read_volume(const std::filesystem::path& path) {
  auto file = imageio::read_image(path);
  return {imageio::to_float(file.volume), std::move(file.warnings)};
}

LabelVolume read_labels(const std::filesystem::path& path) {
  return imageio::to_labels(imageio::read_image(path).volume, path.string());
}

}  // namespace gliocast::image
