#pragma once
#include <gliocast/stats/estimate.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace gliocast::stats {

// Bootstrap, permutations and folds. Row sets are drawn one after another from the seed and worked through on all
// threads: the same seed gives the same numbers for every number of threads.

/// Positions of rows; may repeat.
using Rows = std::vector<std::size_t>;

struct ResamplingOptions {
  std::size_t draws = 1000;
  std::uint64_t seed = 1;
  std::size_t threads = 0;    ///< 0: all that the process may run on
  std::string progress = {};  ///< title of the progress on standard error where it takes long; empty: none
};

/// Gives the rows of the next draw; called in order, by one thread at a time.
using Sampler = std::function<Rows()>;

/// As many of `units` as there are, with replacement: all rows of one that is drawn stay together.
[[nodiscard]] Sampler bootstrap_units(std::vector<Rows> units, std::uint64_t seed);
/// As many of the rows 0 … n−1 as there are, with replacement.
[[nodiscard]] Sampler bootstrap_rows(std::size_t n, std::uint64_t seed);
/// As many rows of each stratum as it has, with replacement, strata in ascending order. `strata`: one number a row.
[[nodiscard]] Sampler bootstrap_strata(const std::vector<int>& strata, std::uint64_t seed);
/// Permutations of the rows 0 … n−1; each starts from the one before.
[[nodiscard]] Sampler permutations(std::size_t n, std::uint64_t seed);
/// The rows of each cluster that has some, for bootstrap_units. `cluster`: one number a row, from 0; of a part of a
/// table numbers may lack.
[[nodiscard]] std::vector<Rows> rows_of_clusters(const std::vector<int>& cluster);

/// Calls body(draw, rows) once for each draw, on any of the threads; bodies write to their own place. Throws
/// Error{Interrupted} within a draw of a request to stop; the exception of the first draw that failed is thrown again.
void for_each_draw(const ResamplingOptions& options, const Sampler& sampler,
                   const std::function<void(std::size_t, const Rows&)>& body);

/// Why a draw has no value.
struct FailedDraw {
  std::string reason;
};
template <class Value>
using DrawResult = std::variant<Value, FailedDraw>;

/// Values of the draws that have one, in order, and how many have none, by reason.
template <class Value>
struct Resampled {
  std::vector<Value> values;
  std::map<std::string, std::size_t> failed;
};

/// `statistic`: of the rows of one draw, the value or FailedDraw; called from several threads at once.
template <class Value>
[[nodiscard]] Resampled<Value> resample(const ResamplingOptions& options, const Sampler& sampler,
                                        const std::function<DrawResult<Value>(const Rows&)>& statistic) {
  std::vector<std::optional<DrawResult<Value>>> results(options.draws);
  for_each_draw(options, sampler, [&](std::size_t draw, const Rows& rows) { results[draw] = statistic(rows); });
  Resampled<Value> resampled;
  for (auto& result : results)
    if (auto* failure = std::get_if<FailedDraw>(&*result))
      ++resampled.failed[failure->reason];
    else
      resampled.values.push_back(std::move(std::get<Value>(*result)));
  return resampled;
}

/// "2 (no event), 1 (not converged)": draws without a value, for a sentence; empty where all have one.
[[nodiscard]] std::string describe_failures(const std::map<std::string, std::size_t>& failed);
/// How many draws have no value.
[[nodiscard]] std::size_t count_failures(const std::map<std::string, std::size_t>& failed);

/// Limits at the percentiles (1 − level)/2 and (1 + level)/2 of the draws' values, and their standard deviation;
/// without NaN values. NaN with fewer than two values.
[[nodiscard]] Estimate percentile_estimate(double value, std::vector<double> drawn, double level);

/// A statistic of all rows with its percentile interval under resampling within strata (class sizes stay). `statistic`:
/// called from several threads at once; draws where it is NaN are left out.
[[nodiscard]] Estimate bootstrap_estimate(const std::vector<int>& strata,
                                          const std::function<double(const Rows&)>& statistic,
                                          const ResamplingOptions& options, double level = 0.95);

/// P of a permutation test of n rows: (1 + permutations that are `as_good` as the data) / (1 + permutations).
[[nodiscard]] double permutation_p(std::size_t n, const ResamplingOptions& options,
                                   const std::function<bool(const Rows&)>& as_good);

/// Fold (0 … folds−1) of each subject: shuffled by the seed, dealt in turn within each stratum, so that folds differ by
/// at most one subject a stratum. Depends on the set of (id, stratum) only, not on their order. Throws Error{WrongUse}
/// where folds < 2 or more than subjects.
[[nodiscard]] std::vector<std::size_t> assign_folds(const std::vector<std::string>& ids, const std::vector<int>& strata,
                                                    std::size_t folds, std::uint64_t seed);

}  // namespace gliocast::stats
