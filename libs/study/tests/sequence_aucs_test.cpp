#include "signature_results.hpp"

#include <gtest/gtest.h>

namespace gliocast::study {
namespace {

TEST(SequenceAucs, EachSequenceHasItsAucAndWhoHasNoLabelIsCounted) {
  signature::TableChoice choice;
  choice.chosen = 1;
  choice.median = 24.5;
  choice.rows = {0, 1, 2, 4};
  choice.unfavourable = {1, 0, 1, 0};
  choice.without_label = 3;
  choice.notes = {"prognosis: told"};
  for (const auto& [name, auc] : {std::pair{"T1", 0.5}, std::pair{"T1-Gd", 0.75}}) {
    choice.tables.push_back({name, {0.9, 0.1, 0.4, 0.5}, {1, 0, 0, 0}, stats::value_alone(auc)});
    choice.tables.back().auc.low = auc - 0.25;
    choice.tables.back().auc.high = auc + 0.125;
  }
  const auto found = sequence_aucs(choice, {"a", "b", "c", "d", "e"});
  ASSERT_EQ(found.table.rows.size(), 2U);
  const std::vector<std::string> first{"T1", "0.500", "0.250–0.625", "4", "2", "3", "no"};
  EXPECT_EQ(found.table.rows[0], first);
  EXPECT_EQ(found.table.rows[1].back(), "yes");
  EXPECT_EQ(found.table.columns.size(), first.size());
  EXPECT_EQ(found.json.at("censored_before_median"), 3);
  EXPECT_EQ(found.json.at("unfavourable"), 2);
  EXPECT_EQ(found.json.at("median_time"), 24.5);
  EXPECT_EQ(found.json.at("sequences").at(1).at("auc").at("estimate"), 0.75);
  EXPECT_EQ(found.json.at("sequences").at(1).at("taken"), true);
  EXPECT_EQ(found.notes, choice.notes);
  ASSERT_EQ(found.predictions.rows.size(), 4U);
  const std::vector<std::string> last{"e", "0", "0.5", "0.5"};
  EXPECT_EQ(found.predictions.rows[3], last);
}

}  // namespace
}  // namespace gliocast::study
