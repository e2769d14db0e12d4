#include "grade_parts.hpp"

#include <gliocast/analysis/cells.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/stats/group_tests.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <set>
#include <utility>

namespace gliocast::analysis {
namespace {

constexpr std::array kParts{"training", "validation", "test"};

/// Patients of one part by class.
struct Counts {
  double positive = 0, negative = 0;
  [[nodiscard]] double all() const { return positive + negative; }
};

Counts count(const learn::Split& split, const std::string& positive, const std::vector<std::size_t>& parts) {
  Counts counts;
  for (const auto& s : split.strata)
    for (const std::size_t p : parts)
      (s.label == positive ? counts.positive : counts.negative) += static_cast<double>(s.subjects[p]);
  return counts;
}

std::string percent(const Counts& c) { return decimal(100 * c.positive / c.all(), 1) + " %"; }

Json strata_json(const learn::Split& split) {
  Json strata = Json::array();
  for (const auto& s : split.strata)
    strata.push_back({{"class", s.label}, {"centre", s.centre}, {"patients", s.subjects}});
  return strata;
}

/// One prediction of each row of a centre, a repeat.
PredictedRows rows_of(const PredictedRows& all, const stats::Rows& rows) {
  PredictedRows some;
  for (const std::size_t r : rows) {
    some.truth.push_back(all.truth[r]);
    some.patient.push_back(all.patient[r]);
  }
  for (const auto& repeat : all.repeats) {
    Predicted p;
    for (const std::size_t r : rows) {
      p.probability.push_back(repeat.probability[r]);
      p.positive.push_back(repeat.positive[r]);
    }
    some.repeats.push_back(std::move(p));
  }
  return some;
}

}  // namespace

void add_split(const GradeTable& table, const learn::Evaluation& e, const GradeEvaluationOptions& o,
               GradeEvaluation& out) {
  learn::Split split = e.split;
  for (auto& s : split.strata) s.label = s.label == "1" ? table.positive : table.negative;
  const Counts rest = count(split, table.positive, {0, 1}), test = count(split, table.positive, {2});
  const auto ratio = stats::independence_test({{rest.positive, rest.negative}, {test.positive, test.negative}});
  out.split.columns = {"id", "part"};
  for (std::size_t r = 0; r < split.part.size(); ++r)
    out.split.rows.push_back({table.features.ids[r], kParts.at(split.part[r])});
  Json parts = Json::array();
  std::string sizes;
  for (std::size_t p = 0; p < kParts.size(); ++p) {
    const Counts c = count(split, table.positive, {p});
    parts.push_back({{"part", kParts.at(p)},
                     {"n", split.of_part(p).size()},
                     {"patients", static_cast<std::size_t>(c.all())},
                     {"positives", static_cast<std::size_t>(c.positive)}});
    sizes += (p > 0 ? ", " : "") + std::string(kParts.at(p)) + " " + decimal(c.all(), 0) + " (" +
             decimal(c.positive, 0) + " positive)";
  }
  out.json["split"] = {{"shares", o.evaluation.split},
                       {"parts", std::move(parts)},
                       {"strata", strata_json(split)},
                       {"ratio",
                        {{"training_validation", rest.positive / rest.all()},
                         {"test", test.positive / test.all()},
                         {"name", ratio.name},
                         {"p", finite_or_null(ratio.p)}}}};
  out.notes.push_back("patients: " + sizes + "; positive in training and validation " + percent(rest) + ", in test " +
                      percent(test) + " (" + ratio.name + ", P " + p_cell(ratio.p) + ")");
  if (const auto lacking = learn::strata_not_everywhere(split); !lacking.empty())
    out.notes.push_back("too small to be in every part: " + listed(lacking, 5));
}

void add_centres(const GradeTable& table, const TestedRows& judged, const GradeEvaluationOptions& o,
                 GradeEvaluation& out) {
  constexpr std::array kWithLimits{"auc", "accuracy"};
  constexpr std::array kAlone{"sensitivity", "specificity", "brier"};
  std::map<std::string, stats::Rows> centres;  // places among the judged rows
  for (std::size_t i = 0; i < judged.rows.size(); ++i) centres[table.features.centre.at(judged.rows[i])].push_back(i);
  out.centres.columns = {"centre", "n", "positives"};
  for (const char* name : kWithLimits)
    for (const char* of : {"", "_lower", "_upper"}) out.centres.columns.push_back(std::string(name) + of);
  for (const char* name : kAlone) out.centres.columns.emplace_back(name);
  out.json["centres"] = Json::array();
  for (const auto& [centre, rows] : centres) {
    const auto of_centre = rows_of(judged.predicted, rows);
    const auto metrics = grade_metrics(of_centre, o.draws, o.evaluation.seed, o.evaluation.threads, o.level);
    const auto positives = std::ranges::count(of_centre.truth, 1);
    Json json = metrics_json(metrics);
    json.update({{"centre", centre}, {"n", rows.size()}, {"positives", positives}});
    out.json["centres"].push_back(std::move(json));
    std::vector<std::string> row{centre, std::to_string(rows.size()), std::to_string(positives)};
    const auto estimate = [&](const char* name) { return estimate_of(metrics, name); };
    for (const char* name : kWithLimits)
      for (const double v : {estimate(name).value, estimate(name).low, estimate(name).high}) row.push_back(cell(v));
    for (const char* name : kAlone) row.push_back(cell(estimate(name).value));
    out.centres.rows.push_back(std::move(row));
  }
}

}  // namespace gliocast::analysis
