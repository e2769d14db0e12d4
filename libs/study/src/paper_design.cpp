// The design of Xu 2022: one split, and a classifier that is fitted on the network's own training patients.
#include "designs.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/learn/split.hpp>

#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <utility>

namespace gliocast::study {
namespace {

using learn::Rows;

struct Parts {
  Rows training, validation, test;
  Rows places;  ///< 0 … of the test rows
};

/// A part in which one grade is missing fits and tells nothing.
void require_grades(const learn::FeatureTable& table, const Rows& part) {
  const auto high = std::ranges::count_if(part, [&](std::size_t r) { return table.outcome[r] == 1; });
  if (high == 0 || high == static_cast<std::ptrdiff_t>(part.size()))
    throw unusable_input("a part of the split 6:2:2 has patients of one grade alone: too few could be examined");
}

Parts split_cohort(const learn::FeatureTable& table, const GradingOptions& o) {
  Parts parts;
  if (o.split.empty()) {
    const auto split = learn::split_rows(table, learn::all_rows(table), {6, 2, 2}, o.seed);
    parts = {split.of_part(0), split.of_part(1), split.of_part(2), {}};
  } else {
    const std::array<Rows*, 3> of_part{&parts.training, &parts.validation, &parts.test};
    for (const std::size_t r : learn::all_rows(table)) of_part.at(o.split.at(table.ids[r]))->push_back(r);
    for (const Rows* part : of_part) require_grades(table, *part);
  }
  parts.places.resize(parts.test.size());
  std::iota(parts.places.begin(), parts.places.end(), std::size_t{0});
  return parts;
}

std::vector<NetworkTask> tasks_of(const Parts& parts) {
  std::vector<NetworkTask> tasks;
  for (std::size_t v = 0; v < kVariants.size(); ++v)
    tasks.push_back({v, parts.training, parts.validation, "the study's training patients"});
  return tasks;
}

/// Radiomics of every sequence, tested; returns the one whose chain did best on the validation patients.
std::size_t choose_sequence(const GradedCohort& cohort, const learn::ChainLearner& learner, const Parts& parts,
                            const GradingOptions& o, analysis::GradingStudy& study) {
  Progress progress("Radiomics of each sequence", cohort.sequences.size());
  std::vector<std::shared_ptr<const learn::ChainModel>> models;
  for (std::size_t s = 0; s < cohort.sequences.size(); ++s) {
    const auto& table = cohort.sequences[s].table;
    models.push_back(learner.fit_validated(table, parts.training, parts.validation, {o.seed, o.threads}));
    record(study.sequences[s], parts.places, 0, models[s]->probability(table.take(parts.test)),
           models[s]->parts().threshold);
    progress.advance();
  }
  return best_sequence(models);
}

void test_network(const pipeline::DeepFeatures& network, const learn::FeatureTable& table, const Parts& parts,
                  analysis::StudyPredictions& out) {
  const auto alone = network_alone(network, table, parts.validation);
  std::vector<double> p;
  for (const std::size_t r : parts.test) p.push_back(alone.probability[r]);
  record(out, parts.places, 0, p, alone.threshold);
}

Json audit_of(const learn::FeatureTable& table, const Parts& parts, Sequence sequence, bool deep) {
  Json audit{{"training", ids_of(table, parts.training)},
             {"validation", ids_of(table, parts.validation)},
             {"tested", ids_of(table, parts.test)},
             {"sequence", key_name(sequence)},
             {"models", Json::array()}};
  if (deep)
    audit["leak"] =
        "selection and classifier are fitted on features of the very patients who fitted the network, as in "
        "the paper: such features flatter it; the tested patients fitted nothing";
  return audit;
}

/// Networks, and with their features the classifiers. No model for use: its classifier would be one that was fitted on
/// features which flatter the network.
void add_networks(const GradedCohort& cohort, const Parts& parts, const learn::FeatureTable& radiomics,
                  const learn::ChainLearner& learner, const GradingOptions& o, Studied& out) {
  out.networks = fit_networks(cohort, tasks_of(parts), o);
  for (std::size_t v = 0; v < kVariants.size(); ++v) {
    throw_if_interrupted();
    const auto fused = radiomics.beside(deep_table(radiomics, out.networks[v]));
    const auto model = learner.fit_validated(fused, parts.training, parts.validation, {o.seed, o.threads});
    fused.refuse_fitted(parts.test);
    record(out.predictions.integrated[v], parts.places, 0, model->probability(fused.take(parts.test)),
           model->parts().threshold);
    test_network(out.networks[v], cohort.any(), parts, out.predictions.networks[v]);
    out.audit[0]["models"].push_back({{"model", kVariants[v].name},
                                      {"network", out.networks[v].network},
                                      {"network_fitted_on", "training, its epoch chosen on validation"},
                                      {"classifier_fitted_on", "training, its options chosen on validation"},
                                      {"selected", model->parts().selected},
                                      {"notes", model->parts().notes}});
  }
}

}  // namespace

Studied run_paper(const GradedCohort& cohort, const GradingOptions& o) {
  const auto& table = cohort.any();
  const Parts parts = split_cohort(table, o);
  const learn::ChainLearner learner(o.chain);
  Studied out;
  out.predictions = empty_study(cohort, parts.test, o.deep);
  const std::size_t chosen = choose_sequence(cohort, learner, parts, o, out.predictions);
  out.sequence = cohort.sequences[chosen].sequence;
  out.audit.push_back(audit_of(table, parts, out.sequence, o.deep));
  if (o.deep) {
    add_networks(cohort, parts, cohort.sequences[chosen].table, learner, o, out);
  } else {
    take_sequence(out.predictions, chosen, parts.places);
    out.members.push_back({nullptr, learn::all_rows(table)});
  }
  return out;
}

}  // namespace gliocast::study
