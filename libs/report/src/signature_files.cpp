#include <gliocast/report/signature_files.hpp>

#include <gliocast/analysis/output.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/report/figure.hpp>
#include <gliocast/report/result_files.hpp>
#include <gliocast/report/table_file.hpp>
#include <gliocast/survival/cox_model_file.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace gliocast::report {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 3> kFigureEndings{".svg", ".pdf", ".png"};

/// Whether an earlier run wrote this file, which this one may not have.
bool is_earlier(const fs::path& file) {
  const std::string name = file.filename().string(), stem = file.stem().string();
  if (name == "nomogram_clinical.json" || name == "nomogram_integrated.json" || name == "selection.tsv") return true;
  if (std::ranges::find(kFigureEndings, file.extension().string()) == kFigureEndings.end()) return false;
  constexpr std::string_view kDecision = "decision_";
  return stem == "figure_3c" || stem == "figure_3d" ||
         (stem.starts_with(kDecision) && parse_number(stem.substr(kDecision.size())).has_value());
}

/// A figure of few rows may have nothing in it; the results behind it stay.
void draw_or_tell(const fs::path& file, const analysis::FigureSpecification& figure, std::vector<std::string>& notes) {
  try {
    draw(file, figure);
  } catch (const Error& e) {
    if (e.code() != ExitCode::UnusableInput) throw;
    notes.push_back("warning: " + file.filename().string() + " is not drawn: " + e.problem());
  }
}

}  // namespace

void write_overview(const fs::path& out) {
  write_index(
      out, "Evaluation of a signature",
      {{"metrics.tsv", "C, groups, hazard ratio, log-rank test; .md and .tex as papers have them"},
       {"predictions.tsv", "each row while it was left out: signature, group, survival at the times"},
       {"weights.tsv", "Table S4: the signature of all rows, and in how many outer folds each feature was chosen"},
       {"selection.tsv", "in how many outer folds each feature had a weight"},
       {"groups.tsv", "Kaplan-Meier estimates of the groups of rows left out"},
       {"times.tsv", "AUC and Brier score at the times"},
       {"kaplan_meier.svg", "figure 3A: curves of the groups of rows left out"},
       {"comparison.tsv", "every way to make the signature: C, groups, and the test against the first"},
       {"comparison_predictions.tsv", "each patient by every way, while he was left out"},
       {"sequences.tsv", "AUC of prognosis from radiomics of each sequence, and who has no label"},
       {"sequence_predictions.tsv", "their probabilities of death before the median, of patients left out"},
       {"external_predictions.tsv", "rows of the second table, by the signature of all rows of the first"},
       {"external_groups.tsv", "Kaplan-Meier estimates of their groups"},
       {"external_kaplan_meier.svg", "figure 3B: their curves"},
       {"nomograms/table_3.tsv", "Table 3: integrated nomogram, hazard ratios of its factors"},
       {"nomograms/table_4.tsv", "Table 4: clinical nomogram, the same"},
       {"nomograms/figure_3c.svg", "figure 3C: the integrated nomogram"},
       {"nomograms/figure_3d.svg", "figure 3D: the clinical one"},
       {"nomograms/figure_4a.svg", "figure 4A: calibration of the integrated nomogram, training"},
       {"nomograms/figure_4b.svg", "figure 4B: the same of rows left out, or of the second table"},
       {"nomograms/figure_4c.svg", "figure 4C: calibration of the clinical nomogram, training"},
       {"nomograms/figure_4d.svg", "figure 4D: the same of rows left out, or of the second table"},
       {"nomograms/univariate.tsv", "every factor alone"},
       {"nomograms/performance.tsv", "C, Brier score and calibration of both, and what the group adds"},
       {"nomograms/at_times.tsv", "Brier score and calibration at the times"},
       {"nomograms/selection.tsv", "in how many fits each factor stayed"},
       {"nomograms/fitted_groups.tsv", "the risk group of each training row in each fit of the nomograms"},
       {"nomograms/nomogram_integrated.json",
        "for survival predict, external and nomogram: its factor "
        "risk_group is read from the group of signature predict"},
       {"nomograms/nomogram_clinical.json", "the same without a signature"},
       {"evaluation.json", "all numbers, by docs/signature.schema.json"}},
      "There is no model here: `gliocast signature train` fits the signature for new patients.");
}

std::vector<std::string> write_nomograms(const fs::path& folder, const analysis::NomogramStudy& study,
                                         const std::vector<std::string>& kinds) {
  std::vector<std::string> notes;
  std::vector<fs::path> earlier;
  for (const auto& entry : fs::directory_iterator(folder))
    if (is_earlier(entry.path())) earlier.push_back(entry.path());
  for (const auto& file : earlier) fs::remove(file);
  for (const auto& [name, table] : study.tables) {
    write_table_file(folder / (name + ".tsv"), table);
    const bool printed = name.starts_with("table_") || name == "univariate" || name == "performance";
    for (const char* ending : {".md", ".tex"})
      if (printed) write_table_file(folder / (name + ending), table);
  }
  for (const auto& figure : study.figures)
    for (const auto& ending : kinds) draw_or_tell(folder / (figure.name + "." + ending), figure.figure, notes);
  if (study.clinical) survival::write_cox_model(folder / "nomogram_clinical.json", *study.clinical);
  if (study.integrated) survival::write_cox_model(folder / "nomogram_integrated.json", *study.integrated);
  return notes;
}

std::vector<std::string> write_evaluation(const fs::path& folder, analysis::SignatureEvaluationResults& e,
                                          const std::vector<std::string>& kinds) {
  std::vector<std::string> notes;
  write_for_papers(folder, "metrics", e.metrics, &e.printed_metrics);
  write_for_papers(folder, "weights", e.weights);
  write_for_papers(folder, "selection", e.selection);
  write_table_file(folder / "predictions.tsv", e.predictions);
  write_table_file(folder / "groups.tsv", e.groups);
  write_or_remove(folder / "times.tsv", e.times);
  write_or_remove(folder / "external_predictions.tsv", e.external_predictions);
  write_or_remove(folder / "external_groups.tsv", e.external_groups);
  e.json = analysis::with_warnings(e.json, e.notes);
  e.json["predictions"] = "predictions.tsv";  // beside it: the folder may move
  write_json(folder / "evaluation.json", e.json);
  if (e.nomograms) {
    fs::create_directories(folder / "nomograms");
    notes = write_nomograms(folder / "nomograms", *e.nomograms, kinds);
  } else {
    fs::remove_all(folder / "nomograms");  // of an earlier run: they belong to other results
  }
  draw_figures(folder, kinds, {"kaplan_meier", "external_kaplan_meier"}, e.figures);
  write_overview(folder);
  return notes;
}

}  // namespace gliocast::report
