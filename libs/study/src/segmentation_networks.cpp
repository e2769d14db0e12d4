#include "segmentation_networks.hpp"

#include "fit_networks.hpp"
#include "study_cost.hpp"
#include "study_notes.hpp"

#include <gliocast/analysis/output.hpp>
#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/spread.hpp>
#include <gliocast/learn/split.hpp>
#include <gliocast/pipeline/segmentation_fit.hpp>
#include <gliocast/pipeline/training_cases.hpp>
#include <gliocast/report/result_files.hpp>
#include <gliocast/report/table_file.hpp>
#include <gliocast/stats/resampling.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;
using cohort::PatientFiles;
using pipeline::OutlineAgreement;

constexpr const char* kStage = "segmentation";
constexpr const char* kAudit = "audit.json";
constexpr const char* kGiven = "outline by a given network: outlines.by=network";

bool paper_design(const StudySettings& s) { return s.grading.design == "paper"; }

/// Training reads image files, not DICOM, and needs two sequences.
bool can_teach(const PatientFiles& p) { return p.segmentation.has_value() && p.sequences.size() >= 2; }

void require_some(std::size_t teachers, const std::string& whose) {
  if (teachers > 0) return;
  throw unusable_input("the study is to train its segmentation network, and no patient of " + whose +
                           " has images and a segmentation to learn from",
                       "outlines.by",
                       std::string("put a segmentation beside the images (ID_seg.nii.gz, or a manifest's column "
                                   "segmentation), or ") +
                           kGiven);
}

/// Fold of each patient, from 0: alike in every grade and centre as far as their numbers go.
std::vector<std::size_t> dealt(const std::vector<PatientFiles>& patients, std::size_t folds, std::uint64_t seed) {
  const auto stratum_of = [](const PatientFiles& p) {
    return std::pair(p.grade ? static_cast<int>(*p.grade) : -1, p.centre);
  };
  std::map<std::pair<int, std::string>, int> number;
  for (const auto& p : patients) number.emplace(stratum_of(p), 0);
  int next = 0;
  for (auto& [stratum, n] : number) n = next++;
  std::vector<std::string> ids;
  std::vector<int> strata;
  for (const auto& p : patients) {
    ids.push_back(p.id);
    strata.push_back(number.at(stratum_of(p)));
  }
  return stats::assign_folds(ids, strata, folds, seed);
}

std::vector<OutlineNetwork> crossed_plan(const StudyContext& c) {
  constexpr std::size_t kLeastOfFold = 2;
  const std::size_t folds = c.settings().outlines.folds;
  std::vector<PatientFiles> teachers;
  std::vector<OutlineNetwork> out(folds + 1);
  auto& all = out.back();
  all.fold = "all";
  for (const auto& p : c.patients.training.included) {
    if (can_teach(p)) teachers.push_back(p);
    (can_teach(p) ? all.training : all.outlined).push_back(p.id);
  }
  for (const auto& p : c.patients.validation.included) {
    all.outlined.push_back(p.id);
    if (can_teach(p)) all.tested.push_back(p.id);
  }
  require_some(teachers.size(), "the first cohort");
  if (teachers.size() < kLeastOfFold * folds)
    throw unusable_input("the study is to train its segmentation network in " + std::to_string(folds) +
                             " folds of 2 or more patients, and " + count_text(teachers.size(), "patient") +
                             " of the first cohort can teach it (images and a segmentation)",
                         "outlines.folds", std::string("take fewer folds: outlines.folds, or ") + kGiven);
  const auto fold = dealt(teachers, folds, c.settings().seed);
  for (std::size_t f = 0; f < folds; ++f) {
    out[f].fold = std::to_string(f + 1);
    for (std::size_t i = 0; i < teachers.size(); ++i)
      (fold[i] == f ? out[f].outlined : out[f].training).push_back(teachers[i].id);
    out[f].tested = out[f].outlined;
  }
  return out;
}

