#include <gliocast/study/run.hpp>

#include "own_folder.hpp"
#include "segmentation_networks.hpp"
#include "study_cost.hpp"
#include "study_document.hpp"
#include "study_stages.hpp"
#include "study_status.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/folder_lock.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/run_log.hpp>
#include <gliocast/pipeline/examine.hpp>

#include <memory>
#include <utility>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;

using Context = std::shared_ptr<const StudyContext>;
using Work = Json (*)(const StudyContext&, const fs::path&);

Stage stage(const Context& c, const char* name, const char* title, std::vector<std::string> needs, Json inputs,
            Work work) {
  Stage s;
  s.name = name;
  s.title = title;
  s.needs = std::move(needs);
  s.inputs = std::move(inputs);
  s.work = [c, work](const fs::path& folder) { return work(*c, folder); };
  return s;
}

/// The patients and, where the study trains them, the networks that outline.
void add_patients(const Context& c, StageGraph& graph) {
  graph.add(stage(c, "patients", "Patients and criteria", {}, inputs_of_patients(*c), write_patients));
  if (!trains_outlines(c->settings())) return;
  auto networks =
      stage(c, "segmentation", "Networks that outline", {"patients"}, inputs_of_segmentation(*c), train_outlines);
  networks.checks_itself = true;  // each network knows the images and segmentations that it was fitted on
  networks.resumes = true;
  graph.add(std::move(networks));
}

void add_examination(const Context& c, StageGraph& graph) {
  std::vector<std::string> needs{"patients"};
  if (trains_outlines(c->settings())) needs.emplace_back("segmentation");
  auto examine = stage(c, "examination", c->measured ? "Tables of features" : "Outlines and radiomics",
                       std::move(needs), inputs_of_examination(*c), c->measured ? take_measured : examine_patients);
  examine.checks_itself = !c->measured;  // each patient knows what was done
  graph.add(std::move(examine));
  if (!c->settings().outlines.raters) return;
  graph.add(stage(c, "raters", "Agreement of raters and outlines", {"examination"},
                  {{"level", c->settings().level}, {"figures", c->settings().figures}}, compare_raters));
}

void add_grading(const Context& c, StageGraph& graph) {
  if (!c->settings().grading.run) return;
  auto grading =
      stage(c, "grading", "Grading: Tables 1, 2 and S3", {"examination"}, inputs_of_grading(*c), grade_cohort);
  grading.resumes = true;
  graph.add(std::move(grading));
  if (c->external.empty()) return;
  auto external = stage(c, "grading_external", "Grading of the second cohort", {"grading"},
                        {{"figures", c->settings().figures}}, nullptr);
  external.work = [c, model = graph.folder_of("grading") / "model"](const fs::path& folder) {
    return grade_second_cohort(*c, model, folder);
  };
  graph.add(std::move(external));
}

void add_survival(const Context& c, StageGraph& graph) {
  if (!c->settings().signature.run) return;
  auto survival = stage(c, "signature", "Signature of survival and nomograms", {"examination"}, inputs_of_signature(*c),
                        evaluate_survival);
  survival.resumes = true;
  graph.add(std::move(survival));
  if (c->options.permute) return;  // a model of shuffled survival is of no use
  auto model = stage(c, "signature_model", "Model of the signature", {"signature"}, Json::object(), nullptr);
  model.work = [c, work = graph.folder_of("signature") / "work"](const fs::path& folder) {
    return train_survival(*c, work, folder);
  };
  graph.add(std::move(model));
}

void add_report(const Context& c, StageGraph& graph) {
  graph.add(stage(c, "characteristics", "Characteristics of the patients", {"patients"}, inputs_of_patients(*c),
                  describe_cohorts));
}

StageGraph graph_of(const Context& c) {
  StageGraph graph(c->options.out / "stages");
  add_patients(c, graph);
  add_examination(c, graph);
  add_grading(c, graph);
  add_survival(c, graph);
  add_report(c, graph);
  return graph;
}

std::vector<Failure> failures_of(const StageGraph& graph) {
  std::vector<Failure> out;
  const Json& examined = graph.result_of("examination");
  if (!examined.is_object()) return out;
  for (const auto& f : examined.at("failures"))
    out.push_back({f.at("patient"), f.at("stage"), f.at("reason"), ExitCode::UnusableInput});
  return out;
}

fs::path shards_folder(const fs::path& out) { return out / "shards"; }

void require_study_folder(const fs::path& folder) {
  require_own_folder(folder, "a study", {"settings.yaml", ".lock", "shards"});
}

void require_images(const StudyContext& c) {
  if (c.measured)
    throw Error(ExitCode::WrongUse, "a study of tables of features has no patients to be examined in parts",
                "--features", "run it without --executor and --shard");
}

