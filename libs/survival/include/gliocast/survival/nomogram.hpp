#pragma once
#include <gliocast/survival/cox_model.hpp>

#include <string>
#include <utility>
#include <vector>

namespace gliocast::survival {

/// One mark of an axis and where it stands on the scale of points (axes of predictors) or of total points (all others).
struct NomogramTick {
  std::string label;  ///< the value as text
  double value = 0;   ///< NaN for a level of text
  double points = 0;
};

/// A predictor, alone or at given values of what it interacts with.
struct NomogramAxis {
  std::string variable;                                 ///< column of the table
  std::string label;                                    ///< "age", or "age (sex=male)" with an interaction
  std::vector<std::pair<std::string, std::string>> at;  ///< interacting column and its value
  bool discrete = false;
  std::vector<NomogramTick> ticks;
};

/// What total points mean: survival at a time, or median survival.
struct NomogramOutcome {
  std::string label;
  double time = 0;            ///< 0: median survival
  bool extrapolated = false;  ///< `time` lies beyond the follow-up: the last known survival is carried on
  std::vector<NomogramTick> ticks;
  std::vector<double> at_total;  ///< the outcome at each mark of total points; NaN where undefined
};

struct Nomogram {
  std::vector<NomogramAxis> axes;
  std::vector<double> total_points;            ///< marks of the axis of total points
  std::vector<NomogramTick> linear_predictor;  ///< Σ β x − Σ β mean(x)
  std::vector<NomogramOutcome> outcomes;       ///< one a time, then median survival
  double points_per_unit = 0;                  ///< points of one unit of the linear predictor
  double intercept = 0;                        ///< linear predictor at 0 points
  std::vector<std::string> notes;
};

/// Lays out a nomogram as rms::nomogram does: the predictor with the largest effect over its range spans 100 points;
/// numbers with at most 10 values are marked at those, others at round numbers over their range. Interacting predictors
/// share one scale, an axis a combination of the others' levels; a further number among them stands at its low, median
/// and high value. `stratum`: which baseline. Throws Error{UnusableInput} where no predictor has an effect,
/// Error{WrongUse} on an unknown stratum. Source: Harrell, rms; Kattan 2003.
[[nodiscard]] Nomogram lay_out_nomogram(const CoxModel& model, const std::vector<double>& times,
                                        const std::string& stratum = {});

/// What a page needs to compute the model by itself: predictors and their ranges, each design column as a product with
/// its coefficient and mean, expressions as trees, one stratum's baseline hazard.
[[nodiscard]] Json describe_for_calculator(const CoxModel& model, const Nomogram& nomogram,
                                           const std::string& stratum = {});

}  // namespace gliocast::survival
