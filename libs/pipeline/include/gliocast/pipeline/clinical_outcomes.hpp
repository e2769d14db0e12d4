#pragma once
#include <gliocast/nn/prognosis_training.hpp>
#include <gliocast/survival/survival_frame.hpp>

#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace gliocast::pipeline {

/// Where a clinical table holds what networks and signatures of prognosis learn.
struct ClinicalTable {
  std::filesystem::path file;
  survival::OutcomeColumns outcome;
  std::string grade = "who_grade";  ///< WHO grade: 2, 3, 4 or II, III, IV; a table may lack it
};

/// What is known of one patient.
struct ClinicalOutcome {
  int who_grade = 0;                                       ///< 2, 3 or 4; 0: unknown
  double time = std::numeric_limits<double>::quiet_NaN();  ///< > 0; NaN: unknown
  bool event = false;
};

/// A patient's slice with what is known of him: WHO II or III (IV is no class of the network's), time and event.
[[nodiscard]] nn::PrognosisCase prognosis_case(nn::TrainingCase slice, const ClinicalOutcome& outcome);

/// Outcomes by the patients' names. How the table was read, and what is missing, is told on the console. Throws
/// Error{UnusableInput} where the table names no patients or one twice, or lacks the columns of time and event.
[[nodiscard]] std::map<std::string, ClinicalOutcome> read_outcomes(const ClinicalTable& table);

}  // namespace gliocast::pipeline
