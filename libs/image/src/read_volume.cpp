#include <gliocast/image/read_volume.hpp>

#include <gliocast/image/metaimage.hpp>
#include <gliocast/imageio/read_image.hpp>

#include <algorithm>
#include <cctype>

namespace gliocast::image {
namespace {

bool is_metaimage(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending == ".mha" || ending == ".mhd";
}

}  // namespace

ReadVolume read_volume(const std::filesystem::path& path) {
  if (is_metaimage(path)) return {read_metaimage(path), {}};
  auto file = imageio::read_image(path);
  return {imageio::to_float(file.volume), std::move(file.warnings)};
}

LabelVolume read_labels(const std::filesystem::path& path) {
  if (is_metaimage(path)) return imageio::to_labels(read_metaimage(path), path.string());
  return imageio::to_labels(imageio::read_image(path).volume, path.string());
}

}  // namespace gliocast::image
