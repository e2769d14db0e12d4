#include "tables.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/signature/choose_table.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <string>

using namespace gliocast;
using namespace gliocast::signature;

namespace {

/// The prognosis chain without its grid.
learn::ChainSpecification quick() {
  auto chain = prognosis_chain();
  chain.classifier = {"logistic", {{"ridge", 1}}};
  return chain;
}

std::vector<std::pair<std::string, SurvivalTable>> sequences() {
  auto best = planted_table(120, 12, {1.2, -1.2}, 1);
  auto noise = best.table, weak = best.table;
  Random random(3, "noise");
  for (double& v : noise.features.values.values) v = random.normal();
  for (double& v : weak.features.values.values) v += random.normal(0, 2);
  return {{"T2", noise}, {"T1", weak}, {"T1-Gd", best.table}};
}

TEST(ChooseTable, TheInformativeSequenceIsChosen) {
  const auto tables = sequences();
  const auto choice = choose_table(tables, learn::all_rows(tables[0].second.features), {1, 2}, quick());
  EXPECT_EQ(choice.chosen, 2u);
  EXPECT_GT(choice.tables[2].auc.value, 0.75);
  EXPECT_LT(choice.tables[0].auc.value, 0.65);
  EXPECT_GT(choice.tables[2].auc.value, choice.tables[1].auc.value);
  EXPECT_EQ(choice.tables[0].name, "T2");
  EXPECT_EQ(choice.tables[0].probability.size(), choice.rows.size());
}

TEST(ChooseTable, LabelsAreOfTheTrainingRowsMedianAndEarlyCensoredPatientsHaveNone) {
  const auto tables = sequences();
  learn::Rows rows;
  for (std::size_t r = 0; r < 120; r += 2) rows.push_back(r);
  const auto choice = choose_table(tables, rows, {1, 2}, quick());
  const auto& o = tables[0].second.outcome;
  std::size_t below = 0, censored = 0, labelled = 0;
  for (const std::size_t r : rows) {
    below += o.time[r] < choice.median ? 1 : 0;
    if (o.time[r] < choice.median && !o.event[r]) {
      ++censored;
      continue;
    }
    ASSERT_LT(labelled, choice.rows.size());
    EXPECT_EQ(choice.rows[labelled], r);
    EXPECT_EQ(choice.unfavourable[labelled++], o.time[r] < choice.median ? 1 : 0);
  }
  EXPECT_EQ(below, 30u);
  EXPECT_EQ(choice.without_label, censored);
  EXPECT_GT(censored, 0u);
  EXPECT_NE(choice.notes.front().find(std::to_string(censored) + " censored before and left out"), std::string::npos);
}

TEST(ChooseTable, TablesOfOtherPatientsAreRefused) {
  auto tables = sequences();
  tables[1].second.features.ids[4] = "someone";
  EXPECT_THROW((void)choose_table(tables, {0, 1, 2}, {1, 1}), Error);
  EXPECT_THROW((void)choose_table({}, {0, 1, 2}, {1, 1}), Error);
}

TEST(ChooseTable, TheChainIsThePapers) {
  const auto chain = prognosis_chain();
  ASSERT_EQ(chain.steps.size(), 3u);
  EXPECT_EQ(chain.steps[1].name, "screen");
  EXPECT_EQ(chain.steps[2].name, "forest");
  EXPECT_EQ(chain.classifier.name, "svm");
}

}  // namespace
