#pragma once
#include "grade_metrics.hpp"

#include <gliocast/analysis/grade_evaluation.hpp>

namespace gliocast::analysis {

/// Rows that were judged, as places in the table, with their truth and predictions.
struct TestedRows {
  stats::Rows rows;
  PredictedRows predicted;
};

/// What a split is: its parts and strata, and whether the test part has another share of positives than the rest.
void add_split(const GradeTable& table, const learn::Evaluation& evaluation, const GradeEvaluationOptions& options,
               GradeEvaluation& out);

/// Each centre's results by itself, where a centre was left out at a time.
void add_centres(const GradeTable& table, const TestedRows& judged, const GradeEvaluationOptions& options,
                 GradeEvaluation& out);

}  // namespace gliocast::analysis
