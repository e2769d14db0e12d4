#include "json_parts.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/findings/wording.hpp>

#include <algorithm>
#include <array>

namespace gliocast::findings {
namespace {

/// The key of each field in "clinical".
constexpr std::array<std::pair<const char*, ClinicalField>, kClinicalFields> kKeys{
    {{"age_years", ClinicalField::Age},
     {"sex", ClinicalField::Sex},
     {"histology", ClinicalField::Histology},
     {"grade", ClinicalField::Grade},
     {"idh", ClinicalField::Idh},
     {"codeletion_1p19q", ClinicalField::Codeletion}}};

constexpr std::array<const char*, 3> kRoles{"clinical", "signature clinical", "signature integrated"};

SurvivalRole role_from_json(const Json& j) {
  const auto role = std::ranges::find(kRoles, j.get<std::string>());
  if (role == kRoles.end()) throw unusable_input("the kind of a survival model is not known here");
  return static_cast<SurvivalRole>(role - kRoles.begin());
}

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json numbers_json(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double v : values) list.push_back(finite_or_null(v));
  return list;
}

std::vector<double> numbers_from_json(const Json& list) {
  std::vector<double> values;
  for (const auto& v : list) values.push_back(number_or_nan(v));
  return values;
}

Json model_json(const SurvivalModelFacts& m) {
  return {{"name", m.name}, {"formula", m.formula}, {"trained_on", m.trained_on}, {"unit", m.unit},
          {"n", m.n},       {"events", m.events},   {"follow_up", m.follow_up},   {"demonstration", m.demonstration}};
}

SurvivalModelFacts model_from_json(const Json& j) {
  return {.name = j.at("name").get<std::string>(),
          .formula = j.at("formula").get<std::string>(),
          .trained_on = j.at("trained_on").get<std::string>(),
          .unit = j.at("unit").get<std::string>(),
          .n = j.at("n").get<std::size_t>(),
          .events = j.at("events").get<std::size_t>(),
          .follow_up = j.at("follow_up").get<double>(),
          .demonstration = j.at("demonstration").get<bool>()};
}

Json predictors_json(const std::vector<PredictorValue>& predictors) {
  Json list = Json::array();
  for (const auto& p : predictors)
    list.push_back({{"name", p.column},
                    {"value", p.value},
                    {"given", text_or_null(p.given)},
                    {"points", finite_or_null(p.points)},
                    {"outside", p.outside ? Json{p.outside->first, p.outside->second} : Json(nullptr)}});
  return list;
}

std::vector<PredictorValue> predictors_from_json(const Json& list) {
  std::vector<PredictorValue> predictors;
  for (const auto& j : list) {
    PredictorValue p{.column = j.at("name").get<std::string>(), .value = j.at("value").get<std::string>()};
    if (!j.at("given").is_null()) p.given = j["given"].get<std::string>();
    p.points = number_or_nan(j.at("points"));
    if (!j.at("outside").is_null()) p.outside = j["outside"].get<std::pair<double, double>>();
    predictors.push_back(std::move(p));
  }
  return predictors;
}

Json curve_json(const SurvivalCurve& c) {
  Json json = course_json(c);
  json.update({{"predictors", predictors_json(c.predictors)},
               {"linear_predictor", c.linear_predictor},
               {"total_points", c.total_points}});
  return json;
}

SurvivalCurve curve_from_json(const Json& j) {
  SurvivalCurve c = course_from_json(j);
  c.predictors = predictors_from_json(j.at("predictors"));
  c.linear_predictor = j.at("linear_predictor").get<double>();
  c.total_points = j.at("total_points").get<double>();
  return c;
}

Json finding_json(const SurvivalFinding& f, const Prediction& prediction, const Wording& wording) {
  const auto* estimate = std::get_if<SurvivalEstimate>(&f.result);
  Json json{{"model", model_json(f.model)},
            {"kind", kRoles[static_cast<std::size_t>(f.role)]},
            {"demonstration", is_demonstration(f, prediction)}};
  if (!estimate) {
    json.update({{"status", "not estimated"},
                 {"grade_from", nullptr},
                 {"curves", nullptr},
                 {"basis", nullptr},
                 {"page", nullptr},
                 {"reason", wording.of(std::get<NoSurvival>(f.result), &prediction)}});
    return json;
  }
  const auto& e = *estimate;
  Json curves = Json::array();
  for (const auto& c : e.curves) curves.push_back(curve_json(c));
  json.update({{"status", "estimated"},
               {"grade_from", e.grade_of_images ? "images" : "user"},
               {"curves", curves},
               {"basis", wording.basis_of(f)},
               {"page", e.page},
               {"reason", nullptr}});
  return json;
}

SurvivalFinding finding_from_json(const Json& j) {
  SurvivalFinding f{.model = model_from_json(j.at("model")), .role = role_from_json(j.at("kind"))};
  if (j.at("status") != "estimated") {
    f.result = NoSurvival{.reason = NoSurvival::Reason::Told, .told = j.at("reason").get<std::string>()};
    return f;
  }
  SurvivalEstimate e{.grade_of_images = j.at("grade_from") == "images",
                     .page = j.at("page").get<std::string>(),
                     .told_basis = j.at("basis").get<std::string>()};
  for (const auto& c : j.at("curves")) e.curves.push_back(curve_from_json(c));
  f.result = std::move(e);
  return f;
}

}  // namespace

