#include "external_grading.hpp"
#include "external_signature.hpp"
#include "frozen_statistics.hpp"
#include "own_folder.hpp"
#include "study_notes.hpp"
#include "study_stages.hpp"

#include <gliocast/analysis/output.hpp>
#include <gliocast/analysis/survival_model.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/folder_lock.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/run_log.hpp>
#include <gliocast/models/bundle.hpp>
#include <gliocast/report/table_file.hpp>
#include <gliocast/signature/nomograms.hpp>
#include <gliocast/survival/calibration.hpp>
#include <gliocast/survival/cox_model_file.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;

/// What the work reads, with the settings of the bundle.
struct Work {
  const FrozenValidationOptions& o;
  const FrozenBundle& bundle;
  StudyContext context;
  FrozenResults results{};

  [[nodiscard]] const StudySettings& settings() const { return context.settings(); }
  [[nodiscard]] std::vector<double> times() const {
    auto times = settings().times;
    std::ranges::sort(times);
    return times;
  }
};

/// The settings of the study; outlines by the segmentation model that the study had, or by the one that it trained.
StudySettings settings_of(const FrozenBundle& bundle, const FrozenValidationOptions& o) {
  const fs::path file = bundle.folder / "settings.yaml";
  auto settings = parse_settings(read_text(file), file.string());
  const Json& outlines = bundle.manifest.at("outlines");
  if (!o.segmentation_model.empty()) settings.outlines.segmentation_model = o.segmentation_model;
  const bool trained = outlines.at("by") == "trained";
  if (outlines.at("by") != "network" && !trained) return settings;
  settings.outlines.by = "network";
  const auto name =
      trained ? bundle.model(kFrozenOutlines).string() : outlines.at("segmentation_model").get<std::string>();
  if (o.segmentation_model.empty()) settings.outlines.segmentation_model = name;
  const fs::path model = models::find_bundle(o.models, settings.outlines.segmentation_model);
  if (models::read_bundle(model, models::Kind::Segmentation).checksum != outlines.at("sha256").get<std::string>())
    throw Error(ExitCode::MissingModel, "the study's tumours were outlined by another segmentation model (checksum)",
                model.string(),
                "take the model \"" + name + "\" of the hospital where the study was frozen (--segmentation-model)");
  return settings;
}

std::optional<analysis::Harmonisation> reference_of(const Work& w, const std::string& model) {
  if (!w.o.combat) return std::nullopt;
  const fs::path folder = w.bundle.reference(model);
  if (!fs::exists(folder))
    throw Error(ExitCode::MissingModel, "the bundle has no reference of ComBat for the " + model, folder.string(),
                "leave out --combat");
  return analysis::read_harmonisation(folder);
}

/// What cannot be judged is said without the error's text, which may name a patient; that goes to the console.
void give_up(Work& w, const std::string& what, const Error& e) {
  log_warning(what + " cannot be judged: " + e.what());
  w.results.missing.push_back(what + " could not be judged on this cohort: the hospital's log says why.");
}

void grade(Work& w, pipeline::ExaminedCohort examined) {
  const auto reference = reference_of(w, "grading");
  constexpr std::size_t kDraws = 100;  // of intervals that are not used: those given away are DeLong's and Wilson's
  analysis::GradingStudyOptions o{kDraws, w.settings().seed, w.o.threads, w.settings().level};
  const auto said = grade_externally(w.bundle.model("grading"), std::move(examined), o, w.o.device,
                                     reference ? &*reference : nullptr);
  tell("grading", said.notes);
  report::write_table_file(w.context.patients_folder() / "grading.tsv", said.results.predictions);
  const auto& model = said.study.integrated.front();
  w.results.graded = analysis::GradedRows{said.study.ids, model.probability, said.study.truth, model.positive};
}

void write_survival_rows(const Work& w, const analysis::SurvivalRows& rows) {
  TextTable table{{"id", "time", "event", "signature", "group"}, {}};
  for (const double t : rows.times) table.columns.push_back("survival_" + shortest(t));
  for (std::size_t i = 0; i < rows.ids.size(); ++i) {
    table.rows.push_back({rows.ids[i], shortest(rows.outcome.time[i]), rows.outcome.event[i] ? "1" : "0",
                          shortest(rows.signature[i]), rows.high_risk[i] ? "high risk" : "low risk"});
    for (const double s : rows.survival[i]) table.rows.back().push_back(shortest(s));
  }
  report::write_table_file(w.context.patients_folder() / "survival.tsv", table);
}

