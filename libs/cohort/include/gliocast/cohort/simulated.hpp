#pragma once
#include <gliocast/cohort/patient.hpp>

namespace gliocast::cohort {

/// The name under GeneratedBy in the dataset_description.json of simulated cohorts.
inline constexpr const char* kSimulator = "gliocast simulate";

/// Whether a patient lies in a cohort that `gliocast simulate` made: one of the folders above its files has a
/// dataset_description.json that says so.
[[nodiscard]] bool is_simulated(const PatientFiles& patient);

}  // namespace gliocast::cohort
