#include <gliocast/cohort/clinical.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/core/text.hpp>

#include <algorithm>
#include <cctype>
#include <string_view>

namespace gliocast::cohort {
namespace {

TextTable read_noted(const std::filesystem::path& path) {
  TextTable table = read_table(path);
  for (const auto& note : table.notes) log_warning(path.filename().string() + ": " + note);
  return table;
}

std::string without_sub(const std::string& id) { return id.starts_with("sub-") ? id.substr(4) : id; }

/// The columns of a clinical table.
struct ClinicalColumns {
  std::size_t id = 0;
  std::vector<std::optional<findings::ClinicalField>> fields;  ///< one a column; nothing: kept by its name
};

ClinicalColumns columns_of(const TextTable& table, const std::string& name) {
  const auto id = find_patient_column(table);
  ClinicalColumns columns;
  for (const auto& name : table.columns) columns.fields.push_back(findings::field_of_column(name));
  const bool any = std::ranges::any_of(columns.fields, [](const auto& field) { return field.has_value(); });
  if (!id || !any)
    throw unusable_input(
        std::string("not a clinical table: ") + (id ? "no column says anything of a patient" : "no column of ids"),
        name,
        "columns: patient, age, sex, grade, histology, idh, 1p19q; those there are: " + listed(table.columns, 12));
  columns.id = *id;
  return columns;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// "45,5" as "45.5", where commas do not part cells. Three digits behind the comma may be thousands: left as they are.
std::string with_point(const std::string& cell, char separator) {
  const auto comma = cell.find(',');
  if (separator == ',' || comma == std::string::npos) return cell;
  const std::string_view text = cell, behind = text.substr(comma + 1);
  const auto before = text.substr(cell.starts_with('-') ? 1 : 0, comma - (cell.starts_with('-') ? 1 : 0));
  if (!all_digits(before) || !all_digits(behind) || behind.size() == 3) return cell;
  return cell.substr(0, comma) + "." + std::string(behind);
}

void read_row(findings::ClinicalRecord& record, const TextTable& table, std::size_t row, const ClinicalColumns& columns,
              const std::string& where) {
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const std::string cell = with_point(table.rows[row][c], table.separator);
    if (columns.fields[c])
      findings::read_field(record, *columns.fields[c], cell, ExitCode::UnusableInput,
                           where + ", column " + table.columns[c]);
    else if (c != columns.id)
      record.columns[table.columns[c]] = cell;
  }
}

/// Rows that name no patient are told: a slip in an id leaves a patient without facts.
void tell_rows_of_nobody(const TextTable& table, const ClinicalColumns& columns,
                         const std::vector<PatientFiles>& patients, const std::string& name) {
  std::vector<std::string> nobody;
  for (const auto& row : table.rows) {
    const std::string id = without_sub(row[columns.id]);
    if (std::ranges::none_of(patients, [&](const PatientFiles& p) { return without_sub(p.id) == id; }))
      nobody.push_back(row[columns.id].empty() ? "(no id)" : row[columns.id]);
  }
  if (nobody.empty()) return;
  const bool one = nobody.size() == 1;
  log_warning(name + ": " + std::to_string(nobody.size()) + (one ? " row names" : " rows name") +
              " none of the patients: " + listed(nobody, 5));
}

}  // namespace

std::optional<std::size_t> find_patient_column(const TextTable& table) {
  for (const char* name : {"patient", "case", "id", "participant_id", "subject", "BraTS_2020_subject_ID",
                           "BraTS_2019_subject_ID", "BraTS_2018_subject_ID"})
    if (const auto column = table.find_column(name)) return column;
  return std::nullopt;
}

std::optional<Grade> parse_grade(const std::string& text) {
  using findings::WhoGrade;
  const auto grade = findings::parse_who_grade(text);
  if (!grade) return std::nullopt;
  return *grade == WhoGrade::Four || *grade == WhoGrade::High ? Grade::High : Grade::Low;
}

std::map<std::string, Grade> read_grades(const std::filesystem::path& path) {
  const TextTable table = read_noted(path);
  const auto grade = table.find_column("grade"), id = find_patient_column(table);
  if (!grade || !id) return {};
  std::map<std::string, Grade> out;
  for (const auto& row : table.rows)
    if (const auto g = parse_grade(row[*grade])) out[row[*id]] = *g;
  return out;
}

void add_clinical(std::vector<PatientFiles>& patients, const std::filesystem::path& path) {
  add_clinical(patients, read_noted(path), path.string());
}

void add_clinical(std::vector<PatientFiles>& patients, const TextTable& table, const std::string& name) {
  const ClinicalColumns columns = columns_of(table, name);
  const std::string short_name = std::filesystem::path(name).filename().string();
  std::vector<std::string> without;
  for (auto& patient : patients) {
    std::optional<std::size_t> found;
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
      if (without_sub(table.rows[r][columns.id]) != without_sub(patient.id)) continue;
      const std::string where = name + ", line " + std::to_string(table.line(r));
      if (found)
        throw unusable_input(
            "patient '" + patient.id + "' is there twice, also in line " + std::to_string(table.line(*found)), where);
      found = r;
      if (!patient.clinical) patient.clinical.emplace();
      read_row(*patient.clinical, table, r, columns, where);
    }
    if (!found) without.push_back(patient.id);
  }
  if (without.size() < patients.size()) tell_rows_of_nobody(table, columns, patients, short_name);
  if (without.empty()) return;
  const std::string whom = listed(without, 5);
  if (without.size() == patients.size())
    throw unusable_input("the clinical table has no row of " + whom, name,
                         "its column \"" + table.columns[columns.id] +
                             "\" must hold the patients' ids: names of their folders, BIDS names, a manifest's ids, "
                             "or --id (default sub-01) of one patient");
  log_warning(short_name + ": no row of " + whom + ": no survival is told of them");
}

bool has_clinical_columns(const std::filesystem::path& manifest) {
  return std::ranges::any_of(read_table(manifest).columns, [](const std::string& column) {
    const auto field = findings::field_of_column(column);
    return field && *field != findings::ClinicalField::Grade;
  });
}

}  // namespace gliocast::cohort
