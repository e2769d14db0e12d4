#include <gliocast/analysis/feature_columns.hpp>

#include "number_columns.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/text.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

namespace gliocast::analysis {
namespace {

constexpr std::size_t kMostNamed = 5;          // names in a sentence
constexpr std::size_t kMostClinicalWords = 4;  // of a clinical column's name: "age at first diagnosis"

/// Words of letters, in lower case.
std::vector<std::string> words_of(const std::string& name) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : fold_case(name) + " ") {
    if (c >= 'a' && c <= 'z') {
      word += c;
      continue;
    }
    if (!word.empty()) words.push_back(word);
    word.clear();
  }
  return words;
}

/// The texts of these rows in a column.
std::vector<std::string> texts_of(const stats::DataFrame& table, const stats::Rows& rows, const std::string& column) {
  std::vector<std::string> texts;
  const auto& c = table.at(column);
  for (const std::size_t r : rows) {
    if (c.missing(r))
      throw unusable_input("column \"" + column + "\" is empty in row " + std::to_string(r + 1), table.origin());
    texts.push_back(c.text(r));
  }
  return texts;
}

std::vector<int> numbered(const std::vector<std::string>& names) {
  std::map<std::string, int> number;
  std::vector<int> out;
  for (const auto& name : names) out.push_back(number.emplace(name, static_cast<int>(number.size())).first->second);
  return out;
}

/// Refuses an id that stands twice; `rows`: those that have the ids.
void check_repeated(const std::vector<std::string>& ids, const stats::Rows& rows, const std::string& id_column,
                    const std::string& origin) {
  std::map<std::string, std::size_t> first;
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (const auto [at, fresh] = first.emplace(ids[i], i); !fresh)
      throw unusable_input("\"" + ids[i] + "\" stands in rows " + std::to_string(rows[at->second] + 1) + " and " +
                               std::to_string(rows[i] + 1) + " of column \"" + id_column + "\"",
                           origin,
                           "where these are examinations of one patient, name the column of patients: --patient " +
                               id_column + "; else leave one of them out, or name another column: --id");
}

/// Names, patients and centres of the rows.
void add_names(const stats::DataFrame& whole, const stats::Rows& rows, const FeatureColumns& columns,
               FeatureRows& out) {
  auto& t = out.features;
  out.id_column = id_column_of(whole, columns);
  if (out.id_column.empty())
    for (const std::size_t r : rows) t.ids.push_back(std::to_string(r + 1));
  else
    t.ids = texts_of(whole, rows, out.id_column);
  if (columns.patient.empty()) check_repeated(t.ids, rows, out.id_column, whole.origin());
  t.patient = numbered(columns.patient.empty() ? t.ids : texts_of(whole, rows, columns.patient));
  if (!columns.centre.empty()) t.centre = texts_of(whole, rows, columns.centre);
}

/// What made the features, and the names by which that knows patients.
void add_origins(const stats::DataFrame& whole, const stats::Rows& rows, const FeatureColumns& columns,
                 const DataDictionary& dictionary, FeatureRows& out) {
  auto& t = out.features;
  t.origins = origins_of(t.features, dictionary);
  if (t.origins.empty()) return;
  const auto made = std::ranges::find_if(t.origins, [](const auto& origin) { return origin != nullptr; });
  if (out.id_column.empty())
    throw unusable_input("column \"" + t.features[static_cast<std::size_t>(made - t.origins.begin())] +
                             "\" is of a network that was fitted on patients, and no column says who the rows are",
                         whole.origin(), "name it with --id or --patient");
  if (!columns.patient.empty()) t.patient_names = texts_of(whole, rows, columns.patient);
}

}  // namespace

std::string id_column_of(const stats::DataFrame& table, const FeatureColumns& columns) {
  if (!columns.id.empty()) return table.at(columns.id).name;
  for (const auto usual : kIdNames)
    for (const auto& c : table.columns())
      if (bare_name(c.name) == usual && std::ranges::find(columns.outcome, c.name) == columns.outcome.end())
        return c.name;
  return columns.patient;
}

