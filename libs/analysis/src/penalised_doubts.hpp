#pragma once
#include <gliocast/learn/elastic_net.hpp>
#include <gliocast/survival/cox_model.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace gliocast::analysis {

/// What is doubtful about the fit `at` of a path, in sentences with what to do: few events, columns that separate those
/// with an event, hazard ratios beyond belief, collinear columns where nothing settles how they share an effect.
/// `factors`: of λ, one a column; empty: all 1.
[[nodiscard]] std::vector<std::string> penalised_doubts(const survival::CoxAnalysis& analysis,
                                                        const learn::ElasticNetPath& path, std::size_t at, double alpha,
                                                        const std::vector<double>& factors);

}  // namespace gliocast::analysis
