#include "study_stages.hpp"

#include "external_grading.hpp"
#include "measured_study.hpp"
#include "outline_pictures.hpp"
#include "segmentation_networks.hpp"
#include "study_cost.hpp"
#include "study_notes.hpp"
#include "survival_cohort.hpp"

#include <gliocast/analysis/output.hpp>
#include <gliocast/analysis/survival_characteristics.hpp>
#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/learn/chain_file.hpp>
#include <gliocast/models/bundle.hpp>
#include <gliocast/pipeline/examined_files.hpp>
#include <gliocast/pipeline/train.hpp>
#include <gliocast/report/result_files.hpp>
#include <gliocast/report/signature_files.hpp>
#include <gliocast/report/table_file.hpp>
#include <gliocast/signature/specification_file.hpp>
#include <gliocast/study/raters.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;
using cohort::PatientFiles;

std::vector<PatientFiles> joined(std::vector<PatientFiles> a, const std::vector<PatientFiles>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

bool pooled(const StudySettings& s) { return s.grading.design == "paper"; }

/// Notes of a stage, for the report.
void write_notes(const fs::path& folder, const std::string& stage, const std::vector<std::string>& notes) {
  tell(stage, notes);
  write_json(folder / "notes.json", notes);
}

void take(const NetworkSettings& from, nn::TrainingOptions& to) {
  to.epochs = from.epochs;
  to.steps_per_epoch = from.steps_per_epoch;
  to.batch = from.batch;
  to.learning_rate = from.learning_rate;
}

/// What training and evaluation of the signature share. `networks`: their folder's parent.
void take_signature(const StudyContext& c, const fs::path& work, const fs::path& folder, SignatureOptions& o) {
  const auto& s = c.settings().signature;
  o.work = work;
  o.patients = c.patients_folder();
  o.examine = c.examine();
  if (!s.sequence.empty()) o.sequence = sequence_of_key(s.sequence);
  o.clinical = write_clinical(folder / "clinical.tsv", c.survival, c.settings().unit);
  o.deep = s.deep;
  o.network = nn::PrognosisTrainingOptions::preset(s.way == "paper" ? "paper" : "default");
  take(s.network, o.network.common);
  o.network.network.base_width = s.network.base_width;
  o.network.common.device = c.options.device;
  o.imagenet = s.imagenet;
  o.specification = signature::named_specification(s.way, s.inner);
  o.seed = c.settings().seed;
  o.threads = c.options.threads;
}

analysis::NomogramStudyOptions nomogram_options(const StudyContext& c) {
  analysis::NomogramStudyOptions o;
  o.comparison.nomogram.candidates = c.settings().nomograms.factors;
  o.comparison.nomogram.rule = survival::drop_rule_of(c.settings().nomograms.drop_rule);
  o.comparison.times = c.settings().times;
  o.comparison.level = c.settings().level;
  o.unit = c.settings().unit;
  return o;
}

/// Fewer than two deaths say nothing of a signature.
bool take_second_cohort(const StudyContext& c, const fs::path& folder, SignatureEvaluationOptions& o) {
  constexpr std::size_t kLeastEvents = 2;
  if (c.survival_external.empty()) return false;
  const auto clinical = write_clinical(folder / "clinical_external.tsv", c.survival_external, c.settings().unit);
  if (events_among(c.survival_external, pipeline::read_outcomes(clinical)) < kLeastEvents) return false;
  o.external = c.survival_external;
  o.external_clinical = clinical;
  return true;
}

/// Who outlined the tumours: another network's outlines give other radiomics.
Json outlines_json(const pipeline::ExamineOptions& e) {
  if (e.expert_outlines) return {{"by", "experts"}};
  const auto bundle =
      models::read_bundle(models::find_bundle(e.models, e.segmentation_model), models::Kind::Segmentation);
  return {{"by", e.segmentation_of.empty() ? "network" : "trained"},
          {"segmentation_model", bundle.name},
          {"sha256", bundle.checksum}};
}

std::vector<std::string> ids_of(const std::vector<PatientFiles>& patients) {
  std::vector<std::string> out;
  for (const auto& p : patients) out.push_back(p.id);
  return out;
}

}  // namespace

pipeline::ClinicalTable write_clinical(const fs::path& file, const std::vector<PatientFiles>& patients,
                                       const std::string& unit) {
  auto rows = clinical_rows_of(patients);
  const std::string time = "time_" + unit;  // by its name figures and models know the unit
  if (const auto column = rows.find_column("time")) rows.columns[*column] = time;
  report::write_table_file(file, rows);
  pipeline::ClinicalTable table;
  table.file = file;
  table.outcome.time = time;
  table.outcome.event = "event";
  table.grade = "grade";
  return table;
}

