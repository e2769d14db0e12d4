#include "signature_training.hpp"

#include "signature_results.hpp"

#include <gliocast/analysis/output.hpp>
#include <gliocast/analysis/signature_model.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/learn/row_marks.hpp>
#include <gliocast/pipeline/train.hpp>
#include <gliocast/survival/cox_model_file.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace gliocast::study {
namespace {

using signature::SignatureSpecification;

/// Patients with an event for each half of each fold's training.
std::size_t events_needed(const std::vector<SignatureSpecification>& ways, bool deep, std::size_t folds) {
  std::size_t needed = 0;
  for (const auto& s : ways) needed = std::max(needed, signature::SignatureLearner(s).patients_needed());
  if (deep) needed *= 2;
  return folds > 0 ? learn::patients_to_leave(needed, folds) : needed;
}

/// "0.612 (0.481 to 0.743)" of each member.
std::string held_out_text(const FittedSignature& fitted) {
  std::string text;
  for (const auto& m : fitted.members) {
    const auto& c = m.fit.model->parts().held_out_concordance;
    if (!std::isfinite(c.value)) continue;
    text +=
        (text.empty() ? "" : "; ") + decimal(c.value, 3) + " (" + decimal(c.low, 3) + " to " + decimal(c.high, 3) + ")";
  }
  return text;
}

Json card_of(const SurvivalCohort& cohort, const FittedSignature& fitted) {
  const auto& outcome = cohort.any().outcome;
  const std::string counts = std::to_string(outcome.rows()) + (cohort.simulated ? " simulated" : "") + " patients, " +
                             std::to_string(std::ranges::count(outcome.event, 1)) + " events";
  Json card{{"trained_on", counts},
            {"limits", cohort.simulated ? "A demonstration: its numbers say nothing of a real patient."
                                        : "patients like those of the cohort; not a medical device"}};
  if (const auto text = held_out_text(fitted); !text.empty())
    card["measured"] = "C of the training patients by fits within that left them out, of each member: " + text;
  return card;
}

signature::TrainedSignature trained_member(const FittedSignature::Member& m, const SurvivalCohort& cohort,
                                           const SignatureOptions& o, const std::string& name) {
  signature::TrainedSignature t;
  t.name = name;
  t.time = o.clinical.outcome.time;
  t.event = o.clinical.outcome.event;
  t.model = m.fit.model;
  t.demonstration = cohort.simulated;
  const auto& needed = t.model->needed_columns();
  t.origins = learn::origins_among(m.table, needed);
  t.marks = learn::row_marks(m.table.take(m.rows), needed);
  std::ranges::sort(t.marks);
  return t;
}

/// A nomogram as a bundle keeps it.
models::Bundle nomogram_bundle(const std::string& name, const survival::CoxModel& model, const SurvivalCohort& cohort,
                               const SignatureTrainingOptions& o) {
  const bool held_out = o.specification.groups == signature::TrainingGroups::HeldOut;
  models::Bundle bundle{.kind = models::Kind::Cox, .name = name};
  auto told = model;
  if (cohort.simulated)
    told.warnings.emplace_back(
        "a demonstration, fitted to simulated patients: its numbers say nothing of a real patient");
  bundle.payload = survival::to_json(told);
  bundle.card = {{"trained_on", std::to_string(model.n) + (cohort.simulated ? " simulated" : "") + " patients, " +
                                    std::to_string(model.events) + " events"},
                 {"limits", std::string("factors were chosen among the same patients; the risk group of each is of ") +
                                (held_out ? "fits without him" : "the fit itself, which flatters")}};
  if (!o.nomograms.unit.empty()) bundle.card["unit"] = o.nomograms.unit;
  return bundle;
}

/// The two nomograms of all patients, where there are clinical factors.
void add_nomograms(const SurvivalCohort& cohort, const FittedSignature& fitted, const SignatureTrainingOptions& o,
                   TrainedCohort& out) {
  auto study = o.nomograms;
  study.outcome = o.clinical.outcome;
  if (study.unit.empty()) study.unit = o.clinical.outcome.time;
  auto& candidates = study.comparison.nomogram.candidates;
  if (candidates.empty()) candidates = signature::clinical_candidates(cohort.clinical);
  if (candidates.empty()) {
    constexpr const char* kNone = "the clinical table has no column that is a clinical factor by its name";
    out.fused.bundle.card[pipeline::kNoIntegrated] = kNone;
    out.notes.push_back(std::string("no nomograms: ") + kNone);
    return;
  }
  const auto training =
      signature::with_risk_group(cohort.clinical, fitted.training_high_risk(learn::all_rows(cohort.any().features)));
  try {
    out.nomograms = analysis::study_nomograms(training, nullptr, {}, study);
  } catch (const Error& e) {
    out.fused.bundle.card[pipeline::kNoIntegrated] = e.problem();
    out.notes.push_back("warning: no nomograms: " + e.problem());
    return;
  }
  const auto& models = *out.nomograms;
  if (models.clinical) out.fused.clinical_nomogram = nomogram_bundle("nomogram-clinical", *models.clinical, cohort, o);
  const Json& factors = models.json.at("integrated").at("factors");
  const bool grouped = std::ranges::any_of(factors, [](const Json& f) { return f == signature::kRiskGroup; });
  if (models.integrated && grouped) {
    out.fused.integrated_nomogram = nomogram_bundle("nomogram-integrated", *models.integrated, cohort, o);
  } else {
    constexpr const char* kDropped = "in training the risk group did not stay beside the clinical factors";
    out.fused.bundle.card[pipeline::kNoIntegrated] = kDropped;
    out.notes.push_back(std::string("warning: no integrated nomogram: ") + kDropped);
  }
  for (const auto& note : models.notes) out.notes.push_back(analysis::note_of("nomograms", note));
}

void add_weights(const FittedSignature& fitted, TrainedCohort& out) {
  out.weights.columns = {"member"};
  for (std::size_t m = 0; m < fitted.members.size(); ++m) {
    const auto& fit = fitted.members[m].fit;
    for (const auto& note : fit.model->parts().notes) out.notes.push_back(note);
    auto table = analysis::weights_table(*fit.model, fit.selected_within, "folds_within");
    if (m == 0) out.weights.columns.insert(out.weights.columns.end(), table.columns.begin(), table.columns.end());
    for (auto& row : table.rows) {
      row.insert(row.begin(), std::to_string(m + 1));
      out.weights.rows.push_back(std::move(row));
    }
  }
}

}  // namespace

