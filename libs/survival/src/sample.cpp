#include <gliocast/survival/sample.hpp>

#include "pick.hpp"

namespace gliocast::survival {

SurvivalSample take(const SurvivalSample& sample, const std::vector<std::size_t>& rows) {
  return {pick(sample.time, rows), pick(sample.event, rows), pick(sample.entry, rows), pick(sample.weights, rows)};
}

}  // namespace gliocast::survival
