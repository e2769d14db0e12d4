// Outer folds; in each, the sequence is chosen among the training patients, halves of whom fit network and signature in
// turn.
#include "signature_design.hpp"

#include "designs.hpp"
#include "fit_networks.hpp"
#include "network_variants.hpp"

#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/learn/evaluation.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/pipeline/prognosis_features.hpp>
#include <gliocast/pipeline/train.hpp>
#include <gliocast/signature/choose_table.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace gliocast::study {
namespace {

using learn::Rows;
using signature::SignatureLearner;
using signature::SignatureSpecification;
using signature::SurvivalTable;

std::vector<Rows> dealt(const SurvivalTable& table, const Rows& rows, std::size_t folds, std::uint64_t seed) {
  const auto fold = signature::folds_by_event(table, rows, folds, seed);
  std::vector<Rows> out(*std::ranges::max_element(fold) + 1);
  for (std::size_t i = 0; i < rows.size(); ++i) out[fold[i]].push_back(rows[i]);
  return out;
}

std::array<Rows, 2> halves_of(const SurvivalTable& table, const Rows& training, std::uint64_t seed) {
  auto halves = dealt(table, training, 2, seed);
  return {std::move(halves.at(0)), std::move(halves.at(1))};
}

nn::PrognosisLoss loss_of(const SignatureSpecification& specification) {
  return specification.target == signature::Target::Cox ? nn::PrognosisLoss::Cox : nn::PrognosisLoss::Time;
}

struct PrognosisTask {
  nn::PrognosisLoss loss;
  Rows training;
  std::string training_data;
};

std::vector<pipeline::DeepFeatures> fit_all(const SurvivalCohort& cohort, const std::vector<PrognosisTask>& tasks,
                                            const SignatureOptions& o) {
  pipeline::PrognosisFeatureOptions shared;
  shared.training = o.network;
  shared.training.common.seed = o.seed;
  shared.training.common.keep_last = true;
  shared.initial = pipeline::published_start(o.imagenet, shared.training);
  shared.folder = o.work / "networks";
  shared.channels = pipeline::kPrognosisChannels;
  shared.simulated = cohort.simulated;
  for (const auto& c : cohort.cases) shared.contents.push_back(pipeline::case_contents(c.slice));
  return study::fit_networks("prognosis", tasks.size(), o.network.common.epochs, o.threads,
                             [&](std::size_t i, const nn::EpochCallback& on_epoch) {
                               auto options = shared;
                               options.training.loss = tasks[i].loss;
                               options.name = "prognosis, loss " + std::string(nn::loss_name(tasks[i].loss));
                               options.training_data = tasks[i].training_data;
                               return pipeline::fit_prognosis_features(cohort.cases, tasks[i].training, {}, options,
                                                                       on_epoch);
                             });
}

/// Which table prognosis is best from, among the fold's training patients.
std::optional<signature::TableChoice> choose_sequence(const SurvivalCohort& cohort, const SignatureFold& fold,
                                                      std::size_t threads, Json& audit) {
  if (cohort.tables.size() == 1) return std::nullopt;
  throw_if_interrupted();
  auto choice = signature::choose_table(cohort.tables, fold.training, {fold.seed, threads});
  for (const auto& t : choice.tables) audit["auc_within"][t.name] = t.auc.value;
  audit["censored_before_median"] = choice.without_label;
  return choice;
}

SignatureFold fold_of(const SurvivalTable& table, Rows test, std::uint64_t seed) {
  SignatureFold fold;
  fold.training = learn::rows_without(table.features, test);
  fold.test = std::move(test);
  fold.seed = seed;
  fold.halves = halves_of(table, fold.training, seed);
  return fold;
}

}  // namespace

std::vector<SignatureFold> signature_folds(const SurvivalCohort& cohort,
                                           const std::vector<SignatureSpecification>& ways, std::size_t folds,
                                           std::size_t repeats, const SignatureOptions& o) {
  const auto& table = cohort.any();
  learn::EvaluationOptions evaluation;
  evaluation.seed = o.seed;
  std::vector<SignatureFold> out;
  for (std::size_t r = 0; r < repeats && folds > 0; ++r) {
    const auto seed = learn::seed_of_repeat(evaluation, r);
    auto tests = dealt(table, learn::all_rows(table.features), folds, seed);
    if (tests.size() < folds && r == 0)
      log_warning(std::to_string(tests.size()) + " folds in place of " + std::to_string(folds) +
                  ": no more patients have an event");
    for (std::size_t f = 0; f < tests.size(); ++f) {
      out.push_back(fold_of(table, std::move(tests[f]), seed));
      out.back().repeat = r;
      out.back().fold = f;
    }
  }
  out.push_back(fold_of(table, {}, learn::seed_of_repeat(evaluation, 0)));
  for (const auto& fold : out)
    for (const auto& s : ways)
      for (const Rows& half : fold.halves) SignatureLearner(s).require_patients(table, o.deep ? half : fold.training);
  return out;
}

