#pragma once
#include <gliocast/learn/chain.hpp>
#include <gliocast/signature/survival_table.hpp>
#include <gliocast/stats/estimate.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace gliocast::signature {

/// Prognosis from one candidate table: unfavourable where death comes before the median of the training rows' times.
struct CandidateTable {
  std::string name;
  std::vector<double> probability;  ///< of each labelled row: unfavourable, by a chain fitted without its patient
  std::vector<int> positive;        ///< by the threshold of that chain
  stats::Estimate auc;              ///< of the rows left out, DeLong's interval
};

/// Which table prognosis is best from.
struct TableChoice {
  std::size_t chosen = 0;         ///< the largest AUC; of equal ones the first
  double median = 0;              ///< of the times
  learn::Rows rows;               ///< those that have a label
  std::vector<int> unfavourable;  ///< one a labelled row
  std::size_t without_label = 0;  ///< rows censored before the median
  std::vector<CandidateTable> tables;
  std::vector<std::string> notes;
};

/// z-scores, Levene's choice of t-test, a forest's eight, SVM with a grid: as Xu 2022 compares sequences.
[[nodiscard]] learn::ChainSpecification prognosis_chain();

/// Compares tables of the same patients (one a sequence) on these rows, the training rows, by nested cross-validation
/// of a classifier of prognosis. The AUC of the table that is chosen flatters a little: it is the best of several.
/// Throws Error{UnusableInput} where tables differ in their rows, or a class has too few patients; as evaluate().
[[nodiscard]] TableChoice choose_table(const std::vector<std::pair<std::string, SurvivalTable>>& tables,
                                       const learn::Rows& rows, const learn::FitContext& context,
                                       const learn::ChainSpecification& chain = prognosis_chain());

}  // namespace gliocast::signature
