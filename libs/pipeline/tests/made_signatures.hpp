#pragma once
// Signatures of made patients, for tests of models that hold them.
#include <gliocast/core/random.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/signature/signature_bundle.hpp>
#include <gliocast/signature/signature_learner.hpp>

#include <cmath>
#include <string>
#include <vector>

namespace gliocast::pipeline {

/// Forty patients who die the sooner the larger both columns are.
inline signature::SurvivalTable made_patients(std::uint64_t seed, const std::string& stream,
                                              const std::vector<std::string>& columns) {
  constexpr std::size_t kRows = 40;
  Random random(seed, stream);
  signature::SurvivalTable t;
  t.features.features = columns;
  t.features.values = stats::Matrix(kRows, columns.size());
  for (std::size_t r = 0; r < kRows; ++r) {
    t.features.ids.push_back("p" + std::to_string(r));
    t.features.patient.push_back(static_cast<int>(r));
    t.features.centre.emplace_back();
    double hazard = 0;
    for (std::size_t c = 0; c < columns.size(); ++c) hazard += t.features.values(r, c) = random.normal();
    t.outcome.time.push_back(20 * std::exp(-hazard) * random.exponential());
    t.outcome.event.push_back(r % 4 != 0);
  }
  return t;
}

/// A signature that keeps a feature whatever the table.
inline signature::TrainedSignature trained_on(const signature::SurvivalTable& table, std::uint64_t seed) {
  auto specification = signature::preset_specification("default");
  specification.nothing_kept = signature::NothingKept::First;
  specification.alpha = {0.5};
  specification.lambda = "0.05";
  signature::TrainedSignature trained;
  trained.time = "time";
  trained.model =
      signature::SignatureLearner(specification).fit(table, learn::all_rows(table.features), {seed, 1}).model;
  return trained;
}

}  // namespace gliocast::pipeline
