#include "apply_signature.hpp"
#include "external_signature.hpp"
#include "signature_results.hpp"
#include "signature_training.hpp"

#include <gliocast/core/progress.hpp>
#include <gliocast/core/version.hpp>
#include <gliocast/learn/folds.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace gliocast::study {
namespace {

using signature::SignatureSpecification;

Json settings_json(const SurvivalCohort& cohort, const std::vector<SignatureSpecification>& ways,
                   const SignatureEvaluationOptions& o) {
  Json specifications = Json::array();
  for (const auto& s : ways) specifications.push_back(signature::to_json(s));
  Json json{{"version", version()},
            {"outlined_by", cohort.outlined_by},
            {"radiomics", o.examine.radiomics},
            {"signatures", std::move(specifications)},
            {"simulated", cohort.simulated}};
  if (!o.deep) return json;
  json["network"] = o.network.network.to_json();
  json["transfer_learning"] = !o.imagenet.empty();
  json["epochs"] = o.network.common.epochs;
  json["batch"] = o.network.common.batch;
  json["learning_rate"] = o.network.common.learning_rate;
  return json;
}

/// Runs through the folds and keeps what is said of the patients who are tested in them.
class Evaluation {
 public:
  Evaluation(const SurvivalCohort& cohort, const CrossedFits& fits, const SignatureEvaluationOptions& options)
      : cohort_(cohort), fits_(fits), o_(options), fold_(cohort.any().rows(), 0) {
    judged_.own_networks = o_.deep;
  }

  void run() {
    Progress progress("Signatures", fits_.folds().size());
    for (std::size_t f = 0; f < fits_.folds().size(); ++f) {
      const auto& fold = fits_.folds()[f];
      audit_.push_back(fits_.audit(f));
      if (fold.test.empty())
        finish(f);
      else
        test(f);
      if (!fold.test.empty() && fold.repeat == 0) compare(f);
      progress.advance();
    }
    std::ranges::stable_sort(judged_.predictions, {}, [](const auto& p) { return std::pair(p.repeat, p.row); });
  }

  [[nodiscard]] const analysis::JudgedSignature& judged() const { return judged_; }
  [[nodiscard]] const FittedSignature& whole() const { return whole_.value(); }
  [[nodiscard]] WayComparison comparison(const analysis::SignatureEvaluationOptions& o) const {
    return compare_ways(cohort_.any(), tested_, fold_, o);
  }
  [[nodiscard]] const Json& audit() const { return audit_; }

 private:
  /// The signature of a fold on the patients who are tested in it.
  void test(std::size_t f) {
    const auto& fold = fits_.folds()[f];
    const auto fitted = fits_.fit(f, 0, o_.deep);
    const auto said = fitted.say(fold.test, o_.evaluation.evaluation.times, o_.evaluation.level);
    const auto survival = predictions_of(said);
    for (std::size_t i = 0; i < fold.test.size(); ++i)
      judged_.predictions.push_back(
          {fold.test[i], fold.repeat, fold.fold, said.signature[i], said.high_risk[i] != 0, survival[i]});
    judged_.folds.push_back({fold.repeat,
                             fold.fold,
                             fitted.models(),
                             {fold.training, fold.test, fitted.training_high_risk(fold.training), said.high_risk}});
    audit_.back()["models"].push_back(audit_of(name_of(0, o_.deep), fitted));
    if (fold.repeat == 0) put(f, 0, name_of(0, o_.deep), said);
  }

  /// The signature of all patients.
  void finish(std::size_t f) {
    whole_ = fits_.fit(f, 0, o_.deep);
    judged_.whole = whole_->models();
    judged_.training_high_risk = whole_->training_high_risk(fits_.folds()[f].training);
    audit_.back()["models"].push_back(audit_of(name_of(0, o_.deep), *whole_));
  }

  /// The other ways to make it, and networks alone.
  void compare(std::size_t f) {
    const auto& fold = fits_.folds()[f];
    std::size_t place = 0;
    for (const bool deep : {true, false})
      for (std::size_t w = 0; w < fits_.ways().size(); ++w) {
        if (deep && !o_.deep) continue;
        if (place++ == 0) continue;  // the signature itself
        const auto fitted = fits_.fit(f, w, deep);
        audit_.back()["models"].push_back(audit_of(name_of(w, deep), fitted));
        put(f, place - 1, name_of(w, deep), fitted.say(fold.test, {}));
      }
    if (!o_.deep) return;
    for (std::size_t l = 0; l < fits_.losses().size(); ++l, ++place) {
      auto& way = way_at(place, "network alone, loss " + std::string(nn::loss_name(fits_.losses()[l])));
      for (const auto* network : fits_.networks(f, l))
        for (const std::size_t r : fold.test) way.risk[r] += network->score[r] / 2;
    }
  }

