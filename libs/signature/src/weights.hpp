#pragma once
#include <gliocast/signature/signature_model.hpp>
#include <gliocast/signature/survival_table.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace gliocast::signature {

/// z-scores, forest and elastic net on these rows: candidates, features, networks, scale, weights, alpha, lambda, cut,
/// range and counts of a model, without its Cox model.
[[nodiscard]] SignatureModel::Parts fit_weights(const SignatureSpecification& specification, const SurvivalTable& table,
                                                const learn::Rows& rows, std::uint64_t seed);

/// The candidates alone: positions among the features, most important first.
[[nodiscard]] std::vector<std::size_t> fit_candidates(const SignatureSpecification& specification,
                                                      const SurvivalTable& table, const learn::Rows& rows,
                                                      std::uint64_t seed);

}  // namespace gliocast::signature
