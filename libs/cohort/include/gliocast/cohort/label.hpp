#pragma once
#include <gliocast/cohort/patient.hpp>

#include <string>
#include <vector>

namespace gliocast::cohort {

/// Name of a patient's folder and files in the output, a BIDS label: "sub-" and the ASCII letters and digits of the id,
/// whose own "sub-" is not doubled.
[[nodiscard]] std::string subject_label(const std::string& id);

/// Throws Error{UnusableInput} naming the ids and where they were found, where an id has no letter or digit to make a
/// label of, or two patients' labels are the same or differ in upper and lower case alone (one folder for two patients,
/// here or on the file system the output is copied to).
void check_labels(const std::vector<PatientFiles>& patients);

}  // namespace gliocast::cohort
