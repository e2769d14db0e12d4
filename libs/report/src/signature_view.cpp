#include "patient_view.hpp"

#include <gliocast/core/numbers.hpp>
#include <gliocast/report/wording.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gliocast::report {
namespace {

using findings::NoSignature;
using findings::SignatureEstimate;
using findings::SignatureFinding;
using findings::SurvivalEstimate;
using findings::SurvivalRole;

std::string two_decimals(double v) { return decimal(v, 2); }

const char* group_of(const SignatureEstimate& e) { return e.high_risk ? "high risk" : "low risk"; }

/// Patient, cut and training signatures on one axis; null where those are not known.
Json scale_of(const SignatureEstimate& e) {
  if (!e.training) return nullptr;
  const auto& t = *e.training;
  const double first = std::min({t.minimum, e.value, e.cut}), last = std::max({t.maximum, e.value, e.cut});
  const double width = std::max(last - first, 1e-12), left = first - 0.04 * width, right = last + 0.04 * width;
  const auto at = [&](double v) { return fmt::format("{:.1f}", 100 * (v - left) / (right - left)); };
  return {{"cut_at", at(e.cut)},
          {"value_at", at(e.value)},
          {"low_at", at(t.low)},
          {"width", fmt::format("{:.1f}", 100 * (t.high - t.low) / (right - left))},
          {"minimum", two_decimals(t.minimum)},
          {"low", two_decimals(t.low)},
          {"median", two_decimals(t.median)},
          {"high", two_decimals(t.high)},
          {"maximum", two_decimals(t.maximum)}};
}

/// A bar to the right of the middle (towards low risk) or to its left; `most`: what half the width stands for.
Json with_bar(Json term, double adds, double most) {
  const double width = most > 0 ? 50 * std::min(1.0, std::abs(adds) / most) : 0;
  term.update({{"adds", signed_decimal(adds, 2)},
               {"low", adds > 0},
               {"left", fmt::format("{:.1f}", adds > 0 ? 50 : 50 - width)},
               {"width", fmt::format("{:.1f}", width)}});
  return term;
}

/// What adds most, and the rest together.
Json terms_of(const SignatureEstimate& e) {
  constexpr std::size_t kShown = 10;
  Json rows = Json::array();
  double most = 0, rest = 0;
  for (std::size_t i = 0; i < e.terms.size(); ++i) {
    if (i < kShown) most = std::max(most, std::abs(e.terms[i].adds));
    if (i >= kShown) rest += e.terms[i].adds;
  }
  for (std::size_t i = 0; i < std::min(kShown, e.terms.size()); ++i) {
    const auto& t = e.terms[i];
    rows.push_back(with_bar({{"name", t.feature},
                             {"member", std::to_string(t.member)},
                             {"value", number_text(t.value)},
                             {"unit", t.unit},
                             {"z", signed_decimal(t.z, 2)},
                             {"weight", signed_decimal(t.weight, 3)}},
                            t.adds, most));
  }
  if (e.terms.size() > kShown)
    rows.push_back(with_bar({{"name", fmt::format("{} others together", e.terms.size() - kShown)},
                             {"member", ""},
                             {"value", ""},
                             {"unit", ""},
                             {"z", ""},
                             {"weight", ""}},
                            rest, std::max(most, std::abs(rest))));
  return rows;
}

void add_rows(Json& rows, const std::string& name, const std::vector<findings::SurvivalCurve>& curves) {
  for (const auto& curve : curves) {
    auto row = curve_view(curve);
    const auto supposed = row.at("supposed").get<std::string>();
    row["name"] = name + (curves.size() > 1 ? " if " + supposed : "");
    rows.push_back(std::move(row));
  }
}

/// Survival by the signature alone, by clinical facts of the same training patients, and by both.
Json rows_of(const SignatureEstimate& e, const findings::Prediction& p) {
  Json rows = Json::array();
  if (e.curve) add_rows(rows, "Signature alone", {*e.curve});
  for (const auto& f : p.survival) {
    const auto* estimate = std::get_if<SurvivalEstimate>(&f.result);
    if (!estimate || f.role == SurvivalRole::Clinical) continue;
    add_rows(rows, f.role == SurvivalRole::Integrated ? "Integrated nomogram" : "Clinical nomogram", estimate->curves);
  }
  return rows;
}

Json estimate_view(const SignatureFinding& f, const findings::Prediction& p, const std::string& picture) {
  const auto& e = std::get<SignatureEstimate>(f.result);
  Json times = Json::array();
  bool extrapolated = false;
  if (e.curve)
    for (const auto& at : e.curve->at) {
      times.push_back(year_text(at.years));
      extrapolated = extrapolated || at.extrapolated;
    }
  const auto of_signature = [](const auto& s) { return s.role != SurvivalRole::Clinical; };
  return {{"value", two_decimals(e.value)},
          {"group", group_of(e)},
          {"cut", two_decimals(e.cut)},
          {"scale", scale_of(e)},
          {"terms", terms_of(e)},
          {"several", f.model.members > 1 ? Json(std::to_string(f.model.members)) : Json(nullptr)},
          {"deep", f.model.deep},
          {"sequence", display_name(f.model.sequence)},
          {"times", times},
          {"unit", f.model.unit},
          {"rows", rows_of(e, p)},
          {"extrapolated", extrapolated},
          {"no_integrated", f.model.no_integrated.empty() ? Json(nullptr) : Json(f.model.no_integrated)},
          {"with_nomograms", std::ranges::any_of(p.survival, of_signature)},
          {"curve_picture", svg_data_uri(picture)},
          {"basis", EnglishWording().basis_of(f)}};
}

/// The nomogram of that role; null where there is none.
Json nomogram_view(SurvivalRole role, const findings::Prediction& p, const PatientPictures& pictures) {
  for (std::size_t i = 0; i < p.survival.size(); ++i)
    if (p.survival[i].role == role)
      return survival_model_view(p.survival[i], p,
                                 i < pictures.survival.size() ? pictures.survival[i] : SurvivalPictures{});
  return nullptr;
}

}  // namespace

void add_signature_card(Json& cards, const findings::Prediction& p) {
  if (!p.signature) return;
  const auto& f = *p.signature;
  const std::string key = "Signature (" + f.model.name + ")";
  const bool demonstration = is_demonstration(f, p);
  const auto* e = std::get_if<SignatureEstimate>(&f.result);
  if (!e) {
    cards.push_back(card(key, "no signature", EnglishWording().of(std::get<NoSignature>(f.result), &p), demonstration));
    return;
  }
  std::string note = "cut " + two_decimals(e->cut) + "; below it is high risk";
  if (e->training)
    note += "; training patients " + two_decimals(e->training->minimum) + " to " + two_decimals(e->training->maximum);
  cards.push_back(card(key, two_decimals(e->value) + ", " + group_of(*e),
                       note + "; lower-grade glioma supposed; not clinically validated", demonstration));
}

Json signature_view(const findings::Prediction& p, const PatientPictures& pictures) {
  if (!p.signature) return nullptr;
  const auto& f = *p.signature;
  const auto* none = std::get_if<NoSignature>(&f.result);
  return {{"model", f.model.name},
          {"demonstration", is_demonstration(f, p)},
          {"refusal", none ? Json(EnglishWording().of(*none, &p)) : Json(nullptr)},
          {"estimate", none ? Json(nullptr) : estimate_view(f, p, pictures.signature)},
          {"integrated", nomogram_view(SurvivalRole::Integrated, p, pictures)},
          {"clinical", nomogram_view(SurvivalRole::SignatureClinical, p, pictures)}};
}

}  // namespace gliocast::report
