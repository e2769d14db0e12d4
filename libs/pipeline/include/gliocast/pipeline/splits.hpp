#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace gliocast::pipeline {

/// Fold (0 … folds−1) of each patient: shuffled by the seed, dealt in turn within each stratum, so that folds differ by
/// at most one patient a stratum. Depends on the set of (id, stratum) only, not on their order. Throws Error{WrongUse}
/// where folds < 2 or more than patients.
[[nodiscard]] std::vector<std::size_t> assign_folds(const std::vector<std::string>& ids, const std::vector<int>& strata,
                                                    std::size_t folds, std::uint64_t seed);

}  // namespace gliocast::pipeline
