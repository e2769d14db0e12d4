#include "survival_cohort.hpp"

#include <gliocast/cohort/clinical.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/core/text.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace gliocast::study {
namespace {

using Outcomes = std::map<std::string, pipeline::ClinicalOutcome>;

bool has_survival(const cohort::PatientFiles& p, const Outcomes& outcomes) {
  const auto found = outcomes.find(p.id);
  return found != outcomes.end() && std::isfinite(found->second.time);
}

/// Those who can be studied; the others are told.
void keep_known(std::vector<cohort::PatientFiles>& patients, const Outcomes& outcomes) {
  std::vector<std::string> left_out;
  std::erase_if(patients, [&](const cohort::PatientFiles& p) {
    const bool known = has_survival(p, outcomes);
    if (!known) left_out.push_back(p.id);
    return !known;
  });
  if (!left_out.empty())
    log_warning(std::to_string(left_out.size()) +
                " patients without a survival time are left out: " + listed(left_out, 10));
  if (patients.empty()) throw unusable_input("no patient of the cohort has a survival time");
}

void require_events(const std::vector<cohort::PatientFiles>& patients, const Outcomes& outcomes, std::size_t needed) {
  const std::size_t events = events_among(patients, outcomes);
  if (events < needed)
    throw unusable_input(
        std::to_string(needed) + " patients with an event are needed, and there are " + std::to_string(events), "",
        "fewer outer folds, fewer folds within, or --no-deep need fewer");
}

survival::SurvivalSample sample_of(const std::vector<pipeline::Examined>& patients, const Outcomes& outcomes) {
  survival::SurvivalSample out;
  for (const auto& p : patients) {
    const auto& o = outcomes.at(p.input.id);
    out.time.push_back(o.time);
    out.event.push_back(o.event ? 1 : 0);
  }
  return out;
}

/// The patients' rows of the clinical table.
stats::DataFrame clinical_rows(const std::filesystem::path& file, const std::vector<std::string>& ids) {
  const TextTable table = read_table(file);
  const auto column = cohort::find_patient_column(table).value();
  std::map<std::string, std::size_t> row;
  for (std::size_t r = 0; r < table.rows.size(); ++r) row.emplace(table.rows[r][column], r);
  std::vector<std::size_t> rows;
  for (const auto& id : ids) rows.push_back(row.at(id));
  return stats::DataFrame(table, file.string()).subset(rows);
}

}  // namespace

analysis::SignatureTable SurvivalCohort::table(std::size_t sequence, const survival::OutcomeColumns& outcome) const {
  analysis::SignatureTable out;
  out.table = tables.at(sequence).second;
  out.clinical = clinical;
  out.id_column = "patient";
  out.columns.outcome = outcome;
  return out;
}

std::size_t events_among(const std::vector<cohort::PatientFiles>& patients, const Outcomes& outcomes) {
  return static_cast<std::size_t>(std::ranges::count_if(
      patients, [&](const cohort::PatientFiles& p) { return has_survival(p, outcomes) && outcomes.at(p.id).event; }));
}

SurvivalCohort survival_cohort(std::vector<cohort::PatientFiles> files, const SurvivalCohortOptions& o) {
  const auto outcomes = pipeline::read_outcomes(o.clinical);
  keep_known(files, outcomes);
  require_events(files, outcomes, o.least_events);
  auto examined = pipeline::examine_cohort(files, o.examine);
  write_failures(o.failures, examined.failures);
  auto& patients = examined.patients;
  SurvivalCohort out;
  out.failures = std::move(examined.failures);
  out.simulated = examined.simulated;
  out.outlined_by = examined.outlined_by;
  const auto sample = sample_of(patients, outcomes);
  const auto sequences = o.sequence ? std::vector{*o.sequence} : o.examine.sequences;
  for (auto& s : sequence_tables(patients, examined.features, sequences)) {
    s.table.outcome.clear();
    signature::SurvivalTable table{std::move(s.table), sample};
    if (o.permute) table = signature::with_permuted_outcomes(table, o.seed);
    out.sequences.push_back(s.sequence);
    out.tables.emplace_back(display_name(s.sequence), std::move(table));
  }
  out.clinical = clinical_rows(o.clinical.file, out.any().features.ids);
  const auto& known = out.any().outcome;
  for (std::size_t i = 0; i < patients.size(); ++i) {
    const int who = outcomes.at(patients[i].input.id).who_grade;
    if (patients[i].slice)
      out.cases.push_back(
          pipeline::prognosis_case(std::move(*patients[i].slice), {who, known.time[i], known.event[i] != 0}));
  }
  return out;
}

}  // namespace gliocast::study
