// gliocast survival cox, zph, predict: Cox models.
#include "statistics_output.hpp"
#include "survival_commands.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/report/survival_figures.hpp>
#include <gliocast/stats/distributions.hpp>
#include <gliocast/survival/cox_model.hpp>
#include <gliocast/survival/cox_model_file.hpp>
#include <gliocast/survival/cox_residuals.hpp>
#include <gliocast/survival/cox_selection.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <set>

namespace gliocast::cli {
namespace {

struct Settings {
  StatisticsArguments common;
  std::string formula, ties = "efron", transform = "km", select = "none", residuals;
  std::filesystem::path save, model, residuals_out;
  std::vector<double> times;
  std::string id;
  bool robust = false, univariate = false;
  double p = 0.05;
};

survival::CoxOptions options_of(const Settings& s) {
  survival::CoxOptions o;
  o.ties = s.ties == "efron"     ? survival::Ties::Efron
           : s.ties == "breslow" ? survival::Ties::Breslow
                                 : survival::Ties::Exact;
  o.robust = s.robust;
  return o;
}

Json test_json(const stats::TestResult& t) {
  return {{"statistic", finite_or_null(t.statistic)}, {"df", t.df}, {"p", finite_or_null(t.p)}};
}

/// What a factor's columns are called but for the level, where column `c` is the first of a factor that stands alone;
/// its reference level then has a row of its own.
std::optional<std::string> reference_before(const stats::DesignSpecification& design, std::size_t c) {
  const auto& terms = design.term_of_column();
  const auto& term = design.formula().terms[terms[c]];
  const auto& coding = design.codings()[term[0]];
  if (term.size() != 1 || coding.kind != stats::VariableCoding::Kind::Factor || (c > 0 && terms[c - 1] == terms[c]))
    return std::nullopt;
  if (std::ranges::count(terms, terms[c]) + 1 != static_cast<std::ptrdiff_t>(coding.levels.size())) return std::nullopt;
  const std::string& name = design.names()[c];
  if (!name.ends_with(coding.levels[1])) return std::nullopt;
  return name.substr(0, name.size() - coding.levels[1].size()) + coding.levels[0];
}

/// A row for each row of the table, and one for each reference level.
std::vector<report::ForestRow> forest_rows(const survival::CoxAnalysis& a, double level) {
  const double z = stats::normal_quantile(0.5 + level / 2);
  std::vector<report::ForestRow> rows;
  for (std::size_t c = 0; c < a.fit.coefficients.size(); ++c) {
    if (const auto reference = reference_before(a.model.design, c)) rows.push_back({*reference, 1, 1, 1, NAN, true});
    const double b = a.fit.coefficients[c], se = std::isnan(b) ? NAN : std::sqrt(a.fit.used_variance()(c, c));
    rows.push_back(
        {a.data.names[c], std::exp(b), std::exp(b - z * se), std::exp(b + z * se), stats::normal_two_sided(b / se)});
  }
  return rows;
}

Json coefficients_json(const survival::CoxAnalysis& a, double level, TextTable& out, const std::string& model) {
  const double z = stats::normal_quantile(0.5 + level / 2);
  Json list = Json::array();
  const bool robust = a.fit.robust_variance.rows > 0;
  for (std::size_t c = 0; c < a.fit.coefficients.size(); ++c) {
    const double b = a.fit.coefficients[c], se = std::isnan(b) ? NAN : std::sqrt(a.fit.variance(c, c)),
                 used = std::isnan(b) ? NAN : std::sqrt(a.fit.used_variance()(c, c));
    const double value = b / used, p = stats::normal_two_sided(value);
    list.push_back({{"term", a.data.names[c]},
                    {"estimate", finite_or_null(b)},
                    {"se", finite_or_null(se)},
                    {"robust_se", robust ? finite_or_null(used) : Json(nullptr)},
                    {"z", finite_or_null(value)},
                    {"p", finite_or_null(p)},
                    {"hazard_ratio", finite_or_null(std::exp(b))},
                    {"lower", finite_or_null(std::exp(b - z * used))},
                    {"upper", finite_or_null(std::exp(b + z * used))}});
    out.rows.push_back({model, a.data.names[c], cell(b), cell(se), robust ? cell(used) : "NA", cell(value), cell(p),
                        cell(std::exp(b)), cell(std::exp(b - z * used)), cell(std::exp(b + z * used))});
  }
  return list;
}

Json fit_json(const survival::CoxAnalysis& a, double level, TextTable& out, const std::string& model) {
  return {{"formula", a.model.design.formula().text},
          {"n", a.fit.n},
          {"events", a.fit.events},
          {"left_out", a.used.left_out},
          {"iterations", a.fit.iterations},
          {"converged", a.fit.converged},
          {"log_likelihood", {{"null", a.fit.log_likelihood_null}, {"fitted", a.fit.log_likelihood}}},
          {"tests",
           {{"likelihood_ratio", test_json(a.fit.likelihood_ratio)},
            {"wald", test_json(a.fit.wald)},
            {"score", test_json(a.fit.score)}}},
          {"coefficients", coefficients_json(a, level, out, model)},
          {"concordance",
           {{"estimate", finite_or_null(a.model.concordance)}, {"se", finite_or_null(a.model.concordance_se)}}},
          {"warnings", a.fit.warnings}};
}

void write_residuals(const Settings& s, const survival::CoxAnalysis& a) {
  TextTable out{{"row", "martingale", "deviance"}, {}};
  const auto deviance = survival::deviance_residuals(a.data, a.fit);
  const auto dfbeta = s.ties == "exact" ? stats::Matrix(a.fit.n, 0) : survival::dfbeta_residuals(a.data, a.fit);
  stats::Matrix schoenfeld(a.fit.n, dfbeta.columns);
  for (double& v : schoenfeld.values) v = NAN;
  if (dfbeta.columns > 0) {
    const auto residuals = survival::schoenfeld_residuals(a.data, a.fit);
    for (std::size_t i = 0; i < residuals.rows.size(); ++i)
      for (std::size_t c = 0; c < dfbeta.columns; ++c) schoenfeld(residuals.rows[i], c) = residuals.values(i, c);
  }
  for (std::size_t c = 0; c < dfbeta.columns; ++c) out.columns.push_back("dfbeta_" + a.data.names[c]);
  for (std::size_t c = 0; c < dfbeta.columns; ++c) out.columns.push_back("schoenfeld_" + a.data.names[c]);
  for (std::size_t i = 0; i < a.fit.n; ++i) {
    std::vector<std::string> row{std::to_string(a.used.rows[i] + 1), shortest(a.fit.martingale[i]),
                                 shortest(deviance[i])};
    for (std::size_t c = 0; c < dfbeta.columns; ++c)
      row.push_back(shortest(
          dfbeta(i, c) * (a.data.weights.empty() ? 1 : a.data.weights[i])));  // weighted, as R's residuals() gives them
    for (std::size_t c = 0; c < dfbeta.columns; ++c)
      row.push_back(std::isnan(schoenfeld(i, c)) ? "NA" : shortest(schoenfeld(i, c)));
    out.rows.push_back(std::move(row));
  }
  write_table(s.residuals_out, out);
}

void run_cox(const Settings& s) {
  const auto table = load_table(s.common);
  TextTable out{{"model", "term", "estimate", "se", "robust_se", "z", "p", "hazard_ratio", "lower", "upper"}, {}};
  std::string formula = s.formula;
  Json selection;
  Json univariate = Json::array();
  std::vector<std::string> notes;
  const auto rule = s.select == "paper" ? survival::DropRule::AnyLevel : survival::DropRule::LikelihoodRatio;
  if (s.univariate || s.select != "none") {
    const auto screened = survival::screen_univariate(table, s.common.outcome, s.formula, rule, s.p, options_of(s));
    for (const auto& u : screened.models) {
      Json item = fit_json(u.analysis, s.common.level, out, "univariate");
      item["term"] = u.term;
      item["p"] = finite_or_null(u.p);
      item["kept"] = u.kept;
      univariate.push_back(std::move(item));
    }
    if (s.select != "none") {
      const auto kept = survival::select_terms(table, s.common.outcome, screened.formula, rule, s.p, options_of(s));
      selection = {{"rule", s.select},
                   {"p", s.p},
                   {"after_univariate", screened.formula},
                   {"dropped", kept.dropped},
                   {"formula", kept.formula}};
      formula = kept.formula;
      notes.push_back("kept after selection: " + (formula.empty() ? std::string("nothing") : formula));
      if (formula.empty())
        throw unusable_input("no candidate passes the selection at P < " + cell(s.p), s.common.table.string());
    }
  }
  const auto a = survival::analyse_cox(table, s.common.outcome, formula, options_of(s));
  Json json = fit_json(a, s.common.level, out, "multivariate");
  json["ties"] = s.ties;
  json["level"] = s.common.level;
  if (!univariate.empty()) json["univariate"] = std::move(univariate);
  if (!selection.is_null()) json["selection"] = std::move(selection);
  if (!s.save.empty()) survival::write_cox_model(s.save, a.model);
  if (!s.residuals_out.empty()) write_residuals(s, a);
  for (const auto& n : a.used.notes) notes.push_back(n);
  add_model_warnings(a.model, notes);
  notes.push_back(std::to_string(a.fit.n) + " rows, " + std::to_string(a.fit.events) + " events" +
                  (a.used.left_out ? ", " + std::to_string(a.used.left_out) + " rows left out" : "") +
                  "; likelihood ratio test " + cell(a.fit.likelihood_ratio.statistic) + " on " +
                  cell(a.fit.likelihood_ratio.df) + " df, P " + p_cell(a.fit.likelihood_ratio.p) + "; C " +
                  cell(a.model.concordance) + " (SE " + cell(a.model.concordance_se) + ")");
  emit(s.common, out, json, notes);
  if (!s.common.figure.empty())
    report::draw_forest(s.common.figure, "Hazard ratio", "HR (" + plain_number(100 * s.common.level, 4) + "% CI)",
                        forest_rows(a, s.common.level));
}

void run_zph(const Settings& s) {
  const auto table = load_table(s.common);
  const auto a = survival::analyse_cox(table, s.common.outcome, s.formula, options_of(s));
  const auto transform = s.transform == "km"         ? survival::TimeTransform::KaplanMeier
                         : s.transform == "identity" ? survival::TimeTransform::Identity
                         : s.transform == "log"      ? survival::TimeTransform::Log
                                                     : survival::TimeTransform::Rank;
  const auto test = survival::test_proportional_hazards(a.data, a.fit, a.model.design.term_of_column(),
                                                        a.model.design.term_labels(), transform);
  Json json{{"formula", s.formula},      {"transform", s.transform},    {"n", a.fit.n},
            {"events", a.fit.events},    {"left_out", a.used.left_out}, {"tests", Json::array()},
            {"warnings", a.fit.warnings}};
  TextTable out{{"term", "chi_square", "df", "p"}, {}};
  for (std::size_t t = 0; t < test.terms.size(); ++t) {
    const auto& r = test.tests[t];
    if (test.terms[t] == "GLOBAL")
      json["global"] = {{"chi_square", finite_or_null(r.statistic)}, {"df", r.df}, {"p", finite_or_null(r.p)}};
    json["tests"].push_back({{"term", test.terms[t]},
                             {"chi_square", finite_or_null(r.statistic)},
                             {"df", r.df},
                             {"p", finite_or_null(r.p)}});
    out.rows.push_back({test.terms[t], cell(r.statistic), cell(r.df), cell(r.p)});
  }
  auto notes = a.used.notes;
  add_model_warnings(a.model, notes);
  emit(s.common, out, json, notes);
}

void run_predict(const Settings& s) {
  const auto model = survival::read_cox_model(s.model);
  const auto table = load_table(s.common);
  for (const auto& name : model.design.formula().columns())
    if (name != model.design.formula().cluster) (void)table.at(name);
  const auto predictions = model.predict(table, s.times, s.common.level);
  TextTable out{{"row"}, {}};
  if (!s.id.empty()) out.columns.push_back(s.id);
  out.columns.push_back("linear_predictor");
  for (const double t : s.times) out.columns.push_back("survival_" + shortest(t));
  for (const double t : s.times)
    out.columns.insert(out.columns.end(), {"lower_" + shortest(t), "upper_" + shortest(t)});
  out.columns.push_back("median_survival");
  Json json{{"model", s.model.filename().string()}, {"times", s.times}, {"rows", Json::array()}};
  std::size_t unknown = 0;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const auto& p = predictions[i];
    unknown += std::isnan(p.linear_predictor);
    std::vector<std::string> row{std::to_string(i + 1)};
    Json item{{"row", i + 1}, {"linear_predictor", finite_or_null(p.linear_predictor)}};
    if (!s.id.empty()) {
      row.push_back(table.at(s.id).text(i));
      item[s.id] = row.back();
    }
    const auto text = [](double v) { return std::isnan(v) ? std::string("NA") : shortest(v); };
    row.push_back(text(p.linear_predictor));
    for (std::size_t t = 0; t < s.times.size(); ++t)
      row.push_back(text(p.survival[t])), item["survival_" + shortest(s.times[t])] = finite_or_null(p.survival[t]);
    for (std::size_t t = 0; t < s.times.size(); ++t) row.insert(row.end(), {text(p.low[t]), text(p.high[t])});
    for (std::size_t t = 0; t < s.times.size(); ++t)
      item["lower_" + shortest(s.times[t])] = finite_or_null(p.low[t]),
                      item["upper_" + shortest(s.times[t])] = finite_or_null(p.high[t]);
    row.push_back(text(p.median));
    item["median_survival"] = finite_or_null(p.median);
    out.rows.push_back(std::move(row));
    json["rows"].push_back(std::move(item));
  }
  auto notes = table.notes(model.design.formula().columns());
  add_model_warnings(model, notes);
  if (unknown > 0)
    notes.push_back(std::to_string(unknown) + " of " + std::to_string(predictions.size()) +
                    " rows have a missing value or a level the model does not know: NA");
  for (const auto& n : unknown_level_notes(model.design, table)) notes.push_back(n);
  for (const double t : s.times)
    if (t > model.last_follow_up())
      notes.push_back("time " + cell(t) + " lies beyond the " + cell(model.last_follow_up()) +
                      " of follow-up the model was fitted on: extrapolation");
  emit(s.common, out, json, notes);
}

void add_model_options(CLI::App& verb, Settings& s) {
  add_statistics_options(verb, s.common, true);
  verb.add_option(
          "--formula", s.formula,
          "Right side of an R formula: age + sex * grade + rcs(age, 4) + log(volume) + strata(centre) + offset(x)")
      ->required();
  verb.add_option("--ties", s.ties, "Tied event times")
      ->check(CLI::IsMember({"efron", "breslow", "exact"}))
      ->capture_default_str();
  verb.add_option("--weights", s.common.outcome.weights, "Column of case weights");
  verb.add_option("--cluster", s.common.outcome.cluster,
                  "Column that names the subject of several rows; gives the robust variance");
  verb.add_option("--entry", s.common.outcome.entry,
                  "Column of the time at which observation starts (start-stop data)");
  verb.add_flag("--robust", s.robust, "Robust (sandwich) variance also without clusters");
}

}  // namespace

