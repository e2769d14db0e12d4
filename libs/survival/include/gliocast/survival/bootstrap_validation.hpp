#pragma once
#include <gliocast/stats/resampling.hpp>
#include <gliocast/survival/cox.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace gliocast::survival {

/// Apparent value of an index, what it promises too much on average, and the difference. Source: Harrell, Lee & Mark
/// 1996.
struct OptimismCorrected {
  std::string index;
  double apparent = 0, training = 0, test = 0, optimism = 0, corrected = 0;
};
struct BootstrapValidation {
  std::vector<OptimismCorrected> indices;     ///< concordance, calibration slope
  std::size_t draws = 0;                      ///< that could be fitted
  std::map<std::string, std::size_t> failed;  ///< why others could not, and how many
};
/// Concordance and calibration slope of a Cox model under resampling of rows (of clusters, where there are any) with
/// replacement: fitted to the draw, tested on the data. The same seed gives the same numbers for every number of
/// threads. Throws as fit_cox does, Error{UnusableInput} where no draw can be fitted.
[[nodiscard]] BootstrapValidation bootstrap_validation(const CoxData& data, const CoxOptions& options,
                                                       const stats::ResamplingOptions& resampling);

}  // namespace gliocast::survival