std::vector<OutlineNetwork> paper_plan(const StudyContext& c) {
  OutlineNetwork one;
  one.fold = "one split";
  std::size_t teachers = 0;
  for (const auto& p : c.everyone()) teachers += can_teach(p) ? 1 : 0;
  require_some(teachers, "the cohorts");
  const auto part = pooled_split(c);
  for (const auto& p : c.everyone()) {
    one.outlined.push_back(p.id);
    if (!can_teach(p)) continue;
    const std::size_t at = part.at(p.id);
    (at == 0 ? one.training : at == 1 ? one.validation : one.tested).push_back(p.id);
  }
  if (one.training.size() < 2 || one.validation.empty())
    throw unusable_input("the split 6:2:2 leaves " + count_text(one.training.size(), "training patient") + " and " +
                             count_text(one.validation.size(), "validation patient") +
                             " with images and a segmentation; 2 and 1 are needed to train the segmentation network",
                         "outlines.by", std::string("give more patients a segmentation, or ") + kGiven);
  return {one};
}

std::string network_name(std::size_t number) { return "network_" + std::to_string(number); }

Json plan_json(const std::vector<OutlineNetwork>& plan) {
  Json out = Json::array();
  for (std::size_t i = 0; i < plan.size(); ++i)
    out.push_back({{"network", network_name(i)},
                   {"fold", plan[i].fold},
                   {"training", plan[i].training},
                   {"validation", plan[i].validation},
                   {"tested", plan[i].tested},
                   {"outlined", plan[i].outlined}});
  return out;
}

std::string training_data(const OutlineNetwork& n) {
  if (n.fold == "one split") return "training patients of the study (split 6:2:2 of its cohorts)";
  if (n.fold == "all") return "all patients of the study's first cohort with a segmentation";
  return "patients of the study's first cohort with a segmentation, but for those of fold " + n.fold;
}

/// The cases of everybody with a segmentation, and what the networks are fitted with.
struct Work {
  const StudyContext& c;
  fs::path folder;
  std::vector<OutlineNetwork> plan;
  pipeline::PreparedCohort cohort{};
  std::vector<std::string> contents{};  ///< of each case
};

pipeline::TrainingCaseOptions case_options(const StudyContext& c, const fs::path& cache) {
  pipeline::TrainingCaseOptions o;
  o.preprocess.preprocessed = preprocess::parse_preprocessed(c.settings().outlines.preprocessed);
  o.cache = cache;
  o.threads = patients_at_a_time(c.options);
  return o;
}

/// Cases of who fits or is tested; the plan without those that could not be made, whom failures.tsv has.
void prepare(Work& w) {
  std::vector<PatientFiles> teachers;
  std::set<std::string> wanted;
  for (const auto& n : w.plan)
    for (const auto* ids : {&n.training, &n.validation, &n.tested}) wanted.insert(ids->begin(), ids->end());
  for (const auto& p : w.c.everyone())
    if (wanted.contains(p.id)) teachers.push_back(p);
  w.cohort = pipeline::prepare_cohort(teachers, case_options(w.c, w.folder / "cases"));
  write_failures(w.folder / "failures.tsv", w.cohort.failures);
  std::set<std::string> made;
  for (const auto& item : w.cohort.cases) {
    made.insert(item.id);
    w.contents.push_back(pipeline::case_contents(item));
  }
  for (auto& n : w.plan) {
    for (auto* ids : {&n.training, &n.validation, &n.tested})
      std::erase_if(*ids, [&](const std::string& id) { return !made.contains(id); });
    if (n.training.size() < 2)
      throw unusable_input("of fold " + n.fold + " fewer than 2 training patients' images and segmentations can be " +
                               "used: stages/segmentation/failures.tsv says why",
                           "", kGiven);
  }
}

pipeline::FittedSegmentation fit(const Work& w, std::size_t i, const nn::EpochCallback& on_epoch) {
  const auto& n = w.plan[i];
  pipeline::SegmentationParts parts;
  const auto places = [&](const std::vector<std::string>& ids) {
    std::vector<std::size_t> out;
    for (const auto& id : ids)
      out.push_back(static_cast<std::size_t>(std::ranges::find(w.cohort.cases, id, &nn::TrainingCase::id) -
                                             w.cohort.cases.begin()));
    return out;
  };
  parts.training = places(n.training);
  parts.validation = places(n.validation);
  parts.tested = places(n.tested);
  pipeline::SegmentationRun run;
  run.folder = w.folder / network_name(i);
  run.name = "outlines, " + (n.fold == "all" || n.fold == "one split" ? n.fold : "without fold " + n.fold);
  run.training_data = training_data(n);
  run.channels = pipeline::TrainingCaseOptions{}.channels;
  run.simulated = w.cohort.simulated;
  run.contents = w.contents;
  run.training = outline_training(w.c);
  run.training.common.keep_last = n.validation.empty();
  return pipeline::fit_segmentation(w.cohort.cases, parts, run, on_epoch);
}

