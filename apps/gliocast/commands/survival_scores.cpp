// gliocast survival cindex, compare: how well a score or model orders survival.
#include "statistics_output.hpp"
#include "survival_commands.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/survival/concordance.hpp>
#include <gliocast/survival/cox_model.hpp>

#include <memory>
#include <optional>

namespace gliocast::cli {
namespace {

struct Settings {
  StatisticsArguments common;
  std::string score, against, method = "harrell", formula, formula_against;
  std::optional<double> until;
};

Json concordance_json(const survival::Concordance& c) {
  return {{"estimate", finite_or_null(c.value)}, {"se", finite_or_null(c.se)}, {"lower", finite_or_null(c.low)},
          {"upper", finite_or_null(c.high)},     {"concordant", c.concordant}, {"discordant", c.discordant},
          {"tied_score", c.tied_score},          {"tied_time", c.tied_time}};
}

/// The result of one score, or of two and their difference.
void report_scores(const Settings& s, const survival::SurvivalFrame& used, const std::vector<std::string>& names,
                   const std::vector<std::vector<double>>& scores, std::vector<std::string> notes) {
  survival::ConcordanceOptions options;
  options.weight = s.method == "uno" ? survival::ConcordanceWeight::Uno : survival::ConcordanceWeight::Harrell;
  options.level = s.common.level;
  options.until = s.until;
  std::vector<survival::Concordance> c;
  for (const auto& score : scores) c.push_back(survival::concordance(used.sample, score, options, {}, used.cluster));
  if (std::isnan(c[0].value))
    throw unusable_input("no two rows can be compared: no event before another row's time", s.common.table.string());
  TextTable out{{"score", "concordance", "se", "lower", "upper", "p"}, {}};
  for (std::size_t i = 0; i < c.size(); ++i)
    out.rows.push_back({names[i], cell(c[i].value), cell(c[i].se), cell(c[i].low), cell(c[i].high), "NA"});
  Json json = concordance_json(c[0]);
  json["score"] = names[0];
  json["method"] = s.method;
  json["level"] = s.common.level;
  json["n"] = used.frame.rows();
  json["events"] = used.events;
  json["left_out"] = used.left_out;
  if (c.size() > 1) {
    const auto d = survival::compare(c[0], c[1], s.common.level);
    Json other = concordance_json(c[1]);
    other["score"] = names[1];
    json["against"] = std::move(other);
    json["difference"] = finite_or_null(d.difference.value);
    json["difference_se"] = finite_or_null(d.difference.se);
    json["difference_lower"] = finite_or_null(d.difference.low);
    json["difference_upper"] = finite_or_null(d.difference.high);
    json["z"] = finite_or_null(d.test.statistic);
    json["p"] = finite_or_null(d.test.p);
    out.rows.push_back({"difference", cell(d.difference.value), cell(d.difference.se), cell(d.difference.low),
                        cell(d.difference.high), cell(d.test.p)});
  }
  emit(s.common, out, json, notes);
}

void run_cindex(const Settings& s) {
  const auto table = load_table(s.common);
  std::vector<std::string> names{s.score};
  if (!s.against.empty()) names.push_back(s.against);
  const auto used = survival::make_survival_frame(table, s.common.outcome, names);
  std::vector<std::vector<double>> scores;
  for (const auto& name : names) scores.push_back(used.frame.numeric(name).numbers);
  report_scores(s, used, names, scores, used.notes);
}

void run_compare(const Settings& s) {
  const auto table = load_table(s.common);
  // Both models on the rows that both can use.
  auto columns = stats::parse_formula(s.formula).columns();
  for (const auto& name : stats::parse_formula(s.formula_against).columns()) columns.push_back(name);
  const auto used = survival::make_survival_frame(table, s.common.outcome, columns);
  const auto common = table.subset(used.rows);
  const auto first = survival::analyse_cox(common, s.common.outcome, s.formula),
             second = survival::analyse_cox(common, s.common.outcome, s.formula_against);
  auto notes = used.notes;
  for (const auto* a : {&first, &second}) add_model_warnings(a->model, notes);
  report_scores(s, used, {s.formula, s.formula_against}, {first.fit.linear_predictors, second.fit.linear_predictors},
                notes);
}

void add_method_options(CLI::App& verb, Settings& s) {
  verb.add_option("--method", s.method,
                  "Harrell's C, or Uno's (pairs weighted by the inverse squared chance of not being censored)")
      ->check(CLI::IsMember({"harrell", "uno"}))
      ->capture_default_str();
  verb.add_option("--until", s.until, "Leave out pairs whose earlier event is later than this time");
  verb.add_option("--weights", s.common.outcome.weights, "Column of case weights");
}

}  // namespace

void add_survival_scores(CLI::App& survival, int& result) {
  auto s = std::make_shared<Settings>();
  auto* cindex = survival.add_subcommand(
      "cindex", "Concordance of a risk score with its interval; comparison of two scores of the same rows");
  add_statistics_options(*cindex, s->common, true);
  cindex->add_option("--score", s->score, "Column of the score; higher = higher risk")->required();
  cindex->add_option("--against", s->against, "A second score of the same rows");
  cindex->add_option("--cluster", s->common.outcome.cluster, "Column that names the subject of several rows");
  cindex->add_option("--entry", s->common.outcome.entry, "Column of the time at which observation starts");
  add_method_options(*cindex, *s);
  cindex->footer("Example: gliocast survival cindex lung.csv --time time --event status --score age --against ph.ecog");
  cindex->callback([s, &result] { run_cindex(*s), result = 0; });

  auto t = std::make_shared<Settings>();
  auto* compare = survival.add_subcommand(
      "compare", "Concordance of two Cox models on the same rows, and their difference (R's concordance(fit1, fit2))");
  add_statistics_options(*compare, t->common, true);
  compare->add_option("--formula", t->formula, "First model")->required();
  compare->add_option("--against,--formula2", t->formula_against, "Second model")->required();
  add_method_options(*compare, *t);
  compare->footer(
      "Example: gliocast survival compare lung.csv --time time --event status --formula \"age + sex\" --against \"age "
      "+ sex + ph.ecog\"");
  compare->callback([t, &result] { run_compare(*t), result = 0; });
}

}  // namespace gliocast::cli
