// gliocast study: a cohort in, a study's tables, figures and model out.
#include "../cli.hpp"
#include "../verbs.hpp"
#include "chain_argument.hpp"
#include "commands.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/nn/device.hpp>
#include <gliocast/study/grading.hpp>

#include <memory>

namespace gliocast::cli {
namespace {

struct Settings {
  Common common;
  Existing existing;
  study::GradingOptions study;
  std::string preset = "default", outlines = "network", chain = "paper", preprocessed = "auto";
  std::size_t inner = 0;
};

/// Networks and design of the preset, where the command line does not say otherwise.
void apply_preset(const CLI::App& verb, Settings& s) {
  auto& network = s.study.network;
  network.network = nn::ResnetOptions::preset(s.preset);
  if (s.preset != "paper") return;
  s.study.design = study::GradingDesign::Paper;
  network.patch_zyx = {96, 128, 96};
  network.step = 0.5;
  network.common.ema = 0;
  if (verb.count("--epochs") == 0) network.common.epochs = 200;
  if (verb.count("--batch") == 0) network.common.batch = 8;
}

int run_study_grading(const CLI::App& verb, Settings& s) {
  apply(s.common);
  apply_preset(verb, s);
  auto& o = s.study;
  o.chain = chain_of(s.chain, s.inner);
  o.threads = s.common.threads;
  o.examine.jobs = s.common.threads;
  o.examine.expert_outlines = s.outlines == "experts";
  o.examine.preprocess.preprocessed = preprocess::parse_preprocessed(s.preprocessed);
  o.examine.device = o.network.common.device = nn::parse_device(s.common.device);
  image::set_image_threads(1);
  prepare_output(o.out, s.existing);
  open_json_log(o.out / "log.jsonl");
  const auto outcome = study::run_grading(o);
  close_json_log();
  log_info("a study of " + std::to_string(outcome.patients) + " patients is in " + o.out.string() +
           ": table_1, table_2, table_s3, figures, study.json; the model for predict is in " +
           (o.out / "model").string());
  if (outcome.failed == 0) return 0;
  log_warning(std::to_string(outcome.failed) + " patients could not be used, see " + (o.out / "failures.tsv").string());
  return static_cast<int>(ExitCode::SomeCasesFailed);
}

void add_network_options(CLI::App& verb, nn::TrainingOptions& t) {
  verb.add_option("--epochs", t.epochs, "Passes of each network over its training patients")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  verb.add_option("--steps-per-epoch", t.steps_per_epoch, "Optimiser steps an epoch; 0 = one pass over the patients")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  verb.add_option("--batch", t.batch, "Patients a step")->check(CLI::Range(1, 256))->capture_default_str();
  verb.add_option("--learning-rate", t.learning_rate, "Adam's learning rate")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
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
  verb->add_option("COHORT", o.cohorts, "Folders in BraTS or BIDS form, or manifest tables, with grades")->required();
  verb->add_option("--out,-o", o.out, "Folder of the study")->required();
  verb->add_option("--preset", s->preset,
                   "default: narrow networks, halves of the training patients crossed in every fold; paper: networks "
                   "and single split of Xu et al. 2022")
      ->check(CLI::IsMember({"default", "paper"}))
      ->capture_default_str();
  verb->add_option("--outlines", s->outlines,
                   "Whose: network (the segmentation model's), or experts (the cohort's segmentations)")
      ->check(CLI::IsMember({"network", "experts"}))
      ->capture_default_str();
  verb->add_option("--segmentation-model", o.examine.segmentation_model, "Model bundle that outlines the tumours")
      ->capture_default_str();
  verb->add_option("--models", o.examine.models, "Folder of model bundles");
  verb->add_option("--preprocessed", s->preprocessed, "Whether images are stripped and aligned: auto, yes or no")
      ->check(CLI::IsMember({"auto", "yes", "no"}))
      ->capture_default_str();
  verb->add_option("--atlas", o.examine.preprocess.atlas, "Folder of the head atlas, for raw images");
  verb->add_option("--chain", s->chain, kChainHelp)->capture_default_str();
  verb->add_option("--outer", o.folds, "Outer folds")->check(CLI::Range(2, 1000))->capture_default_str();
  verb->add_option("--inner", s->inner, kInnerHelp)->check(CLI::Range(2, 100));
  add_network_options(*verb, o.network.common);
  verb->add_flag("--permute-labels", o.permute_labels,
                 "Shuffle the grades before anything is fitted: what does not leak is at chance");
  verb->add_option("--refits", o.refits, "Bootstrap refits of the final model's chains, for intervals")
      ->check(CLI::Range(0, 10000))
      ->capture_default_str();
  verb->add_option("--draws", o.draws, "Draws of the bootstrap over patients, for intervals")
      ->check(CLI::Range(100, 1000000))
      ->capture_default_str();
  verb->add_option("--seed", o.seed, "Seed of folds, networks, forests and bootstraps")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  add_existing_options(*verb, s->existing);
  add_device_option(*verb, s->common);
  add_common_options(*verb, s->common);
  verb->callback([s, verb, &result] { result = run_study_grading(*verb, *s); });
}

}  // namespace gliocast::cli
