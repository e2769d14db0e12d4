#include <gliocast/analysis/signature_nomograms.hpp>

#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/figures.hpp>
#include <gliocast/analysis/survival_model.hpp>
#include <gliocast/analysis/survival_nomogram.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/quantile.hpp>

#include "signature_comparison.hpp"
#include "survival_parts.hpp"

#include <algorithm>
#include <cmath>

namespace gliocast::analysis {
namespace {

using signature::FittedNomogram;

constexpr double kReadable = 1000;  // a hazard ratio beyond is written with an exponent

std::string ratio_text(const stats::Estimate& ratio) {
  const auto text = [](double v) { return v < kReadable ? decimal(v, 2) : general_number(v, 3); };
  if (std::isnan(ratio.value)) return "not estimable";
  return text(ratio.value) + " (" + text(ratio.low) + " to " + text(ratio.high) + ")";
}

/// What a column of a design means: "grade: III against II", "age".
std::string meaning_of(const stats::DesignSpecification& design, std::size_t c) {
  const auto& term = design.formula().terms[design.term_of_column()[c]];
  const auto& coding = design.codings()[term[0]];
  if (term.size() != 1 || coding.kind != stats::VariableCoding::Kind::Factor) return design.names()[c];
  const auto part = design.column_parts()[c][0];
  const auto& reference = coding.levels.front();
  const std::string& label = design.formula().variables[term[0]].label;
  return label + ": " + coding.levels[part.index] + " against " + reference;
}

/// Hazard ratio and P of what has this meaning in a model; "NA" where nothing has, as with another reference level.
std::vector<std::string> ratio_cells(const survival::CoxAnalysis* a, const std::string& meaning, double level) {
  if (a != nullptr)
    for (std::size_t c = 0; c < a->data.names.size(); ++c)
      if (meaning_of(a->model.design, c) == meaning) {
        if (a->fit.infinite(c)) return {"not estimable (separation)", "NA"};
        const auto h = hazard_ratio(a->fit, c, level);
        return {ratio_text(h.ratio), p_cell(h.test.p)};
      }
  return {"NA", "NA"};
}

/// Rows of a table of hazard ratios: one a column of the model, `p`: of each of its terms.
void add_ratio_rows(const survival::CoxAnalysis& a, const survival::CoxAnalysis* validation, bool external,
                    const std::vector<double>& p, const std::vector<std::string>& kept, double level,
                    TextTable& table) {
  const auto& design = a.model.design;
  for (std::size_t c = 0; c < a.data.names.size(); ++c) {
    const std::size_t term = design.term_of_column()[c];
    std::vector<std::string> row{meaning_of(design, c)};
    for (auto& text : ratio_cells(&a, row[0], level)) row.push_back(std::move(text));
    if (external)
      for (auto& text : ratio_cells(validation, row[0], level)) row.push_back(std::move(text));
    row.push_back(p_cell(p[term]));
    row.emplace_back(std::ranges::find(kept, design.term_labels()[term]) == kept.end() ? "no" : "yes");
    table.rows.push_back(std::move(row));
  }
}

std::vector<std::string> ratio_columns(double level, bool external, const char* last) {
  const std::string ratio = "HR (" + plain_number(100 * level, 4) + "% CI)";
  std::vector<std::string> columns{"factor", "training " + ratio, "training P"};
  if (external) columns.insert(columns.end(), {"validation " + ratio, "validation P"});
  columns.insert(columns.end(), {"P of the factor", last});
  return columns;
}

/// What a study is put together from.
struct Parts {
  const NomogramStudyOptions& options;
  const stats::DataFrame* external;
  ComparisonTables comparison;
  TextTable coefficients{coefficient_columns(), {}};
  NomogramStudy study;

