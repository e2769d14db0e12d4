#include <gliocast/cohort/clinical.hpp>
#include <gliocast/cohort/find_patients.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/core/text.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <optional>

namespace gliocast::cohort {

namespace {

/// Where a manifest's columns are.
struct ManifestColumns {
  std::optional<std::size_t> id, brain_mask, tumour_mask, segmentation, grade, centre;
  std::array<std::optional<std::size_t>, 2> raters;
  std::map<Sequence, std::size_t> sequences;

  [[nodiscard]] bool use(std::size_t c) const {
    for (const auto& column : {id, brain_mask, tumour_mask, segmentation, grade, centre, raters[0], raters[1]})
      if (column == c) return true;
    return std::ranges::any_of(sequences, [c](const auto& entry) { return entry.second == c; });
  }
};

std::optional<std::size_t> first_column(const TextTable& table, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const auto c = table.find_column(name)) return c;
  return std::nullopt;
}

ManifestColumns columns_of(const TextTable& table, const std::filesystem::path& path) {
  ManifestColumns columns{.id = first_column(table, {"id", "patient", "participant_id"}),
                          .brain_mask = table.find_column("brain_mask"),
                          .tumour_mask = first_column(table, {"tumour_mask", "tumor_mask"}),
                          .segmentation = table.find_column("seg"),
                          .grade = table.find_column("grade"),
                          .centre = table.find_column("centre"),
                          .raters = {table.find_column("rater1"), table.find_column("rater2")},
                          .sequences = {}};
  for (const Sequence s : kAllSequences)
    if (const auto c = table.find_column(key_name(s))) columns.sequences[s] = *c;
  if (!columns.sequences.contains(Sequence::T1Gd))
    if (const auto c = table.find_column("t1ce")) columns.sequences[Sequence::T1Gd] = *c;
  if (!columns.id || columns.sequences.empty())
    throw unusable_input(
        "not a manifest: columns id and t1, t1gd, t2 (and flair, seg, brain_mask, tumour_mask, rater1, rater2, grade, "
        "centre, if there) are needed",
        path.string());
  std::vector<std::string> unused;
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    if (!columns.use(c) && !findings::field_of_column(table.columns[c])) unused.push_back(table.columns[c]);
  if (!unused.empty()) log_warning(path.filename().string() + ": columns that are not used: " + listed(unused));
  return columns;
}

bool is_given(const std::string& cell) { return !cell.empty() && cell != "NA" && cell != "n/a"; }

/// The patient of a row; `where` names it in errors, relative paths start at `folder`.
PatientFiles patient_of(const std::vector<std::string>& row, const ManifestColumns& columns,
                        const std::filesystem::path& folder, const std::string& where) {
  PatientFiles p;
  p.id = row[*columns.id];
  if (p.id.empty()) throw unusable_input("a patient without id", where);
  if (p.id.find_first_of("/\\") != std::string::npos || p.id.starts_with("."))
    throw unusable_input("the id '" + p.id + "' cannot name a folder", where);
  p.own_name = true;
  p.found_at = where;
  const auto absolute = [&](const std::string& cell) {
    const std::filesystem::path file(cell);
    return file.is_absolute() ? file : folder / file;
  };
  const auto mask_of = [&](const std::optional<std::size_t>& column, const char* name) -> std::optional<MaskFile> {
    if (!column || !is_given(row[*column])) return std::nullopt;
    return parse_mask_file(absolute(row[*column]).string(), where + ", " + name);
  };
  p.brain_mask = mask_of(columns.brain_mask, "brain_mask");
  p.tumour_mask = mask_of(columns.tumour_mask, "tumour_mask");
  p.raters = {mask_of(columns.raters[0], "rater1"), mask_of(columns.raters[1], "rater2")};
  for (const auto& [s, c] : columns.sequences)
    if (is_given(row[c])) p.sequences[s] = absolute(row[c]);
  if (columns.segmentation && is_given(row[*columns.segmentation]))
    p.segmentation = absolute(row[*columns.segmentation]);
  if (columns.grade) p.grade = parse_grade(row[*columns.grade]);
  if (columns.centre) p.centre = row[*columns.centre];
  return p;
}

}  // namespace

std::vector<PatientFiles> read_manifest(const std::filesystem::path& path) {
  const TextTable table = read_table(path);
  for (const auto& note : table.notes) log_warning(path.filename().string() + ": " + note);
  const ManifestColumns columns = columns_of(table, path);
  std::vector<PatientFiles> out;
  std::map<std::string, std::string> seen;  // id to its line
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const std::string line = std::to_string(table.line(r)), where = path.string() + ", line " + line;
    PatientFiles p = patient_of(table.rows[r], columns, path.parent_path(), where);
    if (const auto [other, fresh] = seen.emplace(p.id, line); !fresh)
      throw unusable_input("patient '" + p.id + "' is there twice, also in line " + other->second, where);
    out.push_back(std::move(p));
  }
  if (out.empty()) throw unusable_input("the table names no patient", path.string());
  return out;
}

}  // namespace gliocast::cohort
