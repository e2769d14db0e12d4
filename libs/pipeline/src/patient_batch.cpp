#include "patient_batch.hpp"

#include "outputs.hpp"

#include <gliocast/cohort/label.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/report/wording.hpp>

namespace gliocast::pipeline {

std::vector<Failure> run_patients(const std::filesystem::path& out, const std::vector<cohort::PatientFiles>& patients,
                                  const BatchOptions& options,
                                  const std::function<void(const cohort::PatientFiles&, StageTimer&)>& work) {
  cohort::check_labels(patients);  // two patients never share a folder
  BatchWork batch{.count = patients.size(), .work = {}, .describe = {}};
  batch.work = [&](std::size_t i, StageTimer& timer) {
    if (patients[i].failure) throw *patients[i].failure;
    work(patients[i], timer);
  };
  batch.describe = [&](std::size_t i, const std::string& stage, const std::exception& e) {
    const auto& patient = patients[i];
    set_results_aside(out, patient.id);
    Failure f = describe_failure(patient, stage, e);
    const bool ours = dynamic_cast<const Error*>(&e) != nullptr;
    const std::string what = e.what();
    const std::string source = what.find(patient.found_at) == std::string::npos ? " (" + patient.found_at + ")" : "";
    log_apart(LogLevel::Error, patient.id + source + ": " + (ours ? "" : "internal fault: ") + what,
              patient.id + ": " + f.reason, {{"patient", patient.id}, {"exit_code", static_cast<int>(f.code)}});
    f.id = cohort::subject_label(patient.id);
    return f;
  };
  auto failures = run_batch(batch, options);
  write_failures(out / name_of_part("failures", options.shard, ".tsv"), failures);
  return failures;
}

namespace {

/// "; signature -0.42, high risk (demonstration)"; empty without one.
std::string signature_text(const findings::Prediction& p) {
  if (!p.signature) return {};
  const auto* e = std::get_if<findings::SignatureEstimate>(&p.signature->result);
  if (!e) return "; no signature";
  return "; signature " + decimal(e->value, 2) + (e->high_risk ? ", high risk" : ", low risk") +
         (p.signature->model.demonstration ? " (demonstration)" : "");
}

/// "T1 (series 3), T1-Gd (series 8), T2; brain 1481 cm³; tumour 35.2 cm³; 2 warnings".
std::string summary_of(const cohort::PatientFiles& patient, const findings::Preparation& p,
                       const findings::Prediction* prediction, std::size_t warnings) {
  std::vector<std::string> used;
  for (const auto& [s, sum] : p.inputs) {
    if (!p.quality.empty() && !p.quality.contains(s)) continue;  // left out: a warning says why
    used.emplace_back(display_name(s));
    if (const auto a = patient.acquisition.find(s); a != patient.acquisition.end())
      used.back() += " (series " + std::to_string(a->second.series_number) + ")";
  }
  std::string text = listed(used) + "; brain " + decimal(p.brain_volume_cm3, 0) + " cm³";
  if (prediction) {
    text += prediction->tumour ? "; tumour " + decimal(prediction->tumour->volume_cm3) + " cm³" : "; no tumour found";
    if (prediction->outline_is_demonstration) text += " (demonstration)";
    text += signature_text(*prediction);
  }
  return text + "; " + (warnings == 0 ? "no" : std::to_string(warnings)) + (warnings == 1 ? " warning" : " warnings");
}

}  // namespace

void log_patient_done(const cohort::PatientFiles& patient, const std::filesystem::path& page,
                      const findings::Preparation& preparation, const findings::Prediction* prediction) {
  const Json fields{{"patient", patient.id}};
  const auto warnings =
      report::warnings_of(prediction ? *prediction : findings::Prediction{.preparation = preparation});
  for (const auto& warning : warnings) log_warning(patient.id + ": " + warning, fields);
  const std::string summary = summary_of(patient, preparation, prediction, warnings.size());
  const std::string source = patient.found_at.empty() || patient.own_name ? "" : " (" + patient.found_at + ")";
  Json timings = Json::object();
  for (const auto& [stage, seconds] : preparation.timings_s) timings[stage] = seconds;
  log_apart(LogLevel::Info, patient.id + source + ": " + summary + ": " + page.string(),
            patient.id + ": " + summary + "; " + page.filename().string() + " is written",
            {{"patient", patient.id}, {"timings_s", timings}});
}

}  // namespace gliocast::pipeline
