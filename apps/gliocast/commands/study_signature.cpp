// gliocast study signature: a cohort with survival in, signatures that are tested on patients they have not seen out;
// gliocast study predict: their model on new patients.
#include "../patient_arguments.hpp"
#include "../verbs.hpp"
#include "commands.hpp"
#include "study_arguments.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/study/signature.hpp>
#include <gliocast/study/signature_prediction.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

namespace gliocast::cli {
namespace {

struct Settings {
  Common common;
  Existing existing;
  StudyArguments arguments;
  study::SignatureOptions study;
  std::string preset = "default", sequence;
  std::vector<std::string> signatures{"default", "paper"};
  std::int64_t base_width = 0;
  bool no_deep = false;
};

/// The preset's network, where the command line does not say otherwise.
void apply_preset(const CLI::App& verb, Settings& s) {
  auto& network = s.study.network;
  const auto preset = nn::PrognosisTrainingOptions::preset(s.preset);
  network.network = preset.network;
  network.common.ema = preset.common.ema;
  if (verb.count("--epochs") == 0) network.common.epochs = preset.common.epochs;
  if (verb.count("--batch") == 0) network.common.batch = preset.common.batch;
  if (s.base_width > 0) network.network.base_width = s.base_width;
}

/// Presets by name, else files.
std::vector<signature::SignatureSpecification> specifications_of(const std::vector<std::string>& texts) {
  constexpr std::array<const char*, 2> kPresets{"default", "paper"};
  std::vector<signature::SignatureSpecification> out;
  for (const auto& text : texts) {
    out.push_back(std::ranges::find(kPresets, text) != kPresets.end()
                      ? signature::preset_specification(text)
                      : signature::parse_specification(read_text(text), text));
    if (std::ranges::count(out, out.back().name, &signature::SignatureSpecification::name) > 1)
      throw Error(ExitCode::WrongUse, "two signatures are named \"" + out.back().name + "\"", "--signature",
                  "name each by its own `name:`");
  }
  return out;
}

int run_study_signature(const CLI::App& verb, Settings& s) {
  apply(s.common);
  apply_preset(verb, s);
  auto& o = s.study;
  o.specifications = specifications_of(s.signatures);
  o.deep = !s.no_deep;
  o.threads = s.common.threads;
  apply(s.arguments, s.common, o.examine);
  o.network.common.device = o.examine.device;
  if (!s.sequence.empty()) o.examine.sequences = {*sequence_of_key(s.sequence)};
  const auto patients = patients_of(s.arguments.cohorts);
  return run_cohort(patients.size(), {}, o.out, s.existing, [&] {
    if (s.existing.overwrite)  // what a run goes on from lies in these
      for (const char* name : {"patients", "networks"}) std::filesystem::remove_all(o.out / name);
    auto failures = study::run_signature(patients, o);
    log_info("the study is in " + o.out.string() + ": signatures, predictions.tsv, study.json");
    return failures;
  });
}

void add_times(CLI::App& verb, std::vector<double>& times) {
  verb.add_option("--times", times, "Times at which survival is predicted, e.g. 12,36,60")
      ->delimiter(',')
      ->check(positive_number());
}

void add_design_options(CLI::App& verb, Settings& s) {
  auto& o = s.study;
  verb.add_option("--signature", s.signatures,
                  "How signatures are made, compared with each other; the first gives the model: default (Cox), paper "
                  "(target time), or YAML files")
      ->capture_default_str();
  verb.add_option("--sequence", s.sequence, "Radiomics of this one, without a choice among the training patients")
      ->check(CLI::IsMember({"t1", "t1gd", "t2"}));
  verb.add_flag("--no-deep", s.no_deep, "Radiomics alone: no network is fitted");
  verb.add_option("--imagenet", o.imagenet,
                  "torchvision's resnet18 weights to start from, by tools/convert_resnet18.py; width 64 alone");
  verb.add_option("--outer", o.folds, "Outer folds")->check(CLI::Range(2, 1000))->capture_default_str();
  add_times(verb, o.times);
  verb.add_flag("--permute-outcomes", o.permute_outcomes,
                "Shuffle survival before anything is fitted: what does not leak is at chance");
  verb.add_option("--seed", o.seed, "Seed of folds, networks and forests")
      ->check(not_negative_number())
      ->capture_default_str();
}

struct PredictionSettings {
  Common common;
  Existing existing;
  StudyArguments arguments;
  study::SignaturePredictionOptions options;
};

int run_signature_predict(PredictionSettings& s) {
  apply(s.common);
  auto& o = s.options;
  apply(s.arguments, s.common, o.examine);
  const auto patients = patients_of(s.arguments.cohorts);
  return run_cohort(patients.size(), {}, o.out, s.existing, [&] {
    if (s.existing.overwrite) std::filesystem::remove_all(o.out / "patients");
    auto failures = study::predict_signatures(patients, o);
    log_info("the signatures are in " + (o.out / "signatures.tsv").string());
    return failures;
  });
}

}  // namespace

void add_study_predict(CLI::App& study, int& result) {
  auto s = std::make_shared<PredictionSettings>();
  auto* verb = &add_verb(study, "study predict");
  add_study_options(*verb, s->arguments, s->options.examine, "or without segmentations");
  verb->add_option("--model", s->options.model, "What study signature left in model/")->required();
  verb->add_option("--out,-o", s->options.out, "Folder to write")->required();
  add_times(*verb, s->options.times);
  add_existing_options(*verb, s->existing);
  add_device_option(*verb, s->common);
  add_common_options(*verb, s->common);
  verb->callback([s, &result] { result = run_signature_predict(*s); });
}

void add_study_signature(CLI::App& study, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(study, "study signature");
  s->study.network = nn::PrognosisTrainingOptions::preset("default");
  add_study_options(*verb, s->arguments, s->study.examine, "of patients whom the clinical table names");
  add_clinical_options(*verb, s->study.clinical);
  verb->add_option("--out,-o", s->study.out, "Folder of the study")->required();
  verb->add_option("--preset", s->preset, "Networks: default (narrow), or paper (width 64, 200 epochs)")
      ->check(CLI::IsMember({"default", "paper"}))
      ->capture_default_str();
  add_design_options(*verb, *s);
  add_network_options(*verb, s->study.network.common, s->base_width);
  add_existing_options(*verb, s->existing);
  add_device_option(*verb, s->common);
  add_common_options(*verb, s->common);
  verb->callback([s, verb, &result] { result = run_study_signature(*verb, *s); });
}

}  // namespace gliocast::cli
