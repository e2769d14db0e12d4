#include "survival_cohort.hpp"

#include <utility>

namespace gliocast::study {
namespace {

survival::SurvivalSample sample_of(const std::vector<pipeline::Examined>& patients,
                                   const std::map<std::string, pipeline::ClinicalOutcome>& outcomes) {
  survival::SurvivalSample out;
  for (const auto& p : patients) {
    const auto& o = outcomes.at(p.input.id);
    out.time.push_back(o.time);
    out.event.push_back(o.event ? 1 : 0);
  }
  return out;
}

}  // namespace

SurvivalCohort survival_cohort(pipeline::ExaminedCohort examined,
                               const std::map<std::string, pipeline::ClinicalOutcome>& outcomes,
                               const std::vector<Sequence>& sequences, bool permute, std::uint64_t seed) {
  auto& patients = examined.patients;
  SurvivalCohort out;
  out.simulated = examined.simulated;
  const auto sample = sample_of(patients, outcomes);
  for (auto& s : sequence_tables(patients, examined.features, sequences)) {
    s.table.outcome.clear();
    signature::SurvivalTable table{std::move(s.table), sample};
    if (permute) table = signature::with_permuted_outcomes(table, seed);
    out.sequences.push_back(s.sequence);
    out.tables.emplace_back(display_name(s.sequence), std::move(table));
  }
  const auto& known = out.any().outcome;
  for (std::size_t i = 0; i < patients.size(); ++i) {
    const int who = outcomes.at(patients[i].input.id).who_grade;
    out.cases.push_back(
        pipeline::prognosis_case(std::move(patients[i].slice.value()), {who, known.time[i], known.event[i] != 0}));
  }
  return out;
}

}  // namespace gliocast::study
