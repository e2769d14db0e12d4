#include <gliocast/signature/choose_table.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/learn/evaluation.hpp>
#include <gliocast/stats/roc.hpp>

#include <algorithm>
#include <utility>

namespace gliocast::signature {
namespace {

constexpr const char* kChain = R"(name: prognosis
steps:
  - standardise
  - screen: {test: levene-t, alpha: 0.05}
  - forest: {trees: 100, keep: 8}
classifier:
  svm: {kernel: rbf}
)";

void check_same_rows(const std::vector<std::pair<std::string, SurvivalTable>>& tables) {
  if (tables.empty()) throw unusable_input("there is no table to choose from");
  for (const auto& [name, table] : tables) {
    check_outcome(table);
    const auto& first = tables.front().second;
    if (table.features.ids != first.features.ids || table.outcome.time != first.outcome.time ||
        table.outcome.event != first.outcome.event)
      throw unusable_input("tables that are compared must be of the same patients", "table " + name,
                           "leave out whoever lacks in one of them");
  }
}

/// Labels of the rows that have one.
void add_labels(const survival::SurvivalSample& outcome, const learn::Rows& rows, TableChoice& out) {
  std::vector<double> times;
  for (const std::size_t r : rows) times.push_back(outcome.time[r]);
  std::ranges::sort(times);
  out.median = quantile_linear(times, 0.5);
  for (const std::size_t r : rows) {
    const bool before = outcome.time[r] < out.median;
    if (before && !outcome.event[r]) {
      ++out.without_label;
      continue;
    }
    out.rows.push_back(r);
    out.unfavourable.push_back(before ? 1 : 0);
  }
  const auto positive = std::ranges::count(out.unfavourable, 1);
  out.notes.push_back("prognosis: " + std::to_string(positive) + " rows unfavourable (death before " +
                      general_number(out.median, 4) + "), " + std::to_string(std::ssize(out.rows) - positive) +
                      " favourable, " + std::to_string(out.without_label) + " censored before and left out");
}

}  // namespace

learn::ChainSpecification prognosis_chain() { return learn::parse_chain(kChain, "prognosis"); }

TableChoice choose_table(const std::vector<std::pair<std::string, SurvivalTable>>& tables, const learn::Rows& rows,
                         const learn::FitContext& context, const learn::ChainSpecification& chain) {
  check_same_rows(tables);
  TableChoice out;
  add_labels(tables.front().second.outcome, rows, out);
  const learn::ChainLearner learner(chain);
  learn::EvaluationOptions o;
  o.seed = context.seed;
  o.threads = context.threads;
  for (const auto& [name, table] : tables) {
    auto labelled = table.features.take(out.rows);
    labelled.outcome.assign(out.unfavourable.begin(), out.unfavourable.end());
    const auto judged = learn::evaluate(labelled, learner, o);
    CandidateTable candidate{name, {}, {}, {}};
    for (const auto& p : judged.predictions) {
      candidate.probability.push_back(p.probability);
      candidate.positive.push_back(p.positive ? 1 : 0);
    }
    candidate.auc = stats::auc_delong(candidate.probability, out.unfavourable);
    out.tables.push_back(std::move(candidate));
    if (out.tables.back().auc.value > out.tables[out.chosen].auc.value) out.chosen = out.tables.size() - 1;
  }
  return out;
}

}  // namespace gliocast::signature
