#pragma once
#include <gliocast/core/volume.hpp>
#include <gliocast/image/affine_map.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace gliocast::preprocess {

struct RegistrationOptions {
  enum class Model { Rigid, Affine };
  Model model = Model::Rigid;
  std::size_t samples = 24000;  ///< points of the fixed image at the finest level
  std::size_t bins = 32;        ///< of the joint histogram along each axis
  std::uint64_t seed = 1;       ///< of the points
};

/// Outcome of a registration. Mutual information is in nats, over the same points before and after.
struct Registration {
  image::AffineMap map;                        ///< takes a point of the fixed image to where it lies in the moving one
  double metric_before = 0, metric_after = 0;  ///< before: by the positions in the headers
  double overlap_before = 0, overlap_after = 0;  ///< part of the fixed head's points that fall into the moving image
  bool kept_headers = false;                     ///< registering found nothing better than the headers' positions
  std::vector<std::string> warnings;             ///< plain words
};

/// Head against air: Otsu's threshold on the square root of the signal, largest piece, closed by 6 mm, holes filled.
[[nodiscard]] Mask head_mask(const Volume<float>& volume);

/// Aligns `moving` to `fixed` by Mattes' mutual information (Mattes 2003, ITK) in three levels of 4, 2 and 1 mm. Starts
/// from the headers' positions, the heads' centres and rotations about them; the three best starts are followed at the
/// coarsest level. An image of a part of the head is not drawn over the rest of it: overlap counts up to what the
/// heads' volumes allow, and the headers' positions stay unless another is clearly better. A movement that lowers the
/// information is not taken. Rigid, or rigid then affine. One thread; the result depends on nothing but the images and
/// the options.
[[nodiscard]] Registration register_images(const Volume<float>& fixed, const Volume<float>& moving,
                                           const RegistrationOptions& options = {});
/// The same with the fixed image's head_mask, found once for several moving images.
[[nodiscard]] Registration register_images(const Volume<float>& fixed, const Mask& fixed_head,
                                           const Volume<float>& moving, const RegistrationOptions& options = {});

}  // namespace gliocast::preprocess
