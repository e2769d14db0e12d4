#pragma once
#include "designs.hpp"

namespace gliocast::study {

/// Fits the classifiers of the model for use, with bootstraps for intervals, and writes it to out/model: a bundle of
/// networks and classifiers that `predict` takes, or of radiomics alone a classifier that `grade predict` takes.
void write_final_model(const GradedCohort& cohort, const Studied& studied, const GradingOptions& options);

}  // namespace gliocast::study
