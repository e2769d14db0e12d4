#pragma once
#include <vector>

namespace gliocast::stats {

/// How P values of many tests are adjusted: for the chance of any false finding (Bonferroni; Holm 1979), or for the
/// expected share of false ones among the findings (Benjamini & Hochberg 1995; Benjamini & Yekutieli 2001: under any
/// dependence).
enum class PAdjustment { None, Bonferroni, Holm, BenjaminiHochberg, BenjaminiYekutieli };

/// Adjusted P values in the order given, at most 1. NaN stays and is not counted as a test. As R's p.adjust.
[[nodiscard]] std::vector<double> adjust_p(const std::vector<double>& p, PAdjustment adjustment);

}  // namespace gliocast::stats