Json course_json(const SurvivalCurve& c) {
  Json at = Json::array();
  for (const auto& a : c.at)
    at.push_back({{"years", a.years},
                  {"time", a.time},
                  {"survival", a.survival},
                  {"interval", {finite_or_null(a.low), finite_or_null(a.high)}},
                  {"extrapolated", a.extrapolated}});
  return {{"median", c.median ? Json(*c.median) : Json(nullptr)},
          {"at", at},
          {"steps",
           {{"time", c.time}, {"survival", c.survival}, {"low", numbers_json(c.low)}, {"high", numbers_json(c.high)}}}};
}

SurvivalCurve course_from_json(const Json& j) {
  SurvivalCurve c{.time = numbers_from_json(j.at("steps").at("time")),
                  .survival = numbers_from_json(j.at("steps").at("survival")),
                  .low = numbers_from_json(j.at("steps").at("low")),
                  .high = numbers_from_json(j.at("steps").at("high"))};
  if (!j.at("median").is_null()) c.median = j["median"].get<double>();
  for (const auto& a : j.at("at"))
    c.at.push_back({.years = a.at("years").get<double>(),
                    .time = a.at("time").get<double>(),
                    .survival = a.at("survival").get<double>(),
                    .low = number_or_nan(a.at("interval").at(0)),
                    .high = number_or_nan(a.at("interval").at(1)),
                    .extrapolated = a.at("extrapolated").get<bool>()});
  return c;
}

Json clinical_json(const Prediction& p, const Wording& wording) {
  if (!p.clinical) return nullptr;
  Json json = Json::object(), doubts = Json::array();
  for (const auto& [key, field] : kKeys) json[key] = text_or_null(field_text(*p.clinical, field));
  if (p.clinical->age) json["age_years"] = *p.clinical->age;
  for (const auto doubt : clinical_doubts(*p.clinical, p.grade)) doubts.push_back(wording.of(doubt));
  json["who_2021"] = text_or_null(wording.who_2021_of(*p.clinical));
  json["doubts"] = doubts;
  return json;
}

std::optional<ClinicalRecord> clinical_from_json(const Json& j) {
  if (j.is_null()) return std::nullopt;
  ClinicalRecord record;
  for (const auto& [key, field] : kKeys) {
    const Json& value = j.at(key);
    if (value.is_null()) continue;
    read_field(record, field, value.is_number() ? shortest(value.get<double>()) : value.get<std::string>(),
               ExitCode::UnusableInput, key);
  }
  return record;
}

Json survival_json(const Prediction& p, const Wording& wording) {
  Json list = Json::array();
  for (const auto& f : p.survival) list.push_back(finding_json(f, p, wording));
  return list;
}

std::vector<SurvivalFinding> survival_from_json(const Json& list) {
  std::vector<SurvivalFinding> findings;
  for (const auto& j : list) findings.push_back(finding_from_json(j));
  return findings;
}

}  // namespace gliocast::findings
