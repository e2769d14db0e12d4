#include "grade.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/preprocess/quality.hpp>

#include <string>

namespace gliocast::pipeline {

Grader::Grader(NetworkBundle networks, nn::Device device) : bundle_(std::move(networks)), networks_(bundle_, device) {
  const Json& payload = bundle_.bundle.payload;
  if (!payload.contains("calibration")) return;
  try {
    for (const auto& draw : payload["calibration"].at("bootstrap"))
      calibration_.push_back({draw.at(0).get<double>(), draw.at(1).get<double>()});
    if (!calibration_.empty()) calibration_patients_ = payload["calibration"].value("patients", std::size_t{0});
  } catch (const Json::exception& e) {
    throw Error(ExitCode::MissingModel, std::string("model.json is damaged: ") + e.what(), bundle_.bundle.name);
  }
}

void Grader::grade(PatientWork& w, const cohort::PatientFiles& patient, std::size_t) const {
  if (count(w.tumour_coarse) == 0) {
    w.found.grade = findings::estimate_grade({});
    return;
  }
  networks_.cut(w, networks_.input());
  const auto outputs = networks_.read(w.patch);
  double logit = 0;
  for (const auto& out : outputs) logit += out.logit / static_cast<double>(outputs.size());
  w.found.deep_features.emplace(outputs.front().features.begin(), outputs.front().features.end());
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

nn::ActivationMap Grader::activation(const nn::NetworkInput& patch, bool high_grade) const {
  return nn::mean_of_maps(networks_.activations(patch, high_grade));
}

}  // namespace gliocast::pipeline
