#include "number_columns.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/core/text.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::analysis {
namespace {

constexpr std::size_t kMostNamed = 5;  // names in a sentence
/// How names of columns begin and end that number patients and the like: StudyNumber, patient no, case_nr.
constexpr auto kNumbered =
    std::to_array<std::string_view>({"study", "patient", "participant", "subject", "case", "record", "sample", "scan",
                                     "exam", "accession", "medical", "hospital", "row"});
constexpr auto kNumberWords = std::to_array<std::string_view>({"number", "no", "nr", "num", "id", "code", "key"});

/// Whether a column is the numbers or names of rows that spreadsheets, pandas and R leave: without a name of its own.
bool is_row_index(const stats::Column& column) {
  const std::string bare = bare_name(column.name);
  return bare.empty() || bare == "index" || bare == bare_name(std::string(kRowNames)) || bare.starts_with("unnamed:");
}

/// Whether a column counts rows: whole numbers one apart, each once.
bool counts_rows(const stats::Column& column) {
  std::vector<double> v = column.numbers;
  if (v.size() < kFewRows || std::ranges::any_of(v, [](double x) { return !(x == std::floor(x)); })) return false;
  std::ranges::sort(v);
  return std::ranges::adjacent_find(v, [](double a, double b) { return b - a != 1; }) == v.end();
}

/// Whether a column is the number of a study, a patient, a case …: so called, and no whole number twice.
bool is_running_number(const stats::Column& column) {
  const std::string bare = bare_name(column.name);
  const auto begins = [&](std::string_view word) { return bare.starts_with(word); };
  const auto ends = [&](std::string_view word) { return bare.ends_with(word); };
  if (std::ranges::none_of(kNumbered, begins) || std::ranges::none_of(kNumberWords, ends)) return false;
  std::vector<double> v = column.numbers;
  if (v.size() < kFewRows || std::ranges::any_of(v, [](double x) { return !(x == std::floor(x)); })) return false;
  std::ranges::sort(v);
  return std::ranges::adjacent_find(v) == v.end();
}

/// Says which cells of a column that is mostly numbers are none.
[[noreturn]] void refuse_mixture(const stats::DataFrame& table, const std::string& name) {
  try {
    (void)table.numeric(name);
  } catch (const Error& e) {
    throw Error(e.code(), e.problem(), e.where(), e.hint() + "; or leave the column out: --drop \"" + name + "\"");
  }
  throw unusable_input("column \"" + name + "\" holds text among numbers", table.origin());
}

}  // namespace

std::string bare_name(const std::string& name) {
  std::string bare = fold_case(name);
  std::erase_if(bare, [](char c) { return c == ' ' || c == '_' || c == '-' || c == '.'; });
  return bare;
}

bool is_id_name(const std::string& name) { return std::ranges::find(kIdNames, bare_name(name)) != kIdNames.end(); }

NumberColumns number_columns(const stats::DataFrame& table, const std::set<std::string>& taken, bool without_ids) {
  NumberColumns sorted;
  for (const auto& c : table.columns()) {
    if (taken.contains(c.name)) continue;
    if (c.name.starts_with("diagnostics_"))
      sorted.diagnostics.push_back(c.name);
    else if (is_row_index(c) || (!c.is_factor && counts_rows(c)))
      sorted.index.push_back(c.name);
    else if ((without_ids && is_id_name(c.name)) || (!c.is_factor && is_running_number(c)))
      sorted.ids.push_back(c.name);
    else if (!c.is_factor)
      sorted.numbers.push_back(&c);
    else if (c.source && c.source->seems_numeric)
      refuse_mixture(table, c.name);
    else
      sorted.text.push_back(c.name);
  }
  return sorted;
}

void NumberColumns::tell_left_out(std::vector<std::string>& notes) const {
  if (!index.empty()) notes.push_back("left out, since they number the rows: " + listed(index, kMostNamed));
  if (!ids.empty()) notes.push_back("left out, since they name the rows: " + listed(ids, kMostNamed));
  if (!diagnostics.empty())
    notes.push_back(std::to_string(diagnostics.size()) + " columns of diagnostics are no features");
}

}  // namespace gliocast::analysis
