#include "study_patients.hpp"

#include "measured_study.hpp"

#include <gliocast/cohort/clinical.hpp>
#include <gliocast/cohort/find_patients.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/stats/data_frame.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <set>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;
using cohort::PatientFiles;
using findings::WhoGrade;

/// Columns that a study knows, by its names.
constexpr std::array<const char*, 15> kColumns{"cohort",    "centre",    "age",      "sex",        "grade",
                                               "who_grade", "histology", "location", "laterality", "enhancement",
                                               "idh",       "1p19q",     "time",     "event",      "treated_before"};
constexpr const char* kQuality = "quality";

bool is_column(const std::string& name) {
  return name == kQuality || std::ranges::find(kColumns, name) != kColumns.end();
}

/// Another column of this name is not what the user means by it.
void drop_others(TextTable& table, const std::string& name, std::size_t kept) {
  for (std::size_t c = table.columns.size(); c-- > 0;) {
    if (c == kept || fold_case(table.columns[c]) != name) continue;
    table.columns.erase(table.columns.begin() + static_cast<std::ptrdiff_t>(c));
    for (auto& row : table.rows) row.erase(row.begin() + static_cast<std::ptrdiff_t>(c));
    if (c < kept) --kept;
  }
}

/// The table with the study's names of its columns.
TextTable with_study_names(TextTable table, const std::map<std::string, std::string>& columns, const fs::path& file) {
  const auto patient = cohort::find_patient_column(table);
  if (!patient)
    throw unusable_input("no column names the patients", file.string(),
                         "call it patient, as the cohort's folders are named, or name it: --column patient=NAME");
  table.columns[*patient] = "patient";
  for (const auto& name : study_columns())
    if (const auto found = table.find_column(name); found && !columns.contains(name)) table.columns[*found] = name;
  for (const auto& [ours, theirs] : columns) {
    const auto found = table.find_column(theirs);
    if (!found) continue;
    table.columns[*found] = ours;
    drop_others(table, ours, *found);
  }
  return table;
}

TextTable read_renamed(const fs::path& file, const std::map<std::string, std::string>& columns) {
  TextTable table = read_table(file);
  if (const auto named = columns.find("patient"); named != columns.end())
    if (const auto found = table.find_column(named->second)) table.columns[*found] = "patient";
  return with_study_names(std::move(table), columns, file);
}

void require_named(const std::vector<TextTable>& tables, const std::map<std::string, std::string>& columns) {
  for (const auto& named : columns) {
    const std::string &ours = named.first, &theirs = named.second;
    if (ours != "patient" && !is_column(ours))
      throw Error(ExitCode::WrongUse, "a study has no column \"" + ours + "\"", "--column " + ours + "=" + theirs,
                  suggestion(ours, study_columns(), "there are"));
    if (std::ranges::none_of(tables, [&](const TextTable& t) { return t.find_column(ours).has_value(); }))
      throw Error(ExitCode::WrongUse, "no clinical table has a column \"" + theirs + "\"",
                  "--column " + ours + "=" + theirs);
  }
}

/// All rows under all columns; what a table lacks is empty.
TextTable joined(const std::vector<TextTable>& tables, const std::vector<fs::path>& files) {
  TextTable out{{"patient"}, {}};
  std::map<std::string, std::string> seen;
  for (const auto& t : tables)
    for (const auto& name : t.columns)
      if (std::ranges::find(out.columns, name) == out.columns.end()) out.columns.push_back(name);
  for (std::size_t i = 0; i < tables.size(); ++i) {
    std::vector<std::optional<std::size_t>> from;
    for (const auto& name : out.columns) {
      const auto found = std::ranges::find(tables[i].columns, name);
      from.push_back(found == tables[i].columns.end()
                         ? std::nullopt
                         : std::optional(static_cast<std::size_t>(found - tables[i].columns.begin())));
    }
    for (std::size_t r = 0; r < tables[i].rows.size(); ++r) {
      std::vector<std::string> row;
      for (const auto& c : from) row.push_back(c ? tables[i].rows[r][*c] : std::string());
      const auto place = files[i].string() + ", line " + std::to_string(tables[i].line(r));
      const auto [other, fresh] = seen.emplace(row.front(), place);
      if (!fresh)
        throw unusable_input("patient '" + row.front() + "' has two rows, the other in " + other->second, place,
                             "ids must be unique over the cohorts");
      out.rows.push_back(std::move(row));
    }
  }
  return out;
}

