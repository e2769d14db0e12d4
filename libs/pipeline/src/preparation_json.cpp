#include "preparation_json.hpp"

#include <gliocast/core/numbers.hpp>

#include "given_masks.hpp"

#include <cctype>
#include <cmath>
#include <map>

namespace gliocast::pipeline {
namespace {

Json quality_json(const preprocess::Quality& q) {
  Json sequences = Json::object();
  for (const auto& [s, v] : q.sequences)
    sequences[std::string(key_name(s))] = {{"name", display_name(s)},
                                           {"size", v.size},
                                           {"spacing_mm", v.spacing_mm},
                                           {"orientation", v.orientation},
                                           {"coverage", v.coverage},
                                           {"p01", v.p01},
                                           {"median", v.median},
                                           {"p99", v.p99},
                                           {"snr", finite_or_null(v.snr)},
                                           {"cnr", finite_or_null(v.cnr)},
                                           {"ghost_index", finite_or_null(v.ghost)},
                                           {"clipped_fraction", v.clipped_fraction},
                                           {"warnings", v.warnings}};
  return {{"brain_volume_cm3", q.brain_volume_cm3},
          {"brain_covered", finite_or_null(q.brain_covered)},
          {"sequences", sequences}};
}

Json alignment_json(const preprocess::PreparedExam& prepared) {
  Json out = Json::object();
  for (const auto& [s, part] : prepared.parts) {
    Json entry{{"name", display_name(s)},
               {"reference_to_sequence_ras_mm", image::ras_matrix(part.from_reference)},
               {"bias_field_range", part.bias_range > 0 ? Json(part.bias_range) : Json(nullptr)}};
    if (part.registration)
      entry["registration"] = {{"rotation_degrees", image::rotation_degrees(part.from_reference)},
                               {"mutual_information_before", part.registration->metric_before},
                               {"mutual_information_after", part.registration->metric_after},
                               {"overlap_before", part.registration->overlap_before},
                               {"overlap_after", part.registration->overlap_after},
                               {"kept_headers", part.registration->kept_headers}};
    out[std::string(key_name(s))] = entry;
  }
  return out;
}

}  // namespace

Json start_description(const char* schema, const std::string& patient, const image::Exam& exam,
                       const preprocess::PreparedExam& prepared) {
  Json inputs = Json::object();
  for (const auto& [s, sum] : exam.checksums)
    inputs[std::string(key_name(s))] = {{"name", display_name(s)}, {"sha256", sum}};
  return {{"schema", schema}, {"patient", patient}, {"reference", key_name(prepared.reference)}, {"inputs", inputs}};
}

void forget_left_out(image::Exam& exam, const preprocess::PreparedExam& prepared) {
  for (const auto& [s, reason] : prepared.left_out) {
    exam.sequences.erase(s);
    exam.left_out[s] = reason;
  }
}

void add_preparation(RunKey& key, const std::map<Sequence, std::string>& checksums,
                     const preprocess::PreprocessOptions& o) {
  key.add("preprocessed", static_cast<int>(o.preprocessed)).add("margin_mm", o.margin_mm);
  key.add("atlas", o.atlas.string());
  for (const auto& [s, sum] : checksums) key.add(key_name(s), sum);
}

void describe_preparation(Json& json, const image::Exam& exam, const preprocess::PreparedExam& prepared,
                          const cohort::PatientFiles& patient) {
  const auto& r = prepared.recognition;
  Json zeros = Json::object();
  for (const auto& [s, state] : r.sequences) zeros[std::string(key_name(s))] = state.zero_fraction;
  json["recognition"] = {{"stripped", r.stripped}, {"aligned", r.aligned}, {"zero_fraction", zeros}};
  Json steps = Json::array();
  for (const auto& remark : patient.remarks) steps.push_back("DICOM: " + remark + ".");
  for (const auto& step : prepared.steps) steps.push_back(step);
  json["preprocessing"] = steps;
  json["alignment"] = alignment_json(prepared);
  if (prepared.extraction)
    json["brain_extraction"] = {{"method", "atlas"},
                                {"agreement_with_atlas", prepared.extraction->agreement},
                                {"mutual_information", prepared.extraction->atlas_information},
                                {"reference_to_mni_ras_mm", image::ras_matrix(prepared.extraction->to_atlas)}};
  if (prepared.brain_given) json["brain_mask"] = describe_mask(*patient.brain_mask, *prepared.brain_given);
  json["quality"] = quality_json(prepared.quality);
  Json warnings = Json::array();
  for (const auto& t : patient.warnings) warnings.push_back(t);
  for (const auto& t : exam.warnings) warnings.push_back(t);
  for (const auto& t : prepared.warnings) warnings.push_back(t);
  for (const auto& t : prepared.quality.warnings) warnings.push_back(t);
  // The same remark on several sequences is one sentence.
  std::map<std::string, std::string> who;
  std::vector<std::string> order;
  for (const auto& [s, q] : prepared.quality.sequences)
    for (const auto& t : q.warnings) {
      if (!who.contains(t)) order.push_back(t);
      who[t] += (who[t].empty() ? "" : ", ") + std::string(display_name(s));
    }
  for (const auto& t : order) warnings.push_back(who[t] + ": " + t);
  for (auto& w : warnings) {
    auto text = w.get<std::string>();
    text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    w = text;
  }
  json["warnings"] = warnings;
}

}  // namespace gliocast::pipeline
