#include <gliocast/analysis/grade_table.hpp>

#include <gliocast/analysis/two_classes.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/stats/roc.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

namespace gliocast::analysis {
namespace {

constexpr std::size_t kMostNamed = 5;  // names in a sentence
/// Rows of a class below which a feature that separates the classes is no surprise.
constexpr std::size_t kFewRows = 10;

/// "a, b, c and 4 more"
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMostNamed); ++i) text += (i > 0 ? ", " : "") + names[i];
  return names.size() > kMostNamed ? text + " and " + std::to_string(names.size() - kMostNamed) + " more" : text;
}

std::string id_column_of(const stats::DataFrame& table, const GradeColumns& columns) {
  constexpr std::array<const char*, 8> kUsual{"id",      "patient",    "patient_id", "participant_id",
                                              "subject", "subject_id", "case",       "case_id"};
  if (!columns.id.empty()) return table.at(columns.id).name;
  for (const char* usual : kUsual)
    for (const auto& c : table.columns())
      if (fold_case(c.name) == usual) return c.name;
  return columns.patient;
}

/// The rows' texts in a column.
std::vector<std::string> texts_of(const stats::DataFrame& table, const std::string& column) {
  std::vector<std::string> texts;
  const auto& c = table.at(column);
  for (std::size_t r = 0; r < table.rows(); ++r) {
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

void check_repeated(const std::vector<std::string>& ids, const GradeColumns& columns, const std::string& id_column,
                    const std::string& origin) {
  if (!columns.patient.empty()) return;
  std::map<std::string, std::size_t> first;
  for (std::size_t r = 0; r < ids.size(); ++r)
    if (const auto [at, fresh] = first.emplace(ids[r], r); !fresh)
      throw unusable_input("\"" + ids[r] + "\" stands in rows " + std::to_string(at->second + 1) + " and " +
                               std::to_string(r + 1) + " of column \"" + id_column + "\"",
                           origin,
                           "where these are examinations of one patient, say so: --patient " + id_column +
                               "; else leave one of them out");
}

/// Columns that are features, others by why they are none.
struct Columns {
  std::vector<const stats::Column*> features;
  std::vector<std::string> text, diagnostics;
};
Columns sort_columns(const stats::DataFrame& table, const std::set<std::string>& taken) {
  Columns sorted;
  for (const auto& c : table.columns()) {
    if (taken.contains(c.name)) continue;
    if (c.name.starts_with("diagnostics_"))
      sorted.diagnostics.push_back(c.name);
    else if (!c.is_factor)
      sorted.features.push_back(&c);
    else if (c.source && c.source->seems_numeric)
      (void)table.numeric(c.name);  // says which cells are no numbers
    else
      sorted.text.push_back(c.name);
  }
  return sorted;
}

void tell_left_out(const Columns& sorted, std::vector<std::string>& notes) {
  if (!sorted.text.empty())
    notes.push_back("left out, since they hold text: " + listed(sorted.text) +
                    " (a factor is a feature as columns of 0 and 1)");
  if (!sorted.diagnostics.empty())
    notes.push_back(std::to_string(sorted.diagnostics.size()) + " columns of diagnostics are no features");
}

/// Refuses the label once more among the features, tells what separates the classes by itself.
void suspect_columns(const learn::FeatureTable& t, const std::string& label, const std::string& origin,
                     std::vector<std::string>& notes) {
  for (std::size_t c = 0; c < t.features.size(); ++c) {
    std::vector<double> scores;
    std::vector<int> truth;
    std::set<double> values;
    for (std::size_t r = 0; r < t.rows(); ++r)
      if (std::isfinite(t.values(r, c))) {
        scores.push_back(t.values(r, c));
        truth.push_back(t.outcome[r] == 1 ? 1 : 0);
        if (values.size() < 3) values.insert(scores.back());
      }
    const auto positives = static_cast<std::size_t>(std::ranges::count(truth, 1));
    if (std::min(positives, truth.size() - positives) == 0) continue;
    const double auc = stats::auc(scores, truth);
    if (auc != 0 && auc != 1) continue;
    if (values.size() == 2 && truth.size() == t.rows())
      throw unusable_input("column \"" + t.features[c] + "\" among the features holds the label (\"" + label + "\")",
                           origin, "leave it out: --drop " + t.features[c]);
    if (std::min(positives, truth.size() - positives) >= kFewRows)
      notes.push_back("warning: feature \"" + t.features[c] +
                      "\" separates the classes by itself (AUC 1): if it is an identifier, an outcome or known only "
                      "afterwards, leave it out: --drop " +
                      t.features[c]);
  }
}

/// Leaves out the rows without a class; the classes of the others.
std::vector<int> take_classes(const GradeColumns& columns, stats::DataFrame& table, GradeTable& out) {
  const auto two = two_classes(table, columns.label, columns.positive, true);
  stats::Rows rows;
  std::vector<int> classes;
  for (std::size_t r = 0; r < two.of_row.size(); ++r)
    if (two.of_row[r] >= 0) {
      rows.push_back(r);
      classes.push_back(two.of_row[r]);
    }
  if (rows.size() < table.rows()) {
    out.notes.push_back(std::to_string(table.rows() - rows.size()) + " rows without \"" + columns.label +
                        "\" are left out");
    table = table.subset(rows);
  }
  out.positive = two.positive;
  out.negative = two.negative;
  return classes;
}

GradeTable read(const stats::DataFrame& whole, const GradeColumns& columns, bool with_classes) {
  GradeTable out;
  stats::DataFrame table = whole;
  std::vector<int> classes;
  if (with_classes) classes = take_classes(columns, table, out);
  out.id_column = id_column_of(table, columns);
  std::set<std::string> taken{columns.drop.begin(), columns.drop.end()};
  for (const auto& name : columns.drop) (void)whole.at(name);
  for (const auto& name : {columns.label, out.id_column, columns.patient, columns.centre}) taken.insert(name);
  const Columns sorted = sort_columns(table, taken);
  if (sorted.features.empty()) throw unusable_input("the table has no column of numbers to learn from", table.origin());
  tell_left_out(sorted, out.notes);

  auto& t = out.features;
  t.values = stats::Matrix(table.rows(), sorted.features.size());
  for (std::size_t c = 0; c < sorted.features.size(); ++c) {
    t.features.push_back(sorted.features[c]->name);
    std::ranges::copy(sorted.features[c]->numbers, t.values.column(c).begin());
  }
  if (out.id_column.empty())
    for (std::size_t r = 0; r < table.rows(); ++r) t.ids.push_back(std::to_string(r + 1));
  else
    t.ids = texts_of(table, out.id_column);
  check_repeated(t.ids, columns, out.id_column, table.origin());
  t.patient = numbered(columns.patient.empty() ? t.ids : texts_of(table, columns.patient));
  if (!columns.centre.empty()) t.centre = texts_of(table, columns.centre);
  t.outcome.assign(classes.begin(), classes.end());
  const auto all_notes = table.notes(t.features);
  out.notes.insert(out.notes.end(), all_notes.begin(), all_notes.end());
  return out;
}

}  // namespace

GradeTable read_grade_table(const stats::DataFrame& table, const GradeColumns& columns) {
  GradeTable out = read(table, columns, true);
  const auto positives = std::ranges::count(out.features.outcome, 1.0);
  out.notes.insert(out.notes.begin(), std::to_string(out.features.rows()) + " rows, " + std::to_string(positives) +
                                          " positive (" + columns.label + " = " + out.positive +
                                          "; negative: " + out.negative + "), " +
                                          std::to_string(out.features.features.size()) + " features");
  suspect_columns(out.features, columns.label, table.origin(), out.notes);
  return out;
}

GradeTable read_new_rows(const stats::DataFrame& table, const GradeColumns& columns) {
  return read(table, columns, false);
}

std::vector<double> scores_of_rows(const stats::DataFrame& table, const GradeColumns& columns,
                                   const std::string& score) {
  const auto two = two_classes(table, columns.label, columns.positive, true);
  const auto& numbers = table.numeric(score).numbers;
  std::vector<double> scores;
  for (std::size_t r = 0; r < numbers.size(); ++r) {
    if (two.of_row[r] < 0) continue;
    if (!std::isfinite(numbers[r]))
      throw unusable_input("column \"" + score + "\" is empty in row " + std::to_string(r + 1), table.origin());
    scores.push_back(numbers[r]);
  }
  return scores;
}

void add_second_rater(GradeTable& table, const stats::DataFrame& second, const GradeColumns& columns) {
  GradeColumns same = columns;
  same.label.clear();
  same.drop.clear();
  for (const auto& name : columns.drop)
    if (second.find(name)) same.drop.push_back(name);
  const auto other = read(second, same, false).features.select_named(table.features.features);
  std::map<std::string, std::size_t> row_of;
  for (std::size_t r = 0; r < other.rows(); ++r) row_of.emplace(other.ids[r], r);
  auto& t = table.features;
  t.second_rater = stats::Matrix(t.rows(), t.features.size());
  std::ranges::fill(t.second_rater.values, std::nan(""));
  std::size_t shared = 0;
  for (std::size_t r = 0; r < t.rows(); ++r) {
    const auto at = row_of.find(t.ids[r]);
    if (at == row_of.end()) continue;
    ++shared;
    for (std::size_t c = 0; c < t.features.size(); ++c) t.second_rater(r, c) = other.values(at->second, c);
  }
  if (shared == 0) throw unusable_input("no row of the second rater's table has an id of the first", second.origin());
  table.notes.push_back("second rater: " + std::to_string(shared) + " of " + std::to_string(t.rows()) + " rows");
}

}  // namespace gliocast::analysis
