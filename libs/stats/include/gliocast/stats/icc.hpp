#pragma once
#include <gliocast/stats/estimate.hpp>
#include <gliocast/stats/matrix.hpp>

#include <string>
#include <vector>

namespace gliocast::stats {

/// One of the six intraclass correlations of Shrout & Fleiss.
struct IntraclassCorrelation {
  std::string type;   ///< "ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)"
  std::string model;  ///< in words
  Estimate estimate;  ///< NaN where the ratings do not vary; se is not known
  TestResult test;    ///< F and its first degrees of freedom
  double df2 = 0;     ///< the second
};

/// All six, from the analysis of variance of `ratings` [subjects, raters] (no NaN, at least two of each). Intervals at
/// `level`. Without a rest (perfect agreement, or raters that differ by constants) F is infinite and the limits are
/// those that the formulas tend to: 1 and 1 where the estimate is 1. NaN where the ratings do not vary. Throws
/// Error{UnusableInput} with fewer than two subjects or raters. Source: Shrout & Fleiss 1979; intervals as McGraw &
/// Wong 1996.
[[nodiscard]] std::vector<IntraclassCorrelation> intraclass_correlations(const Matrix& ratings, double level = 0.95);

/// The names of the six types, in the order of intraclass_correlations().
[[nodiscard]] const std::vector<std::string>& icc_types();
/// The estimate of one type alone, without interval and test: quick, for many features. `ratings` as above; NaN where
/// they do not vary. Throws Error{UnusableInput} also where there is no such type.
[[nodiscard]] double intraclass_correlation(const Matrix& ratings, const std::string& type);

}  // namespace gliocast::stats
