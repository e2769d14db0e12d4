#include "frozen_statistics.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/version.hpp>
#include <gliocast/report/figure.hpp>
#include <gliocast/report/study_report.hpp>
#include <gliocast/report/table_file.hpp>

#include <string>
#include <utility>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;
using report::ReportFigure;
using report::ReportSection;
using report::ReportTable;

/// Tables go into the folder and into the section.
class Writer {
 public:
  explicit Writer(fs::path folder) : folder_(std::move(folder)) {}

  void table(const std::string& name, const std::string& title, const TextTable& table, ReportSection& to,
             const std::string& note = {}) const {
    if (table.rows.empty()) return;
    const std::string file = name + ".tsv";
    report::write_table_file(folder_ / file, table);
    to.items.emplace_back(ReportTable{title, table, file, note, 80});
  }
  void calibration(const FrozenStatistics& s, ReportSection& to) const {
    if (!s.calibration) {
      to.paragraphs.emplace_back(
          "Calibration is not drawn: there are not two groups with enough patients of each "
          "grade, or their counts are withheld.");
      return;
    }
    const fs::path svg = folder_ / "grading_calibration.svg";
    try {
      report::draw(svg, *s.calibration);
    } catch (const Error& e) {
      if (e.code() != ExitCode::CannotWrite) throw;
      log_warning(std::string("the calibration is not drawn: ") + e.what());
    }
    to.items.emplace_back(ReportFigure{"Calibration of the grading", svg, "grading_calibration.svg",
                                       "Points are groups of patients, never single ones."});
  }

 private:
  fs::path folder_;
};

ReportSection overview(const FrozenStatistics& s, const Writer& writer) {
  ReportSection out{"performance", "Performance at home and here", {}, {}, s.missing};
  out.paragraphs.emplace_back(
      "At home: as the study reports it, cross-validated over the patients who fitted the models, and on its own "
      "second "
      "cohort where it had one. Here: the same models, unchanged, on this cohort.");
  writer.table("home_and_here", "The same statistics at home and here", s.comparison, out,
               "Intervals of AUC: at home bootstrap over patients, here DeLong. C at home: bootstrap (nomograms on the "
               "second cohort: influences), here influences. Cross-validated, C is of pairs within folds.");
  return out;
}

ReportSection patients(const FrozenStatistics& s, const FrozenValidationOptions& o, const Writer& writer) {
  ReportSection out{"patients", "Patients", {}, {}, {}};
  const auto least = std::to_string(o.least);
  out.paragraphs.push_back(
      "Counts below " + least + " are printed <" + least +
      "; \"withheld\" are counts by which a small one could be computed, and statistics of a group with fewer than " +
      least + " patients, or that would tell a small count. That nobody was left out is told.");
  writer.table("counts", "Counts", s.counts, out);
  writer.table("characteristics", "Characteristics of the examined patients", s.characteristics, out,
               "Levels with fewer than " + least + " patients are put together as other.");
  return out;
}

ReportSection grading(const FrozenStatistics& s, const FrozenBundle& bundle, const Writer& writer) {
  ReportSection out{"grading", "Grading", {}, {}, {}};
  if (!bundle.has("grading")) out.paragraphs.emplace_back("The bundle has no model of grading.");
  if (s.grading.rows.empty()) return out;
  writer.table("grading", "Grading: high grade (WHO IV) against lower grades", s.grading, out,
               "Classes by the threshold that was chosen in training.");
  writer.calibration(s, out);
  writer.table("grading_groups", "Groups of the calibration", s.groups, out);
  writer.table("grading_recalibrated", "Grading before and after recalibration", s.recalibrated_grading, out,
               "After: each patient by what the others fitted. The last lines are to be used here: logit of the new "
               "probability = intercept + slope x logit of the old one.");
  return out;
}

ReportSection survival(const FrozenStatistics& s, const FrozenBundle& bundle, const Writer& writer) {
  ReportSection out{"survival", "Survival", {}, {}, {}};
  if (!bundle.has("signature")) out.paragraphs.emplace_back("The bundle has no signature of survival.");
  if (s.survival.rows.empty()) return out;
  writer.table("survival", "Signature, risk groups and nomograms", s.survival, out,
               "C: pairs in which the one of higher risk dies first. Low risk is the reference of the hazard ratio.");
  writer.table("survival_at_times", "Survival at the times of the study", s.at_times, out,
               "Predicted: mean over the patients; observed: Kaplan-Meier.");
  writer.table("survival_recalibrated", "Survival before and after recalibration", s.recalibrated_survival, out,
               "After: each patient by the baseline hazard, or baseline and slope, that the others fitted.");
  return out;
}

ReportSection methods(const FrozenBundle& bundle, const FrozenValidationOptions& o) {
  ReportSection out{"methods", "How it was made", {}, {}, {}};
  out.paragraphs.push_back("gliocast " + std::string(version()) + "; frozen study \"" +
                           bundle.manifest.at("name").get<std::string>() + "\", manifest " + bundle.checksum +
                           ", criteria and settings those of the study.");
  out.paragraphs.push_back(
      o.combat ? "Radiomics were taken towards those of the training patients by ComBat (empirical Bayes), whose means "
                 "and deviations the bundle holds. This takes out differences of patients, too, where hospitals differ "
                 "in whom they treat."
               : "Radiomics were not harmonised.");
  out.paragraphs.emplace_back(
      "This folder holds no row of a patient, no name and no image. Statistics of several runs over nearly the same "
      "patients can be subtracted from each other: give away one of them.");
  return out;
}

}  // namespace

void write_statistics(const fs::path& folder, const FrozenStatistics& s, const FrozenBundle& bundle,
                      const FrozenResults& results, const FrozenValidationOptions& o) {
  fs::remove_all(folder);
  fs::create_directories(folder);
  const Writer writer(folder);
  report::StudyReport r;
  r.title = "Validation of the frozen study \"" + bundle.manifest.at("name").get<std::string>() + "\"";
  r.subtitle = "Statistics of a cohort elsewhere; no patient is in this folder";
  r.demonstration = results.simulated || bundle.manifest.at("demonstration").get<bool>();
  r.facts = {{"Bundle", bundle.manifest.at("name").get<std::string>()},
             {"Manifest (SHA-256)", bundle.checksum},
             {"Counts withheld below", std::to_string(o.least)},
             {"ComBat", o.combat ? "yes" : "no"}};
  for (auto section : {overview(s, writer), patients(s, o, writer), grading(s, bundle, writer),
                       survival(s, bundle, writer), methods(bundle, o)})
    if (!section.empty()) r.sections.push_back(std::move(section));
  report::write_study_report(folder, r);
  write_json(folder / "statistics.json", s.json);  // last: it says that the statistics are whole
}

}  // namespace gliocast::study
