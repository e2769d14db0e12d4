#include <gliocast/analysis/grade_table.hpp>

#include "number_columns.hpp"

#include <gliocast/analysis/feature_columns.hpp>
#include <gliocast/analysis/two_classes.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/stats/roc.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <span>
#include <utility>

namespace gliocast::analysis {
namespace {

/// One feature's AUC from which it is told as doubtful: those of images reach 0.95 on the tables tried.
constexpr double kSuspiciousAuc = 0.98;

/// Whether a feature holds the label (its values or its classes): one value for each, none for two. Where cells lack,
/// or values are more than two, rows must be too many for a coincidence.
bool holds_label(const std::vector<int>& label, std::span<const double> values) {
  constexpr double kMostMissing = 0.1;
  std::map<int, double> value_of;
  std::map<double, int> label_of;
  std::size_t rows = 0;
  for (std::size_t r = 0; r < label.size(); ++r) {
    if (!std::isfinite(values[r])) continue;
    ++rows;
    if (value_of.emplace(label[r], values[r]).first->second != values[r]) return false;
    if (label_of.emplace(values[r], label[r]).first->second != label[r]) return false;
  }
  const auto missing = static_cast<double>(label.size() - rows);
  return (value_of.size() == 2 && rows == label.size()) ||
         (value_of.size() >= 2 && rows >= kFewRows && missing <= kMostMissing * static_cast<double>(label.size()));
}

/// The label's values of the rows that have one.
std::vector<int> label_values(const stats::DataFrame& table, const std::string& label) {
  std::vector<int> values = stats::as_factor(table.at(label)).codes;
  std::erase_if(values, [](int code) { return code < 0; });
  return values;
}

/// Refuses the label once more among the features, tells what separates the classes by itself.
void suspect_columns(const learn::FeatureTable& t, const std::string& label, const stats::DataFrame& table,
                     std::vector<std::string>& notes) {
  const auto values = label_values(table, label), classes = t.classes();
  for (std::size_t c = 0; c < t.features.size(); ++c) {
    std::vector<double> scores;
    std::vector<int> truth;
    for (std::size_t r = 0; r < t.rows(); ++r)
      if (std::isfinite(t.values(r, c))) {
        scores.push_back(t.values(r, c));
        truth.push_back(t.outcome[r] == 1 ? 1 : 0);
      }
    const auto positives = static_cast<std::size_t>(std::ranges::count(truth, 1));
    if (std::min(positives, truth.size() - positives) == 0) continue;
    if (holds_label(values, t.values.column(c)) || holds_label(classes, t.values.column(c)))
      throw unusable_input("column \"" + t.features[c] + "\" among the features holds the label (\"" + label + "\")",
                           table.origin(), "leave it out: --drop " + t.features[c]);
    if (sounds_like_outcome(t.features[c]))
      notes.push_back("warning: feature \"" + t.features[c] +
                      "\" sounds like an outcome: if it is known only afterwards, leave it out: --drop " +
                      t.features[c]);
    const double auc = stats::auc(scores, truth), apart = std::max(auc, 1 - auc);
    if (apart >= kSuspiciousAuc && std::min(positives, truth.size() - positives) >= kFewRows)
      notes.push_back("warning: feature \"" + t.features[c] + "\" separates the classes by itself (AUC " +
                      decimal(apart, 3) +
                      "): if it is an identifier, an outcome or known only "
                      "afterwards, leave it out: --drop " +
                      t.features[c]);
  }
}

/// Some columns in which most rows have a value of their own: two examinations do not agree there.
std::vector<std::size_t> telling_columns(const learn::FeatureTable& t) {
  constexpr std::size_t kEnough = 8;
  std::vector<std::size_t> telling;
  for (std::size_t c = 0; c < t.features.size() && telling.size() < kEnough; ++c) {
    std::set<double> values;
    for (const double v : t.values.column(c))
      if (std::isfinite(v)) values.insert(v);
    if (2 * values.size() > t.rows()) telling.push_back(c);
  }
  return telling;
}

bool same_numbers(const stats::Matrix& values, std::size_t a, std::size_t b) {
  for (std::size_t c = 0; c < values.columns; ++c) {
    const double x = values(a, c), y = values(b, c);
    if (x != y && !(std::isnan(x) && std::isnan(y))) return false;
  }
  return true;
}

/// Warns of rows of two patients with the same numbers throughout: one patient under two names would train and test.
void tell_repeated_rows(const learn::FeatureTable& t, std::vector<std::string>& notes) {
  constexpr std::size_t kFewColumns = 3;  // fewer may agree by chance
  const auto telling = telling_columns(t);
  if (telling.size() < kFewColumns) return;
  std::map<std::vector<double>, std::size_t> first;
  std::string pair;
  std::size_t repeated = 0;
  for (std::size_t r = 0; r < t.rows(); ++r) {
    std::vector<double> key;
    for (const std::size_t c : telling)
      key.push_back(std::isnan(t.values(r, c)) ? std::numeric_limits<double>::infinity() : t.values(r, c));
    const auto [at, fresh] = first.emplace(std::move(key), r);
    if (fresh || t.patient[at->second] == t.patient[r] || !same_numbers(t.values, at->second, r)) continue;
    if (repeated++ == 0) pair = "\"" + t.ids[at->second] + "\" and \"" + t.ids[r] + "\"";
  }
  if (repeated == 0) return;
  notes.push_back("warning: rows " + pair + " have the same numbers in all " + std::to_string(t.features.size()) +
                  " features" +
                  (repeated > 1 ? ", and " + std::to_string(repeated - 1) + " more rows repeat others" : "") +
                  ": a patient who stands twice is tested by what he fitted; leave one row out, or name the column "
                  "of patients: --patient");
}

/// Where each id stands. Throws Error{UnusableInput} where one stands twice: two tables are joined by them.
std::map<std::string, std::size_t> rows_by_id(const std::vector<std::string>& ids, const std::string& origin) {
  std::map<std::string, std::size_t> row_of;
  for (std::size_t r = 0; r < ids.size(); ++r)
    if (!row_of.emplace(ids[r], r).second)
      throw unusable_input("raters are joined by id, and \"" + ids[r] + "\" stands twice", origin,
                           "give each examination an id of its own: --id");
  return row_of;
}

/// Keeps the rows with a class, and tells how many have none.
stats::Rows take_classes(const stats::DataFrame& whole, const GradeColumns& columns, GradeTable& out) {
  const auto two = two_classes(whole, columns.label, columns.positive, true);
  stats::Rows rows;
  for (std::size_t r = 0; r < two.of_row.size(); ++r) {
    if (two.of_row[r] < 0) continue;
    rows.push_back(r);
    out.features.outcome.push_back(two.of_row[r]);
  }
  if (rows.size() < whole.rows())
    out.notes.push_back(std::to_string(whole.rows() - rows.size()) + " rows without \"" + columns.label +
                        "\" are left out");
  out.positive = two.positive;
  out.negative = two.negative;
  return rows;
}

GradeTable read(const stats::DataFrame& whole, const GradeColumns& columns, const DataDictionary& dictionary,
                bool with_classes) {
  GradeTable out;
  stats::Rows rows(whole.rows());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  if (with_classes) rows = take_classes(whole, columns, out);
  auto read = read_feature_rows(
      whole, rows, {columns.id, columns.patient, columns.centre, columns.drop, {columns.label}, false}, dictionary);
  read.features.outcome = std::move(out.features.outcome);
  out.features = std::move(read.features);
  out.id_column = std::move(read.id_column);
  out.notes.insert(out.notes.end(), read.notes.begin(), read.notes.end());
  return out;
}

}  // namespace

GradeTable read_grade_table(const stats::DataFrame& table, const GradeColumns& columns,
                            const DataDictionary& dictionary) {
  GradeTable out = read(table, columns, dictionary, true);
  const auto positives = std::ranges::count(out.features.outcome, 1.0);
  out.notes.insert(out.notes.begin(), std::to_string(out.features.rows()) + " rows, " + std::to_string(positives) +
                                          " positive (" + columns.label + " = " + out.positive +
                                          "; negative: " + out.negative + "), " +
                                          std::to_string(out.features.features.size()) + " features");
  suspect_columns(out.features, columns.label, table, out.notes);
  tell_repeated_rows(out.features, out.notes);
  return out;
}

GradeTable read_new_rows(const stats::DataFrame& table, const GradeColumns& columns, const DataDictionary& dictionary) {
  return read(table, columns, dictionary, false);
}

std::vector<double> scores_of_rows(const stats::DataFrame& table, const GradeColumns& columns,
                                   const std::string& score) {
  const auto two = two_classes(table, columns.label, columns.positive, true);
  const auto& numbers = table.numeric(score).numbers;
  std::vector<double> scores;
  for (std::size_t r = 0; r < numbers.size(); ++r) {
    if (two.of_row[r] < 0) continue;
    if (!std::isfinite(numbers[r]))
      throw unusable_input("column \"" + score + "\", which is compared with, is empty in row " + std::to_string(r + 1),
                           table.origin(),
                           "a comparison needs both scores of each row: fill the cell, or take the row out");
    scores.push_back(numbers[r]);
  }
  return scores;
}

GradeColumns columns_of_other(const stats::DataFrame& other, GradeColumns columns) {
  std::erase_if(columns.drop, [&](const std::string& name) { return other.find(name) == nullptr; });
  if (other.find(columns.centre) == nullptr) columns.centre.clear();  // a chain that needs it says so
  if (other.find(columns.label) != nullptr) columns.positive = positives_there(other, columns.label, columns.positive);
  return columns;
}

void add_second_rater(GradeTable& table, const stats::DataFrame& second, const GradeColumns& columns,
                      const DataDictionary& dictionary) {
  GradeColumns same = columns_of_other(second, columns);
  same.label.clear();
  const auto other = read(second, same, dictionary, false).features.select_named(table.features.features);
  auto& t = table.features;
  for (std::size_t c = 0; c < t.features.size(); ++c)
    if (t.network_of(c) != other.network_of(c))
      throw unusable_input(
          "column \"" + t.features[c] + "\" of the second rater is of another network than the first's",
          second.origin(), "compute both raters' features with one network");
  const auto row_of = rows_by_id(other.ids, second.origin());
  (void)rows_by_id(t.ids, "the first rater's table");
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

void tell_unused_rater(const GradeTable& table, const learn::ChainSpecification& chain,
                       std::vector<std::string>& notes) {
  if (table.features.second_rater.rows > 0 &&
      std::ranges::find(chain.steps, "icc", &learn::DeclaredStep::name) == chain.steps.end())
    notes.push_back("warning: the second rater's table is not used: the chain " + chain.name + " has no step icc");
}

}  // namespace gliocast::analysis
