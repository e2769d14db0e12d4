// gliocast train segmentation|grading|prognosis: a cohort in, a model bundle out.
#include "../cli.hpp"
#include "../verbs.hpp"
#include "commands.hpp"
#include "study_arguments.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/nn/device.hpp>
#include <gliocast/pipeline/train.hpp>

#include <cstdlib>
#include <memory>

namespace gliocast::cli {
namespace {

struct Settings {
  Common common;
  Existing existing;
  pipeline::TrainCohortOptions cohort;
  nn::SegmentationTrainingOptions segmentation;
  nn::GradingTrainingOptions grading;
  nn::PrognosisTrainingOptions prognosis;
  pipeline::ClinicalTable clinical;
  std::filesystem::path imagenet;
  std::string preset = "default", target = "whole", loss, cache;
  std::vector<std::int64_t> widths;
  std::int64_t base_width = 0;
  bool flair = false, no_augmentation = false;
};

std::filesystem::path default_cache() {
  if (const char* set = std::getenv("GLIOCAST_CACHE")) return set;
  if (const char* xdg = std::getenv("XDG_CACHE_HOME")) return std::filesystem::path(xdg) / "gliocast";
  if (const char* home = std::getenv("HOME")) return std::filesystem::path(home) / ".cache" / "gliocast";
  return ".gliocast-cache";
}

/// What preset `paper` trains with, where the command line does not say otherwise.
void apply_paper(const CLI::App& verb, const Settings& s, nn::TrainingOptions& training, std::int64_t batch) {
  if (s.preset != "paper") return;
  if (verb.count("--ema") == 0) training.ema = 0;
  if (verb.count("--batch") == 0) training.batch = batch;
}

/// What preset `real` trains with, where the command line does not say otherwise.
void apply_real(const CLI::App& verb, Settings& s) {
  const auto real = nn::SegmentationTrainingOptions::real();
  nn::SegmentationTrainingOptions& o = s.segmentation;
  const auto take = [&](const char* option, auto& value, const auto& preset) {
    if (verb.count(option) == 0) value = preset;
  };
  take("--learning-rate", o.common.learning_rate, real.common.learning_rate);
  take("--weight-decay", o.common.weight_decay, real.common.weight_decay);
  take("--cosine", o.common.cosine_floor, real.common.cosine_floor);
  take("--ema", o.common.ema, real.common.ema);
  take("--tumour-free", o.tumour_free, real.tumour_free);
  take("--synthetic", o.synthetic, real.synthetic);
  o.common.augmentation = real.common.augmentation;
  o.auxiliary_levels = real.auxiliary_levels;
  o.hard_cases = real.hard_cases;
  s.flair = true;
}

/// What preset `paper` trains a prognosis network with, where the command line does not say otherwise.
void apply_prognosis(const CLI::App& verb, Settings& s) {
  nn::PrognosisTrainingOptions& o = s.prognosis;
  const auto preset = nn::PrognosisTrainingOptions::preset(s.preset);
  o.network = preset.network;
  o.loss = s.loss.empty() ? preset.loss : nn::parse_loss(s.loss);
  take_preset(verb, preset.common, o.common);
  if (s.base_width > 0) o.network.base_width = s.base_width;
}

/// Options of the prognosis network alone.
void add_prognosis_options(CLI::App& verb, Settings& s) {
  add_clinical_options(verb, s.clinical);
  verb.add_option("--loss", s.loss,
                  "cox: partial likelihood of each batch; time: log survival time, censored times taken as deaths; "
                  "default: the preset's")
      ->check(CLI::IsMember({"cox", "time"}));
  verb.add_option("--base-width", s.base_width, "Channels of the first stage; 8 times as many deep features")
      ->check(CLI::Range(1, 512));
  add_imagenet_option(verb, s.imagenet)->excludes(verb.get_option("--init"));
}

/// Options of the outlining network alone.
void add_segmentation_options(CLI::App& verb, Settings& s) {
  verb.add_option("--fold", s.cohort.fold, "Cross-validation: the fold that is held out, from 0")
      ->capture_default_str()
      ->needs(verb.get_option("--folds"));
  verb.add_option("--widths", s.widths, "Channels of each level, e.g. 16 32 64 128 256")->expected(2, 7);
  verb.add_option("--target", s.target, "whole: all labels; core: labels 1 and 4 (preset real has both)")
      ->check(CLI::IsMember({"whole", "core"}))
      ->capture_default_str();
  verb.add_option("--synthetic", s.segmentation.synthetic,
                  "Part of the samples that are painted from tissue classes with random contrasts; preset real: 0.1")
      ->check(CLI::Range(0.0, 1.0));
  verb.add_option("--tumour-free", s.segmentation.tumour_free,
                  "Part of the samples whose tumour is replaced by the other side; preset real: 0.12")
      ->check(CLI::Range(0.0, 1.0));
}

void prepare(Settings& s, nn::TrainingOptions& training) {
  apply(s.common);
  nn::set_network_threads(s.common.threads);
  image::set_image_threads(s.common.threads);
  training.device = nn::parse_device(s.common.device);
  training.resume = s.existing.resume;
  training.augmentation.enabled = !s.no_augmentation;
  s.cohort.cases.threads = s.common.threads;
  s.cohort.cases.cache = s.cache.empty() ? default_cache() / "training" : std::filesystem::path(s.cache);
  if (s.flair) s.cohort.cases.channels.push_back(Sequence::Flair);
  prepare_output(s.cohort.out, s.existing);
}

int finish(const pipeline::TrainOutcome& outcome, const Settings& s) {
  if (outcome.finished)
    log_info("the model is in " + (s.cohort.out / "bundle").string());
  else
    log_warning(
        "training stopped before its last epoch; run the same command with --resume to go on. The best model so far is "
        "in " +
        (s.cohort.out / "bundle").string());
  throw_if_interrupted();  // a stop by the user is code 130; the time limit is not
  if (outcome.failed == 0) return 0;
  log_warning(std::to_string(outcome.failed) + " patients could not be used, see " +
              (s.cohort.out / "failures.tsv").string());
  return static_cast<int>(ExitCode::SomeCasesFailed);
}

void add_shared(CLI::App& verb, Settings& s, nn::TrainingOptions& t, const std::string& presets,
                const std::vector<std::string>& names) {
  verb.add_option("COHORT", s.cohort.cohorts, "Folders in BraTS or BIDS form, or manifest tables, with segmentations")
      ->required();
  verb.add_option("--out,-o", s.cohort.out, "Folder for curves, checkpoints and the model")->required();
  verb.add_option("--preset", s.preset, presets)->check(CLI::IsMember(names))->capture_default_str();
  verb.add_option("--init", s.cohort.init, "Start from these weights: a model bundle or a .safetensors file");
  verb.add_option("--folds", s.cohort.folds, "Cross-validation: number of folds; 0 = a single split")
      ->capture_default_str();
  verb.add_option("--validation", s.cohort.validation_fraction,
                  "Without folds: part of the patients that is held out; 0 = train on all")
      ->check(CLI::Range(0.0, 0.9))
      ->capture_default_str();
  verb.add_option("--epochs", t.epochs, "Passes over the training patients")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  verb.add_option("--steps-per-epoch", t.steps_per_epoch, "Optimiser steps an epoch; 0 = one pass over the patients")
      ->capture_default_str();
  verb.add_option("--batch", t.batch, "Samples a step")->check(CLI::Range(1, 256))->capture_default_str();
  verb.add_option("--learning-rate", t.learning_rate, "Adam's learning rate")
      ->check(positive_number())
      ->capture_default_str();
  verb.add_option("--weight-decay", t.weight_decay, "Decoupled weight decay")->capture_default_str();
  verb.add_option("--patience", t.patience, "Epochs without better validation loss before the rate is halved")
      ->capture_default_str();
  verb.add_option("--cosine", t.cosine_floor,
                  "Instead of halving: cosine decay to this part of the learning rate; 0 = off")
      ->capture_default_str();
  verb.add_option("--ema", t.ema, "Moving average of the weights; 0 = off")
      ->check(CLI::Range(0.0, 0.9999))
      ->capture_default_str();
  verb.add_flag(
      "--keep-last", t.keep_last,
      "Keep the last epoch's weights instead of the best validation loss's, so that held-out patients do not choose");
  verb.add_option("--max-minutes", t.max_minutes,
                  "Stop with a checkpoint after this much training time in all; 0 = no limit")
      ->capture_default_str();
  verb.add_option("--checkpoint-minutes", t.checkpoint_minutes, "Time between checkpoints")->capture_default_str();
  verb.add_option("--seed", t.seed, "Seed of weights, order and augmentation")->capture_default_str();
  verb.add_option("--split-seed", s.cohort.split_seed, "Seed of the split")->capture_default_str();
  verb.add_option("--name", s.cohort.name, "Name of the model bundle");
  verb.add_option("--data-note", s.cohort.training_data, "A sentence on the training data, for the model card");
  verb.add_option("--cache", s.cache,
                  "Folder of preprocessed patients (default: $GLIOCAST_CACHE, then the user's cache folder)");
  verb.add_flag("--no-augmentation", s.no_augmentation, "Plain samples");
  add_existing_options(verb, s.existing);
  add_device_option(verb, s.common);
  add_common_options(verb, s.common);
}

void add_flair(CLI::App& verb, Settings& s) { verb.add_flag("--flair", s.flair, "FLAIR as a fourth channel"); }

void add_prognosis(CLI::App& train, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(train, "train prognosis");
  s->prognosis = nn::PrognosisTrainingOptions::preset("default");
  add_shared(*verb, *s, s->prognosis.common,
             "default: narrow, loss cox, batch 16, 40 epochs; paper: the network of Xu et al. 2022, loss time, batch "
             "8, 200 epochs",
             {"default", "paper"});
  add_prognosis_options(*verb, *s);
  verb->callback([s, verb, &result] {
    apply_prognosis(*verb, *s);
    prepare(*s, s->prognosis.common);
    result = finish(pipeline::train_prognosis(s->cohort, s->clinical, s->imagenet, s->prognosis), *s);
  });
}

}  // namespace

void add_train(CLI::App& app, int& result) {
  auto* train = &add_verb(app, "train");
  train->require_subcommand(1);

  auto s = std::make_shared<Settings>();
  auto* segmentation = &add_verb(*train, "train segmentation");
  s->segmentation.common.learning_rate = 5e-4;
  add_shared(*segmentation, *s, s->segmentation.common,
             "default; paper: the network of Xu et al. 2022; real: for real patients: T1, T1-Gd, T2 and FLAIR, any of "
             "which down to two may be missing, nested regions, strong augmentation, hard cases more often",
             {"default", "paper", "real"});
  add_flair(*segmentation, *s);
  add_segmentation_options(*segmentation, *s);
  segmentation->callback([s, segmentation, &result] {
    apply_paper(*segmentation, *s, s->segmentation.common, 1);
    if (s->preset == "real") apply_real(*segmentation, *s);
    prepare(*s, s->segmentation.common);
    s->segmentation.network = nn::UnetOptions::preset(s->preset);
    if (!s->widths.empty()) s->segmentation.network.widths = s->widths;
    s->segmentation.target = s->target == "core" ? nn::TumourTarget::Core : nn::TumourTarget::Whole;
    result = finish(pipeline::train_segmentation(s->cohort, s->segmentation), *s);
  });

  auto g = std::make_shared<Settings>();
  auto* grading = &add_verb(*train, "train grading");
  g->grading.common.batch = 8;
  add_shared(*grading, *g, g->grading.common, "default, or paper: the network of Xu et al. 2022", {"default", "paper"});
  add_flair(*grading, *g);
  grading->add_option("--base-width", g->base_width, "Channels of the first stage; 8 times as many deep features");
  grading->callback([g, grading, &result] {
    apply_paper(*grading, *g, g->grading.common, 8);
    prepare(*g, g->grading.common);
    g->grading.take_preset(g->preset);
    if (g->base_width > 0) g->grading.network.base_width = g->base_width;
    result = finish(pipeline::train_grading(g->cohort, g->grading), *g);
  });

  add_prognosis(*train, result);
}

}  // namespace gliocast::cli
