#include <gliocast/cohort/clinical.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/table.hpp>

#include <algorithm>
#include <cctype>

namespace gliocast::cohort {
namespace {

/// "WHO grade II" → "II".
std::string bare_grade(const std::string& text) {
  std::string t;
  for (const char c : text)
    if (!std::isspace(static_cast<unsigned char>(c)))
      t += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (t.starts_with("WHO")) t.erase(0, 3);
  if (t.starts_with("GRADE")) t.erase(0, 5);
  return t;
}

}  // namespace

std::optional<int> parse_who_grade(const std::string& text) {
  const std::string t = bare_grade(text);
  if (t == "2" || t == "G2" || t == "II") return 2;
  if (t == "3" || t == "G3" || t == "III") return 3;
  if (t == "4" || t == "G4" || t == "IV") return 4;
  return std::nullopt;
}

std::optional<Grade> parse_grade(const std::string& text) {
  if (const auto who = parse_who_grade(text)) return *who == 4 ? Grade::High : Grade::Low;
  const std::string t = bare_grade(text);
  if (t == "HGG" || t == "HIGH") return Grade::High;
  if (t == "LGG" || t == "LOW") return Grade::Low;
  return std::nullopt;
}

std::optional<std::size_t> find_patient_column(const TextTable& table) {
  for (const char* name : {"patient", "case", "id", "participant_id", "subject", "BraTS_2020_subject_ID",
                           "BraTS_2019_subject_ID", "BraTS_2018_subject_ID"})
    if (const auto found = table.find_column(name)) return found;
  return std::nullopt;
}

std::map<std::string, Grade> read_grades(const std::filesystem::path& path) {
  const TextTable table = read_table(path);
  for (const auto& note : table.notes) log_warning(path.filename().string() + ": " + note);
  const auto grade = table.find_column("grade");
  const auto id = find_patient_column(table);
  if (!grade || !id) return {};
  std::map<std::string, Grade> out;
  for (const auto& row : table.rows)
    if (const auto g = parse_grade(row[*grade])) out[row[*id]] = *g;
  return out;
}

}  // namespace gliocast::cohort
