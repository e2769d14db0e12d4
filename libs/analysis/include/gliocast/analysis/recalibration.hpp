#pragma once
#include <gliocast/survival/sample.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gliocast::analysis {

// A model's predictions recalibrated to a cohort that it does not fit, as that cohort would see it: each fold is
// predicted by what the other folds fitted. All draw folds by the seed and the ids, not by the order of rows.

struct RecalibrationOptions {
  std::size_t folds = 10;  ///< at most as many as the rarer outcome has patients
  std::uint64_t seed = 1;
};

/// logit of the new probability = intercept + slope · logit of the old one.
struct LogisticRecalibration {
  double intercept = 0, slope = 1;       ///< fitted to all rows; NaN where there is no maximum (separation)
  std::vector<double> probability = {};  ///< of each row by fits of the other folds; empty where one has no maximum
};
/// `in_the_large`: the intercept alone, slope 1. `truth`: 1 positive, 0 negative. Throws Error{UnusableInput} with
/// fewer than two rows of a class. Source: Cox 1958; Steyerberg 2019, chapter 15.
[[nodiscard]] LogisticRecalibration recalibrate_probabilities(const std::vector<double>& probability,
                                                              const std::vector<int>& truth,
                                                              const std::vector<std::string>& ids, bool in_the_large,
                                                              const RecalibrationOptions& options = {});

/// The linear predictor of a model of survival times `slope`, with the baseline hazard of the cohort.
struct SurvivalRecalibration {
  double slope = 1;                                ///< fitted to all rows; 1 where only the baseline is fitted
  std::vector<std::vector<double>> survival = {};  ///< [row][time] by fits of the other folds; empty where one fails
};
/// `predictor`: log(−log S) of the model, or any linear predictor. `baseline_only`: the slope stays 1. Beyond the last
/// event of a fit its last survival is carried on. Throws Error{UnusableInput} with fewer than two events. Source: van
/// Houwelingen 2000.
[[nodiscard]] SurvivalRecalibration recalibrate_survival(const survival::SurvivalSample& sample,
                                                         const std::vector<double>& predictor,
                                                         const std::vector<double>& times,
                                                         const std::vector<std::string>& ids, bool baseline_only,
                                                         const RecalibrationOptions& options = {});

}  // namespace gliocast::analysis
