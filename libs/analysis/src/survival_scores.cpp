#include <gliocast/analysis/survival_scores.hpp>

#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/survival_model.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>

#include <cmath>
#include <utility>

namespace gliocast::analysis {
namespace {

/// A score of the rows that are used.
struct Score {
  std::string name;
  std::vector<double> values;
};

Json concordance_json(const survival::Concordance& c) {
  Json json = estimate_json(c);
  json["concordant"] = c.concordant;
  json["discordant"] = c.discordant;
  json["tied_score"] = c.tied_score;
  json["tied_time"] = c.tied_time;
  return json;
}

void add_row(const std::string& name, const stats::Estimate& estimate, const std::string& p, TextTable& table) {
  std::vector<std::string> row{name};
  add_cells(row, estimate);
  row.push_back(p);
  table.rows.push_back(std::move(row));
}

/// The result of one score, or of two and their difference.
AnalysisOutput describe(const survival::SurvivalFrame& used, const std::vector<Score>& scores,
                        const survival::ConcordanceOptions& options, std::vector<std::string> notes,
                        const std::string& origin) {
  AnalysisOutput out;
  out.notes = std::move(notes);
  out.table.columns = {"score", "concordance", "se", "lower", "upper", "p"};
  std::vector<survival::Concordance> c;
  for (const auto& score : scores)
    c.push_back(survival::concordance(used.sample, score.values, options, {}, used.cluster));
  if (std::isnan(c[0].value))
    throw unusable_input("no two rows can be compared: no event before another row's time", origin);
  for (std::size_t i = 0; i < c.size(); ++i) add_row(scores[i].name, c[i], "NA", out.table);
  out.json = concordance_json(c[0]);
  out.json["score"] = scores[0].name;
  out.json["method"] = options.weight == survival::ConcordanceWeight::Uno ? "uno" : "harrell";
  out.json["level"] = options.level;
  out.json["n"] = used.frame.rows();
  out.json["events"] = used.events;
  out.json["left_out"] = used.left_out;
  if (c.size() > 1) {
    const auto d = survival::compare(c[0], c[1], options.level);
    out.json["against"] = concordance_json(c[1]);
    out.json["against"]["score"] = scores[1].name;
    set_difference(out.json, d);
    add_row("difference", d.difference, cell(d.test.p), out.table);
  }
  return out;
}

}  // namespace

AnalysisOutput concordance(const stats::DataFrame& table, const ConcordanceOptions& o) {
  std::vector<std::string> names{o.score};
  if (!o.against.empty()) names.push_back(o.against);
  const auto used = survival::make_survival_frame(table, o.outcome, names);
  std::vector<Score> scores;
  for (const auto& name : names) scores.push_back({name, used.frame.numeric(name).numbers});
  return describe(used, scores, o.concordance, used.notes, table.origin());
}

AnalysisOutput compare_models(const stats::DataFrame& table, const ModelComparisonOptions& o) {
  auto columns = stats::parse_formula(o.formula).columns();
  for (const auto& name : stats::parse_formula(o.against).columns()) columns.push_back(name);
  const auto used = survival::make_survival_frame(table, o.outcome, columns);
  const auto common = table.subset(used.rows);
  const auto first = survival::analyse_cox(common, o.outcome, o.formula),
             second = survival::analyse_cox(common, o.outcome, o.against);
  auto notes = used.notes;
  for (const auto* a : {&first, &second}) add_model_warnings(a->model, notes);
  return describe(used, {{o.formula, first.fit.linear_predictors}, {o.against, second.fit.linear_predictors}},
                  o.concordance, std::move(notes), table.origin());
}

}  // namespace gliocast::analysis
