#pragma once
#include <gliocast/analysis/survival_nomogram.hpp>
#include <gliocast/findings/survival.hpp>
#include <gliocast/models/bundle.hpp>

#include <optional>
#include <string>
#include <vector>

namespace gliocast::analysis {

/// 1, 3 and 5 years, at which survival is told, in the unit of a model.
struct ToldTimes {
  std::string unit;  ///< "months"
  std::vector<double> years, times;
};
/// `said`: a unit (days, weeks, months, years), or a text that names one (OS_months); nothing where it names none.
[[nodiscard]] std::optional<ToldTimes> told_times(const std::string& said);

/// A Cox model of lower-grade gliomas as one patient's survival is read from it.
struct PatientSurvivalModel {
  survival::CoxModel model;
  findings::SurvivalModelFacts facts;
  ToldTimes told;
  NomogramOutput nomogram;
};

/// The model of a bundle of kind cox. `unit` (days, weeks, months, years) is the unit of its times; empty: its card
/// says it, or the name of its column of times does. Throws Error{MissingModel} where it is not known, and for models
/// with strata, offsets or entry times; as cox_model_from_json() and nomogram().
[[nodiscard]] PatientSurvivalModel patient_survival_model(const models::Bundle& bundle, const std::string& unit);

/// Curves, survival at 1, 3 and 5 years, median and points of one patient, where findings::lower_grade() admits it.
/// Each predictor is the record's field that its column's name says, or the record's column of that name. A grade or
/// histology that is not known stands for each value the model knows: a curve each.
[[nodiscard]] findings::SurvivalFinding estimate_survival(const PatientSurvivalModel& model,
                                                          const findings::ClinicalRecord& record,
                                                          const findings::Grade& grade);

/// "grade G2, histology astrocytoma": what a curve supposes; empty of a single one.
[[nodiscard]] std::string supposed_by(const findings::SurvivalCurve& curve);
/// A patient's curves with their intervals; `unit` of their times. One of a demonstration says so, as the nomogram
/// does.
[[nodiscard]] SurvivalCurvesFigure patient_curves_figure(const std::string& unit,
                                                         const std::vector<findings::SurvivalCurve>& curves,
                                                         bool demonstration = false);
/// The nomogram with the patient's values on it.
[[nodiscard]] NomogramFigure patient_nomogram_figure(const PatientSurvivalModel& model,
                                                     const findings::SurvivalEstimate& estimate);
/// The patient's values by predictor, with which the interactive nomogram opens; what is not known is left out.
[[nodiscard]] Json calculator_start(const findings::SurvivalEstimate& estimate);

}  // namespace gliocast::analysis
