#include "patient_batch.hpp"

#include "outputs.hpp"

#include <gliocast/cohort/label.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/numbers.hpp>

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

/// "T1 (series 3), T1-Gd (series 8), T2; brain 1481 cm³; tumour 35.2 cm³; 2 warnings".
std::string summary_of(const cohort::PatientFiles& patient, const Json& result) {
  std::string text;
  const Json inputs = result.value("inputs", Json::object());
  const Json used = result.value("quality", Json::object()).value("sequences", Json::object());
  for (const auto& [key, input] : inputs.items()) {
    if (!used.empty() && !used.contains(key)) continue;  // left out: a warning says why
    text += (text.empty() ? "" : ", ") + input.value("name", key);
    for (const auto& [sequence, acquisition] : patient.acquisition)
      if (key_name(sequence) == key) text += " (series " + std::to_string(acquisition.series_number) + ")";
  }
  if (const Json quality = result.value("quality", Json::object()); quality.contains("brain_volume_cm3"))
    text += "; brain " + decimal(quality["brain_volume_cm3"].get<double>(), 0) + " cm³";
  if (const Json tumour = result.value("tumour", Json::object()); tumour.contains("volume_cm3"))
    text += "; tumour " + decimal(tumour["volume_cm3"].get<double>(), 1) + " cm³";
  else if (tumour.contains("found"))
    text += "; no tumour found";
  const std::size_t warnings = result.value("warnings", Json::array()).size();
  return text + "; " + (warnings == 0 ? "no" : std::to_string(warnings)) + (warnings == 1 ? " warning" : " warnings");
}

}  // namespace

void log_patient_done(const cohort::PatientFiles& patient, const std::filesystem::path& page, const Json& result) {
  const Json fields{{"patient", patient.id}};
  for (const auto& warning : result.value("warnings", Json::array()))
    log_warning(patient.id + ": " + warning.get<std::string>(), fields);
  const std::string summary = summary_of(patient, result);
  const std::string source = patient.found_at.empty() || patient.own_name ? "" : " (" + patient.found_at + ")";
  log_apart(LogLevel::Info, patient.id + source + ": " + summary + ": " + page.string(),
            patient.id + ": " + summary + "; " + page.filename().string() + " is written",
            {{"patient", patient.id}, {"timings_s", result.value("timings_s", Json())}});
}

}  // namespace gliocast::pipeline
