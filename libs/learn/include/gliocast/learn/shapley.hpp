#pragma once
#include <gliocast/stats/matrix.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace gliocast::learn {

/// Rows that stand for a population, with their weights (sum 1).
struct Background {
  stats::Matrix rows;  ///< [points, features]
  std::vector<double> weights;
};

/// Cluster centres of the rows by k-means (k-means++ start, Lloyd's steps), weighted by their share. `rows`: finite. At
/// most as many as there are distinct rows; clusters of fewer rows than `least_members` go to their neighbours, so that
/// no centre is a patient's own row. Source: Arthur &
/// Vassilvitskii 2007.
[[nodiscard]] Background summarise_rows(const stats::Matrix& rows, std::size_t clusters, std::uint64_t seed,
                                        std::size_t least_members = 1);

/// What each feature adds to a prediction; base + Σ values is the prediction.
struct ShapleyValues {
  double base = 0;  ///< mean prediction of the background
  std::vector<double> values;
};

/// The most features whose coalitions are enumerated.
inline constexpr std::size_t kMostShapleyFeatures = 16;

/// Exact interventional Shapley values of one row by enumeration of all coalitions: features outside a coalition are
/// those of the background. `predict`: [rows, features] → one value a row. Throws Error{WrongUse} with more than
/// kMostShapleyFeatures. Source: Lundberg & Lee 2017; Janzing 2020; as shap's ExactExplainer with an Independent
/// masker. Cost: 2^features · points predictions.
[[nodiscard]] ShapleyValues shapley_values(const std::function<std::vector<double>(const stats::Matrix&)>& predict,
                                           const std::vector<double>& row, const Background& background);

}  // namespace gliocast::learn
