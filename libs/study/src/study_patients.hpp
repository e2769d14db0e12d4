#pragma once
#include <gliocast/cohort/patient.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/pipeline/measured_radiomics.hpp>
#include <gliocast/study/run.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace gliocast::study {

/// What a rule left and what it removed.
struct FlowStep {
  std::string left;                                            ///< who those are that are left: "included"
  std::size_t count = 0;                                       ///< of them
  std::vector<std::pair<std::string, std::size_t>> removed{};  ///< by which reason how many
};
/// One cohort of a study, with the criteria applied.
struct StudyCohort {
  std::string name;                            ///< of its folder, or "validation"
  std::vector<cohort::PatientFiles> included;  ///< in the order in which they were found
  std::vector<FlowStep> flow;                  ///< from found to included
  TextTable excluded{{"patient", "cohort", "reason"}, {}};
};
struct StudyPatients {
  StudyCohort training, validation;  ///< validation: without patients where there is one cohort
  TextTable clinical;                ///< as it was read: every table's rows, columns under the study's names
  TextTable missing;                 ///< column, cohort, known, missing: of the included patients
  std::vector<std::string> notes;    ///< doubtful ones begin with "warning: "
};

/// Columns of clinical tables that a study knows, by its names.
[[nodiscard]] std::vector<std::string> study_columns();

/// Finds the patients of both cohorts, in their folders or in tables of features, joins their clinical tables and
/// applies the criteria. Throws Error{UnusableInput} where a cohort has nobody, an id stands twice, a table cannot be
/// read; Error{WrongUse} where a column that was named is not there.
[[nodiscard]] StudyPatients study_patients(const StudyInputs& inputs, const CriteriaSettings& criteria,
                                           const pipeline::MeasuredRadiomics* measured = nullptr);

/// A cell of the patient's clinical row by the study's name of the column; empty where it is missing. Grade as 2, 3, 4,
/// LGG or HGG.
[[nodiscard]] std::string clinical_value(const cohort::PatientFiles& patient, const std::string& column);
/// WHO II or III is known, or low grade without a number.
[[nodiscard]] bool is_lower_grade(const cohort::PatientFiles& patient);
/// Those with a survival time and event among the lower grades.
[[nodiscard]] std::vector<cohort::PatientFiles> with_survival(const std::vector<cohort::PatientFiles>& patients);
/// The patients' rows with the study's columns: patient, cohort, age, sex, grade (II, III), histology, location,
/// laterality, enhancement, idh, 1p19q, time, event; columns that nobody has are left out.
[[nodiscard]] TextTable clinical_rows_of(const std::vector<cohort::PatientFiles>& patients);

}  // namespace gliocast::study
