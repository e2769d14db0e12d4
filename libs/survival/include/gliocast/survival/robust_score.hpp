#pragma once
#include <gliocast/stats/estimate.hpp>
#include <gliocast/survival/cox.hpp>

#include <vector>

namespace gliocast::survival {

/// Score test that some coefficients of a Cox model are 0, by the spread of the scores of subjects (CoxData::cluster)
/// in place of the information: it counts subjects where rows of one are alike. `coefficients`: one a column, of the
/// fit without the tested columns, and 0 for these; `tested`: one a column. Ties by Breslow or Efron. NaN where no
/// tested column has information beside the others, or there are no more subjects than tested columns. Source: Lin &
/// Wei 1989; Boos 1992 (with other columns); without others as the robust score test of R's coxph.
[[nodiscard]] stats::TestResult robust_score_test(const CoxData& data, const std::vector<double>& coefficients,
                                                  const std::vector<char>& tested, Ties ties);

}  // namespace gliocast::survival
