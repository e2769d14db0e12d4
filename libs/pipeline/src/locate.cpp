#include "locate.hpp"

#include <gliocast/image/atlas.hpp>
#include <gliocast/image/reorient.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/image/smooth.hpp>
#include <gliocast/imageio/read_volume.hpp>

namespace gliocast::pipeline {
namespace {

image::AffineMap map_to_atlas(const preprocess::PreparedExam& exam, const std::filesystem::path& folder) {
  if (exam.extraction) return exam.extraction->to_atlas;
  Sequence plain = exam.reference;
  for (const Sequence s : {Sequence::T2, Sequence::T1Gd, Sequence::T1})
    if (exam.intensities.contains(s)) plain = s;
  const auto brain = image::pad(image::reorient(imageio::read_volume(folder / "ch2bet.nii.gz").volume, "LPS"),
                                {40, 40, 40}, {40, 40, 40});
  return preprocess::register_images(image::shrink_to(exam.intensities.at(plain), 2), brain,
                                     {.model = preprocess::RegistrationOptions::Model::Affine, .samples = 12000})
      .map;
}

}  // namespace

findings::Location locate_tumour(const Mask& tumour, const preprocess::PreparedExam& exam,
                                 const std::filesystem::path& atlas) {
  const auto folder = image::find_atlas(atlas);
  const auto map = map_to_atlas(exam, folder);
  return findings::locate(tumour, [&](const Vec3& p) { return map(p); }, imageio::read_labels(folder / "aal.nii.gz"));
}

}  // namespace gliocast::pipeline