SurvivalCohort examined_cohort(const std::vector<cohort::PatientFiles>& patients,
                               const pipeline::ClinicalTable& clinical, const SignatureOptions& o,
                               const std::vector<SignatureSpecification>& ways, std::size_t folds, bool permute) {
  SurvivalCohortOptions options;
  options.clinical = clinical;
  options.examine = o.examine;
  options.sequence = o.sequence;
  options.examine.out = o.patients.empty() ? o.work / "patients" : o.patients;
  options.examine.slice_yx = pipeline::kPrognosisSlice;  // also without networks: a later run with them goes on here
  options.failures = o.work / "failures.tsv";
  options.least_events = events_needed(ways, o.deep, folds);
  options.permute = permute;
  options.seed = o.seed;
  return survival_cohort(patients, options);
}

pipeline::FusedSignature fuse(const SurvivalCohort& cohort, std::size_t table, const FittedSignature& fitted,
                              const SignatureOptions& o, const std::string& name) {
  pipeline::FusedSignature fused;
  fused.sequence = cohort.sequences.at(table);
  fused.demonstration = cohort.simulated;
  fused.bundle.name = name;
  fused.bundle.card = card_of(cohort, fitted);
  fused.bundle.payload["radiomics"] = o.examine.radiomics;
  for (const auto& m : fitted.members) {
    std::optional<pipeline::NetworkBundle> network;
    if (m.network != nullptr) network = pipeline::read_networks(m.network->bundle, models::Kind::Prognosis);
    fused.members.push_back({std::move(network), trained_member(m, cohort, o, name)});
  }
  return fused;
}

TrainedCohort train_signature(const std::vector<cohort::PatientFiles>& patients, const SignatureTrainingOptions& o) {
  const std::vector<SignatureSpecification> ways{o.specification};
  auto cohort = examined_cohort(patients, o.clinical, o, ways, 0, false);
  const CrossedFits fits(cohort, signature_folds(cohort, ways, 0, 0, o), ways, o);
  const auto fitted = fits.fit(0, 0, o.deep);
  for (const auto& m : fitted.members)
    if (m.fit.model->constant())
      throw unusable_input(
          "the elastic net keeps no feature: there is no signature", "",
          "more patients; --no-deep, which fits one signature to all of them; or nothing_kept: first in the "
          "chain (--chain), which takes the first feature");
  TrainedCohort out;
  out.failures = std::move(cohort.failures);
  out.fused = fuse(cohort, fits.table(0), fitted, o, o.name);
  add_weights(fitted, out);
  if (const auto& choice = fits.choice(0)) {
    auto aucs = sequence_aucs(*choice, cohort.any().features.ids);
    out.sequences = std::move(aucs.table);
    out.notes = std::move(aucs.notes);
  }
  if (const auto text = held_out_text(fitted); !text.empty())
    out.notes.push_back("C of the training patients by fits within that left them out, of each member: " + text +
                        "; signature evaluate judges it with outer folds");
  add_nomograms(cohort, fitted, o, out);
  if (cohort.simulated)
    out.notes.emplace_back(
        "warning: simulated patients: the signature is a demonstration, and says so wherever it is used");
  return out;
}

}  // namespace gliocast::study
