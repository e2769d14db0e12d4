#include <gliocast/cohort/clinical.hpp>
#include <gliocast/cohort/find_patients.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/table.hpp>

#include <map>

namespace gliocast::cohort {

std::vector<PatientFiles> read_manifest(const std::filesystem::path& path) {
  const TextTable table = read_table(path);
  for (const auto& note : table.notes) log_warning(path.filename().string() + ": " + note);
  std::optional<std::size_t> id;
  for (const char* name : {"id", "patient", "participant_id"})
    if (!id) id = table.find_column(name);
  std::map<Sequence, std::size_t> columns;
  for (const Sequence s : kAllSequences)
    if (const auto c = table.find_column(key_name(s))) columns[s] = *c;
  if (!columns.contains(Sequence::T1Gd))
    if (const auto c = table.find_column("t1ce")) columns[Sequence::T1Gd] = *c;
  if (!id || columns.empty())
    throw unusable_input(
        "not a manifest: columns id and t1, t1gd, t2 (and flair, seg, brain_mask, tumour_mask, grade, centre, if "
        "there) are needed",
        path.string());
  const auto brain_mask = table.find_column("brain_mask");
  auto tumour_mask = table.find_column("tumour_mask");
  if (!tumour_mask) tumour_mask = table.find_column("tumor_mask");
  const auto seg = table.find_column("seg"), grade = table.find_column("grade"), centre = table.find_column("centre");
  std::string unused;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    bool used = c == *id || c == brain_mask || c == tumour_mask || c == seg || c == grade || c == centre;
    for (const auto& [s, column] : columns) used = used || c == column;
    if (!used) unused += (unused.empty() ? "" : ", ") + table.columns[c];
  }
  if (!unused.empty()) log_warning(path.filename().string() + ": columns that are not used: " + unused);
  const auto absolute = [&](const std::string& cell) {
    const std::filesystem::path p(cell);
    return p.is_absolute() ? p : path.parent_path() / p;
  };
  std::vector<PatientFiles> out;
  std::map<std::string, std::string> seen;  // id to its line
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const auto& row = table.rows[r];
    const std::string where = path.string() + ", line " + std::to_string(table.line(r));
    PatientFiles p;
    p.id = row[*id];
    if (p.id.empty()) throw unusable_input("a patient without id", where);
    if (p.id.find_first_of("/\\") != std::string::npos || p.id.starts_with("."))
      throw unusable_input("the id '" + p.id + "' cannot name a folder", where);
    p.own_name = true;
    p.found_at = where;
    if (const auto [other, fresh] = seen.emplace(p.id, std::to_string(table.line(r))); !fresh)
      throw unusable_input("patient '" + p.id + "' is there twice, also in line " + other->second, where);
    const auto is_given = [](const std::string& cell) { return !cell.empty() && cell != "NA" && cell != "n/a"; };
    const auto mask_of = [&](const std::optional<std::size_t>& column, const char* name) -> std::optional<MaskFile> {
      if (!column || !is_given(row[*column])) return std::nullopt;
      return parse_mask_file(absolute(row[*column]).string(), where + ", " + name);
    };
    p.brain_mask = mask_of(brain_mask, "brain_mask");
    p.tumour_mask = mask_of(tumour_mask, "tumour_mask");
    for (const auto& [s, c] : columns)
      if (is_given(row[c])) p.sequences[s] = absolute(row[c]);
    if (seg && is_given(row[*seg])) p.segmentation = absolute(row[*seg]);
    if (grade) p.grade = parse_grade(row[*grade]);
    if (centre) p.centre = row[*centre];
    out.push_back(std::move(p));
  }
  if (out.empty()) throw unusable_input("the table names no patient", path.string());
  return out;
}

}  // namespace gliocast::cohort
