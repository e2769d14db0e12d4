#pragma once
#include <gliocast/analysis/grade_evaluation.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/signature/nomograms.hpp>
#include <gliocast/stats/data_frame.hpp>
#include <gliocast/survival/cox_model.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::analysis {

struct NomogramStudyOptions {
  survival::OutcomeColumns outcome;
  signature::ComparisonOptions comparison;  ///< candidates, drop rule, times, level, bootstrap
  std::string unit = "months";              ///< of the table's times, for labels
  std::size_t groups = 5, knots = 3;        ///< of the calibration
};

struct NamedTable {
  std::string name;  ///< of its file, without ending
  TextTable table;
};

/// Tables 3 and 4, Figures 3 and 4 of Xu 2022, and what the risk group adds to the clinical factors.
struct NomogramStudy {
  Json json;  ///< as docs/survival.schema.json says of "integrate"
  /// univariate, table_3 (integrated), table_4 (clinical), coefficients, performance, at_times, calibration, decision;
  /// with folds selection.
  std::vector<NamedTable> tables;
  /// figure_3c, figure_3d: nomograms; figure_4a … figure_4d: calibration, decision_TIME: decision curves.
  std::vector<NamedFigure> figures;
  std::optional<survival::CoxModel> clinical, integrated;  ///< none where no factor stays
  std::vector<std::string> notes;                          ///< doubtful ones begin with "warning: "
};

/// The clinical and the integrated nomogram of a training table, and both compared: on the training rows (apparent), by
/// folds of them where there are any, on an external table where there is one. Both tables have the column
/// signature::kRiskGroup; only rows with a value in every candidate count. Throws as signature::compare_nomograms().
[[nodiscard]] NomogramStudy study_nomograms(const stats::DataFrame& training, const stats::DataFrame* external,
                                            const std::vector<signature::GroupedFold>& folds,
                                            const NomogramStudyOptions& options);

/// Times at which nomograms are judged where none are named: up to three round ones until that which a quarter of the
/// rows are followed to.
[[nodiscard]] std::vector<double> times_within_follow_up(const survival::SurvivalSample& sample);

struct IntegrateOptions {
  NomogramStudyOptions study;
  std::string signature;      ///< column: numbers that are cut, or text with two levels
  std::optional<double> cut;  ///< of numbers; else the median of the training rows
  std::string high_risk{};    ///< "below" (default) or "above" the cut; of text the level, if it does not say so
  std::size_t folds = 5, repeats = 10;  ///< of the cross-validation; none with an external table
};
/// The same from a column that any tool made. The group is taken as it is given: the fit of the signature is not part
/// of the cross-validation. Throws Error{UnusableInput} where the column gives no two groups or there is no clinical
/// factor.
[[nodiscard]] NomogramStudy integrate_signature(const stats::DataFrame& training, const stats::DataFrame* external,
                                                const IntegrateOptions& options);

}  // namespace gliocast::analysis