std::vector<fs::path> clinical_files(const StudyInputs& in) {
  if (!in.clinical.empty()) return in.clinical;
  std::vector<fs::path> out;
  for (const auto* places : {&in.cohort, &in.validation})
    for (const auto& place : *places) {
      const fs::path beside = fs::is_directory(place) ? place / "clinical.tsv" : place;
      if (fs::exists(beside)) out.push_back(beside);
    }
  for (const auto& tables : feature_files(in)) {
    const fs::path first = tables.front().file, beside = first.parent_path() / "clinical.tsv";
    const fs::path file = fs::exists(beside) ? beside : first;
    const bool says = file == beside || read_renamed(file, in.columns).find_column("grade").has_value();
    if (says && std::ranges::find(out, file) == out.end()) out.push_back(file);
  }
  if (out.empty())
    throw unusable_input(
        "there is no clinical table", "",
        "name it (--clinical), or put clinical.tsv into the cohort's folder: columns patient, age, sex, "
        "grade, histology, location, laterality, enhancement, time, event");
  return out;
}

/// Of a folder its name, of a table that without its ending.
std::string place_name(const fs::path& place) {
  return fs::is_directory(place) ? cohort::folder_name(place) : place.stem().string();
}

std::vector<PatientFiles> found_in(const std::vector<fs::path>& places) {
  std::vector<PatientFiles> out;
  for (const auto& place : places)
    for (auto& p : cohort::find_patients(place)) {
      if (p.centre.empty()) p.centre = place_name(place);
      out.push_back(std::move(p));
    }
  return out;
}

std::string name_of(const std::vector<fs::path>& places) {
  std::string name;
  for (const auto& place : places) name += (name.empty() ? "" : " + ") + place_name(place);
  return name;
}

void require_unique(const std::vector<PatientFiles>& a, const std::vector<PatientFiles>& b) {
  std::set<std::string> ids;
  for (const auto* patients : {&a, &b})
    for (const auto& p : *patients)
      if (!ids.insert(p.id).second)
        throw unusable_input("patient '" + p.id + "' is in both cohorts, or twice in one", p.found_at,
                             "ids must be unique over the cohorts");
}

/// The patients of a cohort's tables, called as the folder of these.
void take_tables(const StudyInputs& in, const pipeline::MeasuredRadiomics& measured, std::size_t cohort,
                 std::vector<PatientFiles>& patients, std::string& name) {
  patients = patients_of_tables(in, measured, cohort);
  name = cohort::folder_name(fs::absolute(feature_files(in)[cohort].front().file).parent_path());
  for (auto& p : patients) p.centre = name;
}

/// The given words for yes and no; nothing for others.
std::optional<bool> yes_or_no(const std::string& text, const std::set<std::string>& yes,
                              const std::set<std::string>& no) {
  const auto folded = fold_case(std::string(trimmed(text)));
  if (yes.contains(folded)) return true;
  if (no.contains(folded)) return false;
  return std::nullopt;
}

std::optional<bool> treated(const std::string& text) {
  return yes_or_no(text, {"yes", "y", "true", "1", "treated"}, {"no", "n", "false", "0", "untreated", "none"});
}
std::optional<bool> usable_quality(const std::string& text) {
  return yes_or_no(text, {"good", "yes", "y", "true", "1", "ok", "diagnostic", "sufficient", "fair", "acceptable"},
                   {"poor", "no", "n", "false", "0", "bad", "non-diagnostic", "nondiagnostic", "insufficient"});
}

/// A rule, and what to call those whom it removes.
struct Criterion {
  std::string reason;
  std::function<bool(const PatientFiles&)> fails;
};

