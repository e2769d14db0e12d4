#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/survival_performance.hpp>
#include <gliocast/survival/bootstrap_validation.hpp>

namespace gliocast::analysis {

AnalysisOutput validate(const stats::DataFrame& table, const ValidationOptions& o) {
  const auto a = survival::analyse_cox(table, o.outcome, o.formula, o.fit);
  const auto validation = survival::bootstrap_validation(a.data, o.fit, o.resampling);
  AnalysisOutput out;
  out.table.columns = {"index", "apparent", "training", "test", "optimism", "corrected", "draws"};
  out.json = {{"formula", o.formula},        {"n", a.fit.n},
              {"events", a.fit.events},      {"left_out", a.used.left_out},
              {"draws", o.resampling.draws}, {"seed", o.resampling.seed},
              {"indices", Json::array()}};
  for (const auto& i : validation.indices) {
    out.table.rows.push_back({i.index, cell(i.apparent), cell(i.training), cell(i.test), cell(i.optimism),
                              cell(i.corrected), std::to_string(validation.draws)});
    out.json["indices"].push_back({{"index", i.index},
                                   {"apparent", i.apparent},
                                   {"training", i.training},
                                   {"test", i.test},
                                   {"optimism", i.optimism},
                                   {"corrected", i.corrected},
                                   {"draws", validation.draws}});
  }
  out.notes = a.used.notes;
  add_model_warnings(a.model, out.notes);
  if (const auto failed = stats::count_failures(validation.failed); failed > 0)
    out.notes.push_back(std::to_string(failed) + " of " + std::to_string(o.resampling.draws) +
                        " draws could not be fitted and are left out: " + stats::describe_failures(validation.failed));
  return out;
}

}  // namespace gliocast::analysis
