#include "frozen_harmonisation.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/learn/combat.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace gliocast::study {
namespace {

constexpr std::size_t kFeatures = 6;

learn::FeatureTable made(std::size_t rows, double shift, double scale, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  learn::FeatureTable table;
  table.values = stats::Matrix(rows, kFeatures);
  for (std::size_t f = 0; f < kFeatures; ++f) {
    table.features.push_back("feature " + std::to_string(f));
    for (std::size_t r = 0; r < rows; ++r)
      table.values(r, f) = shift + 3 * static_cast<double>(f) + scale * normal(random);
  }
  for (std::size_t r = 0; r < rows; ++r) {
    table.ids.push_back("p" + std::to_string(r));
    table.patient.push_back(static_cast<int>(r));
  }
  return table;
}

TEST(FrozenHarmonisation, GivesWhatComBatWithTheTrainingRowsGives) {
  const auto training = made(25, 0, 1, 1), here = made(9, 2, 1.5, 2);
  // ComBat over both tables with the training rows as the reference batch, as neuroCombat(ref_batch=) does it.
  learn::CombatTable both;
  both.features = training.features;
  both.values = stats::Matrix(34, kFeatures);
  for (std::size_t f = 0; f < kFeatures; ++f)
    for (std::size_t r = 0; r < 34; ++r) both.values(r, f) = r < 25 ? training.values(r, f) : here.values(r - 25, f);
  for (std::size_t r = 0; r < 34; ++r) both.batch.emplace_back(r < 25 ? "training" : "here");
  learn::CombatOptions options;
  options.reference = "training";
  const auto expected = learn::apply_combat(learn::fit_combat(both, options), both);
  const auto frozen = harmonised(here, frozen_reference(training));
  for (std::size_t f = 0; f < kFeatures; ++f)
    for (std::size_t r = 0; r < 9; ++r) {
      EXPECT_NEAR(frozen.values(r, f), expected(r + 25, f), 1e-10) << r << ", " << f;
      EXPECT_GT(std::abs(frozen.values(r, f) - here.values(r, f)), 1e-3);
    }
}

TEST(FrozenHarmonisation, OtherColumnsStay) {
  const auto training = made(25, 0, 1, 1);
  auto here = made(9, 2, 1.5, 2);
  learn::FeatureTable deep = here.select({0});
  deep.features = {"deep_001"};
  const auto out = harmonised(deep.beside(here), frozen_reference(training));
  for (std::size_t r = 0; r < 9; ++r) EXPECT_EQ(out.values(r, 0), here.values(r, 0));
}

TEST(FrozenHarmonisation, TheReferenceHoldsNoRow) {
  const auto a = made(25, 0, 1, 1);
  auto b = a;
  for (std::size_t f = 0; f < kFeatures; ++f)  // other rows with the same means and deviations
    for (std::size_t r = 0; r < 25; ++r) b.values(r, f) = a.values(24 - r, f);
  const auto first = frozen_reference(a).model, second = frozen_reference(b).model;
  for (std::size_t f = 0; f < kFeatures; ++f) {
    EXPECT_NEAR(first.grand_mean[f], second.grand_mean[f], 1e-12);
    EXPECT_NEAR(first.scale[f], second.scale[f], 1e-12);
  }
  EXPECT_EQ(first.batches.size(), 1U);
}

TEST(FrozenHarmonisation, FewRowsAreRefused) {
  EXPECT_THROW((void)harmonised(made(4, 0, 1, 3), frozen_reference(made(25, 0, 1, 1))), Error);
}

}  // namespace
}  // namespace gliocast::study
