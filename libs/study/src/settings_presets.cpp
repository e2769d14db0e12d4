// What a study begins with.
#include <gliocast/study/settings.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/nn/prognosis_training.hpp>
#include <gliocast/nn/training.hpp>

namespace gliocast::study {
namespace {

StudySettings paper_settings() {
  const auto prognosis = nn::PrognosisTrainingOptions::preset("paper");
  nn::GradingTrainingOptions grading;
  grading.take_preset("paper");
  StudySettings s;
  s.preset = "paper";
  s.outlines.by = "trained";
  s.outlines.network.base_width = nn::UnetOptions::preset("paper").widths.front();
  s.outlines.network.doubling = false;
  s.outlines.network.batch = 1;
  s.grading.design = "paper";
  s.grading.network.base_width = grading.network.base_width;
  s.grading.patch_zyx = grading.patch_zyx;
  s.signature.network.base_width = prognosis.network.base_width;
  for (auto* network : {&s.grading.network, &s.signature.network}) {  // both are trained alike
    network->epochs = prognosis.common.epochs;
    network->batch = prognosis.common.batch;
  }
  s.signature.way = "paper";
  s.signature.against = {"default"};
  s.nomograms.drop_rule = "paper";
  return s;
}

/// Two cohorts of 24 and 12 simulated patients in minutes: every part is shown, nothing is learnt well.
StudySettings demo_settings() {
  StudySettings s;
  s.preset = "demo";
  s.times = {12, 24, 36};
  s.outlines.folds = 2;
  s.outlines.network = {.base_width = 4, .epochs = 10, .steps_per_epoch = 10, .batch = 4, .patch_zyx = {32, 32, 32}};
  s.grading.outer = 3;
  s.grading.inner = 3;
  s.grading.network = {.base_width = 4, .epochs = 3, .batch = 4};
  s.grading.patch_zyx = {32, 32, 32};
  s.grading.refits = 10;
  s.grading.draws = 200;
  s.signature.deep = false;
  s.signature.outer = 3;
  s.signature.inner = 3;
  s.signature.draws = 200;
  s.signature.network = {.base_width = 4, .epochs = 3, .batch = 16};
  return s;
}

}  // namespace

std::vector<std::string> settings_presets() { return {"default", "paper", "demo"}; }

StudySettings preset_settings(const std::string& name) {
  if (name == "default") return {};
  if (name == "paper") return paper_settings();
  if (name == "demo") return demo_settings();
  throw Error(ExitCode::WrongUse, "there is no preset " + name, "--preset",
              suggestion(name, settings_presets(), "it is one of"));
}

}  // namespace gliocast::study
