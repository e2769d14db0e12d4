#include "given_masks.hpp"

#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/imageio/read_volume.hpp>

#include <algorithm>
#include <set>

namespace gliocast::pipeline {
namespace {

std::set<std::uint32_t> labels_in(const LabelVolume& volume) {
  std::set<std::uint32_t> present(volume.voxels.begin(), volume.voxels.end());
  present.erase(0);
  return present;
}

preprocess::GivenMask read_mask(const cohort::MaskFile& file, const image::Exam& exam, const std::string& what,
                                std::vector<std::string>& warnings) {
  const LabelVolume labels = imageio::read_labels(file.file);
  Mask mask(labels.geometry);
  for (std::size_t i = 0; i < mask.voxels.size(); ++i) {
    const auto label = labels.voxels[i];
    mask.voxels[i] = file.labels.empty() ? label > 0 : std::ranges::find(file.labels, label) != file.labels.end();
  }
  const auto present = labels_in(labels);
  std::vector<std::string> there, absent;
  for (const auto label : present) there.push_back(std::to_string(label));
  for (const auto label : file.labels)
    if (!present.contains(label)) absent.push_back(std::to_string(label));
  const std::string held = listed(there);
  if (!absent.empty() && count(mask) > 0)
    warnings.push_back(what + " has no label " + listed(absent) + "; it holds " + held);
  if (count(mask) == 0 && !present.empty())
    throw unusable_input(what + " has no voxel of a wanted label; it holds " + held, file.file.string());
  return preprocess::place_mask(mask, exam, file.drawn_on, what, file.file.string());
}

}  // namespace

void add_mask(RunKey& key, const std::string& name, const cohort::MaskFile& mask) {
  key.add(name, sha256_file(mask.file)).add("labels", mask.describe_labels());
  key.add("drawn_on", mask.drawn_on ? key_name(*mask.drawn_on) : "");
}

void add_masks(RunKey& key, const cohort::PatientFiles& patient) {
  if (patient.brain_mask) add_mask(key, "brain", *patient.brain_mask);
  if (patient.tumour_mask) add_mask(key, "tumour", *patient.tumour_mask);
}

GivenMasks read_masks(const cohort::PatientFiles& patient, const image::Exam& exam) {
  GivenMasks given;
  if (patient.brain_mask) given.brain = read_mask(*patient.brain_mask, exam, "the brain mask", given.warnings);
  if (patient.tumour_mask) given.tumour = read_mask(*patient.tumour_mask, exam, "the tumour mask", given.warnings);
  return given;
}

findings::GivenMaskFinding describe_mask(const cohort::MaskFile& file, Sequence carrier) {
  return {sha256_file(file.file), file.describe_labels(), carrier};
}

}  // namespace gliocast::pipeline