bool lacks_sequences(const PatientFiles& p, bool all) {
  std::size_t have = 0;
  for (const Sequence s : {Sequence::T1, Sequence::T1Gd, Sequence::T2})
    have += p.sequences.contains(s) || p.dicom.contains(s) ? 1 : 0;
  return have < (all ? 3U : 2U);
}

/// `tables`: of patients who come in tables of features, the sequences of these.
std::vector<Criterion> criteria_of(const CriteriaSettings& c, const std::vector<Sequence>* tables) {
  std::vector<Criterion> out{
      {"files cannot be put together", [](const PatientFiles& p) { return p.failure.has_value(); }},
      {"no row in a clinical table", [](const PatientFiles& p) { return !p.clinical.has_value(); }}};
  if (c.untreated)
    out.push_back({"treated before the MRI",
                   [](const PatientFiles& p) { return treated(clinical_value(p, "treated_before")).value_or(false); }});
  if (c.quality)
    out.push_back({"images not of diagnostic quality",
                   [](const PatientFiles& p) { return !usable_quality(clinical_value(p, kQuality)).value_or(true); }});
  if (c.least_age)
    out.push_back({"younger than " + shortest(*c.least_age) + " years", [least = *c.least_age](const PatientFiles& p) {
                     return p.clinical && p.clinical->age.value_or(least) < least;
                   }});
  if (tables != nullptr)
    out.push_back(
        {"no row in one of the tables of features", [all = c.all_sequences, n = tables->size()](const PatientFiles& p) {
           return p.sequences.size() < (all ? n : 1U);
         }});
  else
    out.push_back({c.all_sequences ? "T1, T1-Gd or T2 is missing" : "fewer than two of T1, T1-Gd and T2",
                   [all = c.all_sequences](const PatientFiles& p) { return lacks_sequences(p, all); }});
  out.push_back({"grade not known", [](const PatientFiles& p) { return !p.grade; }});
  return out;
}

void apply_criteria(std::vector<PatientFiles> patients, const std::vector<Criterion>& criteria, StudyCohort& out) {
  out.flow.push_back({"found", patients.size(), {}});
  FlowStep included{"included", 0, {}};
  for (const auto& criterion : criteria) {
    std::size_t removed = 0;
    std::erase_if(patients, [&](const PatientFiles& p) {
      const bool fails = criterion.fails(p);
      if (fails) out.excluded.rows.push_back({p.id, out.name, criterion.reason});
      removed += fails ? 1 : 0;
      return fails;
    });
    included.removed.emplace_back(criterion.reason, removed);
  }
  for (auto& p : patients)
    if (clinical_value(p, "cohort").empty()) p.clinical->columns["cohort"] = out.name;
  included.count = patients.size();
  out.flow.push_back(std::move(included));
  out.included = std::move(patients);
}

/// What the clinical rows say becomes what the networks learn: low or high grade.
void take_grade(PatientFiles& p) {
  if (!p.clinical) return;
  if (const auto grade = p.clinical->grade)
    p.grade = *grade == WhoGrade::Four || *grade == WhoGrade::High ? cohort::Grade::High : cohort::Grade::Low;
  if (const auto centre = clinical_value(p, "centre"); !centre.empty()) p.centre = centre;
}

/// Words of the criteria that are neither yes nor no.
void tell_unknown_words(const std::vector<PatientFiles>& patients, std::vector<std::string>& notes) {
  const auto tell = [&](const char* column, std::optional<bool> (*read)(const std::string&)) {
    std::set<std::string> words;
    for (const auto& p : patients)
      if (const auto v = clinical_value(p, column); !v.empty() && !read(v)) words.insert(v);
    if (!words.empty())
      notes.push_back("warning: column " + std::string(column) + ": " + listed({words.begin(), words.end()}, 5) +
                      ": not understood, nobody is excluded by it");
  };
  tell("treated_before", treated);
  tell(kQuality, usable_quality);
}

TextTable missing_table(const std::vector<const StudyCohort*>& cohorts) {
  TextTable out{{"column", "cohort", "known", "missing"}, {}};
  for (const char* column :
       {"age", "sex", "grade", "histology", "location", "laterality", "enhancement", "time", "event"})
    for (const auto* c : cohorts) {
      const auto known = static_cast<std::size_t>(std::ranges::count_if(
          c->included, [&](const PatientFiles& p) { return !clinical_value(p, column).empty(); }));
      out.rows.push_back({column, c->name, std::to_string(known), std::to_string(c->included.size() - known)});
    }
  return out;
}

}  // namespace

