#include "grade.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/nn/cropping.hpp>
#include <gliocast/pipeline/training_cases.hpp>
#include <gliocast/preprocess/quality.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace gliocast::pipeline {
namespace {

constexpr double kMostMm = 30;                              ///< no slice of a head: a header that says more is wrong
constexpr std::int64_t kLeastPatch = 16, kMostPatch = 512;  ///< voxels of a patch's edge that a network can take

}  // namespace

Grader::Grader(NetworkBundle networks, nn::Device device) : bundle_(std::move(networks)) {
  const Json& payload = bundle_.bundle.payload;
  try {
    const auto options = nn::ResnetOptions::from_json(payload.at("network"));
    for (const auto& weights : bundle_.weights) members_.emplace_back(options, weights, device);
    payload.at("patch_zyx").get_to(patch_zyx_);
    payload.at("patch_step").get_to(patch_step_);
    if (payload.contains("calibration")) {
      for (const auto& draw : payload["calibration"].at("bootstrap"))
        calibration_.push_back({draw.at(0).get<double>(), draw.at(1).get<double>()});
      if (!calibration_.empty()) calibration_patients_ = payload["calibration"].value("patients", std::size_t{0});
    }
  } catch (const Json::exception& e) {
    throw Error(ExitCode::MissingModel, std::string("model.json is damaged: ") + e.what(), bundle_.bundle.name);
  }
  for (const auto n : patch_zyx_)
    if (n < kLeastPatch || n > kMostPatch)
      throw Error(ExitCode::MissingModel, "the patch size in model.json is out of range", bundle_.bundle.name);
}

void Grader::grade(PatientWork& w, const cohort::PatientFiles& patient) const {
  if (count(w.tumour_coarse) == 0) {
    w.found.grade = findings::estimate_grade({});
    return;
  }
  const auto plan = nn::plan_patch(w.tumour_coarse, {patch_zyx_, patch_step_});
  const auto factor = static_cast<std::size_t>(std::lround(bundle_.spacing_mm));
  const auto patch = nn::cut_patch(to_training_case(w.prepared, bundle_.channels, factor).input, plan);
  double logit = 0;
  std::vector<double> deep;
  for (const auto& network : members_) {
    const auto out = network.predict(patch);
    logit += out.logit / static_cast<double>(members_.size());
    if (deep.empty()) deep.assign(out.features.begin(), out.features.end());
  }
  w.found.patch = {.size_zyx = patch_zyx_,
                   .spacing_mm = plan.step_xyz[0] * bundle_.spacing_mm,
                   .centre_lps_mm = w.coarse.index_to_lps_mm(plan.centre_xyz),
                   .shrunk_to_fit = plan.shrunk};
  w.found.deep_features = std::move(deep);
  findings::GradeEvidence evidence{.logit = logit,
                                   .probabilities = {},
                                   .calibration_patients = calibration_patients_,
                                   .thickest_slice_mm = thickest_slice_mm(w.exam, patient.acquisition),
                                   .thick_slice_mm = preprocess::kThickSliceMm};
  for (const auto& draw : calibration_) evidence.probabilities.push_back(draw.probability(logit));
  w.found.grade = findings::estimate_grade(evidence);
  if (std::holds_alternative<findings::NoReliableGrade>(w.found.grade))
    w.found.not_computed.push_back({.kind = findings::Remark::Kind::NoGrade});
}

double thickest_slice_mm(const image::Exam& exam, const std::map<Sequence, dicom::Acquisition>& acquisition) {
  double thickest = 0;
  for (const auto& [s, volume] : exam.sequences)
    thickest = std::max(thickest, std::ranges::max(volume.geometry.spacing_mm));
  for (const auto& [s, a] : acquisition)
    if (std::isfinite(a.slice_thickness_mm) && a.slice_thickness_mm <= kMostMm)
      thickest = std::max(thickest, a.slice_thickness_mm);
  return thickest;
}

}  // namespace gliocast::pipeline
