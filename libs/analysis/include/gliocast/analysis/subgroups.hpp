#pragma once
#include <gliocast/analysis/figures.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/stats/estimate.hpp>
#include <gliocast/survival/sample.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace gliocast::analysis {

// How well predictions of patients do in each part of them. The predictions are given: nothing is fitted.

/// What patients are parted by: a level each, empty where it is not known.
struct SubgroupFactor {
  std::string name;  ///< "Sex"
  std::vector<std::string> level;
};
/// "< 54" and "≥ 54" of each number; empty of NaN.
[[nodiscard]] SubgroupFactor halves_at(const std::string& name, const std::vector<double>& values, double cut);
/// The median of those numbers that are known; NaN without any.
[[nodiscard]] double median_of_known(std::vector<double> values);

inline constexpr std::size_t kLeastInSubgroup = 10;  ///< patients: of fewer no number is given

struct SubgroupResult {
  std::string factor, level;  ///< "All patients" and an empty level of the first
  std::size_t patients = 0, events = 0;
  stats::Estimate estimate;  ///< NaN where `too_small` says why there is none
  std::string too_small;
};

/// AUC with DeLong's interval, of all patients and of each level in order of its name. `truth`: 1 is an event. None of
/// fewer than kLeastInSubgroup patients or with fewer than two of a class.
[[nodiscard]] std::vector<SubgroupResult> auc_in_subgroups(const std::vector<double>& score,
                                                           const std::vector<int>& truth,
                                                           const std::vector<SubgroupFactor>& factors, double level);

/// C of a signature that is lower in who dies first, over pairs within folds (empty: all pairs), with the interval of
/// the infinitesimal jackknife (survival::concordance); of folds its variance is multiplied by 1 + K/(K − 1), K the
/// folds, as that of signature_metrics(). None of fewer than kLeastInSubgroup patients or than two events.
[[nodiscard]] std::vector<SubgroupResult> concordance_in_subgroups(const survival::SurvivalSample& outcome,
                                                                   const std::vector<double>& signature,
                                                                   const std::vector<int>& fold,
                                                                   const std::vector<SubgroupFactor>& factors,
                                                                   double level);

/// Appends a row a result: result, factor, level, patients, events, statistic, estimate, interval (or why there is
/// none). Columns are set where there are none.
void add_subgroup_rows(const std::string& of, const std::string& statistic, const std::vector<SubgroupResult>& results,
                       double level, TextTable& table);
/// A forest of them, for report::draw_of_chance().
[[nodiscard]] ForestFigure subgroup_figure(const std::string& axis, const std::vector<SubgroupResult>& results,
                                           double level);

}  // namespace gliocast::analysis