/// A nomogram of the bundle on the cohort's clinical facts and risk groups.
void judge_nomogram(Work& w, const std::string& name, const std::optional<models::Bundle>& nomogram,
                    const stats::DataFrame& table, const survival::OutcomeColumns& outcome) {
  if (!nomogram) return;
  try {
    analysis::SavedModel saved{survival::cox_model_from_json(nomogram->payload, name), name + " nomogram"};
    const auto rows = analysis::judge_model(table, outcome, {std::move(saved), ""}, {}, w.settings().level, "validate");
    tell(name + " nomogram", rows.used.notes);
    JudgedNomogram judged{name, {}, {}, rows.risk.size(), rows.used.events};
    judged.concordance = survival::concordance(rows.used.sample, rows.risk,
                                               {survival::ConcordanceWeight::Harrell, w.settings().level, {}});
    judged.slope = survival::calibration_slope(rows.used.sample, rows.risk, w.settings().level).estimate;
    w.results.nomograms.push_back(std::move(judged));
  } catch (const Error& e) {
    if (e.code() != ExitCode::UnusableInput) throw;
    give_up(w, "The " + name + " nomogram", e);
  }
}

void judge_survival(Work& w) {
  const auto fused = pipeline::read_fused_signature(w.bundle.model("signature"));
  const auto reference = reference_of(w, "signature");
  SurvivalCohortOptions options;
  options.clinical =
      write_clinical(w.context.patients_folder() / "clinical.tsv", w.context.survival, w.settings().unit);
  options.examine = w.context.examine();
  options.failures = w.context.patients_folder() / "survival_failures.tsv";
  const auto external = predict_external(fused, w.context.survival, options, w.times(), w.settings().level,
                                         reference ? &*reference : nullptr);
  tell("signature", external.said.notes);
  analysis::SurvivalRows rows;
  rows.ids = external.table.table.features.ids;
  rows.outcome = external.table.table.outcome;
  rows.signature = external.said.signature;
  rows.high_risk = external.said.high_risk;
  rows.times = w.times();
  for (const auto& s : external.said.survival) rows.survival.push_back(s.survival);
  rows.unit = w.settings().unit;
  write_survival_rows(w, rows);
  const auto table = signature::with_risk_group(external.table.clinical, rows.high_risk);
  judge_nomogram(w, "clinical", fused.clinical_nomogram, table, options.clinical.outcome);
  judge_nomogram(w, "integrated", fused.integrated_nomogram, table, options.clinical.outcome);
  w.results.survival = std::move(rows);
}

void judge(Work& w, pipeline::ExaminedCohort examined) {
  std::set<std::string> seen;
  for (const auto& p : examined.patients) seen.insert(p.input.id);
  for (const auto& p : w.results.cohort.included)
    if (seen.contains(p.id)) w.results.examined.push_back(p);
  w.results.simulated = examined.simulated;
  if (w.bundle.has("grading")) {
    try {
      grade(w, std::move(examined));
    } catch (const Error& e) {
      if (e.code() != ExitCode::UnusableInput) throw;
      give_up(w, "The grading", e);
    }
  }
  if (!w.bundle.has("signature")) return;
  if (w.context.survival.empty()) {
    w.results.missing.push_back("Survival is not judged: fewer than " + std::to_string(w.o.least) +
                                " patients have a lower grade and a known survival.");
    return;
  }
  try {
    judge_survival(w);
  } catch (const Error& e) {
    if (e.code() != ExitCode::UnusableInput) throw;
    give_up(w, "The signature", e);
  }
}

}  // namespace

FrozenValidation validate_frozen(const FrozenValidationOptions& o) {
  (void)analysis::CountCells(o.least);  // before hours of work
  const auto bundle = read_frozen_bundle(o.bundle);
  require_own_folder(o.out, "a validation", {"validation.json", ".lock"});
  StudyOptions study;
  study.out = o.out;
  study.models = o.models;
  study.settings = settings_of(bundle, o);
  study.threads = o.threads;
  study.device = o.device;
  Work w{o, bundle, study_context(o.inputs, study)};
  w.results.cohort = w.context.patients.training;
  const FolderLock lock(o.out);
  remove_unfinished(o.out);
  fs::remove_all(o.out / "statistics");  // of an earlier run: it must not look like this one's
  const RunLog log(o.out / "log.jsonl");
  write_json(o.out / "validation.json", {{"bundle", bundle.manifest.at("name")}, {"manifest_sha256", bundle.checksum}});
  FrozenValidation out;
  out.patients = w.context.everyone().size();
  auto examined = pipeline::examine_cohort(w.context.everyone(), w.context.examine());
  out.failures = examined.failures;
  write_failures(o.out / "failures.tsv", out.failures);
  if (examined.patients.empty()) throw unusable_input("no patient could be examined");
  judge(w, std::move(examined));
  out.statistics = o.out / "statistics";
  write_statistics(out.statistics, share(w.results, bundle, w.settings(), o), bundle, w.results, o);
  return out;
}

}  // namespace gliocast::study
