#include <gliocast/cohort/clinical.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/table.hpp>

#include <algorithm>
#include <cctype>

namespace gliocast::cohort {

std::optional<Grade> parse_grade(const std::string& text) {
  std::string t;
  for (const char c : text)
    if (!std::isspace(static_cast<unsigned char>(c)))
      t += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (t.starts_with("WHO")) t.erase(0, 3);
  if (t.starts_with("GRADE")) t.erase(0, 5);
  if (t == "HGG" || t == "HIGH" || t == "4" || t == "G4" || t == "IV") return Grade::High;
  if (t == "LGG" || t == "LOW" || t == "2" || t == "3" || t == "G2" || t == "G3" || t == "II" || t == "III")
    return Grade::Low;
  return std::nullopt;
}

std::map<std::string, Grade> read_grades(const std::filesystem::path& path) {
  const TextTable table = read_table(path);
  for (const auto& note : table.notes) log_warning(path.filename().string() + ": " + note);
  const auto grade = table.find_column("grade");
  std::optional<std::size_t> id;
  for (const char* name : {"patient", "case", "id", "participant_id", "subject", "BraTS_2020_subject_ID",
                           "BraTS_2019_subject_ID", "BraTS_2018_subject_ID"})
    if (!id) id = table.find_column(name);
  if (!grade || !id) return {};
  std::map<std::string, Grade> out;
  for (const auto& row : table.rows)
    if (const auto g = parse_grade(row[*grade])) out[row[*id]] = *g;
  return out;
}

}  // namespace gliocast::cohort
