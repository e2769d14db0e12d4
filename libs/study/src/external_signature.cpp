#include "external_signature.hpp"

#include "apply_signature.hpp"
#include "frozen_harmonisation.hpp"

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <utility>

namespace gliocast::study {

ExternalSurvival predict_external(const pipeline::FusedSignature& fused,
                                  const std::vector<cohort::PatientFiles>& patients,
                                  const SurvivalCohortOptions& options, const std::vector<double>& times, double level,
                                  const analysis::Harmonisation* reference) {
  auto cohort = survival_cohort(patients, options);
  ExternalSurvival out;
  out.failures = std::move(cohort.failures);
  const auto place = std::ranges::find(cohort.sequences, fused.sequence) - cohort.sequences.begin();
  if (static_cast<std::size_t>(place) == cohort.sequences.size())
    throw unusable_input("no patient of the second cohort has " + std::string(display_name(fused.sequence)) +
                         ", of which the signature's radiomics are");
  out.table = cohort.table(static_cast<std::size_t>(place), options.clinical.outcome);
  if (reference != nullptr) out.table.table.features = harmonised(out.table.table.features, *reference);
  std::vector<nn::TrainingCase> slices;
  for (auto& c : cohort.cases) slices.push_back(std::move(c.slice));
  auto applied = apply_signature(fused, out.table.table.features, slices, options.examine.device, times, level);
  out.said.survival = predictions_of(applied.said);
  out.said.signature = std::move(applied.said.signature);
  out.said.high_risk = std::move(applied.said.high_risk);
  out.said.notes = std::move(applied.notes);
  return out;
}

}  // namespace gliocast::study
