#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/report/patient_report.hpp>

// What templates/patient_report.html is filled with: every number as the page prints it.
namespace gliocast::report {

/// Of a patient once the images are prepared: heading, warnings, steps, alignment, quality, provenance.
/// `prediction`: what the preparation belongs to, if there is one.
[[nodiscard]] Json preparation_view(const findings::Preparation& preparation,
                                    const findings::Prediction* prediction = nullptr);
/// Of a prediction, to be added as "findings": cards, grade, numbers, what was not computed, models.
[[nodiscard]] Json findings_view(const findings::Prediction& prediction);
/// What was said of the patient and the survival that follows by models of clinical facts, one entry a model; null
/// where nothing was said.
[[nodiscard]] Json survival_view(const findings::Prediction& prediction, const std::vector<SurvivalPictures>& pictures);
/// The signature, what makes it, the survival that follows alone and with clinical facts; null without one.
[[nodiscard]] Json signature_view(const findings::Prediction& prediction, const PatientPictures& pictures);
/// One model's survival, as templates/survival_model.html shows it.
[[nodiscard]] Json survival_model_view(const findings::SurvivalFinding& finding, const findings::Prediction& prediction,
                                       const SurvivalPictures& pictures);
/// A row of survival at the times that are told: at, median, points ("–" without), supposed.
[[nodiscard]] Json curve_view(const findings::SurvivalCurve& curve);
/// "1 year", "5 years".
[[nodiscard]] std::string year_text(double years);
/// An SVG text as the address of a picture; null where it is empty.
[[nodiscard]] Json svg_data_uri(const std::string& svg);
/// A number with so many significant digits, "–" where it is undefined.
[[nodiscard]] std::string number_text(double v, int digits = 4);
/// A number with its sign, "+0.12"; what rounds to zero has "+".
[[nodiscard]] std::string signed_decimal(double v, int digits);
/// The card of the signature in the summary.
void add_signature_card(Json& cards, const findings::Prediction& prediction);
/// The card of each model's survival in the summary.
void add_survival_cards(Json& cards, const findings::Prediction& prediction);
/// A card of the summary. `demonstration`: the value is of a model of simulated patients.
[[nodiscard]] Json card(const std::string& key, const std::string& value, const std::string& note, bool demonstration);
/// A probability in per cent; certainty is never printed.
[[nodiscard]] std::string percent(double p);
/// Pictures of a prediction: "sequences" and "which_slices", to be added to "findings".
void add_slices(Json& findings, const PatientPictures& pictures);
/// Slices through the tumour's middle with the activation map over them; null where there is none.
[[nodiscard]] Json activation_views(const PatientPictures& pictures);
/// Pictures that let a reader judge brain extraction, registration and bias field of raw input; null without any.
[[nodiscard]] Json preparation_pictures_view(const PatientPictures& pictures);

}  // namespace gliocast::report
