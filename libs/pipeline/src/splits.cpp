#include <gliocast/pipeline/splits.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/random.hpp>

#include <algorithm>
#include <map>
#include <numeric>

namespace gliocast::pipeline {

std::vector<std::size_t> assign_folds(const std::vector<std::string>& ids, const std::vector<int>& strata,
                                      std::size_t folds, std::uint64_t seed) {
  if (folds < 2 || folds > ids.size())
    throw Error(ExitCode::WrongUse, std::to_string(folds) + " folds of " + std::to_string(ids.size()) + " patients",
                "--folds", "give 2 or more, at most one a patient");
  std::map<int, std::vector<std::size_t>> members;
  for (std::size_t i = 0; i < ids.size(); ++i) members[strata[i]].push_back(i);
  std::vector<std::size_t> fold(ids.size());
  std::size_t next = 0;
  for (auto& [stratum, list] : members) {
    std::ranges::sort(list, {}, [&](std::size_t i) { return ids[i]; });
    Random random(seed, "folds", static_cast<std::uint64_t>(stratum + 1));
    for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[random.below(i)]);
    for (const std::size_t i : list) fold[i] = next++ % folds;
  }
  return fold;
}

}  // namespace gliocast::pipeline