  [[nodiscard]] std::string name_of(std::size_t way, bool deep) const {
    return fits_.ways()[way].name + (deep ? ": radiomics and deep features" : ": radiomics");
  }
  TestedWay& way_at(std::size_t place, const std::string& name) {
    if (place == tested_.size()) tested_.push_back({name, std::vector<double>(cohort_.any().rows()), {}});
    return tested_[place];
  }
  void put(std::size_t f, std::size_t place, const std::string& name, const pipeline::MeanSignature& said) {
    const auto& fold = fits_.folds()[f];
    auto& way = way_at(place, name);
    way.high_risk.resize(way.risk.size());
    for (std::size_t i = 0; i < fold.test.size(); ++i) {
      way.risk[fold.test[i]] = -said.signature[i];
      way.high_risk[fold.test[i]] = said.high_risk[i];
      fold_[fold.test[i]] = static_cast<int>(fold.fold);
    }
  }

  const SurvivalCohort& cohort_;
  const CrossedFits& fits_;
  const SignatureEvaluationOptions& o_;
  std::vector<int> fold_;  ///< of each patient in the first repeat
  std::vector<TestedWay> tested_;
  analysis::JudgedSignature judged_;
  std::optional<FittedSignature> whole_;
  Json audit_ = Json::array();
};

ExternalSurvival external_of(const pipeline::FusedSignature& fused, const SignatureEvaluationOptions& o) {
  SurvivalCohortOptions options;
  options.clinical = o.external_clinical;
  const bool shared = !o.patients.empty();  // with what else reads all sequences of them
  options.examine = examination_for(fused, o.examine);
  if (shared) options.examine.sequences = o.examine.sequences;
  options.examine.out = shared ? o.patients : o.work / "external";
  options.failures = o.work / "external_failures.tsv";
  const auto& e = o.evaluation;
  return predict_external(fused, o.external, options, e.evaluation.times, e.level);
}

}  // namespace

EvaluatedCohort evaluate_signature(const std::vector<cohort::PatientFiles>& patients,
                                   const SignatureEvaluationOptions& given) {
  analysis::refuse_permuted_nomograms(given.evaluation);
  auto o = given;
  auto ways = o.against;
  ways.insert(ways.begin(), o.specification);
  const auto& design = o.evaluation.evaluation;
  auto cohort = examined_cohort(patients, o.clinical, o, ways, design.folds, o.evaluation.permute_outcome);
  if (!o.external.empty())
    analysis::require_external_events(events_among(o.external, pipeline::read_outcomes(o.external_clinical)));
  if (o.evaluation.nomograms && design.times.empty())
    o.evaluation.evaluation.times = analysis::times_within_follow_up(cohort.any().outcome);
  const CrossedFits fits(cohort, signature_folds(cohort, ways, design.folds, design.repeats, o), ways, o);
  Evaluation evaluation(cohort, fits, o);
  evaluation.run();
  const std::size_t whole = fits.folds().size() - 1;
  auto table = cohort.table(fits.table(whole), o.clinical.outcome);
  table.table.features = evaluation.whole().members.front().table;
  auto described = o.evaluation;
  described.specification = o.specification;
  described.evaluation.seed = o.seed;
  described.evaluation.threads = o.threads;
  std::optional<ExternalSurvival> external;
  if (!o.external.empty()) {
    external = external_of(fuse(cohort, fits.table(whole), evaluation.whole(), o, "signature"), o);
    external->said.table = &external->table;
  }
  EvaluatedCohort out;
  out.results =
      analysis::describe_evaluation(table, evaluation.judged(), described, external ? &external->said : nullptr);
  auto comparison = evaluation.comparison(described);
  if (design.repeats > 1)
    out.results.notes.emplace_back(
        "comparison is of the first repeat, metrics are means over all repeats: C and its interval differ");
  out.comparison = std::move(comparison.table);
  out.comparison_predictions = std::move(comparison.predictions);
  out.results.json["sequences"] = nullptr;
  if (const auto& choice = fits.choice(whole)) {
    auto aucs = sequence_aucs(*choice);
    out.sequences = std::move(aucs.table);
    out.results.json["sequences"] = std::move(aucs.json);
    out.results.notes.insert(out.results.notes.end(), aucs.notes.begin(), aucs.notes.end());
  }
  out.results.json["comparison"] = std::move(comparison.json);
  out.results.json["settings"] = settings_json(cohort, ways, o);
  out.results.json["audit"] = evaluation.audit();
  out.failures = std::move(cohort.failures);
  if (external) out.external_failures = std::move(external->failures);
  return out;
}

}  // namespace gliocast::study
