#include "json_parts.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/findings/wording.hpp>

#include <algorithm>
#include <array>

namespace gliocast::findings {
namespace {

constexpr std::array<const char*, 3> kVerdicts{"no", "yes", "not measurable"};

Json location_json(const Location& l) {
  Json lobes = Json::object();
  for (const auto& [lobe, share] : l.lobes) lobes[lobe_name(lobe)] = share;
  return {{"main", lobe_name(l.main)},
          {"lobes", lobes},
          {"left_fraction_in_atlas", l.left_fraction},
          {"side_in_atlas", side_name(side_of(l.left_fraction))}};
}

Lobe lobe_from_name(const std::string& name) {
  for (int k = 1; k <= static_cast<int>(Lobe::Cerebellum); ++k)
    if (name == lobe_name(static_cast<Lobe>(k))) return static_cast<Lobe>(k);
  return Lobe::None;
}

Location location_from_json(const Json& j) {
  Location l{.main = lobe_from_name(j.at("main").get<std::string>()),
             .lobes = {},
             .left_fraction = j.at("left_fraction_in_atlas").get<double>()};
  for (const auto& [name, share] : j.at("lobes").items())
    l.lobes.emplace_back(lobe_from_name(name), share.get<double>());
  return l;
}

Json tumour_json(const Prediction& p, const Wording& wording) {
  Json json{{"found", p.tumour.has_value()},
            {"outlined_by", p.outlined_by_user ? "user" : "network"},
            {"demonstration", p.outline_is_demonstration}};
  if (!p.tumour) {
    json["reason"] = wording.why_no_tumour();
    return json;
  }
  json.update({{"volume_cm3", p.tumour->volume_cm3},
               {"components", p.tumour->components},
               {"largest_diameter_mm", p.tumour->largest_diameter_mm},
               {"side", side_name(side_of(p.tumour->left_fraction))},
               {"left_fraction", p.tumour->left_fraction}});
  if (p.tumour->location) json["location"] = location_json(*p.tumour->location);
  return json;
}

TumourMeasures tumour_from_json(const Json& j) {
  TumourMeasures t;
  j.at("volume_cm3").get_to(t.volume_cm3);
  j.at("components").get_to(t.components);
  j.at("largest_diameter_mm").get_to(t.largest_diameter_mm);
  j.at("left_fraction").get_to(t.left_fraction);
  if (j.contains("location")) t.location = location_from_json(j["location"]);
  return t;
}

Json values_json(const std::vector<NamedValue>& values) {
  Json list = Json::array();
  for (const auto& v : values) list.push_back({{"name", v.name}, {"value", finite_or_null(v.value)}, {"unit", v.unit}});
  return list;
}

std::vector<NamedValue> values_from_json(const Json& list) {
  std::vector<NamedValue> values;
  for (const auto& v : list)
    values.push_back({v.at("name").get<std::string>(), number_or_nan(v.at("value")), v.at("unit").get<std::string>()});
  return values;
}

Json radiomics_json(const RadiomicsFinding& r, bool demonstration, const Wording& wording) {
  return {{"demonstration", demonstration},
          {"sequence", display_name(r.sequence)},
          {"grey_levels", r.grey_levels},
          {"shape", values_json(r.shape)},
          {"first_order", values_json(r.first_order)},
          {"texture", values_json(r.texture)},
          {"note", wording.note_on(r)}};
}

RadiomicsFinding radiomics_from_json(const Json& j) {
  RadiomicsFinding r;
  const auto name = j.at("sequence").get<std::string>();
  const auto s = std::ranges::find(kAllSequences, name, [](Sequence known) { return display_name(known); });
  if (s == kAllSequences.end()) throw unusable_input("radiomics are of a sequence that is not known here");
  r.sequence = *s;
  j.at("grey_levels").get_to(r.grey_levels);
  r.shape = values_from_json(j.at("shape"));
  r.first_order = values_from_json(j.at("first_order"));
  r.texture = values_from_json(j.value("texture", Json::array()));
  j.at("note").get_to(r.told_note);
  return r;
}

Json enhancement_json(const Enhancement& e, bool demonstration, const Wording& wording) {
  return {{"demonstration", demonstration},
          {"verdict", kVerdicts[static_cast<std::size_t>(e.verdict)]},
          {"volume_cm3", e.volume_cm3},
          {"fraction", e.fraction},
          {"measurement", wording.of(e)}};
}

Enhancement enhancement_from_json(const Json& j) {
  Enhancement e;
  const auto verdict = std::ranges::find(kVerdicts, j.at("verdict").get<std::string>());
  if (verdict == kVerdicts.end()) throw unusable_input("the verdict on enhancement is not known here");
  e.verdict = static_cast<Enhancement::Verdict>(verdict - kVerdicts.begin());
  j.at("volume_cm3").get_to(e.volume_cm3);
  j.at("fraction").get_to(e.fraction);
  if (e.verdict == Enhancement::Verdict::NotMeasurable) e.obstacle = Enhancement::Obstacle::Told;
  j.at("measurement").get_to(e.told);
  return e;
}

Json explanation_json(const std::optional<Explanation>& e) {
  if (!e) return nullptr;
  Json features = Json::array();
  for (const auto& c : e->contributions)
    features.push_back({{"name", c.feature},
                        {"network", c.network == 0 ? Json(nullptr) : Json(c.network)},
                        {"value", finite_or_null(c.value)},
                        {"adds", c.adds}});
  return {{"base", e->base}, {"features", features}};
}

std::optional<Explanation> explanation_from_json(const Json& j) {
  if (j.is_null()) return std::nullopt;
  Explanation e{.base = j.at("base").get<double>()};
  for (const auto& f : j.at("features"))
    e.contributions.push_back({.feature = f.at("name").get<std::string>(),
                               .network = f.at("network").is_null() ? 0 : f["network"].get<std::size_t>(),
                               .value = number_or_nan(f.at("value")),
                               .adds = f.at("adds").get<double>()});
  return e;
}

Json grade_json(const Grade& grade, bool demonstration, const Wording& wording) {
  if (const auto* g = std::get_if<GradeEstimate>(&grade))
    return {{"status", "estimated"},
            {"demonstration", demonstration},
            {"probability", g->probability},
            {"interval", {g->low, g->high}},
            {"logit", g->logit ? Json(*g->logit) : Json(nullptr)},
            {"explanation", explanation_json(g->explanation)},
            {"basis", wording.basis_of(*g)},
            {"supposes", wording.what_a_grade_supposes()},
            {"reason", nullptr}};
  return {{"status", "no reliable estimate"},
          {"demonstration", demonstration},
          {"probability", nullptr},
          {"interval", nullptr},
          {"logit", nullptr},
          {"explanation", nullptr},
          {"basis", nullptr},
          {"supposes", nullptr},
          {"reason", wording.of(std::get<NoReliableGrade>(grade))}};
}

Grade grade_from_json(const Json& j) {
  if (j.at("status") != "estimated")
    return NoReliableGrade{.reason = NoReliableGrade::Reason::Told, .told = j.at("reason").get<std::string>()};
  GradeEstimate g{.probability = j.at("probability").get<double>(),
                  .low = j.at("interval").at(0).get<double>(),
                  .high = j.at("interval").at(1).get<double>(),
                  .logit = {},
                  .fusion = {},
                  .explanation = explanation_from_json(j.at("explanation")),
                  .told_basis = j.at("basis").get<std::string>()};
  if (!j.at("logit").is_null()) g.logit = j["logit"].get<double>();
  return g;
}

Json activation_json(const std::optional<ActivationFinding>& a) {
  if (!a) return nullptr;
  return {{"method", "Grad-CAM"},
          {"class", a->high_grade ? "high grade" : "low grade"},
          {"positions_zyx", a->positions_zyx},
          {"resolution_mm", a->resolution_mm}};
}

std::optional<ActivationFinding> activation_from_json(const Json& j) {
  if (j.is_null()) return std::nullopt;
  return ActivationFinding{.high_grade = j.at("class") == "high grade",
                           .positions_zyx = j.at("positions_zyx").get<std::array<std::int64_t, 3>>(),
                           .resolution_mm = j.at("resolution_mm").get<double>()};
}

/// Of one network its features, of several a list of features each; null where there are none.
Json deep_json(const Prediction& p) {
  if (!p.network_features.empty()) return p.network_features;
  return p.deep_features ? Json(*p.deep_features) : Json(nullptr);
}

void read_deep(Prediction& p, const Json& j) {
  if (j.is_null()) return;
  if (!j.empty() && j.front().is_array())
    p.network_features = j.get<std::vector<std::vector<double>>>();
  else
    p.deep_features = j.get<std::vector<double>>();
}

Json models_json(const std::vector<ModelCard>& models) {
  Json list = Json::array();
  for (const auto& m : models)
    list.push_back({{"name", m.name},
                    {"network", m.network},
                    {"trained_on", m.trained_on},
                    {"measured", m.measured},
                    {"limits", m.limits},
                    {"demonstration", m.demonstration}});
  return list;
}

Json keys_json(const std::vector<Sequence>& sequences) {
  Json keys = Json::array();
  for (const Sequence s : sequences) keys.push_back(key_name(s));
  return keys;
}

void read_findings(Prediction& p, const Json& j) {
  for (const auto& key : j.at("missing_sequences"))
    p.missing_sequences.push_back(sequence_from_key(key.get<std::string>()));
  p.not_computed = remarks_from_json(j.at("not_computed"));
  p.outlined_by_user = j.at("tumour").at("outlined_by") == "user";
  if (j.contains("tumour_mask")) p.tumour_mask = mask_from_json(j["tumour_mask"]);
  if (j.at("tumour").at("found").get<bool>()) p.tumour = tumour_from_json(j["tumour"]);
  if (!j.at("radiomics").is_null()) p.radiomics = radiomics_from_json(j["radiomics"]);
  p.enhancement = enhancement_from_json(j.at("enhancement"));
  if (j.contains("patch")) {
    const Json& patch = j["patch"];
    p.patch.emplace();
    patch.at("size_zyx").get_to(p.patch->size_zyx);
    patch.at("spacing_mm").get_to(p.patch->spacing_mm);
    patch.at("centre_lps_mm").get_to(p.patch->centre_lps_mm);
    patch.at("shrunk_to_fit").get_to(p.patch->shrunk_to_fit);
  }
  read_deep(p, j.at("deep_features"));
  p.outline_is_demonstration = j.at("tumour").at("demonstration").get<bool>();
  p.grade_is_demonstration = j.at("grade").at("demonstration").get<bool>();
  p.grade = grade_from_json(j.at("grade"));
  p.activation = activation_from_json(j.at("activation_map"));
  p.clinical = clinical_from_json(j.at("clinical"));
  p.survival = survival_from_json(j.at("survival"));
  p.signature = signature_from_json(j.at("signature"));
  for (const auto& m : j.at("models"))
    p.models.push_back({m.at("name").get<std::string>(), m.at("network").get<std::string>(),
                        m.at("trained_on").get<std::string>(), m.at("measured").get<std::string>(),
                        m.at("limits").get<std::string>(), m.at("demonstration").get<bool>()});
}

}  // namespace

bool is_demonstration(const SurvivalFinding& f, const Prediction& p) {
  const auto* e = std::get_if<SurvivalEstimate>(&f.result);
  return f.model.demonstration || (e && e->grade_of_images && p.grade_is_demonstration);
}

bool is_demonstration(const SignatureFinding& f, const Prediction& p) {
  const auto* e = std::get_if<SignatureEstimate>(&f.result);
  return f.model.demonstration || (e && e->grade_of_images && p.grade_is_demonstration);
}

Json to_json(const Prediction& p, const Wording& wording) {
  Json json = heading_json("gliocast-prediction-1", p.preparation);
  json["not_computed"] = remarks_json(p.not_computed, wording, &p);
  json["missing_sequences"] = keys_json(p.missing_sequences);
  add_preparation(json, p.preparation);
  json["warnings"] = remarks_json(p.preparation.warnings, wording, &p);
  if (p.tumour_mask) json["tumour_mask"] = mask_json(*p.tumour_mask);
  json["radiomics"] = p.radiomics ? radiomics_json(*p.radiomics, p.outline_is_demonstration, wording) : Json(nullptr);
  json["tumour"] = tumour_json(p, wording);
  json["enhancement"] = enhancement_json(p.enhancement, p.outline_is_demonstration, wording);
  if (p.patch)
    json["patch"] = {{"size_zyx", p.patch->size_zyx},
                     {"spacing_mm", p.patch->spacing_mm},
                     {"centre_lps_mm", p.patch->centre_lps_mm},
                     {"shrunk_to_fit", p.patch->shrunk_to_fit}};
  json["deep_features"] = deep_json(p);
  json["grade"] = grade_json(p.grade, p.grade_is_demonstration, wording);
  json["activation_map"] = activation_json(p.activation);
  json["clinical"] = clinical_json(p, wording);
  json["survival"] = survival_json(p, wording);
  json["signature"] = signature_json(p, wording);
  json["models"] = models_json(p.models);
  add_provenance(json, p.preparation);
  return json;
}

Prediction prediction_from_json(const Json& j) {
  Prediction p;
  p.preparation = preparation_from_json(j);
  try {
    read_findings(p, j);
  } catch (const Json::exception& e) {
    throw unusable_input("no prediction of gliocast", e.what());
  }
  return p;
}

}  // namespace gliocast::findings
