#include "patient_view.hpp"

#include <gliocast/analysis/patient_survival.hpp>
#include <gliocast/core/base64.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/report/wording.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

namespace gliocast::report {
namespace {

using findings::ClinicalField;
using findings::NoSurvival;
using findings::SurvivalAt;
using findings::SurvivalCurve;
using findings::SurvivalEstimate;

/// "71 (58 to 82)"; "*" marks extrapolation.
std::string survival_text(const SurvivalAt& at) {
  std::string text = percent(at.survival);
  if (std::isfinite(at.low)) text += " (" + percent(at.low) + " to " + percent(at.high) + ")";
  return text + (at.extrapolated ? " *" : "");
}

std::string one_decimal(double v) { return std::isfinite(v) ? decimal(v, 1) : "–"; }

/// Each predictor once, with every value that is possible.
Json predictors_view(const SurvivalEstimate& e) {
  Json rows = Json::array();
  for (std::size_t i = 0; i < e.curves.front().predictors.size(); ++i) {
    const auto& first = e.curves.front().predictors[i];
    std::vector<std::string> values, points;
    for (const auto& c : e.curves) {
      if (std::ranges::find(values, c.predictors[i].value) != values.end()) continue;
      values.push_back(c.predictors[i].value);
      points.push_back(one_decimal(c.predictors[i].points));
    }
    rows.push_back({{"name", first.column},
                    {"given", first.given.empty() ? "not known: each is shown" : first.given},
                    {"value", fmt::format("{}", fmt::join(values, ", "))},
                    {"points", fmt::format("{}", fmt::join(points, ", "))}});
  }
  return rows;
}

Json estimate_view(const findings::SurvivalFinding& f, const SurvivalPictures& pictures) {
  const auto& e = std::get<SurvivalEstimate>(f.result);
  Json curves = Json::array(), times = Json::array();
  bool extrapolated = false;
  for (const auto& c : e.curves) curves.push_back(curve_view(c));
  for (const auto& at : e.curves.front().at) {
    times.push_back(year_text(at.years));
    extrapolated = extrapolated || at.extrapolated;
  }
  return {{"many", e.curves.size() > 1},
          {"curves", curves},
          {"times", times},
          {"extrapolated", extrapolated},
          {"unit", f.model.unit},
          {"warnings", extrapolations_of(e)},
          {"predictors", predictors_view(e)},
          {"curves_picture", svg_data_uri(pictures.curves)},
          {"nomogram_picture", svg_data_uri(pictures.nomogram)},
          {"no_picture", pictures.curves.empty() || pictures.nomogram.empty()},
          {"page", e.page},
          {"basis", EnglishWording().basis_of(f)}};
}

/// "66 to 81 %", or "71 %" of one curve, at the last time that is told.
std::string summary_of(const SurvivalEstimate& e) {
  double low = 1, high = 0;
  for (const auto& c : e.curves) {
    low = std::min(low, c.at.back().survival);
    high = std::max(high, c.at.back().survival);
  }
  return e.curves.size() == 1 ? percent(low) + " %" : percent(low) + " to " + percent(high) + " %";
}

}  // namespace

std::string year_text(double years) { return fmt::format("{:g} year{}", years, years == 1 ? "" : "s"); }

Json curve_view(const SurvivalCurve& c) {
  Json at = Json::array();
  for (const auto& a : c.at) at.push_back(survival_text(a));
  return {{"supposed", analysis::supposed_by(c)},
          {"at", at},
          {"median", c.median ? one_decimal(*c.median) : "not reached"},
          {"points", c.predictors.empty() ? "–" : one_decimal(c.total_points)}};
}

Json svg_data_uri(const std::string& svg) {
  if (svg.empty()) return nullptr;
  return "data:image/svg+xml;base64," + base64(std::as_bytes(std::span(svg)));
}

Json survival_model_view(const findings::SurvivalFinding& f, const findings::Prediction& p,
                         const SurvivalPictures& pictures) {
  const auto* none = std::get_if<NoSurvival>(&f.result);
  const bool by_demonstration =
      !none && std::get<SurvivalEstimate>(f.result).grade_of_images && p.grade_is_demonstration;
  return {{"model", f.model.name},
          {"demonstration", f.model.demonstration || by_demonstration},
          {"refusal", none ? Json(EnglishWording().of(*none, &p)) : Json(nullptr)},
          {"estimate", none ? Json(nullptr) : estimate_view(f, pictures)}};
}

void add_survival_cards(Json& cards, const findings::Prediction& p) {
  const EnglishWording words;
  for (const auto& f : p.survival) {
    if (f.role == findings::SurvivalRole::SignatureClinical) continue;  // stands beside the integrated one
    const std::string key = "Survival (" + f.model.name + ")";
    const auto* e = std::get_if<SurvivalEstimate>(&f.result);
    if (!e) {
      cards.push_back(card(key, "no estimate", words.of(std::get<NoSurvival>(f.result), &p), f.model.demonstration));
      continue;
    }
    const auto& at = e->curves.front().at.back();
    std::string note = e->curves.size() > 1    ? "by what is not known of the patient"
                       : std::isfinite(at.low) ? "95 % interval " + percent(at.low) + " to " + percent(at.high) + " %"
                                               : "without an interval";
    if (at.extrapolated) note += "; extrapolated beyond the model's follow-up";
    cards.push_back(card(key + " at " + year_text(at.years), summary_of(*e),
                         note + "; lower-grade glioma supposed; not clinically validated", is_demonstration(f, p)));
  }
}

Json survival_view(const findings::Prediction& p, const std::vector<SurvivalPictures>& pictures) {
  if (!p.clinical) return nullptr;
  const EnglishWording words;
  Json facts = Json::array(), doubts = Json::array(), models = Json::array();
  for (int k = 0; k < findings::kClinicalFields; ++k) {
    const auto field = static_cast<ClinicalField>(k);
    const auto text = field_text(*p.clinical, field);
    const std::string unit = field == ClinicalField::Age ? " (years)" : "";
    facts.push_back({{"name", std::string(field_name(field)) + unit}, {"value", text.empty() ? "not given" : text}});
  }
  for (const auto doubt : clinical_doubts(*p.clinical, p.grade)) doubts.push_back(words.of(doubt));
  for (std::size_t i = 0; i < p.survival.size(); ++i) {
    if (p.survival[i].role == findings::SurvivalRole::Clinical)
      models.push_back(survival_model_view(p.survival[i], p, i < pictures.size() ? pictures[i] : SurvivalPictures{}));
  }
  const auto type = words.who_2021_of(*p.clinical);
  return {{"facts", facts},
          {"who_2021", type.empty() ? Json(nullptr) : Json(type)},
          {"doubts", doubts},
          {"models", models}};
}

}  // namespace gliocast::report
