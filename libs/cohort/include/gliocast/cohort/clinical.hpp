#pragma once
#include <gliocast/cohort/patient.hpp>
#include <gliocast/core/table.hpp>

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace gliocast::cohort {

/// Position of the column that names the patients (patient, case, id, participant_id, BraTS_2019_subject_ID, …).
[[nodiscard]] std::optional<std::size_t> find_patient_column(const TextTable& table);

/// Grades by patient from a clinical table: an id column (patient, case, id, participant_id, BraTS_2019_subject_ID, …)
/// and a column `grade` that says LGG/HGG or 2/3/4 (II/III/IV). Unknown entries are left out; a table without these
/// columns has none.
[[nodiscard]] std::map<std::string, Grade> read_grades(const std::filesystem::path& table);

/// 2, 3 or 4 of WHO grades in any spelling (2, II, G2, WHO grade II …); nothing for other words, LGG and HGG among
/// them.
[[nodiscard]] std::optional<int> parse_who_grade(const std::string& text);

/// LGG/HGG, WHO 2/3/4 or II/III/IV; nothing for other words.
[[nodiscard]] std::optional<Grade> parse_grade(const std::string& text);

}  // namespace gliocast::cohort
