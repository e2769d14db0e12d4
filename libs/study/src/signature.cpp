#include <gliocast/study/signature.hpp>

#include "signature_design.hpp"
#include "signature_results.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/core/version.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/pipeline/fused_signature.hpp>
#include <gliocast/pipeline/train.hpp>
#include <gliocast/report/table_file.hpp>
#include <gliocast/signature/signature_learner.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;

using Outcomes = std::map<std::string, pipeline::ClinicalOutcome>;

/// An earlier study's results must not look like this one's while it runs.
void remove_earlier_results(const fs::path& out) {
  for (const char* name : {"study.json", "signatures.tsv", "signatures.md", "predictions.tsv"}) fs::remove(out / name);
  fs::remove_all(out / "model");
}

/// Those who can be studied, and who failed before; the others are told.
std::vector<cohort::PatientFiles> with_survival(std::vector<cohort::PatientFiles> patients, const Outcomes& outcomes) {
  std::vector<std::string> left_out;
  std::erase_if(patients, [&](const cohort::PatientFiles& p) {
    const auto found = outcomes.find(p.id);
    const bool known = found != outcomes.end() && std::isfinite(found->second.time);
    if (!known) left_out.push_back(p.id);
    return !known;
  });
  if (!left_out.empty())
    log_warning(std::to_string(left_out.size()) +
                " patients without a survival time are left out: " + listed(left_out, 10));
  if (patients.empty()) throw unusable_input("no patient of the cohort has a survival time");
  return patients;
}

/// Before hours of work: whether there can be enough patients with an event in each half of each fold's training.
void require_events(const std::vector<cohort::PatientFiles>& patients, const Outcomes& outcomes,
                    const SignatureOptions& o) {
  std::size_t needed = 0, events = 0;
  for (const auto& s : o.specifications) needed = std::max(needed, signature::SignatureLearner(s).patients_needed());
  needed = learn::patients_to_leave(o.deep ? 2 * needed : needed, o.folds);
  for (const auto& p : patients) events += outcomes.at(p.id).event ? 1 : 0;
  if (events < needed)
    throw unusable_input("the study needs " + std::to_string(needed) + " patients with an event, and there are " +
                             std::to_string(events),
                         "", "fewer outer folds, fewer folds within, or --no-deep need fewer");
}

Json settings_json(const SurvivalCohort& cohort, const std::string& outlined_by, const SignatureOptions& o) {
  Json specifications = Json::array();
  for (const auto& s : o.specifications) specifications.push_back(signature::to_json(s));
  Json json{{"version", version()},
            {"patients", cohort.any().rows()},
            {"events", std::ranges::count(cohort.any().outcome.event, 1)},
            {"outlined_by", outlined_by},
            {"radiomics", o.examine.radiomics},
            {"signatures", std::move(specifications)},
            {"folds", o.folds},
            {"permuted", o.permute_outcomes},
            {"simulated", cohort.simulated},
            {"seed", o.seed}};
  if (!o.deep) return json;
  json["network"] = o.network.network.to_json();
  json["transfer_learning"] = !o.imagenet.empty();
  json["epochs"] = o.network.common.epochs;
  json["batch"] = o.network.common.batch;
  json["learning_rate"] = o.network.common.learning_rate;
  return json;
}

/// A signature of these rows, as a member of the model for use.
signature::TrainedSignature train_member(const signature::SurvivalTable& table, const learn::Rows& rows,
                                         const SurvivalCohort& cohort, const SignatureOptions& o) {
  const auto fit = signature::SignatureLearner(o.specifications.front()).fit(table, rows, {o.seed, o.threads});
  signature::TrainedSignature t;
  t.name = "signature-study";
  t.time = o.clinical.outcome.time;
  t.event = o.clinical.outcome.event;
  t.model = fit.model;
  t.demonstration = cohort.simulated;
  for (std::size_t c = 0; c < table.features.origins.size(); ++c) {
    const auto& needed = fit.model->needed_columns();
    if (table.features.origins[c] && std::ranges::find(needed, table.features.features[c]) != needed.end())
      t.origins[table.features.features[c]] = table.features.origins[c];
  }
  return t;
}

Json card_of(const SurvivalCohort& cohort, const SignatureResults& results, const SignatureOptions& o) {
  const Json& first = results.json.at("signatures").at(0);
  return {
      {"trained_on", std::to_string(cohort.any().rows()) + " patients of the user's cohort" +
                         (o.permute_outcomes ? ", survival shuffled: a test, of no use for patients" : "")},
      {"measured", "cross-validated C " + first.at("c").at("value").dump() + ", everything fitted anew in each fold"},
      {"limits", "patients like those of the cohort; not a medical device"}};
}

/// The model of the whole cohort: the first way to make a signature.
void write_model(const SurvivalCohort& cohort, const StudiedSignatures& studied, const SignatureResults& results,
                 const SignatureOptions& o) {
  const auto& radiomics = cohort.tables[studied.table].second;
  pipeline::FusedSignature fused;
  fused.sequence = cohort.sequences[studied.table];
  fused.demonstration = cohort.simulated;
  fused.bundle.name = "signature-study";
  fused.bundle.card = card_of(cohort, results, o);
  fused.bundle.payload["radiomics"] = o.examine.radiomics;
  for (const auto& m : studied.members) {
    const signature::SurvivalTable table{radiomics.features.beside(deep_table(radiomics.features, *m.network)),
                                         radiomics.outcome};
    fused.members.push_back({pipeline::read_networks(m.network->bundle, models::Kind::Prognosis),
                             train_member(table, m.signature_rows, cohort, o)});
  }
  if (!o.deep)
    fused.members.push_back({std::nullopt, train_member(radiomics, learn::all_rows(radiomics.features), cohort, o)});
  if (std::ranges::any_of(fused.members, [](const auto& m) { return m.signature.model->constant(); })) {
    log_warning("no model is written: the elastic net keeps no feature, there is no signature");
    return;
  }
  pipeline::write_fused_signature(o.out / "model", fused);
}

}  // namespace

std::vector<Failure> run_signature(const std::vector<cohort::PatientFiles>& patients, const SignatureOptions& o) {
  const auto outcomes = pipeline::read_outcomes(o.clinical);
  const auto known = with_survival(patients, outcomes);
  require_events(known, outcomes, o);
  remove_earlier_results(o.out);
  auto examine = o.examine;
  examine.out = o.out / "patients";
  examine.slice_yx = pipeline::kPrognosisSlice;  // also without networks: a later run with them goes on from here
  auto examined = pipeline::examine_cohort(known, examine);
  auto failures = std::move(examined.failures);
  write_failures(o.out / "failures.tsv", failures);
  const std::string outlined_by = examined.outlined_by;
  const auto cohort = survival_cohort(std::move(examined), outcomes, examine.sequences, o.permute_outcomes, o.seed);
  const auto folds = signature_folds(cohort, o);
  const auto studied = run_crossed_signatures(cohort, folds, o);
  auto results = summarise_signatures(cohort, studied, o.times);
  for (const char* ending : {".tsv", ".md"})
    report::write_table_file(o.out / (std::string("signatures") + ending), results.signatures);
  report::write_table_file(o.out / "predictions.tsv", results.predictions);
  write_model(cohort, studied, results, o);
  results.json["settings"] = settings_json(cohort, outlined_by, o);
  results.json["audit"] = studied.audit;
  write_json(o.out / "study.json", results.json);  // last: it says that the study is done
  return failures;
}

}  // namespace gliocast::study
