#pragma once
#include <gliocast/analysis/output.hpp>
#include <gliocast/learn/elastic_net_cv.hpp>
#include <gliocast/stats/data_frame.hpp>
#include <gliocast/survival/cox_model.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::analysis {

struct PenalisedOptions {
  survival::OutcomeColumns outcome;  ///< `cluster`: the patient, whose rows never part
  std::string formula;               ///< right side of an R formula; empty: all other columns of numbers but ids
  std::vector<std::string> drop;     ///< columns that are no predictors, where there is no formula
  std::string strata, offset;        ///< columns; empty: none
  double alpha = 1;                  ///< share of the lasso, 0 (ridge) … 1
  std::optional<double> lambda{};    ///< else chosen by cross-validation
  bool within_error = false;         ///< λ.1se instead of λ.min
  std::size_t folds = 10;
  learn::NetMeasure measure = learn::NetMeasure::PartialLikelihood;  ///< or Deviance
  std::uint64_t seed = 1;
  std::size_t threads = 0;
  survival::Ties ties = survival::Ties::Breslow;
  std::vector<std::pair<std::string, double>> penalties;  ///< (term of the design, factor of λ)
  /// Factors of λ once more over |b|^this, b of a ridge at its own λ.min; in the folds of the ridge on the rows
  /// outside.
  std::optional<double> adaptive_power{};
};
struct PenalisedOutput : AnalysisOutput {
  std::vector<FigureSpecification> cross_validation;  ///< its curve; none with a given λ
  survival::OutcomeColumns outcome;
  std::string formula;               ///< of the terms that have a coefficient; empty: none has
  std::vector<double> coefficients;  ///< of that formula's columns
  std::vector<std::size_t> rows;     ///< of the table, that were used
  survival::Ties ties = survival::Ties::Breslow;
  survival::CoxPenalty penalty;
  std::vector<std::string> doubts;  ///< what a saved model tells wherever it is used
};
/// A Cox model with the elastic net's penalty: the path, the λ chosen, its coefficients, a figure of the path. Throws
/// Error{UnusableInput} where text stands among a column's numbers, as prepare_cox() and
/// learn::cross_validate_cox_net() do, Error{WrongUse} where a penalty names no column.
[[nodiscard]] PenalisedOutput penalised(const stats::DataFrame& table, const PenalisedOptions& options);
/// The model that can be saved: of the terms with a coefficient alone. Throws Error{UnusableInput} where there is none.
[[nodiscard]] survival::CoxModel penalised_model(const stats::DataFrame& table, const PenalisedOutput& output);

}  // namespace gliocast::analysis
