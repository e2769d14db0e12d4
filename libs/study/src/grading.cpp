#include <gliocast/study/grading.hpp>

#include "designs.hpp"
#include "final_model.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/core/version.hpp>
#include <gliocast/report/result_files.hpp>
#include <gliocast/report/table_file.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;

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
  report::write_for_papers(out, "table_1", results.table_1);
  if (!results.table_2.rows.empty()) report::write_for_papers(out, "table_2", results.table_2);
  report::write_for_papers(out, "table_s3", results.table_s3);
  report::write_table_file(out / "predictions.tsv", results.predictions);
}

/// A machine without gnuplot still gets its numbers.
void draw_figures(const analysis::GradingStudyResults& results, const fs::path& out) {
  try {
    report::draw_figures(out, {"svg", "pdf", "png"}, {}, results.figures);
  } catch (const Error& e) {
    if (e.code() != ExitCode::CannotWrite) throw;
    log_warning(std::string("figures are not drawn: ") + e.what());
  }
}

/// An earlier study's results must not look like this one's while it runs.
void remove_earlier_results(const fs::path& out) {
  fs::remove(out / "study.json");
  fs::remove_all(out / "model");
  for (const auto& entry : fs::directory_iterator(out))
    if (const auto name = entry.path().filename().string();
        name.starts_with("table_") || name.starts_with("features_") || name == "predictions.tsv")
      fs::remove(entry.path());
}

Json settings_json(const GradedCohort& cohort, const std::string& outlined_by, const GradingOptions& o) {
  Json json{{"version", version()},
            {"design", o.design == GradingDesign::Crossed ? "crossed" : "paper"},
            {"patients", cohort.cases.size()},
            {"chain", learn::chain_to_yaml(o.chain)},
            {"deep", o.deep},
            {"folds", o.folds},
            {"refits", o.refits},
            {"draws", o.draws},
            {"permuted", o.permute_labels},
            {"seed", o.seed}};
  if (!outlined_by.empty())
    json.update(
        {{"outlined_by", outlined_by},
         {"outlines",
          o.examine.segmentation_of.empty()
              ? "whether the segmentation model was fitted on patients of this cohort is not known to the program"
              : "who fitted the networks that outlined is in stages/segmentation/audit.json"},
         {"radiomics", o.examine.radiomics}});
  if (o.deep)
    json.update({{"network", o.network.network.to_json()},
                 {"patch_zyx", o.network.patch_zyx},
                 {"patch_step", o.network.step},
                 {"epochs", o.network.common.epochs},
                 {"steps_per_epoch", o.network.common.steps_per_epoch},
                 {"batch", o.network.common.batch},
                 {"learning_rate", o.network.common.learning_rate}});
  return json;
}

/// Of each grade: a chain needs some in each half of the training patients, or in each part of the split.
std::size_t least_patients(const GradingOptions& o) {
  const std::size_t half = learn::ChainLearner(o.chain).patients_needed();
  if (o.design == GradingDesign::Paper) return 2 * half + 2;
  const std::size_t training = (o.deep ? 2 : 1) * half;  // of which a fold is left out
  return training + (training + o.folds - 2) / (o.folds - 1);
}

/// Before hours of work: whether there can be enough.
void require_grades(const std::vector<cohort::PatientFiles>& patients, const GradingOptions& o) {
  std::array<std::size_t, 2> of_grade{};
  for (const auto& p : patients)
    if (p.grade) ++of_grade.at(static_cast<std::size_t>(*p.grade));
  require_of_each(of_grade[0], of_grade[1], least_patients(o));
}

/// Those who can be studied, and who failed before; the others are told.
std::vector<cohort::PatientFiles> with_grade(std::vector<cohort::PatientFiles> patients) {
  std::vector<std::string> left_out;
  std::erase_if(patients, [&](const cohort::PatientFiles& p) {
    if (!p.grade && !p.failure) left_out.push_back(p.id);
    return !p.grade && !p.failure;
  });
  if (!left_out.empty())
    log_warning(std::to_string(left_out.size()) + " patients without a grade are left out: " + listed(left_out, 10));
  return patients;
}

}  // namespace

std::vector<Failure> run_grading(const std::vector<cohort::PatientFiles>& patients, const GradingOptions& o) {
  require_grades(patients, o);
  remove_earlier_results(o.out);
  auto examine = o.examine;
  examine.out = o.patients.empty() ? o.out / "patients" : o.patients;
  auto examined = pipeline::examine_cohort(with_grade(patients), examine);
  auto failures = std::move(examined.failures);
  write_failures(o.out / "failures.tsv", failures);
  const std::string outlined_by = examined.outlined_by;
  const auto cohort =
      graded_cohort(std::move(examined), examine.sequences, o.permute_labels, o.seed, least_patients(o));
  if (!o.permute_labels) write_feature_tables(cohort, o.out);  // shuffled grades would be taken for true ones
  const auto studied = o.design == GradingDesign::Crossed ? run_crossed(cohort, o) : run_paper(cohort, o);
  auto results = analysis::summarise_study(studied.predictions, {o.draws, o.seed, o.threads});
  write_results(results, o.out);
  draw_figures(results, o.out);
  write_final_model(cohort, studied, o);
  results.json["settings"] = settings_json(cohort, outlined_by, o);
  results.json["sequence"] = key_name(studied.sequence);
  results.json["audit"] = studied.audit;
  write_json(o.out / "study.json", results.json);  // last: it says that the study is done
  return failures;
}

}  // namespace gliocast::study
