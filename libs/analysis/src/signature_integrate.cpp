#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/signature_group.hpp>
#include <gliocast/analysis/signature_nomograms.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/quantile.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace gliocast::analysis {
namespace {

constexpr char kMissing = 2;

/// Which values of the column are the group of high risk.
struct Grouping {
  bool text = false, below = true;
  double cut = std::numeric_limits<double>::quiet_NaN();
  std::string high;  ///< the level of a text column
};

std::vector<std::string> levels_that_occur(const stats::Column& column) {
  std::vector<std::string> levels;
  for (std::size_t l = 0; l < column.levels.size(); ++l)
    if (std::ranges::find(column.codes, static_cast<int>(l)) != column.codes.end()) levels.push_back(column.levels[l]);
  return levels;
}

Grouping grouping_of_text(const stats::DataFrame& table, const stats::Column& column, const IntegrateOptions& o) {
  const auto levels = levels_that_occur(column);
  if (levels.size() != 2)
    throw unusable_input(
        "column \"" + column.name + "\" has " + std::to_string(levels.size()) + " levels, a risk group has two",
        table.origin(), "give numbers to cut, or a column of two levels");
  if (o.cut) throw Error(ExitCode::WrongUse, "column \"" + column.name + "\" holds text: nothing to cut", "--cut");
  Grouping g;
  g.text = true;
  for (const auto& level : levels)
    if (o.high_risk.empty() ? is_high_risk(level).value_or(false) : level == o.high_risk) g.high = level;
  if (g.high.empty())
    throw unusable_input("which level of column \"" + column.name + "\" is the high risk is not known", table.origin(),
                         "name it with --high-risk: " + levels[0] + " or " + levels[1]);
  return g;
}

Grouping grouping_of_numbers(const stats::DataFrame& table, const stats::Column& column, const IntegrateOptions& o) {
  if (!o.high_risk.empty() && o.high_risk != "below" && o.high_risk != "above")
    throw Error(ExitCode::WrongUse,
                "column \"" + column.name + "\" holds numbers: high risk is below or above the cut, not \"" +
                    o.high_risk + "\"",
                "--high-risk");
  Grouping g;
  g.below = o.high_risk != "above";
  if (o.cut) {
    g.cut = *o.cut;
    return g;
  }
  auto values = survival::make_survival_frame(table, o.study.outcome, {column.name}).frame.at(column.name).numbers;
  std::ranges::sort(values);
  g.cut = quantile_r7(values, 0.5);
  return g;
}

std::vector<char> groups_of(const stats::DataFrame& table, const std::string& name, const Grouping& g) {
  const auto& column = g.text ? table.at(name) : table.numeric(name);
  if (g.text && !column.is_factor)
    throw unusable_input("column \"" + name + "\" holds numbers here and text in the training table", table.origin());
  std::vector<char> high;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    if (column.missing(i)) {
      high.push_back(kMissing);
      continue;
    }
    const bool is_high =
        g.text ? column.text(i) == g.high : (g.below ? column.numbers[i] < g.cut : column.numbers[i] > g.cut);
    high.push_back(is_high ? 1 : 0);
  }
  return high;
}

std::string counts_of(const std::vector<char>& high) {
  return std::to_string(std::ranges::count(high, 1)) + " rows of high risk, " +
         std::to_string(std::ranges::count(high, 0)) + " of low";
}

void check_groups(const std::vector<char>& high, const stats::DataFrame& table, const IntegrateOptions& o) {
  if (std::ranges::count(high, 1) > 0 && std::ranges::count(high, 0) > 0) return;
  throw unusable_input("column \"" + o.signature + "\" makes one group only: " + counts_of(high), table.origin(),
                       "another --cut, or --high-risk above");
}

/// The candidates: those named, else those that the table has; never the outcome or the signature itself.
std::vector<std::string> candidates_of(const stats::DataFrame& table, const IntegrateOptions& o) {
  auto candidates = o.study.comparison.nomogram.candidates;
  if (candidates.empty()) {
    candidates = signature::clinical_candidates(table);
    std::erase(candidates, o.signature);
  }
  if (candidates.empty())
    throw unusable_input(
        "there is no clinical factor by its usual name (age, sex, location, grade, laterality, "
        "histology, enhancement)",
        table.origin(), "name the columns with --factors");
  for (const auto& c : candidates)
    for (const auto& used :
         {o.study.outcome.time, o.study.outcome.event, o.signature, std::string(signature::kRiskGroup)})
      if (c == used)
        throw Error(ExitCode::WrongUse, "\"" + c + "\" is the outcome or the signature, no clinical factor",
                    "--factors");
  return candidates;
}

Json grouping_json(const Grouping& g, const IntegrateOptions& o, const std::vector<char>& high) {
  return {{"signature", o.signature},
          {"cut", finite_or_null(g.cut)},
          {"high_risk", g.text ? g.high : std::string(g.below ? "below" : "above")},
          {"high", std::ranges::count(high, 1)},
          {"low", std::ranges::count(high, 0)},
          {"missing", std::ranges::count(high, kMissing)}};
}

std::string say_grouping(const Grouping& g, const IntegrateOptions& o) {
  if (g.text) return "high risk: \"" + g.high + "\" of column \"" + o.signature + "\"";
  return "high risk: column \"" + o.signature + "\" " + (g.below ? "below " : "above ") + cell(g.cut) +
         (o.cut ? "" : ", the median of the training rows");
}

}  // namespace

NomogramStudy integrate_signature(const stats::DataFrame& training, const stats::DataFrame* external,
                                  const IntegrateOptions& options) {
  auto o = options;
  o.study.comparison.nomogram.candidates = candidates_of(training, o);
  const auto& outcome = o.study.outcome;
  for (const auto* used : {&outcome.time, &outcome.event, &outcome.cluster})
    if (o.signature == *used)
      throw Error(ExitCode::WrongUse,
                  "column \"" + o.signature + "\" is the " +
                      (used == &outcome.time    ? "time of the outcome"
                       : used == &outcome.event ? "event of the outcome"
                                                : "patient") +
                      " and no signature",
                  "--signature", "name the column of the signature or of its risk group");
  const auto& column = training.at(o.signature);
  const Grouping g = column.is_factor && !column.levels.empty() ? grouping_of_text(training, column, o)
                                                                : grouping_of_numbers(training, column, o);
  const auto high = groups_of(training, o.signature, g);
  check_groups(high, training, o);
  std::optional<stats::DataFrame> other;
  std::vector<signature::GroupedFold> folds;
  std::string told = say_grouping(g, o) + ": " + counts_of(high);
  if (external != nullptr) {
    const auto high_there = groups_of(*external, o.signature, g);
    check_groups(high_there, *external, o);
    other = signature::with_risk_group(*external, high_there);
    told += "; external " + counts_of(high_there);
  } else {
    const auto& r = o.study.comparison.resampling;
    folds = signature::deal_folds(training, o.study.outcome, high, o.folds, o.repeats, r.seed);
  }
  auto study = study_nomograms(signature::with_risk_group(training, high), other ? &*other : nullptr, folds, o.study);
  study.json["group"] = grouping_json(g, o, high);
  study.notes.insert(study.notes.begin(), told);
  if (external == nullptr)
    study.notes.emplace_back(
        "warning: cross-validation of the Cox models with the group as given: where the signature was fitted to these "
        "rows, that fit is not in it, and the integrated nomogram is flattered");
  return study;
}

}  // namespace gliocast::analysis
