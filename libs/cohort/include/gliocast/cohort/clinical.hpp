#pragma once
#include <gliocast/cohort/patient.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace gliocast::cohort {

/// Grades by patient from a clinical table: an id column (patient, case, id, participant_id, BraTS_2019_subject_ID, …)
/// and a column `grade` that says LGG/HGG or 2/3/4 (II/III/IV). Unknown entries are left out; a table without these
/// columns has none.
[[nodiscard]] std::map<std::string, Grade> read_grades(const std::filesystem::path& table);

/// LGG/HGG, WHO 2/3/4 or II/III/IV; nothing for other words.
[[nodiscard]] std::optional<Grade> parse_grade(const std::string& text);

}  // namespace gliocast::cohort