/// What those are who are tested.
std::string role_of(const OutlineNetwork& n) {
  return n.fold == "all" ? "second cohort" : n.fold == "one split" ? "test part" : "left out";
}

/// dice.tsv, and its summary for the report.
void write_dice(const Work& w, const std::vector<pipeline::FittedSegmentation>& fitted) {
  std::map<std::string, std::string> cohort_of;
  for (const auto* cohort : {&w.c.patients.training, &w.c.patients.validation})
    for (const auto& p : cohort->included) cohort_of[p.id] = cohort->name;
  TextTable table{{"patient", "cohort", "fold", "role", "dice", "true_cm3", "outlined_cm3"}, {}};
  std::vector<std::pair<std::string, std::vector<double>>> of_role;
  for (std::size_t i = 0; i < fitted.size(); ++i) {
    const auto role = role_of(w.plan[i]);
    for (const auto& t : fitted[i].tested) {
      table.rows.push_back({t.id, cohort_of.at(t.id), w.plan[i].fold, role, decimal(t.dice, 6), decimal(t.true_cm3, 2),
                            decimal(t.outlined_cm3, 2)});
      if (of_role.empty() || of_role.back().first != role) of_role.emplace_back(role, std::vector<double>());
      of_role.back().second.push_back(t.dice);
    }
  }
  report::write_table_file(w.folder / "dice.tsv", table);
  TextTable summary{{"Patients", "n", "Mean", "SD", "Median", "Least", "Greatest"}, {}};
  for (auto& [role, dice] : of_role) {
    std::ranges::sort(dice);
    const auto s = spread_of(dice);
    const auto cell = [](double v) { return std::isfinite(v) ? decimal(v, 3) : std::string("NA"); };
    summary.rows.push_back(
        {role, std::to_string(dice.size()), cell(s.mean), cell(s.sd), cell(s.median), cell(s.least), cell(s.most)});
  }
  if (!of_role.empty()) report::write_for_papers(w.folder, "dice_summary", summary);
}

void write_audit(const Work& w, const std::vector<pipeline::FittedSegmentation>& fitted) {
  Json networks = plan_json(w.plan);
  for (std::size_t i = 0; i < fitted.size(); ++i) {
    networks[i]["sha256"] = fitted[i].checksum;
    networks[i]["best_epoch"] = fitted[i].best_epoch;
  }
  Json audit{{"inputs", inputs_of_segmentation(w.c)}, {"networks", std::move(networks)}};
  const auto& n = w.plan.front();
  if (n.fold == "one split")
    audit["leak"] = "as in the paper, " + count_text(n.training.size(), "training patient") + " and " +
                    count_text(n.validation.size(), "validation patient") +
                    " are outlined by the network that learnt from their own segmentations: such outlines, and "
                    "radiomics within them, flatter; this holds for the signature too, of either cohort";
  write_json(w.folder / kAudit, audit);
}

/// Networks of an earlier run with more folds.
void remove_stale(const Work& w) {
  for (const auto& entry : fs::directory_iterator(w.folder)) {
    const auto name = entry.path().filename().string();
    if (!name.starts_with("network_")) continue;
    const auto number = parse_number(name.substr(name.find('_') + 1));
    if (!number || *number >= static_cast<double>(w.plan.size())) fs::remove_all(entry.path());
  }
}

fs::path stage_folder(const fs::path& out) { return out / "stages" / kStage; }

fs::path bundle_of(const fs::path& out, const Json& network) {
  return stage_folder(out) / network.at("network").get<std::string>() / "bundle";
}

}  // namespace

std::string outline_design_text(const StudySettings& s) {
  if (paper_design(s))
    return "As in the paper, one network was fitted on the training patients of one split 6:2:2 of both cohorts, its "
           "epoch chosen on the validation patients, and outlined everybody.";
  return "The first cohort's patients with a segmentation were dealt into " + std::to_string(s.outlines.folds) +
         " folds by grade and centre, and each outlined by the network that the other folds fitted; everybody else was "
         "outlined by one more, which all of them fitted. No epoch was chosen: the last weights were taken.";
}

