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
/// What was said of the patient and the survival that follows, one entry a model; null where nothing was said.
[[nodiscard]] Json survival_view(const findings::Prediction& prediction, const std::vector<SurvivalPictures>& pictures);
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
