#pragma once
#include <gliocast/cohort/patient.hpp>

namespace gliocast::cohort {

/// Whether a patient lies in a cohort that `gliocast simulate` made: one of the folders above its files has a
/// dataset_description.json that says so.
[[nodiscard]] bool is_simulated(const PatientFiles& patient);

}  // namespace gliocast::cohort
