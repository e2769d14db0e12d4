#include "describe_preparation.hpp"

#include <gliocast/core/log.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/core/version.hpp>

#include <cctype>
#include <cmath>
#include <map>

namespace gliocast::pipeline {
namespace {

findings::SequenceQualityFinding quality_of(const preprocess::SequenceQuality& q) {
  return {.size = q.size,
          .spacing_mm = q.spacing_mm,
          .orientation = q.orientation,
          .coverage = q.coverage,
          .p01 = q.p01,
          .median = q.median,
          .p99 = q.p99,
          .snr = q.snr,
          .cnr = q.cnr,
          .ghost_index = q.ghost,
          .clipped_fraction = q.clipped_fraction,
          .warnings = q.warnings};
}

findings::Alignment alignment_of(const preprocess::SequencePreparation& part) {
  findings::Alignment a{
      .reference_to_sequence = image::ras_matrix(part.from_reference), .bias_field_range = {}, .registration = {}};
  if (part.bias_range > 0) a.bias_field_range = part.bias_range;
  if (part.registration)
    a.registration = {.rotation_degrees = image::rotation_degrees(part.from_reference),
                      .information_before = part.registration->metric_before,
                      .information_after = part.registration->metric_after,
                      .overlap_before = part.registration->overlap_before,
                      .overlap_after = part.registration->overlap_after,
                      .kept_headers = part.registration->kept_headers};
  return a;
}

/// The same remark on several sequences is one sentence: "T1, T2: …".
std::vector<std::string> quality_warnings(const preprocess::Quality& quality) {
  std::map<std::string, std::vector<std::string>> who;
  std::vector<std::string> order;
  for (const auto& [s, q] : quality.sequences)
    for (const auto& t : q.warnings) {
      if (!who.contains(t)) order.push_back(t);
      who[t].emplace_back(display_name(s));
    }
  for (auto& t : order) t.insert(0, listed(who[t]) + ": ");
  return order;
}

std::vector<findings::Remark> warnings_of(const image::Exam& exam, const preprocess::PreparedExam& prepared,
                                          const cohort::PatientFiles& patient) {
  std::vector<findings::Remark> warnings;
  const auto add = [&](const std::vector<std::string>& texts) {
    for (auto text : texts) {
      if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
      warnings.push_back(findings::Remark::told(std::move(text)));
    }
  };
  add(patient.warnings);
  add(exam.warnings);
  add(prepared.warnings);
  add(prepared.quality.warnings);
  add(quality_warnings(prepared.quality));
  return warnings;
}

}  // namespace

void add_preparation(RunKey& key, const std::map<Sequence, std::string>& checksums,
                     const preprocess::PreprocessOptions& o) {
  key.add("preprocessed", static_cast<int>(o.preprocessed)).add("margin_mm", o.margin_mm);
  key.add("atlas", o.atlas.string());
  for (const auto& [s, sum] : checksums) key.add(key_name(s), sum);
}

findings::Preparation describe_preparation(const image::Exam& exam, const preprocess::PreparedExam& prepared,
                                           const cohort::PatientFiles& patient) {
  findings::Preparation p{.patient = patient.id, .reference = prepared.reference, .inputs = exam.checksums};
  p.stripped = prepared.recognition.stripped;
  p.aligned = prepared.recognition.aligned;
  for (const auto& [s, state] : prepared.recognition.sequences) p.zero_fraction[s] = state.zero_fraction;
  for (const auto& remark : patient.remarks) p.steps.push_back("DICOM: " + remark + ".");
  p.steps.insert(p.steps.end(), prepared.steps.begin(), prepared.steps.end());
  for (const auto& [s, part] : prepared.parts) p.alignment[s] = alignment_of(part);
  if (prepared.extraction)
    p.brain_extraction = {.agreement_with_atlas = prepared.extraction->agreement,
                          .mutual_information = prepared.extraction->atlas_information,
                          .reference_to_mni = image::ras_matrix(prepared.extraction->to_atlas)};
  if (prepared.brain_given) p.brain_mask = describe_mask(*patient.brain_mask, *prepared.brain_given);
  p.brain_volume_cm3 = prepared.quality.brain_volume_cm3;
  p.brain_covered = prepared.quality.brain_covered;
  for (const auto& [s, q] : prepared.quality.sequences) p.quality[s] = quality_of(q);
  p.warnings = warnings_of(exam, prepared, patient);
  return p;
}

findings::Provenance provenance_of(const std::string& backend, std::size_t threads) {
  return {
      .version = std::string(version()), .backend = backend, .created = utc_now(), .threads = resolve_threads(threads)};
}

}  // namespace gliocast::pipeline