void refuse_entry(const survival::CoxModel& model, const std::filesystem::path& file, const std::string& verb) {
  if (model.entry_column.empty()) return;
  throw unusable_input("the model was fitted with entry times (column \"" + model.entry_column + "\"); " + verb +
                           " supposes that all rows are observed from time 0 on",
                       file.string(), "with entry times there are: cox --entry, zph, cindex, km, predict, nomogram");
}

std::vector<std::string> unknown_level_notes(const stats::DesignSpecification& design, const stats::DataFrame& table) {
  std::vector<std::string> notes;
  for (const auto& u : design.unknown_levels(table))
    notes.push_back("warning: column \"" + u.column + "\" has the level \"" + u.level + "\" in " +
                    std::to_string(u.rows) + " rows, which the model does not know (it knows " + u.known +
                    (u.known_levels > 8 ? ", ..." : "") + "; case and blanks count)");
  return notes;
}

void add_model_warnings(const survival::CoxModel& model, std::vector<std::string>& notes) {
  for (const auto& w : model.warnings) notes.push_back("warning: " + w);
}

void add_survival_cox(CLI::App& survival, int& result) {
  auto s = std::make_shared<Settings>();
  auto* cox = survival.add_subcommand(
      "cox", "Cox model: hazard ratios, tests, concordance; univariate screening and selection; a forest plot");
  add_model_options(*cox, *s);
  add_figure_option(*cox, s->common);
  cox->add_option("--save", s->save, "Save the fitted model (JSON) for predict and nomogram");
  cox->add_option("--residuals", s->residuals_out, "Table of martingale, deviance, dfbeta and Schoenfeld residuals");
  cox->add_flag("--univariate", s->univariate, "Also a model of each term alone");
  cox->add_option("--select", s->select,
                  "Keep terms significant alone, then together, refit: lrt = likelihood ratio test of the whole "
                  "factor, paper = a factor stays if any level has P <= 0.05")
      ->check(CLI::IsMember({"none", "lrt", "paper"}))
      ->capture_default_str();
  cox->add_option("--p", s->p, "Significance for --select")->check(CLI::Range(0.0001, 0.9999))->capture_default_str();
  cox->footer(
      "Example: gliocast survival cox lung.csv --time time --event status --formula \"age + sex + ph.ecog\" --save "
      "model.json --figure forest.pdf\n"
      "Columns of text are factors, their first level in byte order is the reference unless --ref names another.");
  cox->callback([s, &result] { run_cox(*s), result = 0; });

  auto t = std::make_shared<Settings>();
  auto* zph = survival.add_subcommand("zph", "Test of proportional hazards of each term (R's cox.zph)");
  add_model_options(*zph, *t);
  zph->add_option("--transform", t->transform, "Transform of time")
      ->check(CLI::IsMember({"km", "identity", "log", "rank"}))
      ->capture_default_str();
  zph->footer("Example: gliocast survival zph lung.csv --time time --event status --formula \"age + sex\"");
  zph->callback([t, &result] { run_zph(*t), result = 0; });

  auto u = std::make_shared<Settings>();
  auto* predict = survival.add_subcommand("predict", "Survival of the rows of a new table from a saved model");
  add_statistics_options(*predict, u->common, false);
  predict->add_option("--model", u->model, "Model of gliocast survival cox --save")->required();
  predict->add_option("--times", u->times, "Times at which survival is given, in the model's unit")
      ->delimiter(',')
      ->required();
  predict->add_option("--id", u->id, "Column to carry over into the output");
  predict->footer("Example: gliocast survival predict new.csv --model model.json --times 365,730 --out predicted.tsv");
  predict->callback([u, &result] { run_predict(*u), result = 0; });
}

}  // namespace gliocast::cli
