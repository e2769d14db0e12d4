#include "batch.hpp"

#include "outputs.hpp"

#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/table.hpp>

#include <mutex>
#include <optional>

namespace gliocast::pipeline {

std::vector<Failure> run_batch(const std::filesystem::path& out, const std::vector<cohort::PatientFiles>& patients, std::size_t jobs, const std::function<void()>& on_patient,
                               const std::function<void(const cohort::PatientFiles&)>& work) {
  std::mutex guard;
  std::vector<std::optional<Failure>> failures(patients.size());
  parallel_for(patients.size(), jobs, [&](std::size_t i) {
    throw_if_interrupted();
    const auto fail = [&](const std::string& reason, ExitCode code) {
      log_error(patients[i].id + ": " + reason, {{"patient", patients[i].id}, {"exit_code", static_cast<int>(code)}});
      failures[i] = Failure{patients[i].id, reason, code};
    };
    try {
      work(patients[i]);
    } catch (const Error& e) {
      if (e.code() == ExitCode::Interrupted || e.code() == ExitCode::CannotWrite) throw;
      fail(e.what(), e.code());
    } catch (const std::exception& e) {
      fail(std::string("internal fault: ") + e.what(), ExitCode::InternalFault);
    }
    if (on_patient) {
      const std::lock_guard lock(guard);
      on_patient();
    }
  });
  std::vector<Failure> failed;
  TextTable table{{"participant_id", "exit_code", "reason"}, {}};
  for (const auto& f : failures)
    if (f) {
      failed.push_back(*f);
      table.rows.push_back({bids_subject(f->patient), std::to_string(static_cast<int>(f->code)), f->reason});
    }
  std::error_code error;
  if (failed.empty())
    std::filesystem::remove(out / "failures.tsv", error);
  else
    write_table(out / "failures.tsv", table);
  return failed;
}

}  // namespace gliocast::pipeline
