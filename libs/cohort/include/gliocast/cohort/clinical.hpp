#pragma once
#include <gliocast/cohort/patient.hpp>
#include <gliocast/core/table.hpp>

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::cohort {

/// Position of the column that names the patients (patient, case, id, participant_id, BraTS_2019_subject_ID, …).
[[nodiscard]] std::optional<std::size_t> find_patient_column(const TextTable& table);

/// Grades by patient from a clinical table: an id column (patient, case, id, participant_id, BraTS_2019_subject_ID, …)
/// and a column `grade` that says LGG/HGG or 2/3/4 (II/III/IV). Unknown entries are left out; a table without these
/// columns has none.
[[nodiscard]] std::map<std::string, Grade> read_grades(const std::filesystem::path& table);

/// LGG/HGG, WHO 2/3/4 or II/III/IV; nothing for other words.
[[nodiscard]] std::optional<Grade> parse_grade(const std::string& text);

/// Reads what a clinical table says of the patients into their records, by id ("sub-" in front does not count). A
/// patient without a row is told; one patient alone must have one. Throws Error{UnusableInput} with the line: no column
/// of ids or of facts, a patient twice, a value that cannot be, no row of any patient.
void add_clinical(std::vector<PatientFiles>& patients, const std::filesystem::path& table);
/// The same of a table that was read; `name` is told in messages.
void add_clinical(std::vector<PatientFiles>& patients, const TextTable& table, const std::string& name);

/// Whether a manifest says more of its patients than their grade, so that it is their clinical table too.
[[nodiscard]] bool has_clinical_columns(const std::filesystem::path& manifest);

}  // namespace gliocast::cohort
