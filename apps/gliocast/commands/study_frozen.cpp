// gliocast study freeze, validate: a study's models to another hospital, its statistics back.
#include "study_frozen.hpp"

#include "../cli.hpp"
#include "../verbs.hpp"
#include "study_arguments.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/study/frozen.hpp>

#include <memory>
#include <string>
#include <vector>

namespace gliocast::cli {
namespace {

struct FreezeSettings {
  Common common;
  study::FreezeOptions options;
};

void run_freeze(const FreezeSettings& s) {
  apply(s.common);
  const auto frozen = study::freeze_study(s.options);
  for (const auto& note : frozen.notes) log_warning(note);
  log_info("the bundle is " + s.options.out.string() + "; its manifest has the SHA-256 " + frozen.checksum);
}

struct ValidateSettings {
  Common common;
  study::FrozenValidationOptions options;
  std::vector<std::string> columns;
};

int run_validate(ValidateSettings& s) {
  apply(s.common);
  auto& o = s.options;
  o.inputs.columns = columns_of(s.columns);
  o.threads = s.common.threads;
  o.device = nn::parse_device(s.common.device);
  image::set_image_threads(1);
  const auto done = study::validate_frozen(o);
  log_info("statistics/ may leave the hospital: " + (done.statistics / "report.html").string() + "; all else in " +
           o.out.string() + " is of patients and stays");
  if (done.failures.empty()) return static_cast<int>(ExitCode::Done);
  log_warning(std::to_string(done.failures.size()) + " of " + std::to_string(done.patients) + " patients failed, see " +
              (o.out / "failures.tsv").string());
  return static_cast<int>(ExitCode::SomeCasesFailed);
}

void add_freeze(CLI::App& study) {
  auto s = std::make_shared<FreezeSettings>();
  auto* verb = &add_verb(study, "study freeze");
  verb->add_option("DIR", s->options.study, "Folder of a finished study run")->required();
  verb->add_option("--out,-o", s->options.out, "Folder of the bundle, absent or empty")->required();
  verb->add_option("--name", s->options.name, "Name of the bundle, for reports")->capture_default_str();
  add_quiet_option(*verb, s->common);
  verb->callback([s] { run_freeze(*s); });
}

void add_validate(CLI::App& study, int& result) {
  auto s = std::make_shared<ValidateSettings>();
  auto& o = s->options;
  auto* verb = &add_verb(study, "study validate");
  verb->add_option("BUNDLE", o.bundle, "Folder that study freeze wrote")->required();
  verb->add_option("COHORT", o.inputs.cohort, "Folders in BraTS or BIDS form, DICOM folders, or manifest tables")
      ->required();
  add_study_clinical_options(*verb, o.inputs.clinical, s->columns);
  verb->add_option("--out,-o", o.out, "Folder of the validation")->required();
  verb->add_option("--least", o.least, "Counts below this are withheld; 5 or more")->capture_default_str();
  verb->add_flag("--recalibrate", o.recalibrate,
                 "Judge the models after recalibration to this cohort, too: each patient by what the others fitted");
  verb->add_flag("--combat", o.combat,
                 "Take the radiomics towards those of the training patients first (ComBat; the bundle holds means and "
                 "deviations)");
  verb->add_option("--segmentation-model", o.segmentation_model,
                   "Where the study's segmentation model lies; default: as the bundle names it");
  verb->add_option("--models", o.models, "Folder of model bundles");
  add_device_option(*verb, s->common);
  add_common_options(*verb, s->common);
  verb->callback([s, &result] { result = run_validate(*s); });
}

}  // namespace

void add_study_frozen(CLI::App& study, int& result) {
  add_freeze(study);
  add_validate(study, result);
}

}  // namespace gliocast::cli