std::vector<std::string> study_columns() {
  std::vector<std::string> names(kColumns.begin(), kColumns.end());
  names.emplace_back(kQuality);
  return names;
}

std::string clinical_value(const PatientFiles& p, const std::string& column) {
  if (!p.clinical) return "";
  if (const auto field = findings::field_of_column(column)) return findings::field_text(*p.clinical, *field);
  const auto found = p.clinical->columns.find(column);
  return found == p.clinical->columns.end() || stats::is_missing_code(found->second) ? "" : found->second;
}

bool is_lower_grade(const PatientFiles& p) { return p.grade == cohort::Grade::Low; }

std::vector<PatientFiles> with_survival(const std::vector<PatientFiles>& patients) {
  std::vector<PatientFiles> out;
  for (const auto& p : patients)
    if (is_lower_grade(p) && !clinical_value(p, "time").empty() && !clinical_value(p, "event").empty())
      out.push_back(p);
  return out;
}

TextTable clinical_rows_of(const std::vector<PatientFiles>& patients) {
  const std::map<std::string, std::string> roman{{"2", "II"}, {"3", "III"}, {"4", "IV"}};
  TextTable out{{"patient", "cohort"}, {}};
  std::vector<std::string> columns;
  for (const char* column :
       {"age", "sex", "grade", "histology", "location", "laterality", "enhancement", "idh", "1p19q", "time", "event"})
    if (std::ranges::any_of(patients, [&](const PatientFiles& p) { return !clinical_value(p, column).empty(); }))
      columns.emplace_back(column);
  out.columns.insert(out.columns.end(), columns.begin(), columns.end());
  for (const auto& p : patients) {
    std::vector<std::string> row{p.id, clinical_value(p, "cohort")};
    for (const auto& column : columns) {
      auto value = clinical_value(p, column);
      if (column == "grade" && roman.contains(value)) value = roman.at(value);
      row.push_back(value.empty() ? "NA" : value);
    }
    out.rows.push_back(std::move(row));
  }
  return out;
}

StudyPatients study_patients(const StudyInputs& in, const CriteriaSettings& settings,
                             const pipeline::MeasuredRadiomics* measured) {
  StudyPatients out;
  const auto files = clinical_files(in);
  std::vector<TextTable> tables;
  for (const auto& file : files) tables.push_back(read_renamed(file, in.columns));
  require_named(tables, in.columns);
  out.clinical = joined(tables, files);
  auto training = found_in(in.cohort), validation = found_in(in.validation);
  out.training.name = name_of(in.cohort);
  out.validation.name = in.validation.empty() ? "" : name_of(in.validation);
  if (measured != nullptr) {
    out.notes = measured->notes;
    take_tables(in, *measured, 0, training, out.training.name);
    if (measured->ids.size() > 1) take_tables(in, *measured, 1, validation, out.validation.name);
  }
  require_unique(training, validation);
  auto all = training;
  all.insert(all.end(), validation.begin(), validation.end());
  cohort::add_clinical(all, out.clinical, "the clinical tables");
  for (auto& p : all) take_grade(p);
  tell_unknown_words(all, out.notes);
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(training.size());
  if (out.validation.name == out.training.name) out.validation.name += " (validation)";
  const auto criteria = criteria_of(settings, measured == nullptr ? nullptr : &measured->sequences);
  apply_criteria({all.begin(), middle}, criteria, out.training);
  apply_criteria({middle, all.end()}, criteria, out.validation);
  if (out.training.included.empty())
    throw unusable_input("the criteria leave nobody of the cohort", "",
                         "see `criteria` in gliocast study settings, and the columns of the clinical table");
  std::vector<const StudyCohort*> cohorts{&out.training};
  if (!out.validation.name.empty()) cohorts.push_back(&out.validation);
  out.missing = missing_table(cohorts);
  return out;
}

}  // namespace gliocast::study
