#pragma once
#include <gliocast/analysis/figures.hpp>
#include <gliocast/analysis/grade_table.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/learn/evaluation.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::analysis {

struct GradeEvaluationOptions {
  learn::ChainSpecification chain;
  learn::EvaluationOptions evaluation;
  bool permute_labels = false;  ///< the classes of the patients are shuffled first: must come out at chance
  std::optional<learn::ChainSpecification> against;  ///< another chain, in the same folds
  std::vector<double> against_scores;                ///< or a score of each row; empty: none
  std::string against_name;
  std::size_t draws = 1000;  ///< of the bootstrap over patients
  double level = 0.95;
};

struct NamedFigure {
  std::string name;  ///< of its file, without ending
  FigureSpecification figure;
};

/// What `grade evaluate` writes.
struct GradeEvaluation {
  Json json;  ///< as docs/grade.schema.json says, without the place of the predictions
  TextTable metrics, selection, predictions;
  TextTable printed_metrics;         ///< as a paper has them: three decimals
  TextTable external_predictions;    ///< without columns where there is no second table
  TextTable centres;                 ///< results of each; without columns where none was left out
  TextTable split;                   ///< part of each row; without columns where there is no split
  std::vector<NamedFigure> figures;  ///< roc, precision_recall, calibration, decision
  std::vector<std::string> notes;    ///< doubtful ones begin with "warning: "
};

/// How many fits of a chain an evaluation takes, for progress.
[[nodiscard]] std::size_t fits_of_evaluation(const GradeTable& table, const GradeEvaluationOptions& options,
                                             bool external);

/// Nested cross-validation or one split of a chain: every number is of patients whom no part of the chain had seen.
/// Statistics are means over repeats, their intervals percentiles of a bootstrap over patients; the test against
/// another chain or score is DeLong's where each patient has one prediction, else by the bootstrap. Figures show the
/// first repeat. `external`: a second table, predicted by the chain fitted to all of the first, or by the split's.
/// Throws Error{UnusableInput} as learn::evaluate.
[[nodiscard]] GradeEvaluation evaluate_grade(const GradeTable& table, const GradeEvaluationOptions& options,
                                             const GradeTable* external = nullptr);

}  // namespace gliocast::analysis
