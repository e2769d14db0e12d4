// gliocast preprocess: raw MRI to aligned, skull-stripped sequences on the working grid.
#include "../cli.hpp"
#include "../patient_arguments.hpp"
#include "../verbs.hpp"
#include "commands.hpp"

#include <gliocast/pipeline/prepare.hpp>

#include <memory>

namespace gliocast::cli {
namespace {

struct Settings {
  Common common;
  Existing existing;
  PatientArguments patients;
  pipeline::PrepareOptions prepare;
  BatchArguments batch;
};

int run_preprocess(Settings& s) {
  apply(s.common);
  auto& o = s.prepare;
  const auto patients = collect_patients(s.patients);
  o.batch = share_out("Preprocessing patients", s.batch, s.common, patients.size(), o.preprocess).batch;
  o.resume = s.existing.resume;
  return run_cohort(patients.size(), o.batch, o.out, s.existing, [&] { return pipeline::prepare_all(patients, o); });
}

}  // namespace

void add_preprocess(CLI::App& app, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(app, "preprocess");
  auto& o = s->prepare;
  add_patient_arguments(*verb, s->patients);
  verb->add_option("--out,-o", o.out, "Folder to write (BIDS derivatives)")->required();
  add_batch_arguments(*verb, s->batch, o.preprocess);
  add_existing_options(*verb, s->existing);
  add_common_options(*verb, s->common);
  verb->callback([s, &result] { result = run_preprocess(*s); });
}

}  // namespace gliocast::cli
