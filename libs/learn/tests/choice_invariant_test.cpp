// What a chain chooses from a grid: its scores must mean the same in every fold, else calibration turns them round.
#include "tables.hpp"

#include <gliocast/learn/chain.hpp>
#include <gliocast/stats/roc.hpp>

#include <gtest/gtest.h>

#include <string>

namespace gliocast::learn {
namespace {

// With the least cost and gamma all rows are support vectors of full weight, and the offset alone differs between folds
// of unequal classes.
constexpr const char* kChain = R"(steps: []
classifier:
  svm: {cost: [0.03125, 4], gamma: [0.000030517578125, 0.1], finer: false}
)";

}  // namespace

TEST(Choice, CalibrationNeverTurnsPredictionsRound) {
  const ChainLearner learner(parse_chain(kChain, "two costs"));
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const FeatureTable table = random_table(94, 6, 1.5, seed);
    const auto model = learner.fit(table, all_rows(table), {seed, 1});
    EXPECT_GT(stats::auc(model->probability(table), table.classes()), 0.8) << "seed " << seed;
  }
}

}  // namespace gliocast::learn
