// What a chain chooses from a grid: its scores must mean the same in every fold, else calibration turns them round.
#include "tables.hpp"

#include <gliocast/learn/chain.hpp>
#include <gliocast/stats/roc.hpp>

#include <gtest/gtest.h>

#include <string>

namespace gliocast::learn {
namespace {

ChainSpecification two_costs() {
  // At 2^-5 all rows are support vectors of full weight; the offset alone differs between folds of unequal classes.
  return parse_chain("steps: []\nclassifier:\n  svm: {cost: [0.03125, 16], gamma: [0.000030517578125], finer: false}\n",
                     "two costs");
}

}  // namespace

TEST(Choice, CalibrationNeverTurnsPredictionsRound) {
  const ChainLearner learner(two_costs());
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const FeatureTable table = random_table(94, 6, 1.5, seed);
    const auto model = learner.fit(table, all_rows(table), {seed, 1});
    EXPECT_GT(stats::auc(model->probability(table), table.classes()), 0.8) << "seed " << seed;
  }
}

}  // namespace gliocast::learn