std::vector<std::shared_ptr<const signature::SignatureModel>> FittedSignature::models() const {
  std::vector<std::shared_ptr<const signature::SignatureModel>> out;
  for (const auto& m : members) out.push_back(m.fit.model);
  return out;
}

pipeline::MeanSignature FittedSignature::say(const Rows& rows, const std::vector<double>& times, double level) const {
  std::vector<learn::FeatureTable> tables;
  for (const auto& m : members) {
    m.table.refuse_fitted(rows);
    tables.push_back(m.table.take(rows));
  }
  return pipeline::mean_signature(models(), tables, times, level);
}

std::vector<char> FittedSignature::training_high_risk(const Rows& training) const {
  std::map<std::size_t, char> group;
  for (const auto& m : members)
    for (std::size_t i = 0; i < m.rows.size(); ++i) group[m.rows[i]] = m.fit.training_high_risk()[i];
  std::vector<char> out;
  for (const std::size_t r : training) out.push_back(group.at(r));
  return out;
}

CrossedFits::CrossedFits(const SurvivalCohort& cohort, std::vector<SignatureFold> folds,
                         std::vector<SignatureSpecification> ways, const SignatureOptions& options)
    : cohort_(cohort), folds_(std::move(folds)), ways_(std::move(ways)), o_(options) {
  for (const auto& s : ways_)
    if (std::ranges::find(losses_, loss_of(s)) == losses_.end()) losses_.push_back(loss_of(s));
  choose_sequences();
  if (o_.deep) fit_networks();
}

void CrossedFits::choose_sequences() {
  Progress progress("Radiomics of each sequence", folds_.size());
  for (const auto& fold : folds_) {
    const auto& table = cohort_.any().features;
    Json audit{{"repeat", fold.repeat + 1},
               {"tested", ids_of(table, fold.test)},
               {"half_1", ids_of(table, fold.halves[0])},
               {"half_2", ids_of(table, fold.halves[1])}};
    choices_.push_back(choose_sequence(cohort_, fold, o_.threads, audit));
    chosen_.push_back(choices_.back() ? choices_.back()->chosen : 0);
    audit["sequence"] = key_name(cohort_.sequences[chosen_.back()]);
    audit["models"] = Json::array();
    audit_.push_back(std::move(audit));
    progress.advance();
  }
}

void CrossedFits::fit_networks() {
  std::vector<PrognosisTask> tasks;
  for (const auto& fold : folds_) {
    auto& first = first_.emplace_back();
    const bool all_ways = fold.repeat == 0 && !fold.test.empty();
    for (std::size_t l = 0; l < (all_ways ? losses_.size() : 1); ++l) {
      first.push_back(tasks.size());
      for (const Rows& half : fold.halves)
        tasks.push_back({losses_[l], half,
                         fold.test.empty() ? "half of the cohort's patients"
                                           : "half of the training patients of fold " + std::to_string(fold.fold + 1)});
    }
  }
  networks_ = fit_all(cohort_, tasks, o_);
}

NetworkPair CrossedFits::networks(std::size_t fold, std::size_t loss) const {
  const std::size_t first = first_.at(fold).at(loss);
  return {&networks_.at(first), &networks_.at(first + 1)};
}

FittedSignature CrossedFits::fit(std::size_t f, std::size_t way, bool deep) const {
  const auto& fold = folds_.at(f);
  const SurvivalTable& radiomics = cohort_.tables[chosen_.at(f)].second;
  const SignatureLearner learner(ways_.at(way));
  FittedSignature out;
  if (!deep) {
    throw_if_interrupted();
    out.members.push_back(
        {nullptr, radiomics.features, fold.training, learner.fit(radiomics, fold.training, {fold.seed, o_.threads})});
    return out;
  }
  const auto loss = std::ranges::find(losses_, loss_of(ways_[way])) - losses_.begin();
  const auto pair = networks(f, static_cast<std::size_t>(loss));
  const FittedNetworks fitter(radiomics.features, {fold.halves[0], fold.halves[1]}, {pair[0], pair[1]});
  auto tables = learn::crossed_tables(radiomics.features, fitter, fold.halves);
  for (std::size_t h = 0; h < 2; ++h) {
    throw_if_interrupted();
    const Rows& rows = fold.halves[1 - h];
    auto fit = learner.fit({tables[h], radiomics.outcome}, rows, {fold.seed, o_.threads});
    out.members.push_back({pair[h], std::move(tables[h]), rows, std::move(fit)});
  }
  return out;
}

Json audit_of(const std::string& name, const FittedSignature& fitted) {
  Json members = Json::array();
  for (std::size_t h = 0; h < fitted.members.size(); ++h) {
    const auto& m = fitted.members[h];
    Json member{{"features", m.fit.model->parts().features}, {"notes", m.fit.model->parts().notes}};
    if (m.network != nullptr) {
      member["network"] = m.network->network;
      member["network_fitted_on"] = h == 0 ? "half_1" : "half_2";
      member["signature_fitted_on"] = h == 0 ? "half_2" : "half_1";
    }
    members.push_back(std::move(member));
  }
  return {{"model", name}, {"members", std::move(members)}};
}

}  // namespace gliocast::study
