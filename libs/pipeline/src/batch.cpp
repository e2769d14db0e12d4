#include "batch.hpp"

#include <gliocast/cohort/label.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/parallel.hpp>

#include <mutex>
#include <optional>

namespace gliocast::pipeline {

std::vector<Failure> run_batch(const std::filesystem::path& out, const std::vector<cohort::PatientFiles>& patients, std::size_t jobs, const std::function<void()>& on_patient,
                               const std::function<void(const cohort::PatientFiles&)>& work) {
  cohort::check_labels(patients);  // two patients never share a folder
  std::mutex guard;
  std::vector<std::optional<Failure>> failures(patients.size());
  parallel_for(patients.size(), jobs, [&](std::size_t i) {
    throw_if_interrupted();
    const auto& patient = patients[i];
    try {
      if (patient.failure) throw *patient.failure;
      work(patient);
    } catch (const std::exception& e) {
      const auto* ours = dynamic_cast<const Error*>(&e);
      if (ours != nullptr && (ours->code() == ExitCode::Interrupted || ours->code() == ExitCode::CannotWrite)) throw;
      Failure f = describe_failure(patient, e);
      const std::string what = e.what();
      const std::string source = what.find(patient.found_at) == std::string::npos ? " (" + patient.found_at + ")" : "";
      log_apart(LogLevel::Error, patient.id + source + ": " + (ours != nullptr ? "" : "internal fault: ") + what,
                patient.id + ": " + f.reason, {{"patient", patient.id}, {"exit_code", static_cast<int>(f.code)}});
      f.patient = cohort::subject_label(patient.id);
      failures[i] = std::move(f);
    }
    if (on_patient) {
      const std::lock_guard lock(guard);
      on_patient();
    }
  });
  std::vector<Failure> failed;
  for (auto& f : failures)
    if (f) failed.push_back(std::move(*f));
  write_failures(out, failed);
  return failed;
}

void log_patient_done(const cohort::PatientFiles& patient, const std::filesystem::path& page, const Json& timings) {
  const std::string source = patient.found_at.empty() || patient.own_name ? "" : " (" + patient.found_at + ")";
  log_apart(LogLevel::Info, patient.id + source + ": " + page.string(),
            patient.id + ": " + page.filename().string() + " is written",
            {{"patient", patient.id}, {"timings_s", timings}});
}

}  // namespace gliocast::pipeline
