// Short checksums of rows: a table of training rows is recognised, others are not, and one row names nobody.
#include "tables.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/learn/row_marks.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <set>

using namespace gliocast;
using namespace gliocast::learn;

namespace {

FeatureTable drawn_rows(std::size_t rows, std::uint64_t seed) {
  Random random(seed, "marks", 0);
  FeatureTable t;
  t.features = {"volume", "texture"};
  t.values = stats::Matrix(rows, 2);
  for (std::size_t r = 0; r < rows; ++r) {
    t.ids.push_back(std::to_string(r));
    t.patient.push_back(static_cast<int>(r));
    for (std::size_t c = 0; c < 2; ++c) t.values(r, c) = random.normal();
  }
  return t;
}

const std::vector<std::string> kColumns{"texture", "volume"};

}  // namespace

TEST(RowMarks, TheRowsOfTheTrainingAreKnownAndOthersAreNot) {
  const auto training = drawn_rows(300, 1);
  const auto marks = row_marks(training, kColumns);
  EXPECT_EQ(recognised_rows(marks, marks), 300U);
  EXPECT_EQ(recognised_rows(marks, row_marks(training.take({5, 9, 70, 8}), kColumns)), 4U);
  // By chance 300 · 300 / 65 536 = 1.4 of other rows bear one; over 200 tables none is taken for the training table.
  std::size_t by_chance = 0;
  for (std::uint64_t seed = 2; seed < 202; ++seed) {
    const auto others = row_marks(drawn_rows(300, seed), kColumns);
    EXPECT_EQ(recognised_rows(marks, others), 0U) << seed;
    const std::set<std::uint16_t> known(marks.begin(), marks.end());
    for (const auto mark : others) by_chance += known.count(mark);
  }
  EXPECT_NEAR(static_cast<double>(by_chance), 200 * 300 * 300 / 65536.0, 5 * std::sqrt(275.0));
}

TEST(RowMarks, OneOrTwoRowsAreNeverTold) {
  const auto training = drawn_rows(300, 1);
  const auto marks = row_marks(training, kColumns);
  EXPECT_EQ(recognised_rows(marks, row_marks(training.take({5}), kColumns)), 0U);
  EXPECT_EQ(recognised_rows(marks, row_marks(training.take({5, 9}), kColumns)), 0U);
}

TEST(RowMarks, ColumnsGoByNameAndSixDigits) {
  auto t = drawn_rows(4, 1);
  const auto marks = row_marks(t, kColumns);
  auto turned = t.select({1, 0});
  for (double& v : turned.values.values) v *= 1 + 1e-12;
  EXPECT_EQ(row_marks(turned, kColumns), marks);
  t.values(2, 0) = std::nan("");
  const auto missing = row_marks(t, kColumns);
  EXPECT_EQ(missing[1], marks[1]);
  EXPECT_NE(missing[2], marks[2]);
  EXPECT_THROW((void)row_marks(t, {"volume", "age"}), Error);
}
