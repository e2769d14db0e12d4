// gliocast study: a cohort in, a study's tables, figures and model out.
#include "../patient_arguments.hpp"
#include "../verbs.hpp"
#include "chain_help.hpp"
#include "commands.hpp"
#include "study_arguments.hpp"
#include "study_frozen.hpp"
#include "study_run.hpp"
#include "study_settings.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/learn/chain_file.hpp>
#include <gliocast/study/grading.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gliocast::cli {
namespace {

struct Settings {
  Common common;
  Existing existing;
  StudyArguments arguments;
  study::GradingOptions study;
  std::string preset = "default", chain = "paper";
  std::size_t inner = 0;
  std::int64_t base_width = 0;
  std::vector<std::int64_t> patch;
};

/// Networks and design of the preset, where the command line does not say otherwise.
void apply_preset(const CLI::App& verb, Settings& s) {
  auto& network = s.study.network;
  network.take_preset(s.preset);
  if (s.preset == "paper") {
    if (verb.count("--outer") > 0)
      throw Error(ExitCode::WrongUse, "the paper's design is one split, it has no folds", "--outer",
                  "leave out --outer, or --preset paper");
    s.study.design = study::GradingDesign::Paper;
    auto paper = network.common;
    paper.ema = 0;
    paper.epochs = 200;
    paper.batch = 8;
    take_preset(verb, paper, network.common);
  }
  if (s.base_width > 0) network.network.base_width = s.base_width;
  if (!s.patch.empty()) std::ranges::copy(s.patch, network.patch_zyx.begin());
}

int run_study_grading(const CLI::App& verb, Settings& s) {
  apply(s.common);
  apply_preset(verb, s);
  auto& o = s.study;
  o.chain = learn::named_chain(s.chain, s.inner);
  o.threads = s.common.threads;
  apply(s.arguments, s.common, o.examine);
  o.network.common.device = o.examine.device;
  const auto patients = patients_of(s.arguments.cohorts);
  return run_cohort(patients.size(), {}, o.out, s.existing, [&] {
    if (s.existing.overwrite)  // what a run goes on from lies in these
      for (const char* name : {"patients", "networks"}) std::filesystem::remove_all(o.out / name);
    auto failures = study::run_grading(patients, o);
    log_info("the study is in " + o.out.string() + ": table_1, table_2, table_s3, figures, study.json");
    if (std::filesystem::exists(o.out / "model"))
      log_info("the model for predict --grading-model is in " + (o.out / "model").string());
    return failures;
  });
}

}  // namespace

void add_study(CLI::App& app, int& result) {
  auto* study = &add_verb(app, "study");
  study->require_subcommand(1);
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(*study, "study grading");
  auto& o = s->study;
  o.network.common.epochs = 40;
  o.network.common.batch = 4;
  add_study_options(*verb, s->arguments, o.examine, "with grades");
  verb->add_option("--out,-o", o.out, "Folder of the study")->required();
  verb->add_option("--preset", s->preset,
                   "default: narrow networks, halves of the training patients crossed in every fold; paper: networks "
                   "and single split of Xu et al. 2022")
      ->check(CLI::IsMember({"default", "paper"}))
      ->capture_default_str();
  verb->add_option("--chain", s->chain, kChainHelp)->capture_default_str();
  verb->add_option("--outer", o.folds, "Outer folds")->check(CLI::Range(2, 1000))->capture_default_str();
  verb->add_option("--inner", s->inner, kInnerHelp)->check(CLI::Range(2, 100));
  add_network_options(*verb, o.network.common, s->base_width);
  verb->add_option("--patch", s->patch, "Samples of a network's input along z, y and x; default: the preset's")
      ->expected(3)
      ->check(CLI::Range(16, 512));
  verb->add_flag("--permute-labels", o.permute_labels,
                 "Shuffle the grades before anything is fitted: what does not leak is at chance");
  verb->add_option("--refits", o.refits, "Bootstrap refits of the final model's chains, for intervals")
      ->check(CLI::Range(0, 10000))
      ->capture_default_str();
  verb->add_option("--draws", o.draws, "Draws of the bootstrap over patients, for intervals")
      ->check(CLI::Range(100, 1000000))
      ->capture_default_str();
  verb->add_option("--seed", o.seed, "Seed of folds, networks, forests and bootstraps")
      ->check(not_negative_number())
      ->capture_default_str();
  add_existing_options(*verb, s->existing);
  add_device_option(*verb, s->common);
  add_common_options(*verb, s->common);
  verb->callback([s, verb, &result] { result = run_study_grading(*verb, *s); });
  add_study_run(*study, result);
  add_study_settings(*study, result);
  add_study_frozen(*study, result);
}

}  // namespace gliocast::cli