std::vector<Sequence> StudyContext::sequences() const {
  return measured ? measured->sequences : pipeline::ExamineOptions{}.sequences;
}

pipeline::ExamineOptions StudyContext::examine() const {
  pipeline::ExamineOptions e;
  e.out = patients_folder();
  e.models = options.models;
  e.segmentation_model = settings().outlines.segmentation_model;
  if (trains_outlines(settings())) {
    e.segmentation_of = outlining_bundles(*this);
    const bool trained = !e.segmentation_of.empty();
    e.segmentation_model = trained ? outlining_bundle_for_use(options.out).string() : "./not trained yet";
  }
  e.expert_outlines = settings().outlines.by == "experts";
  e.slice_yx = pipeline::kPrognosisSlice;
  e.radiomics = settings().radiomics;
  e.raters = settings().outlines.raters;
  e.preprocess.preprocessed = preprocess::parse_preprocessed(settings().outlines.preprocessed);
  e.device = options.device;
  e.jobs = patients_at_a_time(options);
  e.measured = measured;
  e.sequences = sequences();
  return e;
}

std::vector<std::string> StudyContext::feature_names() const {
  if (measured) return measured->features;
  for (const auto& p : everyone())
    if (const auto record = pipeline::examination_of(patients_folder(), p.id))
      return record->at("features").get<std::vector<std::string>>();
  return {};
}

std::vector<PatientFiles> StudyContext::everyone() const {
  return joined(patients.training.included, patients.validation.included);
}

StudyContext study_context(const StudyInputs& inputs, const StudyOptions& options) {
  StudyContext c{options, inputs, measured_radiomics(inputs), {}, {}, {}, {}, {}};
  if (c.measured) c.options.settings = without_images(options.settings);
  c.patients = study_patients(inputs, options.settings.criteria, c.measured.get());
  const auto& first = c.patients.training.included;
  const auto& second = c.patients.validation.included;
  c.graded = pooled(options.settings) ? joined(first, second) : first;
  if (!pooled(options.settings)) c.external = second;
  c.survival = with_survival(first);
  c.survival_external = with_survival(second);
  if (trains_outlines(c.settings())) (void)outline_plan(c);  // before hours of work
  return c;
}

Json inputs_of_patients(const StudyContext& c) {
  Json rows = Json::array();
  for (const auto& p : c.everyone())
    rows.push_back({p.id, p.centre, p.grade ? static_cast<int>(*p.grade) : -1, p.sequences.size() + p.dicom.size()});
  const auto clinical = format_table(c.patients.clinical, '\t');
  return {{"clinical", sha256(clinical)}, {"patients", rows}, {"settings", settings_to_json(c.settings())["criteria"]}};
}

Json inputs_of_examination(const StudyContext& c) {
  if (!c.measured) {
    Json outlines = settings_to_json(c.settings())["outlines"];
    for (const char* key : {"folds", "network"}) outlines.erase(key);  // another stage trains by them
    return {{"outlines", std::move(outlines)}, {"radiomics", c.settings().radiomics}};
  }
  Json tables = Json::array();
  for (const auto& cohort : feature_files(c.inputs))
    for (const auto& f : cohort) tables.push_back({key_name(f.sequence), sha256_file(f.file)});
  return {{"features", tables}};
}

Json inputs_of_grading(const StudyContext& c) {
  const auto settings = settings_to_json(c.settings());
  return {{"settings", settings["grading"]},
          {"chain", learn::chain_to_yaml(learn::named_chain(c.settings().grading.chain, c.settings().grading.inner))},
          {"seed", c.settings().seed},
          {"level", c.settings().level},
          {"permuted", c.options.permute},
          {"patients", ids_of(c.graded)}};
}

Json inputs_of_signature(const StudyContext& c) {
  const auto settings = settings_to_json(c.settings());
  const auto& s = c.settings().signature;
  Json ways = Json::array({signature::to_json(signature::named_specification(s.way, s.inner))});
  for (const auto& way : s.against) ways.push_back(signature::to_json(signature::named_specification(way, s.inner)));
  return {{"settings", settings["signature"]},
          {"nomograms", settings["nomograms"]},
          {"ways", ways},
          {"imagenet", s.imagenet.empty() ? std::string() : sha256_file(s.imagenet)},
          {"times", c.settings().times},
          {"unit", c.settings().unit},
          {"figures", c.settings().figures},
          {"seed", c.settings().seed},
          {"level", c.settings().level},
          {"permuted", c.options.permute},
          {"clinical", sha256(format_table(clinical_rows_of(c.survival), '\t'))},
          {"external", sha256(format_table(clinical_rows_of(c.survival_external), '\t'))}};
}

