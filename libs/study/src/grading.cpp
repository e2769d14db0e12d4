#include <gliocast/study/grading.hpp>

#include "designs.hpp"
#include "final_model.hpp"

#include <gliocast/cohort/find_patients.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/version.hpp>
#include <gliocast/report/figure.hpp>
#include <gliocast/report/table_file.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;

std::vector<cohort::PatientFiles> patients_of(const GradingOptions& o) {
  std::vector<cohort::PatientFiles> patients;
  for (const auto& folder : o.cohorts)
    for (auto& p : cohort::find_patients(folder)) {
      if (p.centre.empty() && o.cohorts.size() > 1) p.centre = folder.filename().string();
      patients.push_back(std::move(p));
    }
  return patients;
}

/// Radiomics of each sequence as tables that `grade evaluate` takes.
void write_feature_tables(const GradedCohort& cohort, const fs::path& out) {
  for (const auto& s : cohort.sequences) {
    const auto& t = s.table;
    TextTable table{{"id", "grade", "centre"}, {}};
    table.columns.insert(table.columns.end(), t.features.begin(), t.features.end());
    for (std::size_t r = 0; r < t.rows(); ++r) {
      table.rows.push_back({t.ids[r], t.outcome[r] == 1 ? "HGG" : "LGG", t.centre[r]});
      for (std::size_t c = 0; c < t.features.size(); ++c)
        table.rows.back().push_back(std::isfinite(t.values(r, c)) ? shortest(t.values(r, c)) : "NA");
    }
    report::write_table_file(out / ("features_" + std::string(key_name(s.sequence)) + ".tsv"), table);
  }
}

void write_results(const analysis::GradingStudyResults& results, const fs::path& out) {
  const auto write = [&](const std::string& name, const TextTable& table) {
    for (const char* ending : {".tsv", ".md", ".tex"}) report::write_table_file(out / (name + ending), table);
  };
  write("table_1", results.table_1);
  write("table_2", results.table_2);
  write("table_s3", results.table_s3);
  report::write_table_file(out / "predictions.tsv", results.predictions);
  for (const auto& figure : results.figures)
    for (const char* ending : {".svg", ".pdf", ".png"}) report::draw(out / (figure.name + ending), figure.figure);
}

Json settings_json(const GradedCohort& cohort, const std::string& outlined_by, const GradingOptions& o) {
  return {{"version", version()},
          {"design", o.design == GradingDesign::Crossed ? "crossed" : "paper"},
          {"patients", cohort.cases.size()},
          {"outlined_by", outlined_by},
          {"radiomics", o.examine.radiomics},
          {"chain", learn::chain_to_yaml(o.chain)},
          {"network", o.network.network.to_json()},
          {"epochs", o.network.common.epochs},
          {"batch", o.network.common.batch},
          {"learning_rate", o.network.common.learning_rate},
          {"permuted", o.permute_labels},
          {"seed", o.seed}};
}

}  // namespace

GradingOutcome run_grading(const GradingOptions& o) {
  auto examine = o.examine;
  examine.out = o.out / "patients";
  auto examined = pipeline::examine_cohort(patients_of(o), examine);
  write_failures(o.out / "failures.tsv", examined.failures);
  GradingOutcome outcome{0, examined.failures.size()};
  const std::string outlined_by = examined.outlined_by;
  // A fold, and each half of the others, must hold two patients of a grade.
  const std::size_t least = o.folds + o.folds / (o.folds - 1) + 4;
  const auto cohort = graded_cohort(std::move(examined), examine.sequences, o.permute_labels, o.seed, least);
  outcome.patients = cohort.cases.size();
  write_feature_tables(cohort, o.out);
  const auto studied = run_crossed(cohort, o);
  auto results = analysis::summarise_study(studied.predictions, {o.draws, o.seed, o.threads});
  write_results(results, o.out);
  write_final_model(cohort, studied, o);
  results.json["settings"] = settings_json(cohort, outlined_by, o);
  results.json["audit"] = studied.audit;
  write_json(o.out / "study.json", results.json);  // last: it says that the study is done
  return outcome;
}

}  // namespace gliocast::study
