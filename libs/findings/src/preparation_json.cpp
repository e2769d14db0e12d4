#include "json_parts.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/findings/wording.hpp>

#include <algorithm>

namespace gliocast::findings {
namespace {

Json quality_json(const SequenceQualityFinding& q, Sequence s) {
  return {{"name", display_name(s)},
          {"size", q.size},
          {"spacing_mm", q.spacing_mm},
          {"orientation", q.orientation},
          {"coverage", q.coverage},
          {"p01", q.p01},
          {"median", q.median},
          {"p99", q.p99},
          {"snr", finite_or_null(q.snr)},
          {"cnr", finite_or_null(q.cnr)},
          {"ghost_index", finite_or_null(q.ghost_index)},
          {"clipped_fraction", q.clipped_fraction},
          {"warnings", q.warnings}};
}

SequenceQualityFinding quality_from_json(const Json& j) {
  SequenceQualityFinding q;
  j.at("size").get_to(q.size);
  j.at("spacing_mm").get_to(q.spacing_mm);
  j.at("orientation").get_to(q.orientation);
  j.at("coverage").get_to(q.coverage);
  j.at("p01").get_to(q.p01);
  j.at("median").get_to(q.median);
  j.at("p99").get_to(q.p99);
  q.snr = number_or_nan(j.at("snr"));
  q.cnr = number_or_nan(j.at("cnr"));
  q.ghost_index = number_or_nan(j.at("ghost_index"));
  j.at("clipped_fraction").get_to(q.clipped_fraction);
  j.at("warnings").get_to(q.warnings);
  return q;
}

Json alignment_json(const Alignment& a, Sequence s) {
  Json entry{{"name", display_name(s)},
             {"reference_to_sequence_ras_mm", a.reference_to_sequence},
             {"bias_field_range", a.bias_field_range ? Json(*a.bias_field_range) : Json(nullptr)}};
  if (a.registration)
    entry["registration"] = {{"rotation_degrees", a.registration->rotation_degrees},
                             {"mutual_information_before", a.registration->information_before},
                             {"mutual_information_after", a.registration->information_after},
                             {"overlap_before", a.registration->overlap_before},
                             {"overlap_after", a.registration->overlap_after},
                             {"kept_headers", a.registration->kept_headers}};
  return entry;
}

Alignment alignment_from_json(const Json& j) {
  Alignment a;
  j.at("reference_to_sequence_ras_mm").get_to(a.reference_to_sequence);
  if (j.at("bias_field_range").is_number()) a.bias_field_range = j["bias_field_range"].get<double>();
  if (!j.contains("registration")) return a;
  const Json& r = j["registration"];
  a.registration = {.rotation_degrees = r.at("rotation_degrees").get<double>(),
                    .information_before = r.at("mutual_information_before").get<double>(),
                    .information_after = r.at("mutual_information_after").get<double>(),
                    .overlap_before = r.at("overlap_before").get<double>(),
                    .overlap_after = r.at("overlap_after").get<double>(),
                    .kept_headers = r.at("kept_headers").get<bool>()};
  return a;
}

}  // namespace

Sequence sequence_from_key(const std::string& key) {
  if (const auto s = sequence_of_key(key)) return *s;
  throw unusable_input("a sequence is not known here: \"" + key.substr(0, 20) + "\"");
}

Json mask_json(const GivenMaskFinding& mask) {
  return {{"sha256", mask.sha256}, {"labels", mask.labels}, {"sequence", key_name(mask.sequence)}};
}

GivenMaskFinding mask_from_json(const Json& j) {
  return {j.at("sha256").get<std::string>(), j.at("labels").get<std::string>(),
          sequence_from_key(j.at("sequence").get<std::string>())};
}

Json remarks_json(const std::vector<Remark>& remarks, const Wording& wording, const Prediction* prediction) {
  Json list = Json::array();
  for (const auto& remark : remarks) list.push_back(wording.of(remark, prediction));
  return list;
}

std::vector<Remark> remarks_from_json(const Json& list) {
  std::vector<Remark> remarks;
  for (const auto& text : list) remarks.push_back(Remark::told(text.get<std::string>()));
  return remarks;
}

Json heading_json(const char* schema, const Preparation& p) {
  Json inputs = Json::object();
  for (const auto& [s, sum] : p.inputs) inputs[std::string(key_name(s))] = {{"name", display_name(s)}, {"sha256", sum}};
  return {{"schema", schema}, {"patient", p.patient}, {"reference", key_name(p.reference)}, {"inputs", inputs}};
}

void add_preparation(Json& json, const Preparation& p) {
  Json zeros = Json::object(), alignment = Json::object(), quality = Json::object();
  for (const auto& [s, fraction] : p.zero_fraction) zeros[std::string(key_name(s))] = fraction;
  for (const auto& [s, a] : p.alignment) alignment[std::string(key_name(s))] = alignment_json(a, s);
  for (const auto& [s, q] : p.quality) quality[std::string(key_name(s))] = quality_json(q, s);
  json["recognition"] = {{"stripped", p.stripped}, {"aligned", p.aligned}, {"zero_fraction", zeros}};
  json["preprocessing"] = p.steps;
  json["alignment"] = alignment;
  if (p.brain_extraction)
    json["brain_extraction"] = {{"method", "atlas"},
                                {"agreement_with_atlas", p.brain_extraction->agreement_with_atlas},
                                {"mutual_information", p.brain_extraction->mutual_information},
                                {"reference_to_mni_ras_mm", p.brain_extraction->reference_to_mni}};
  if (p.brain_mask) json["brain_mask"] = mask_json(*p.brain_mask);
  json["quality"] = {{"brain_volume_cm3", p.brain_volume_cm3},
                     {"brain_covered", finite_or_null(p.brain_covered)},
                     {"sequences", quality}};
}

void add_provenance(Json& json, const Preparation& p) {
  json["run_key"] = p.run_key;
  Json made{{"program", "gliocast " + p.provenance.version},
            {"version", p.provenance.version},
            {"backend", p.provenance.backend},
            {"threads", p.provenance.threads}};
  if (!p.provenance.models.empty()) {
    made["models"] = Json::object();
    for (const auto& [role, name] : p.provenance.models) made["models"][role] = name;
    made["models_key"] = p.provenance.models_key;
  }
  made["created"] = p.provenance.created;
  json["provenance"] = made;
  json["timings_s"] = Json::object();
  for (const auto& [stage, seconds] : p.timings_s) json["timings_s"][stage] = seconds;
}

Json to_json(const Preparation& p, const Wording& wording) {
  Json json = heading_json("gliocast-preprocessing-1", p);
  add_preparation(json, p);
  json["warnings"] = remarks_json(p.warnings, wording, nullptr);
  add_provenance(json, p);
  return json;
}

Preparation preparation_from_json(const Json& j) {
  try {
    Preparation p;
    j.at("patient").get_to(p.patient);
    p.reference = sequence_from_key(j.at("reference").get<std::string>());
    for (const auto& [key, input] : j.at("inputs").items())
      p.inputs[sequence_from_key(key)] = input.at("sha256").get<std::string>();
    j.at("recognition").at("stripped").get_to(p.stripped);
    j.at("recognition").at("aligned").get_to(p.aligned);
    for (const auto& [key, v] : j.at("recognition").at("zero_fraction").items())
      p.zero_fraction[sequence_from_key(key)] = v.get<double>();
    j.at("preprocessing").get_to(p.steps);
    for (const auto& [key, a] : j.at("alignment").items()) p.alignment[sequence_from_key(key)] = alignment_from_json(a);
    if (j.contains("brain_extraction")) {
      const Json& b = j["brain_extraction"];
      p.brain_extraction.emplace();
      b.at("agreement_with_atlas").get_to(p.brain_extraction->agreement_with_atlas);
      b.at("mutual_information").get_to(p.brain_extraction->mutual_information);
      b.at("reference_to_mni_ras_mm").get_to(p.brain_extraction->reference_to_mni);
    }
    if (j.contains("brain_mask")) p.brain_mask = mask_from_json(j["brain_mask"]);
    const Json& q = j.at("quality");
    q.at("brain_volume_cm3").get_to(p.brain_volume_cm3);
    p.brain_covered = number_or_nan(q.at("brain_covered"));
    for (const auto& [key, s] : q.at("sequences").items()) p.quality[sequence_from_key(key)] = quality_from_json(s);
    p.warnings = remarks_from_json(j.at("warnings"));
    j.at("run_key").get_to(p.run_key);
    const Json& made = j.at("provenance");
    made.at("version").get_to(p.provenance.version);
    made.at("backend").get_to(p.provenance.backend);
    made.at("threads").get_to(p.provenance.threads);
    made.at("created").get_to(p.provenance.created);
    if (made.contains("models"))
      for (const auto& [role, name] : made["models"].items())
        p.provenance.models.emplace_back(role, name.get<std::string>());
    p.provenance.models_key = made.value("models_key", "");
    for (const auto& [stage, seconds] : j.at("timings_s").items())
      p.timings_s.emplace_back(stage, seconds.get<double>());
    return p;
  } catch (const Json::exception& e) {
    throw unusable_input("no result of gliocast", e.what());
  }
}

}  // namespace gliocast::findings