Json write_patients(const StudyContext& c, const fs::path& folder) {
  TextTable excluded = c.patients.training.excluded;
  for (const auto& row : c.patients.validation.excluded.rows) excluded.rows.push_back(row);
  report::write_table_file(folder / "excluded.tsv", excluded);
  report::write_table_file(folder / "missing.tsv", c.patients.missing);
  report::write_table_file(folder / "included.tsv", clinical_rows_of(c.everyone()));
  Json flow = Json::array();
  for (const auto* cohort : {&c.patients.training, &c.patients.validation}) {
    if (cohort->flow.empty() || cohort->name.empty()) continue;
    Json steps = Json::array();
    for (const auto& step : cohort->flow) {
      Json removed = Json::array();
      for (const auto& [reason, count] : step.removed) removed.push_back({{"reason", reason}, {"patients", count}});
      steps.push_back({{"left", step.left}, {"patients", step.count}, {"removed", removed}});
    }
    flow.push_back({{"cohort", cohort->name}, {"steps", steps}});
  }
  write_json(folder / "flow.json", flow);
  write_notes(folder, "patients", c.patients.notes);
  return {{"included", ids_of(c.everyone())}};
}

Json examine_patients(const StudyContext& c, const fs::path& folder) {
  const auto everyone = c.everyone();
  const auto examined = pipeline::examine_cohort(everyone, c.examine());
  write_failures(folder / "failures.tsv", examined.failures);
  Json failures = Json::array();
  std::set<std::string> failed;
  for (const auto& f : examined.failures) {
    failures.push_back({{"patient", f.id}, {"stage", f.stage}, {"reason", f.reason}});
    failed.insert(f.id);
  }
  TextTable table{{"patient", "tumour_cm3", "warnings"}, {}};
  Json warnings = Json::object();
  for (const auto& p : examined.patients) {
    std::string told;
    for (const auto& w : p.warnings) told += (told.empty() ? "" : "; ") + w;
    table.rows.push_back({p.input.id, shortest(p.tumour_cm3), told});
  }
  report::write_table_file(folder / "tumours.tsv", table);
  write_json(folder / "outlines.json", outlines_json(c.examine()));
  std::string keys;
  for (const auto& p : examined.patients) {
    const auto record = pipeline::examination_file(c.patients_folder(), p.input.id);
    keys += read_json(record).at("run_key").get<std::string>();
  }
  if (examined.patients.empty()) throw unusable_input("no patient could be examined");
  return {{"examined", examined.patients.size()}, {"failures", failures},
          {"outlined_by", examined.outlined_by},  {"simulated", examined.simulated},
          {"features", examined.features.size()}, {"records", sha256(keys)}};
}

Json compare_raters(const StudyContext& c, const fs::path& folder) {
  RaterOptions o;
  o.examine = c.examine();
  o.level = c.settings().level;
  o.threads = c.options.threads;
  const auto said = rater_agreement(c.everyone(), o);
  report::write_for_papers(folder, "dice", said.dice);
  report::write_for_papers(folder, "dice_summary", said.dice_summary);
  report::write_table_file(folder / "icc.tsv", said.icc);
  report::write_for_papers(folder, "icc_summary", said.icc_summary);
  write_json(folder / "raters.json", said.json);
  write_failures(folder / "failures.tsv", said.failures);
  report::draw_figures(folder, c.settings().figures, {}, said.figures);
  report::write_table_file(folder / "pictures.tsv", write_outline_pictures(folder, said, c.patients_folder()));
  write_notes(folder, "raters", said.notes);
  return {{"patients", said.patients}};
}

Json grade_cohort(const StudyContext& c, const fs::path& folder) {
  const auto& s = c.settings().grading;
  GradingOptions o;
  o.out = folder;
  o.patients = c.patients_folder();
  o.examine = c.examine();
  o.network.take_preset(s.design == "paper" ? "paper" : "default");
  o.design = s.design == "paper" ? GradingDesign::Paper : GradingDesign::Crossed;
  take(s.network, o.network.common);
  if (s.design == "paper") o.network.common.ema = 0;
  o.network.network.base_width = s.network.base_width;
  o.network.patch_zyx = s.patch_zyx;
  o.network.common.device = c.options.device;
  o.chain = learn::named_chain(s.chain, s.inner);
  o.deep = s.deep;
  o.folds = s.outer;
  o.permute_labels = c.options.permute;
  o.refits = s.refits;
  o.draws = s.draws;
  o.seed = c.settings().seed;
  o.threads = c.options.threads;
  if (pooled(c.settings()) && trains_outlines(c.settings())) o.split = pooled_split(c);
  (void)run_grading(c.graded, o);
  return {{"study", sha256_file(folder / "study.json")}};
}

