#pragma once
// The radiomics of another hospital towards those of training, without a row of training.
#include <gliocast/analysis/harmonise.hpp>
#include <gliocast/learn/feature_table.hpp>

namespace gliocast::study {

/// ComBat's reference batch as means and standard deviations of each feature: all that a batch is taken towards.
/// Throws Error{UnusableInput} with fewer than two rows.
[[nodiscard]] analysis::Harmonisation frozen_reference(const learn::FeatureTable& training);

/// The rows, all of one new batch, taken towards the reference: what ComBat gives of both tables together with the
/// reference batch, which depends on its rows by these means and deviations alone. Features that the reference does not
/// have (those of networks) stay. Throws Error{UnusableInput} with fewer than five rows.
[[nodiscard]] learn::FeatureTable harmonised(const learn::FeatureTable& rows, const analysis::Harmonisation& reference);

}  // namespace gliocast::study
