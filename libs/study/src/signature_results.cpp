#include "signature_results.hpp"

#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/signature_model.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/survival/log_rank.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace gliocast::study {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::string shown(double value, int digits) { return std::isfinite(value) ? decimal(value, digits) : ""; }

/// Of the two groups; NaN where one is empty.
double log_rank_p(const survival::SurvivalSample& sample, const std::vector<char>& high) {
  const auto n = std::ranges::count(high, 1);
  if (n == 0 || n == std::ssize(high)) return kNaN;
  return survival::log_rank(sample, {high.begin(), high.end()}, {"low risk", "high risk"}).p;
}

void add_predictions(const TestedWay& tested, TextTable& table) {
  const bool grouped = !tested.high_risk.empty();
  table.columns.push_back(tested.name + (grouped ? ": signature" : ": risk"));
  if (grouped) table.columns.push_back(tested.name + ": group");
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    auto& row = table.rows[r];
    row.push_back(shortest(grouped ? -tested.risk[r] : tested.risk[r]));
    if (grouped) row.push_back(analysis::risk_group(tested.high_risk[r] != 0));
  }
}

}  // namespace

SequenceAucs sequence_aucs(const signature::TableChoice& choice, const std::vector<std::string>& ids) {
  const auto labelled = choice.unfavourable.size();
  const auto unfavourable = std::ranges::count(choice.unfavourable, 1);
  SequenceAucs out;
  out.table.columns = {"Sequence", "AUC", "95 % CI", "Patients", "Unfavourable", "Censored before the median", "Taken"};
  out.json = {{"median_time", choice.median},
              {"patients", labelled},
              {"unfavourable", unfavourable},
              {"censored_before_median", choice.without_label},
              {"sequences", Json::array()}};
  out.predictions.columns = {"id", "unfavourable"};
  for (std::size_t i = 0; i < labelled; ++i)
    out.predictions.rows.push_back({ids.at(choice.rows[i]), std::to_string(choice.unfavourable[i])});
  for (std::size_t t = 0; t < choice.tables.size(); ++t) {
    const auto& [name, probability, positive, auc] = choice.tables[t];
    const bool taken = t == choice.chosen;
    out.predictions.columns.push_back(name);
    for (std::size_t i = 0; i < labelled; ++i) out.predictions.rows[i].push_back(shortest(probability[i]));
    out.table.rows.push_back({name, shown(auc.value, 3), shown(auc.low, 3) + "–" + shown(auc.high, 3),
                              std::to_string(labelled), std::to_string(unfavourable),
                              std::to_string(choice.without_label), taken ? "yes" : "no"});
    out.json["sequences"].push_back({{"name", name}, {"auc", analysis::estimate_json(auc)}, {"taken", taken}});
  }
  out.notes = choice.notes;
  return out;
}

WayComparison compare_ways(const signature::SurvivalTable& cohort, const std::vector<TestedWay>& ways,
                           const std::vector<int>& fold, const analysis::SignatureEvaluationOptions& o) {
  const auto& sample = cohort.outcome;
  WayComparison out;
  const std::string interval = plain_number(100 * o.level, 4) + " % CI";
  out.table.columns = {"Signature", "C", interval, "P against the first", "High risk", "Log-rank P"};
  out.predictions.columns = {"id", "time", "event", "fold"};
  for (std::size_t r = 0; r < sample.rows(); ++r)
    out.predictions.rows.push_back({cohort.features.ids[r], shortest(sample.time[r]),
                                    std::to_string(int{sample.event[r]}), std::to_string(fold[r] + 1)});
  out.json = Json::array();
  std::vector<std::vector<double>> risks;
  for (const auto& way : ways) risks.push_back(way.risk);
  const auto compared = analysis::compare_concordances(cohort, risks, fold, o);
  for (std::size_t w = 0; w < ways.size(); ++w) {
    const auto& way = ways[w];
    const auto& [c, p] = compared[w];
    const double log_rank = way.high_risk.empty() ? kNaN : log_rank_p(sample, way.high_risk);
    const auto high = std::ranges::count(way.high_risk, 1);
    out.table.rows.push_back({way.name, shown(c.value, 3), shown(c.low, 3) + "–" + shown(c.high, 3), shown(p, 4),
                              way.high_risk.empty() ? "" : std::to_string(high), shown(log_rank, 4)});
    out.json.push_back(
        {{"name", way.name},
         {"c",
          {{"value", finite_or_null(c.value)}, {"lower", finite_or_null(c.low)}, {"upper", finite_or_null(c.high)}}},
         {"p_against_first", finite_or_null(p)},
         {"high_risk", way.high_risk.empty() ? Json() : Json(high)},
         {"log_rank_p", finite_or_null(log_rank)}});
    add_predictions(way, out.predictions);
  }
  return out;
}

}  // namespace gliocast::study
