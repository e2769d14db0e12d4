#include <gliocast/report/outline_picture.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/report/png_image.hpp>
#include <gliocast/report/slices.hpp>

#include <algorithm>

namespace gliocast::report {

void write_outline_picture(const std::filesystem::path& png, const Volume<float>& image, const Mask& reference,
                           const Mask& found) {
  if (reference.geometry.size != image.geometry.size || found.geometry.size != image.geometry.size)
    throw unusable_input("the outlines lie on another grid than the image", png.string(),
                         "resample them to the image's grid");
  Mask shown(image.geometry);
  std::ranges::transform(image.voxels, shown.voxels.begin(), [](float v) { return v != 0; });
  const auto window = window_of(image, shown);
  const std::size_t index = largest_slice(count(reference) > 0 ? reference : found, Plane::Axial);
  SliceOptions options;
  options.window_low = window[0];
  options.window_high = window[1];
  options.colour = {64, 200, 255};
  RgbImage picture = render_slice(image, reference, Plane::Axial, index, options);
  options.colour = SliceOptions{}.colour;
  add_outline(picture, found, Plane::Axial, index, options);
  write_file(png, encode_png(picture));
}

}  // namespace gliocast::report
