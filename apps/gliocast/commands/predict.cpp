// gliocast predict: one patient or a cohort, from images to report.
#include "../cli.hpp"
#include "../patient_arguments.hpp"
#include "../verbs.hpp"
#include "commands.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/pipeline/predict.hpp>

#include <algorithm>
#include <memory>

namespace gliocast::cli {
namespace {

struct Settings {
  Common common;
  Existing existing;
  pipeline::PredictOptions predict;
  PatientArguments patients;
  BatchArguments batch;
  std::string radiomics_sequence = "t1gd";
};

Sequence parse_sequence(const std::string& key) {
  if (const auto s = sequence_of_key(key)) return *s;
  throw Error(ExitCode::WrongUse, "unknown sequence '" + key + "'", "--radiomics-sequence");
}

int run_predict(Settings& s) {
  apply(s.common);
  auto& o = s.predict;
  const auto patients = collect_patients(s.patients);
  const Shares shares = share_out("Predicting patients", s.batch, s.common, patients.size(), o.preprocess);
  o.batch = shares.batch;
  o.threads = shares.threads;
  o.device = nn::parse_device(s.common.device);
  o.radiomics_sequence = parse_sequence(s.radiomics_sequence);
  o.resume = s.existing.resume;
  if (std::ranges::none_of(patients, [](const auto& p) { return p.clinical.has_value(); })) o.survival_model.clear();
  const pipeline::Predictor predictor(o);  // models are checked before the output folder is touched
  return run_cohort(patients.size(), o.batch, o.out, s.existing, [&] { return predictor.predict_all(patients); });
}

}  // namespace

void add_predict(CLI::App& app, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(app, "predict");
  auto& o = s->predict;
  add_patient_arguments(*verb, s->patients);
  verb->add_option(
      "--tumour-mask,--tumor-mask", s->patients.tumour_mask,
      "Your own outline of the tumour, FILE or FILE:LABELS (seg.nii.gz:1,4), on the grid of any sequence given: "
      "measured and graded in place of the network's");
  add_clinical_arguments(*verb, s->patients);
  verb->add_option("--out,-o", o.out, "Folder to write (BIDS derivatives)")->required();
  add_batch_arguments(*verb, s->batch, o.preprocess);
  verb->add_option("--radiomics-sequence", s->radiomics_sequence, "Sequence of the radiomic features")
      ->check(CLI::IsMember({"t1", "t1gd", "t2", "flair"}))
      ->capture_default_str();
  verb->add_option("--models", o.models,
                   "Folder of model bundles (default: $GLIOCAST_MODELS, then the installed ones)");
  verb->add_option("--segmentation-model", o.segmentation_model, "Name of the segmentation bundle")
      ->capture_default_str();
  verb->add_option("--grading-model", o.grading_model,
                   "Name or folder of the grading bundle, of kind grading or fused-grading")
      ->capture_default_str();
  verb->add_option("--survival-model", o.survival_model, "Name, folder or file of a Cox model of lower-grade gliomas")
      ->capture_default_str();
  verb->add_option("--survival-unit", o.survival_unit,
                   "Unit of that model's times, where neither its card nor its column's name says it")
      ->check(CLI::IsMember({"days", "weeks", "months", "years"}));
  verb->add_option(
      "--signature-model", o.signature_model,
      "Folder or name of a signature's model, of kind fused-signature: trained on a cohort's images; none: "
      "no signature (default: signature-demonstration, where the folder of models has it)");
  verb->add_option("--signature-unit", o.signature_unit,
                   "Unit of that model's times, where neither its card nor its column's name says it")
      ->check(CLI::IsMember({"days", "weeks", "months", "years"}));
  add_existing_options(*verb, s->existing);
  add_device_option(*verb, s->common);
  add_common_options(*verb, s->common);
  verb->callback([s, &result] { result = run_predict(*s); });
}

}  // namespace gliocast::cli
