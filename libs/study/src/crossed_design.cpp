// The crossed design: outer folds; in each, the sequence is chosen among its training patients, halves of whom fit
// network and classifier in turn.
#include "designs.hpp"

#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/learn/evaluation.hpp>
#include <gliocast/learn/folds.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <utility>

namespace gliocast::study {
namespace {

using learn::CrossedFold;
using learn::Rows;

/// Networks of a fold, variant by variant, first half and second.
std::size_t place_of(std::size_t fold, std::size_t variant, std::size_t half) {
  return (fold * kVariants.size() + variant) * 2 + half;
}

std::vector<NetworkTask> tasks_of(const std::vector<CrossedFold>& folds, const CrossedFold& all) {
  std::vector<NetworkTask> tasks;
  for (std::size_t f = 0; f < folds.size(); ++f)
    for (std::size_t v = 0; v < kVariants.size(); ++v)
      for (const Rows& half : folds[f].halves)
        tasks.push_back({v, half, {}, "half of the training patients of fold " + std::to_string(f + 1)});
  for (const Rows& half : all.halves) tasks.push_back({kMainVariant, half, {}, "half of the cohort's patients"});
  return tasks;
}

/// Fits radiomics of every sequence to the fold's training patients; returns the sequence whose chain did best on
/// those it left out within. `study`: null where nobody is tested.
std::size_t choose_sequence(const GradedCohort& cohort, const learn::ChainLearner& learner, const CrossedFold& fold,
                            std::size_t number, const GradingOptions& o, analysis::GradingStudy* study) {
  std::vector<std::shared_ptr<const learn::ChainModel>> models;
  for (std::size_t s = 0; s < cohort.sequences.size(); ++s) {
    throw_if_interrupted();
    const auto& table = cohort.sequences[s].table;
    models.push_back(learner.fit(table, fold.training, {fold.seed, o.threads}));
    if (study)
      record(study->sequences[s], fold.test, number, models[s]->probability(table.take(fold.test)),
             models[s]->parts().threshold);
  }
  return best_sequence(models);
}

/// The networks alone: mean of the two halves' probabilities and thresholds, each by the half that did not fit it.
void test_networks(const std::array<const pipeline::DeepFeatures*, 2>& networks, const CrossedFold& fold,
                   std::size_t number, const learn::FeatureTable& table, analysis::StudyPredictions& out) {
  std::vector<double> p(fold.test.size(), 0);
  double threshold = 0;
  for (std::size_t h = 0; h < networks.size(); ++h) {
    const auto alone = network_alone(*networks[h], table, fold.halves[1 - h]);
    for (std::size_t i = 0; i < p.size(); ++i) p[i] += alone.probability[fold.test[i]] / 2;
    threshold += alone.threshold / 2;
  }
  record(out, fold.test, number, p, threshold);
}

/// `deep`: halves of the training patients fit in turn.
Json audit_of(const learn::FeatureTable& table, const CrossedFold& fold, Sequence sequence, bool deep) {
  Json audit{{"tested", ids_of(table, fold.test)}, {"sequence", key_name(sequence)}, {"models", Json::array()}};
  if (deep) {
    audit["half_1"] = ids_of(table, fold.halves[0]);
    audit["half_2"] = ids_of(table, fold.halves[1]);
  } else {
    audit["training"] = ids_of(table, fold.training);
  }
  return audit;
}

Json audit_of(const NetworkVariant& variant, const std::array<const pipeline::DeepFeatures*, 2>& networks,
              const learn::CrossedChains& chains) {
  Json members = Json::array();
  for (std::size_t h = 0; h < 2; ++h)
    members.push_back({{"network", networks[h]->network},
                       {"network_fitted_on", h == 0 ? "half_1" : "half_2"},
                       {"classifier_fitted_on", h == 0 ? "half_2" : "half_1"},
                       {"selected", chains.models[h]->parts().selected},
                       {"notes", chains.models[h]->parts().notes}});
  return {{"model", variant.name}, {"members", std::move(members)}};
}

/// Where the patients go.
struct Dealt {
  std::vector<CrossedFold> folds;
  CrossedFold all;  ///< everybody, for the model for use
};

Dealt dealt(const learn::FeatureTable& table, const GradingOptions& o) {
  learn::EvaluationOptions evaluation;
  evaluation.folds = o.folds;
  evaluation.seed = o.seed;
  Dealt out{learn::crossed_folds(table, evaluation, 0), {}};
  if (out.folds.size() < o.folds)
    log_warning(std::to_string(out.folds.size()) + " folds in place of " + std::to_string(o.folds) +
                ": there are no more patients of the rarer grade");
  out.all.training = learn::all_rows(table);
  out.all.seed = learn::seed_of_repeat(evaluation, 0);
  out.all.halves = learn::crossed_halves(table, out.all.training, out.all.seed);
  return out;
}

/// Networks of every fold, and with their features the classifiers. `chosen`: the sequence of each fold, then of all.
void add_networks(const GradedCohort& cohort, const Dealt& d, const std::vector<std::size_t>& chosen,
                  const learn::ChainLearner& learner, const GradingOptions& o, Studied& out) {
  out.networks = fit_networks(cohort, tasks_of(d.folds, d.all), o);
  Progress progress("Radiomics and deep features", d.folds.size() * kVariants.size());
  for (std::size_t f = 0; f < d.folds.size(); ++f)
    for (std::size_t v = 0; v < kVariants.size(); ++v) {
      throw_if_interrupted();
      const auto& fold = d.folds[f];
      const std::array<const pipeline::DeepFeatures*, 2> networks{&out.networks[place_of(f, v, 0)],
                                                                  &out.networks[place_of(f, v, 1)]};
      const auto& radiomics = cohort.sequences[chosen[f]].table;
      const FittedNetworks fitter(radiomics, {fold.halves[0], fold.halves[1]}, {networks[0], networks[1]});
      const auto chains = learn::fit_crossed(radiomics, fitter, learner, fold.halves, {fold.seed, o.threads});
      record(out.predictions.integrated[v], fold.test, f, chains.probability(fold.test), chains.threshold());
      test_networks(networks, fold, f, cohort.any(), out.predictions.networks[v]);
      out.audit[f]["models"].push_back(audit_of(kVariants[v], networks, chains));
      progress.advance();
    }
  const std::size_t last = place_of(d.folds.size(), 0, 0);
  for (std::size_t h = 0; h < 2; ++h) out.members.push_back({&out.networks[last + h], d.all.halves[1 - h]});
}

}  // namespace

Studied run_crossed(const GradedCohort& cohort, const GradingOptions& o) {
  const auto& table = cohort.any();
  const auto d = dealt(table, o);
  Studied out;
  out.predictions = empty_study(cohort, d.all.training, o.deep);
  const learn::ChainLearner learner(o.chain);
  std::vector<std::size_t> chosen;
  {
    Progress progress("Radiomics of each sequence", d.folds.size() + 1);
    for (std::size_t f = 0; f < d.folds.size(); ++f) {
      chosen.push_back(choose_sequence(cohort, learner, d.folds[f], f, o, &out.predictions));
      out.audit.push_back(audit_of(table, d.folds[f], cohort.sequences[chosen.back()].sequence, o.deep));
      progress.advance();
    }
    chosen.push_back(choose_sequence(cohort, learner, d.all, d.folds.size(), o, nullptr));
    progress.advance();
  }
  out.sequence = cohort.sequences[chosen.back()].sequence;
  if (o.deep) {
    add_networks(cohort, d, chosen, learner, o, out);
  } else {
    for (std::size_t f = 0; f < d.folds.size(); ++f) take_sequence(out.predictions, chosen[f], d.folds[f].test);
    out.members.push_back({nullptr, d.all.training});
  }
  return out;
}

}  // namespace gliocast::study
