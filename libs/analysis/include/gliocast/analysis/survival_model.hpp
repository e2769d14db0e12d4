#pragma once
#include <gliocast/stats/data_frame.hpp>
#include <gliocast/survival/cox_model.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::analysis {

/// A model that was saved, and where.
struct SavedModel {
  survival::CoxModel model;
  std::filesystem::path file;
};

/// The name of its file or folder.
[[nodiscard]] std::string model_name(const SavedModel& saved);

/// Throws Error{UnusableInput} where the model was fitted with entry times: `verb` supposes that all rows are observed
/// from time 0 on. `file`: where it comes from, empty where it was fitted to the table itself.
void refuse_entry(const survival::CoxModel& model, const std::filesystem::path& file, const std::string& verb);

/// Sentences on levels of the table that the model does not know: column, level, rows, and the levels it knows.
[[nodiscard]] std::vector<std::string> unknown_level_notes(const stats::DesignSpecification& design,
                                                           const stats::DataFrame& table);
/// What the fit warned of, to be told wherever its numbers are used.
void add_model_warnings(const survival::CoxModel& model, std::vector<std::string>& notes);
/// Warns of numbers of the table that lie outside those of the rows that the model was fitted to.
void add_range_notes(const survival::CoxModel& model, const stats::DataFrame& table, std::vector<std::string>& notes);
/// Says which times lie beyond the follow-up that the model was fitted on.
void add_extrapolation_notes(const survival::CoxModel& model, const std::vector<double>& times,
                             std::vector<std::string>& notes);
/// Columns of the table that a model's prediction needs.
[[nodiscard]] std::vector<std::string> predictors_of(const survival::CoxModel& model);
/// "efron", "breslow" or "exact".
[[nodiscard]] survival::Ties ties_of(const std::string& name);

/// The model that is judged on a table: a saved one, or one fitted to the table itself.
struct JudgedModel {
  std::optional<SavedModel> saved;
  std::string formula;  ///< where none is saved
};
/// Rows of the table that can be used, and what the model predicts of them.
struct JudgedRows {
  survival::CoxModel model;
  survival::SurvivalFrame used;               ///< its notes hold all that is to be told
  std::vector<std::vector<double>> survival;  ///< [time][row]: P(T > time)
  std::vector<double> risk;                   ///< linear predictor
};
/// Throws Error{WrongUse} unless one of model and formula is given, Error{UnusableInput} as fitting and prediction do,
/// with entry times, or where the model knows the levels of no row. `verb` names the analysis in errors.
[[nodiscard]] JudgedRows judge_model(const stats::DataFrame& table, const survival::OutcomeColumns& outcome,
                                     const JudgedModel& judged, const std::vector<double>& times, double level,
                                     const std::string& verb);

}  // namespace gliocast::analysis
