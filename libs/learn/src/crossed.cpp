#include <gliocast/learn/crossed.hpp>

#include <gliocast/learn/folds.hpp>

#include <utility>

namespace gliocast::learn {

std::array<Rows, 2> crossed_halves(const FeatureTable& table, const Rows& training, std::uint64_t seed) {
  const auto half = folds_of_both_classes(table, training, 2, seed);
  std::array<Rows, 2> halves;
  for (std::size_t i = 0; i < training.size(); ++i) halves.at(half[i]).push_back(training[i]);
  return halves;
}

std::vector<double> CrossedChains::probability(const Rows& rows) const {
  std::vector<double> mean(rows.size(), 0);
  for (std::size_t h = 0; h < models.size(); ++h) {
    tables[h].refuse_fitted(rows);
    const auto p = models[h]->probability(tables[h].take(rows));
    for (std::size_t i = 0; i < p.size(); ++i) mean[i] += p[i] / 2;
  }
  return mean;
}

double CrossedChains::threshold() const { return (models[0]->parts().threshold + models[1]->parts().threshold) / 2; }

std::array<FeatureTable, 2> crossed_tables(const FeatureTable& table, const FeatureFitter& fitter,
                                           const std::array<Rows, 2>& halves) {
  std::array<FeatureTable, 2> tables;
  for (std::size_t h = 0; h < halves.size(); ++h) {
    tables[h] = table.beside(fitter.fit(halves[h]));
    tables[h].refuse_fitted(halves[1 - h]);
  }
  return tables;
}

CrossedChains fit_crossed(const FeatureTable& table, const FeatureFitter& fitter, const ChainLearner& learner,
                          const std::array<Rows, 2>& halves, const FitContext& context) {
  CrossedChains out{{}, crossed_tables(table, fitter, halves)};
  for (std::size_t h = 0; h < halves.size(); ++h) out.models[h] = learner.fit(out.tables[h], halves[1 - h], context);
  return out;
}

std::vector<CrossedFold> crossed_folds(const FeatureTable& table, const EvaluationOptions& o, std::size_t repeat) {
  std::vector<CrossedFold> folds;
  for (const auto& test : outer_folds(table, o, repeat)) {
    CrossedFold fold;
    fold.test = test;
    fold.training = rows_without(table, test);
    fold.seed = seed_of_repeat(o, repeat);
    fold.halves = crossed_halves(table, fold.training, fold.seed);
    folds.push_back(std::move(fold));
  }
  return folds;
}

}  // namespace gliocast::learn