Json grade_second_cohort(const StudyContext& c, const fs::path& model, const fs::path& folder) {
  if (!fs::exists(model)) throw unusable_input("the grading has no model that could be tried on the second cohort");
  auto examined = pipeline::examine_cohort(c.external, c.examine());
  analysis::GradingStudyOptions o{c.settings().grading.draws, c.settings().seed, c.options.threads, c.settings().level};
  const Json grading = read_json(model.parent_path() / "study.json");
  auto said = c.settings().grading.deep
                  ? grade_externally(model, std::move(examined), o, c.options.device)
                  : grade_by_radiomics(model, sequence_of_key(grading.at("sequence").get<std::string>()).value(),
                                       std::move(examined), o);
  report::write_for_papers(folder, "table_1", said.results.table_1);
  report::write_table_file(folder / "predictions.tsv", said.results.predictions);
  report::draw_figures(folder, c.settings().figures, {}, said.results.figures);
  // The model for use is of all patients who were graded, each tested in one fold.
  Json fitted = Json::array();
  for (const auto& fold : grading.at("audit"))
    for (const auto& id : fold.at("tested")) fitted.push_back(id);
  said.audit["fitted"] = fitted;
  said.results.json["audit"] = said.audit;
  write_json(folder / "external.json", said.results.json);
  write_notes(folder, "grading of the second cohort", said.notes);
  return {{"external", sha256_file(folder / "external.json")}};
}

Json evaluate_survival(const StudyContext& c, const fs::path& folder) {
  const auto& s = c.settings().signature;
  SignatureEvaluationOptions o;
  take_signature(c, folder / "work", folder, o);
  for (const auto& way : s.against)
    if (way != s.way) o.against.push_back(signature::named_specification(way, s.inner));
  o.evaluation = {o.specification, {}, c.options.permute, s.draws, c.settings().level};
  o.evaluation.evaluation.folds = s.outer;
  o.evaluation.evaluation.repeats = s.repeats;
  o.evaluation.evaluation.seed = o.seed;
  o.evaluation.evaluation.threads = o.threads;
  o.evaluation.evaluation.times = c.settings().times;
  if (!c.options.permute) o.evaluation.nomograms = nomogram_options(c);
  const bool judged = take_second_cohort(c, folder, o);
  auto said = evaluate_signature(c.survival, o);
  auto notes = said.results.notes;
  for (auto& note : report::write_evaluation(folder, said.results, c.settings().figures))
    notes.push_back(std::move(note));
  report::write_table_file(folder / "metrics_printed.tsv", said.results.printed_metrics);
  report::write_for_papers(folder, "comparison", said.comparison);
  report::write_table_file(folder / "comparison_predictions.tsv", said.comparison_predictions);
  if (!said.sequences.columns.empty()) {
    report::write_for_papers(folder, "sequences", said.sequences);
    report::write_table_file(folder / "sequence_predictions.tsv", said.sequence_predictions);
  }
  report::write_overview(folder);
  if (c.survival_external.empty())
    notes.emplace_back("there is no second cohort with survival");
  else if (!judged)
    notes.emplace_back(
        "warning: the second cohort has fewer than two patients who died: survival is not validated on it");
  write_notes(folder, "signature", notes);
  return {{"evaluation", sha256_file(folder / "evaluation.json")}};
}

Json train_survival(const StudyContext& c, const fs::path& work, const fs::path& folder) {
  SignatureTrainingOptions o;
  take_signature(c, work, folder, o);
  o.name = "study";
  o.nomograms = nomogram_options(c);
  const auto trained = train_signature(c.survival, o);
  pipeline::write_fused_signature(folder / "model", trained.fused);
  report::write_for_papers(folder, "table_s4", trained.weights);
  write_notes(folder, "model of the signature", trained.notes);
  return {{"model", sha256_file(folder / "model" / "model.json")}};
}

Json describe_cohorts(const StudyContext& c, const fs::path& folder) {
  const auto describe = [&](const std::string& name, const std::vector<PatientFiles>& first,
                            const std::vector<PatientFiles>& second) {
    auto table = clinical_rows_of(joined(first, second));
    table.columns.emplace_back("group");
    for (std::size_t r = 0; r < table.rows.size(); ++r)
      table.rows[r].push_back(r < first.size() ? "training" : "validation");
    analysis::CharacteristicsOptions o;
    if (!second.empty()) o.group = "group";
    for (const char* column :
         {"age", "sex", "grade", "histology", "location", "laterality", "enhancement", "idh", "1p19q", "time", "event"})
      if (table.find_column(column)) o.columns.emplace_back(column);
    if (o.columns.empty() || table.rows.empty()) return;
    const auto said = analysis::characteristics(stats::DataFrame(table, name), o);
    report::write_for_papers(folder, name, said.table);
    write_json(folder / (name + ".json"), said.json);
    tell(name, said.notes);
  };
  describe("table_s2", c.survival, c.survival_external);
  describe("characteristics", c.patients.training.included, c.patients.validation.included);
  return Json::object();
}

}  // namespace gliocast::study