void tell_filled(const learn::FeatureTable& features, std::vector<std::string>& notes) {
  const auto cells = [](std::size_t n) { return std::to_string(n) + (n == 1 ? " cell" : " cells"); };
  std::size_t missing = 0, beyond = 0;
  std::vector<std::string> empty, with_beyond;
  for (std::size_t c = 0; c < features.features.size(); ++c) {
    const auto column = features.values.column(c);
    const auto usable = static_cast<std::size_t>(std::ranges::count_if(column, learn::usable));
    const auto absent = static_cast<std::size_t>(std::ranges::count_if(column, [](double v) { return std::isnan(v); }));
    missing += absent;
    beyond += column.size() - usable - absent;
    if (column.size() > usable + absent) with_beyond.push_back(features.features[c]);
    if (usable == 0) empty.push_back(features.features[c]);
  }
  if (beyond > 0)
    notes.push_back("warning: " + cells(beyond) +
                    " infinite or beyond 1e150, taken as missing: " + listed(with_beyond, kMostNamed));
  if (missing + beyond > 0)
    notes.push_back("warning: " + cells(missing + beyond) + " missing, filled from the training table" +
                    (empty.empty() ? "" : "; wholly empty: " + listed(empty, kMostNamed)));
}

bool sounds_like_outcome(const std::string& name) {
  constexpr auto kWords = std::to_array<std::string_view>({"os", "pfs", "survival", "surv", "dead", "death", "died",
                                                           "alive", "deceased", "vital", "status", "event", "outcome",
                                                           "recurrence", "progression", "censored", "censor"});
  return std::ranges::any_of(words_of(name),
                             [&](const std::string& w) { return std::ranges::find(kWords, w) != kWords.end(); });
}

bool sounds_clinical(const std::string& name) {
  constexpr auto kWords = std::to_array<std::string_view>(
      {"age",       "sex",       "gender",     "grade", "kps",          "karnofsky",    "ecog",
       "histology", "diagnosis", "laterality", "idh",   "mgmt",         "codeletion",   "codel",
       "atrx",      "tert",      "resection",  "eor",   "radiotherapy", "chemotherapy", "temozolomide"});
  const auto words = words_of(name);
  // Names of radiomic features are longer.
  return words.size() <= kMostClinicalWords &&
         std::ranges::any_of(words, [&](const std::string& w) { return std::ranges::find(kWords, w) != kWords.end(); });
}

FeatureRows read_feature_rows(const stats::DataFrame& whole, const stats::Rows& rows, const FeatureColumns& columns,
                              const DataDictionary& dictionary) {
  FeatureRows out;
  bool as_they_stand = rows.size() == whole.rows();
  for (std::size_t i = 0; i < rows.size() && as_they_stand; ++i) as_they_stand = rows[i] == i;
  const stats::DataFrame table = as_they_stand ? whole : whole.subset(rows);
  add_names(whole, rows, columns, out);
  std::set<std::string> taken{columns.drop.begin(), columns.drop.end()};
  for (const auto& name : columns.drop) (void)whole.at(name);
  taken.insert(columns.outcome.begin(), columns.outcome.end());
  for (const auto& name : {out.id_column, columns.patient, columns.centre}) taken.insert(name);
  const NumberColumns sorted = number_columns(table, taken, columns.without_ids);
  if (sorted.numbers.empty()) throw unusable_input("the table has no column of numbers to learn from", table.origin());
  if (!sorted.text.empty())
    out.notes.push_back("left out, since they hold text: " + listed(sorted.text, kMostNamed) +
                        " (a factor is a feature as columns of 0 and 1)");
  sorted.tell_left_out(out.notes);

  auto& t = out.features;
  t.values = stats::Matrix(table.rows(), sorted.numbers.size());
  for (std::size_t c = 0; c < sorted.numbers.size(); ++c) {
    t.features.push_back(sorted.numbers[c]->name);
    std::ranges::copy(sorted.numbers[c]->numbers, t.values.column(c).begin());
  }
  add_origins(whole, rows, columns, dictionary, out);
  const auto all_notes = table.notes(t.features);
  out.notes.insert(out.notes.end(), all_notes.begin(), all_notes.end());
  return out;
}

void tell_shared(const learn::FeatureTable& first, const learn::FeatureTable& second, const std::string& what,
                 std::vector<std::string>& notes) {
  const std::set<std::string> ids(first.ids.begin(), first.ids.end());
  const auto shared = std::ranges::count_if(second.ids, [&](const auto& id) { return ids.contains(id); });
  if (shared > 0)
    notes.push_back("warning: " + std::to_string(shared) +
                    " ids of the external table stand in the first table: of those, the chain has seen the " + what);
}

}  // namespace gliocast::analysis