  void add(const std::string& note) {
    if (std::ranges::find(study.notes, note) == study.notes.end()) study.notes.push_back(note);
  }
};

/// The factors that were kept alone, refitted to the external rows, as the paper prints them.
std::optional<survival::CoxAnalysis> refit(const std::string& name, const FittedNomogram& fitted, Parts& parts) {
  if (parts.external == nullptr || fitted.multivariate.analysis == std::nullopt) return std::nullopt;
  auto outcome = parts.options.outcome;
  outcome.coding = fitted.multivariate.analysis->model.event_coding;
  try {
    auto a = survival::analyse_cox(*parts.external, outcome, fitted.univariate.formula,
                                   parts.options.comparison.nomogram.fit);
    for (const auto& w : a.fit.warnings) parts.add("warning: " + name + ", refitted to the external rows: " + w);
    return a;
  } catch (const Error& e) {
    parts.add("warning: " + name + " cannot be refitted to the external rows: " + e.problem());
    return std::nullopt;
  }
}

Json univariate_json(const std::string& name, const FittedNomogram& fitted, Parts& parts) {
  Json list = Json::array();
  for (const auto& u : fitted.univariate.models) {
    Json item = cox_fit_json(u.analysis, parts.options.comparison.level, parts.coefficients, name + ", univariate");
    item["term"] = u.term;
    item["p"] = finite_or_null(u.p);
    item["kept"] = u.kept;
    list.push_back(std::move(item));
  }
  return list;
}

/// The table of one nomogram's factors, and all that was fitted for it as JSON.
Json describe_fit(const std::string& name, const char* table_name, const FittedNomogram& fitted, Parts& parts) {
  const double level = parts.options.comparison.level;
  const auto json_of = [&](const std::optional<survival::CoxAnalysis>& a, const std::string& kind) {
    return a ? cox_fit_json(*a, level, parts.coefficients, name + ", " + kind) : Json(nullptr);
  };
  const auto validation = refit(name, fitted, parts);
  TextTable table{ratio_columns(level, parts.external != nullptr, "in the nomogram"), {}};
  if (fitted.multivariate.analysis)
    add_ratio_rows(*fitted.multivariate.analysis, validation ? &*validation : nullptr, parts.external != nullptr,
                   fitted.multivariate.p, fitted.factors, level, table);
  parts.study.tables.push_back({table_name, std::move(table)});
  const auto doubts = fitted.doubts();
  for (const auto& d : doubts) parts.add("warning: " + name + ": " + d);
  parts.add(name + " nomogram: " + std::to_string(fitted.n) + " rows, " + std::to_string(fitted.events) + " events, " +
            std::to_string(fitted.parameters) + " parameters among the candidates");
  Json json{{"n", fitted.n},
            {"events", fitted.events},
            {"left_out", fitted.left_out},
            {"factors", fitted.factors},
            {"constant", fitted.constant},
            {"parameters", fitted.parameters},
            {"doubts", doubts}};
  json["univariate"] = univariate_json(name, fitted, parts);
  json["multivariate"] = json_of(fitted.multivariate.analysis, "multivariate");
  if (fitted.multivariate.analysis) json["multivariate"]["term_p"] = numbers_json(fitted.multivariate.p);
  json["validation"] = json_of(validation, "validation");
  json["model"] = json_of(fitted.fit, "nomogram");
  return json;
}

/// Every candidate alone: those of the integrated nomogram hold the clinical ones.
TextTable univariate_table(const FittedNomogram& integrated, double level) {
  TextTable table{ratio_columns(level, false, "kept"), {}};
  for (const auto& u : integrated.univariate.models) {
    const std::vector<std::string> kept = u.kept ? std::vector{u.term} : std::vector<std::string>{};
    add_ratio_rows(u.analysis, nullptr, false, {u.p}, kept, level, table);
  }
  return table;
}

void draw_nomogram(const std::string& name, const std::string& file, const FittedNomogram& fitted, Parts& parts) {
  if (!fitted.fit) return;
  const auto& o = parts.options;
  try {
    auto drawn = nomogram(fitted.fit->model, {o.comparison.times, "", o.unit, name + " nomogram"});
    for (const auto& n : drawn.notes) parts.add(name + " nomogram: " + n);
    parts.study.figures.push_back({file, std::move(drawn.figures.front())});
  } catch (const Error& e) {
    parts.add("warning: " + name + " nomogram: it cannot be drawn: " + e.problem());
  }
}

/// Rows with an outcome and a value in every candidate, the risk group among them: both models have the same.
survival::SurvivalFrame rows_of_both(const stats::DataFrame& frame, const NomogramStudyOptions& o) {
  auto columns = signature::columns_of(frame, o.comparison.nomogram);
  columns.emplace_back(signature::kRiskGroup);
  return survival::make_survival_frame(frame, o.outcome, columns);
}

void fit_both(const survival::SurvivalFrame& used, Parts& parts) {
  const auto& o = parts.options;
  auto with_group = o.comparison.nomogram;
  with_group.candidates.emplace_back(signature::kRiskGroup);
  const auto clinical = signature::fit_nomogram(used.frame, o.outcome, o.comparison.nomogram),
             integrated = signature::fit_nomogram(used.frame, o.outcome, with_group);
  auto& study = parts.study;
  study.tables.push_back({"univariate", univariate_table(integrated, o.comparison.level)});
  study.json["integrated"] = describe_fit("integrated", "table_3", integrated, parts);
  study.json["clinical"] = describe_fit("clinical", "table_4", clinical, parts);
  draw_nomogram("Integrated", "figure_3c", integrated, parts);
  draw_nomogram("Clinical", "figure_3d", clinical, parts);
  if (integrated.fit) study.integrated = integrated.fit->model;
  if (clinical.fit) study.clinical = clinical.fit->model;
}

void draw_comparison(const signature::NomogramComparison& c, const std::string& data, Parts& parts) {
  const bool training = data == "training";
  auto& figures = parts.study.figures;
  const auto& o = parts.options;
  figures.push_back(
      {training ? "figure_4a" : "figure_4b", calibration_of(c, c.integrated, "Integrated nomogram, " + data, o)});
  figures.push_back(
      {training ? "figure_4c" : "figure_4d", calibration_of(c, c.clinical, "Clinical nomogram, " + data, o)});
  if (training) return;
  for (std::size_t t = 0; t < c.times.size(); ++t) {
    const std::string file = "decision_" + data_cell(c.times[t]);
    figures.push_back({file, decision_of(c, t, "Net benefit, " + data, o)});
  }
}

void compare_everywhere(const stats::DataFrame& training, const survival::SurvivalFrame& used,
                        const std::vector<signature::GroupedFold>& folds, Parts& parts) {
  const auto& o = parts.options;
  Json& json = parts.study.json["comparisons"];
  const auto add = [&](const char* data, const signature::NomogramComparison& c, bool drawn) {
    json[data] = add_comparison(data, c, o, parts.comparison, parts.study.notes);
    if (drawn) draw_comparison(c, data, parts);
  };
  add("training", signature::compare_nomograms(used.frame, used.frame, o.outcome, o.comparison), true);
  parts.add("training: the models were fitted to these very rows, which flatters both (apparent)");
  if (!folds.empty())
    add("cross-validation", signature::compare_nomograms(training, o.outcome, folds, o.comparison),
        parts.external == nullptr);
  if (parts.external != nullptr)
    add("external", signature::compare_nomograms(training, *parts.external, o.outcome, o.comparison), true);
}

}  // namespace

std::vector<double> times_within_follow_up(const survival::SurvivalSample& sample) {
  auto followed = sample.time;
  std::ranges::sort(followed);
  const double last = quantile_r7(followed, 0.75);
  std::vector<double> times;
  for (const double t : time_ticks(last))
    if (t > 0 && t <= last) times.push_back(t);
  if (times.empty()) return {quantile_r7(followed, 0.5)};
  // At most three, evenly, the last among them.
  const std::size_t step = (times.size() + 2) / 3;
  std::vector<double> spread;
  for (std::size_t i = (times.size() - 1) % step; i < times.size(); i += step) spread.push_back(times[i]);
  return spread;
}

NomogramStudy study_nomograms(const stats::DataFrame& training, const stats::DataFrame* external,
                              const std::vector<signature::GroupedFold>& folds, const NomogramStudyOptions& o) {
  Parts parts{o, external, comparison_tables(o), {coefficient_columns(), {}}, {}};
  const auto& nomogram = o.comparison.nomogram;
  parts.study.json = {{"time", o.outcome.time},
                      {"event", o.outcome.event},
                      {"unit", o.unit},
                      {"level", o.comparison.level},
                      {"times", o.comparison.times},
                      {"candidates", nomogram.candidates},
                      {"drop_rule", survival::name_of(nomogram.rule)},
                      {"p", nomogram.p},
                      {"comparisons", Json::object()}};
  const auto used = rows_of_both(training, o);
  parts.study.notes = used.notes;
  fit_both(used, parts);
  compare_everywhere(training, used, folds, parts);
  auto& tables = parts.study.tables;
  tables.push_back({"coefficients", std::move(parts.coefficients)});
  tables.push_back({"performance", std::move(parts.comparison.performance)});
  tables.push_back({"at_times", std::move(parts.comparison.at_times)});
  tables.push_back({"calibration", std::move(parts.comparison.calibration)});
  tables.push_back({"decision", std::move(parts.comparison.decision)});
  if (!parts.comparison.selection.rows.empty()) tables.push_back({"selection", std::move(parts.comparison.selection)});
  return std::move(parts.study);
}

}  // namespace gliocast::analysis
