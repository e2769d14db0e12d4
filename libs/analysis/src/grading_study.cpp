#include <gliocast/analysis/grading_study.hpp>

#include "grade_figures.hpp"
#include "grade_metrics.hpp"

#include <gliocast/analysis/cells.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/stats/roc.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace gliocast::analysis {
namespace {

PredictedRows rows_of(const GradingStudy& study, const StudyPredictions& p) {
  return {study.truth, study.patient, {{p.probability, p.positive, p.fold}}};
}

std::string three_decimals(double value) { return std::isfinite(value) ? decimal(value, 3) : "NA"; }

std::string limits(const stats::Estimate& e) { return three_decimals(e.low) + "–" + three_decimals(e.high); }

std::vector<std::string> columns(const std::string& first, double level) {
  return {first, "AUC", decimal(100 * level, 0) + " % CI", "Accuracy", "Sensitivity", "Specificity", "Precision"};
}

/// The row of one model, with its numbers in JSON.
std::vector<std::string> row_of(const StudyPredictions& p, const std::vector<Metric>& metrics, Json& json) {
  json = metrics_json(metrics);
  json["model"] = p.name;
  const auto& auc = estimate_of(metrics, "auc");
  std::vector<std::string> row{p.name, three_decimals(auc.value), limits(auc)};
  for (const char* name : {"accuracy", "sensitivity", "specificity", "precision"})
    row.push_back(three_decimals(estimate_of(metrics, name).value));
  return row;
}

TextTable table_of(const GradingStudy& study, const std::vector<StudyPredictions>& models, const std::string& first,
                   const GradingStudyOptions& o, Json& json, std::vector<stats::Estimate>* auc = nullptr) {
  TextTable table{columns(first, o.level), {}};
  json = Json::array();
  for (const auto& p : models) {
    const auto metrics = grade_metrics(rows_of(study, p), o.draws, o.seed, o.threads, o.level);
    json.push_back(Json());
    table.rows.push_back(row_of(p, metrics, json.back()));
    if (auc) auc->push_back(estimate_of(metrics, "auc"));
  }
  return table;
}

/// Adds P of each network against what it is integrated in.
void add_comparisons(const GradingStudy& study, const GradingStudyOptions& o, TextTable& table, Json& json) {
  table.columns.emplace_back("P against integrated");
  for (std::size_t i = 0; i < study.networks.size(); ++i) {
    const auto c = compare_auc(rows_of(study, study.integrated[i]), {study.networks[i].probability}, o.draws, o.seed,
                               o.threads, o.level);
    table.rows[i].push_back(p_cell(c.difference.test.p));
    json[i]["against_integrated"] = {{"difference", estimate_json(c.difference.difference)},
                                     {"p", finite_or_null(c.difference.test.p)},
                                     {"test", c.test}};
  }
}

NamedFigure roc_of(const std::string& name, const GradingStudy& study, const std::vector<StudyPredictions>& models) {
  std::vector<XySeries> series;
  for (const auto& p : models)
    series.push_back(roc_series(p.probability, study.truth,
                                p.name + ", AUC " + three_decimals(stats::auc(p.probability, study.truth))));
  return {name, roc_figure(std::move(series))};
}

TextTable prediction_table(const GradingStudy& study) {
  TextTable table{{"id", "fold", "high_grade"}, {}};
  const auto& fold = study.integrated.front().fold;
  for (std::size_t r = 0; r < study.ids.size(); ++r)
    table.rows.push_back(
        {study.ids[r], fold.empty() ? "1" : std::to_string(fold[r] + 1), std::to_string(study.truth[r])});
  const auto add = [&](const std::string& part, const std::vector<StudyPredictions>& models) {
    for (const auto& p : models) {
      table.columns.push_back(part + ": " + p.name);
      table.columns.push_back(part + ": " + p.name + ", class");
      for (std::size_t r = 0; r < study.ids.size(); ++r) {
        table.rows[r].push_back(shortest(p.probability[r]));
        table.rows[r].push_back(std::to_string(p.positive[r]));
      }
    }
  };
  add("integrated", study.integrated);
  add("network alone", study.networks);
  add("radiomics", study.sequences);
  return table;
}

}  // namespace

GradingStudyResults summarise_study(const GradingStudy& study, const GradingStudyOptions& o) {
  GradingStudyResults out;
  out.json = {{"n", study.truth.size()},
              {"high_grade", std::ranges::count(study.truth, 1)},
              {"main", study.main},
              {"level", o.level},
              {"seed", o.seed}};
  std::vector<stats::Estimate> auc;  // of the integrated models
  const char* integrated = study.deep ? "Integrated (network, radiomics, classifier)" : "Model";
  out.table_1 = table_of(study, study.integrated, integrated, o, out.json["table_1"], &auc);
  out.table_2 = table_of(study, study.networks, "Network alone", o, out.json["table_2"]);
  add_comparisons(study, o, out.table_2, out.json["table_2"]);
  out.table_s3 = table_of(study, study.sequences, "Radiomics of", o, out.json["table_s3"]);
  out.predictions = prediction_table(study);
  out.figures = {roc_of("roc_integrated", study, study.integrated)};
  if (!study.sequences.empty()) out.figures.push_back(roc_of("figure_s3", study, study.sequences));
  if (!study.networks.empty()) out.figures.push_back(roc_of("roc_networks", study, study.networks));
  const auto& main = study.integrated.at(study.main);
  add_grade_figures("main_", main.probability, study.truth, auc.at(study.main), out.figures);
  return out;
}

}  // namespace gliocast::analysis
