#include "columns.hpp"
#include "function_learner.hpp"
#include "step_entry.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/learn/selection.hpp>
#include <gliocast/learn/step_options.hpp>
#include <gliocast/stats/icc.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>

namespace gliocast::learn {
namespace {

struct IccOptions {
  std::string type = "ICC(2,1)";
  double least = 0.75;         ///< a feature passes with this ICC or more
  std::size_t least_rows = 5;  ///< with both raters' values that an ICC is taken from
};

IccOptions options_of(const Json& json) {
  StepOptions o("icc", json);
  IccOptions i;
  i.type = o.choice("type", i.type, stats::icc_types());
  i.least = o.number("least", i.least, -1, 1);
  i.least_rows = o.count("least_rows", i.least_rows, 2, 1'000'000);
  o.finish();
  return i;
}

/// Both raters' values [rows, 2] of the rows that have both.
stats::Matrix both(const FeatureTable& table, const Rows& rows, std::size_t column) {
  const auto first = table.values.column(column), second = table.second_rater.column(column);
  Rows used;
  for (const std::size_t r : rows)
    if (usable(first[r]) && usable(second[r])) used.push_back(r);
  stats::Matrix ratings(used.size(), 2);
  for (std::size_t i = 0; i < used.size(); ++i) {
    ratings(i, 0) = first[used[i]];
    ratings(i, 1) = second[used[i]];
  }
  return ratings;
}

/// Rows that repeat (bootstrap), here or in the table, count once: a subject rated twice is one subject.
Rows distinct(const FeatureTable& table, const Rows& rows) {
  Rows once;
  std::set<std::string> met;
  for (const std::size_t r : rows)
    if (met.insert(table.ids[r]).second) once.push_back(r);
  return once;
}

std::shared_ptr<const FeatureModel> fit(const FeatureTable& table, const Rows& all, const IccOptions& options) {
  if (table.second_rater.rows == 0)
    throw unusable_input("the step icc needs a second rater's features, and there are none", "",
                         "give the second rater's table, or leave the step icc out of the chain");
  const Rows rows = distinct(table, all);
  std::vector<bool> passes;
  std::vector<double> rank_by;
  std::size_t most = 0;
  for (std::size_t c = 0; c < table.values.columns; ++c) {
    const auto ratings = both(table, rows, c);
    most = std::max(most, ratings.rows);
    const double icc = ratings.rows < options.least_rows ? std::numeric_limits<double>::quiet_NaN()
                                                         : stats::intraclass_correlation(ratings, options.type);
    passes.push_back(icc >= options.least);
    rank_by.push_back(-icc);
  }
  if (most < options.least_rows)
    throw unusable_input("the step icc needs " + std::to_string(options.least_rows) +
                         " training rows with both raters' values, and there are " + std::to_string(most));
  return keep_passing(passes, rank_by, "icc");
}

}  // namespace

StepEntry icc_entry() {
  return {"icc", "keeps features on which two raters agree (intraclass correlation)",
          [](const Json& json) {
            const auto i = options_of(json);
            return std::make_shared<FunctionLearner>(
                "icc", Json{{"type", i.type}, {"least", i.least}, {"least_rows", i.least_rows}},
                [i](const FeatureTable& t, const Rows& rows, const FitContext&) { return fit(t, rows, i); });
          },
          [](const Json& model) { return Selection::from_json(model); }};
}

}  // namespace gliocast::learn
