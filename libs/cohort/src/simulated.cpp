#include <gliocast/cohort/simulated.hpp>

#include <gliocast/core/simulated.hpp>

#include <algorithm>

namespace gliocast::cohort {

bool is_simulated(const PatientFiles& patient) {
  return std::ranges::any_of(patient.sequences,
                             [](const auto& sequence) { return in_simulated_cohort(sequence.second); });
}

}  // namespace gliocast::cohort