/// Parts that are being examined elsewhere are waited for by whoever runs the whole, not by us.
void require_no_shard(const fs::path& out) {
  if (!fs::exists(shards_folder(out))) return;
  for (const auto& shard : fs::directory_iterator(shards_folder(out)))
    if (FolderLock::held(shard.path()))
      throw Error(ExitCode::WrongUse, "a part of the patients is being examined: " + shard.path().filename().string(),
                  out.string(), "wait until it is over, or stop it");
}

void tell_refused(const std::vector<StageStatus>& stages) {
  for (const auto& s : stages)
    if (s.state == StageState::Refused) log_warning(s.title + " could not be done: " + s.reason);
}

/// What earlier runs left in a folder that is ours now.
void remove_remains(const fs::path& out) {
  require_no_shard(out);
  fs::remove_all(shards_folder(out));
  remove_unfinished(out);
}

}  // namespace

void begin_study(const StudyInputs& inputs, const StudyOptions& options) {
  const auto c = study_context(inputs, options);
  require_images(c);
  require_study_folder(options.out);
  write_text(options.out / "settings.yaml", settings_to_yaml(c.settings()));
}

StudyOutcome run_study_shard(const StudyInputs& inputs, const StudyOptions& options, const Shard& shard) {
  const auto c = study_context(inputs, options);
  require_images(c);
  require_study_folder(options.out);
  if (FolderLock::held(options.out))
    throw Error(ExitCode::WrongUse, "the study is being worked on", options.out.string(), "it needs no parts then");
  if (trains_outlines(c.settings()) && c.examine().segmentation_of.empty())
    throw Error(ExitCode::WrongUse, "the networks that outline the patients are not trained yet", options.out.string(),
                "train them first: the same command with --networks-only in place of --shard");
  const fs::path folder = shards_folder(options.out) / name_of_part("part", shard, "");
  const FolderLock lock(folder);
  const RunLog log(folder / "log.jsonl");
  std::vector<cohort::PatientFiles> patients;
  const auto everyone = c.everyone();
  for (std::size_t i = 0; i < everyone.size(); ++i)
    if (shard.has(i)) patients.push_back(everyone[i]);
  StudyOutcome out;
  out.patients = patients.size();
  out.failures = pipeline::examine_cohort(patients, c.examine()).failures;
  write_failures(folder / "failures.tsv", out.failures);
  return out;
}

std::vector<PlannedStage> plan_study(const StudyInputs& inputs, const StudyOptions& options) {
  const auto c = std::make_shared<const StudyContext>(study_context(inputs, options));
  std::vector<PlannedStage> out;
  for (auto& stage : graph_of(c).plan()) {
    PlannedStage planned{std::move(stage)};
    if (planned.status.state == StageState::Waiting) {
      const auto cost = cost_of(planned.status.name, *c);
      planned.amount = cost.amount;
      planned.seconds = cost.seconds;
      planned.megabytes = cost.megabytes;
    }
    out.push_back(std::move(planned));
  }
  return out;
}

StudyOutcome train_study_networks(const StudyInputs& inputs, const StudyOptions& options) {
  const auto c = std::make_shared<const StudyContext>(study_context(inputs, options));
  if (!trains_outlines(c->settings()))
    throw Error(ExitCode::WrongUse,
                "the study trains no network that outlines: outlines.by is " + c->settings().outlines.by,
                "--networks-only", "set outlines.by=trained, or leave it out");
  require_study_folder(options.out);
  const FolderLock lock(options.out);
  remove_remains(options.out);
  const RunLog log(options.out / "log.jsonl");
  write_text(options.out / "settings.yaml", settings_to_yaml(c->settings()));
  StageGraph graph(options.out / "stages");
  add_patients(c, graph);
  StudyOutcome out;
  out.patients = c->everyone().size();
  StatusFile status(options.out);
  out.stages = graph.run([&](const std::vector<StageStatus>& stages) { status.show(stages); });
  status.end();
  tell_refused(out.stages);
  return out;
}

StudyOutcome run_study(const StudyInputs& inputs, const StudyOptions& options) {
  const auto c = std::make_shared<const StudyContext>(study_context(inputs, options));
  require_study_folder(options.out);
  const FolderLock lock(options.out);
  remove_remains(options.out);
  const RunLog log(options.out / "log.jsonl");
  write_text(options.out / "settings.yaml", settings_to_yaml(c->settings()));
  if (!trains_outlines(c->settings())) forget_trained_outlines(options.out);
  StageGraph graph = graph_of(c);
  StudyOutcome out;
  out.patients = c->everyone().size();
  {
    StatusFile status(options.out);
    out.stages = graph.run([&](const std::vector<StageStatus>& stages) { status.show(stages); });
    out.failures = failures_of(graph);
    write_failures(options.out / "failures.tsv", out.failures);
    write_report(*c, graph, out);
    status.end();
  }
  tell_refused(out.stages);
  return out;
}

}  // namespace gliocast::study
