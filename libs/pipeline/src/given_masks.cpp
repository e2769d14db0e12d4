#include "given_masks.hpp"

#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/image/read_volume.hpp>

#include <algorithm>

namespace gliocast::pipeline {
namespace {

preprocess::GivenMask read_mask(const cohort::MaskFile& file, const image::Exam& exam, const std::string& what) {
  const LabelVolume labels = image::read_labels(file.file);
  Mask mask(labels.geometry);
  for (std::size_t i = 0; i < mask.voxels.size(); ++i) {
    const auto label = labels.voxels[i];
    mask.voxels[i] =
        file.labels.empty() ? label > 0 : std::ranges::find(file.labels, label) != file.labels.end();
  }
  return preprocess::place_mask(mask, exam, what, file.file.string());
}

}  // namespace

std::string masks_key(const cohort::PatientFiles& patient) {
  std::string key;
  for (const auto& [name, mask] : {std::pair{"brain", &patient.brain_mask}, std::pair{"tumour", &patient.tumour_mask}})
    if (*mask) key += std::string(" ") + name + sha256_file((*mask)->file) + (*mask)->describe_labels();
  return key;
}

GivenMasks read_masks(const cohort::PatientFiles& patient, const image::Exam& exam) {
  GivenMasks given;
  if (patient.brain_mask) given.brain = read_mask(*patient.brain_mask, exam, "the brain mask");
  if (patient.tumour_mask) given.tumour = read_mask(*patient.tumour_mask, exam, "the tumour mask");
  return given;
}

Json describe_mask(const cohort::MaskFile& file, Sequence carrier) {
  return {{"sha256", sha256_file(file.file)}, {"labels", file.describe_labels()}, {"sequence", key_name(carrier)}};
}

}  // namespace gliocast::pipeline