std::map<std::string, std::size_t> pooled_split(const StudyContext& c) {
  std::vector<learn::Subject> subjects;
  for (const auto& p : c.everyone())
    subjects.push_back({p.id, std::to_string(p.grade ? static_cast<int>(*p.grade) : -1), p.centre});
  const auto split = learn::split_subjects(subjects, {6, 2, 2}, c.settings().seed);
  std::map<std::string, std::size_t> out;
  for (std::size_t i = 0; i < subjects.size(); ++i) out[subjects[i].id] = split.part[i];
  return out;
}

std::vector<OutlineNetwork> outline_plan(const StudyContext& c) {
  return paper_design(c.settings()) ? paper_plan(c) : crossed_plan(c);
}

nn::SegmentationTrainingOptions outline_training(const StudyContext& c) {
  const auto& s = c.settings().outlines.network;
  nn::SegmentationTrainingOptions o;
  for (std::size_t level = 0; level < o.network.widths.size(); ++level)
    o.network.widths[level] = s.doubling ? s.base_width << level : s.base_width;
  o.patch_zyx = s.patch_zyx;
  o.common.epochs = s.epochs;
  o.common.steps_per_epoch = s.steps_per_epoch;
  o.common.batch = s.batch;
  o.common.learning_rate = s.learning_rate;
  o.common.seed = c.settings().seed;
  o.common.device = c.options.device;
  if (paper_design(c.settings())) o.common.ema = 0;
  return o;
}

Json inputs_of_segmentation(const StudyContext& c) {
  const Json outlines = settings_to_json(c.settings())["outlines"];
  return {{"network", outlines["network"]},
          {"preprocessed", outlines["preprocessed"]},
          {"seed", c.settings().seed},
          {"plan", plan_json(outline_plan(c))}};
}

Json train_outlines(const StudyContext& c, const fs::path& folder) {
  forget_trained_outlines(c.options.out);
  Work w{c, folder, outline_plan(c)};
  prepare(w);
  std::vector<pipeline::FittedSegmentation> fitted(w.plan.size());
  for_each_network(kStage, w.plan.size(), c.settings().outlines.network.epochs, c.options.threads,
                   [&](std::size_t i, const nn::EpochCallback& on_epoch) { fitted[i] = fit(w, i, on_epoch); });
  remove_stale(w);
  write_dice(w, fitted);
  std::vector<std::string> notes;
  if (!w.cohort.failures.empty())
    notes.push_back(std::string(analysis::kDoubtful) + "segmentations that could not be used to train or to compare: " +
                    std::to_string(w.cohort.failures.size()) + ", see stages/segmentation/failures.tsv");
  tell("outlines", notes);
  write_json(folder / "notes.json", notes);
  write_audit(w, fitted);
  return {{"networks", w.plan.size()}, {"audit", sha256_file(folder / kAudit)}};
}

void forget_trained_outlines(const fs::path& out) {
  for (const char* name : {kAudit, "stage.json", "notes.json", "failures.tsv", "dice.tsv", "dice_summary.tsv",
                           "dice_summary.md", "dice_summary.tex"})
    fs::remove(stage_folder(out) / name);
}

Json trained_outlines(const StudyContext& c) {
  const fs::path file = stage_folder(c.options.out) / kAudit;
  if (!fs::exists(file)) return nullptr;
  Json audit = read_json(file);
  return audit.value("inputs", Json()) == inputs_of_segmentation(c) ? std::move(audit) : Json();
}

fs::path outline_network_record(const fs::path& out, std::size_t number) {
  return stage_folder(out) / network_name(number) / "network.json";
}

std::map<std::string, fs::path> outlining_bundles(const StudyContext& c) {
  std::map<std::string, fs::path> out;
  const Json audit = trained_outlines(c);
  if (audit.is_null()) return out;
  for (const auto& n : audit.at("networks"))
    for (const auto& id : n.at("outlined")) out[id.get<std::string>()] = bundle_of(c.options.out, n);
  return out;
}

fs::path outlining_bundle_for_use(const fs::path& out) {
  return bundle_of(out, read_json(stage_folder(out) / kAudit).at("networks").back());
}

}  // namespace gliocast::study
