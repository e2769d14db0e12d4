#include <gliocast/analysis/small_cells.hpp>

#include <gliocast/core/error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace gliocast::analysis {
namespace {

using Cell = CountCells::Cell;
using State = CountCells::State;

/// A total and its parts, protected.
struct Partition {
  CountCells cells{kLeastCell};
  Cell total;
  std::vector<Cell> parts;

  explicit Partition(const std::vector<std::size_t>& counts) : total(0) {
    std::size_t n = 0;
    for (const auto c : counts) n += c;
    total = cells.add("total", n);
    for (std::size_t i = 0; i < counts.size(); ++i) parts.push_back(cells.add("part " + std::to_string(i), counts[i]));
    cells.sum(total, parts);
    cells.protect();
  }
  [[nodiscard]] std::string text() const {
    std::string out = cells.text(total) + ":";
    for (const Cell c : parts) out += " " + cells.text(c);
    return out;
  }
};

TEST(SmallCells, LargeCountsAreTold) { EXPECT_EQ(Partition({5, 6, 7}).text(), "18: 5 6 7"); }

TEST(SmallCells, OfTwoPartsBothAreWithheld) {
  EXPECT_EQ(Partition({20, 3}).text(), "23: withheld <5");
  EXPECT_EQ(Partition({0, 20}).text(), "20: <5 withheld");
}

TEST(SmallCells, TheNextPartIsWithheldWhateverItsSize) {
  EXPECT_EQ(Partition({4, 30, 9}).text(), "43: <5 withheld 9");
  EXPECT_EQ(Partition({30, 9, 4}).text(), "43: withheld 9 <5");
}

TEST(SmallCells, TwoSmallPartsDoNotTellEachOther) {
  // 4 + 4 = 8 could be nothing else, 0 + 1 neither.
  EXPECT_EQ(Partition({4, 4, 30, 40}).text(), "78: <5 <5 withheld 40");
  EXPECT_EQ(Partition({0, 1, 30, 40}).text(), "71: <5 <5 withheld 40");
}

TEST(SmallCells, AComplementThatIsBarelyLargeTellsToo) {
  // 0 + 5: who knows that the other is 5 or more knows that the small one is 0. So a third goes.
  EXPECT_EQ(Partition({0, 5, 30, 40}).text(), "75: <5 withheld withheld 40");
}

TEST(SmallCells, ASmallTotalIsNotTold) { EXPECT_EQ(Partition({1, 2}).text(), "<5: <5 <5"); }

TEST(SmallCells, ATotalGoesWhereNoPartIsLeft) {
  // 4 + 4: told the 8, each is 4.
  EXPECT_EQ(Partition({4, 4}).text(), "withheld: <5 <5");
}

TEST(SmallCells, WhatIsWithheldDoesNotFollowFromAnotherTable) {
  // examined = high + low grade, low = alive + dead: the complement of `failed` must not follow from its own parts.
  CountCells cells;
  const Cell included = cells.add("included", 40), examined = cells.add("examined", 38),
             failed = cells.add("failed", 2), high = cells.add("high", 20), low = cells.add("low", 18);
  cells.sum(included, {examined, failed});
  cells.sum(examined, {high, low});
  cells.protect();
  EXPECT_EQ(cells.state(failed), State::Small);
  EXPECT_FALSE(cells.told(examined));
  EXPECT_FALSE(cells.told(high) && cells.told(low));
  EXPECT_TRUE(cells.told(included));
}

TEST(SmallCells, ADifferenceThatReadersCouldTakeIsProtected) {
  CountCells cells;
  const Cell graded = cells.add("graded", 30), judged = cells.add("judged by survival", 28),
             difference = cells.add("without survival", 2, false);
  cells.sum(graded, {judged, difference});
  cells.protect();
  EXPECT_EQ(cells.state(difference), State::Unpublished);
  EXPECT_FALSE(cells.told(graded) && cells.told(judged));
  CountCells large;
  const Cell all = large.add("all", 30), part = large.add("part", 20), rest = large.add("rest", 10, false);
  large.sum(all, {part, rest});
  large.protect();
  EXPECT_TRUE(large.all_told({all, part}));
}

TEST(SmallCells, OfWhoIsLeftOutNoneIsToldAndFewHideTheTotals) {
  for (const std::size_t failed : {std::size_t{0}, std::size_t{1}}) {
    CountCells cells;
    const Cell found = cells.add("found", 40 + failed), included = cells.add("included", 30 + failed),
               examined = cells.add("examined", 30), removed = cells.add_left_out("removed", 10),
               not_examined = cells.add_left_out("not examined", failed);
    cells.sum(found, {included, removed}, true);
    cells.sum(included, {examined, not_examined}, true);
    cells.protect();
    EXPECT_TRUE(cells.all_told({examined, removed}));
    EXPECT_EQ(cells.text(not_examined), failed == 0 ? "0" : "<5");
    EXPECT_EQ(cells.told(included), failed == 0);
    EXPECT_EQ(cells.told(found), failed == 0);
  }
}

TEST(SmallCells, FewPatientsAtSeveralTimesAreNoFault) {
  // died and followed at two times, of six patients: nothing large is left to hide.
  CountCells cells;
  const Cell n = cells.add("n", 6), first = cells.add("died by 1", 3), followed = cells.add("followed beyond 1", 3),
             second = cells.add("died by 2", 3), beyond = cells.add("followed beyond 2", 3);
  cells.sum(n, {first, followed, cells.add_left_out("censored by 1", 0, false)});
  cells.sum(n, {second, beyond, cells.add_left_out("censored by 2", 0, false)});
  cells.sum(second, {first, cells.add("died since", 0, false)});
  cells.sum(followed, {beyond, cells.add_left_out("left since", 0, false)});
  cells.protect();
  for (const Cell c : {first, followed, second, beyond}) EXPECT_EQ(cells.text(c), "<5");
}

TEST(SmallCells, OfATableOfTwoByTwoNothingFollowsFromTheMargins) {
  CountCells cells;
  const Cell n = cells.add("n", 50), high = cells.add("high", 30), low = cells.add("low", 20), tp = cells.add("TP", 27),
             fn = cells.add("FN", 3), fp = cells.add("FP", 8), tn = cells.add("TN", 12),
             positive = cells.add("positive", 35), negative = cells.add("negative", 15);
  cells.sum(n, {high, low});
  cells.sum(n, {positive, negative});
  cells.sum(high, {tp, fn});
  cells.sum(low, {fp, tn});
  cells.sum(positive, {tp, fp});
  cells.sum(negative, {fn, tn});
  cells.protect();
  EXPECT_EQ(cells.state(fn), State::Small);
  for (const Cell c : {tp, fp, tn}) EXPECT_FALSE(cells.told(c)) << cells.name(c);
  EXPECT_TRUE(cells.all_told({n, high, low, positive, negative}));
}

TEST(SmallCells, AHigherLimitHoldsALowerOneIsRefused) {
  CountCells cells(10);
  const Cell a = cells.add("a", 9);
  cells.protect();
  EXPECT_EQ(cells.text(a), "<10");
  EXPECT_EQ(cells.json(a), Json("<10"));
  EXPECT_THROW(CountCells(4), Error);
}

TEST(SmallCells, SumsThatAreNoneAreAFault) {
  CountCells cells;
  const Cell total = cells.add("total", 10), part = cells.add("part", 9);
  EXPECT_THROW(cells.sum(total, {part}), Error);
}

/// All that an outsider cannot exclude: counts of the parts that agree with what is told and with the marks.
std::set<std::size_t> possible(const Partition& p, std::size_t place, std::size_t n) {
  std::set<std::size_t> out;
  std::vector<std::size_t> x(p.parts.size(), 0);
  const auto fits = [&](Cell c, std::size_t v, std::size_t truth) {
    if (p.cells.told(c)) return v == truth;
    return p.cells.state(c) == State::Small ? v < kLeastCell : v >= kLeastCell;
  };
  const auto walk = [&](auto&& self, std::size_t i, std::size_t left, const std::vector<std::size_t>& truth) -> void {
    if (i == x.size()) {
      if (left == 0) out.insert(x[place]);
      return;
    }
    for (std::size_t v = 0; v <= left; ++v) {
      if (!fits(p.parts[i], v, truth[i])) continue;
      x[i] = v;
      self(self, i + 1, left - v, truth);
    }
  };
  std::vector<std::size_t> truth;
  for (const Cell c : p.parts) truth.push_back(p.cells.told(c) ? std::stoul(p.cells.text(c)) : 0);
  walk(walk, 0, n, truth);
  return out;
}

TEST(SmallCells, EveryValueOfASmallCellStaysPossible) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::size_t> counts;
    for (unsigned i = 0; i < 2 + random() % 3; ++i) counts.push_back(random() % 12);
    std::size_t n = 0;
    for (const auto c : counts) n += c;
    const Partition p(counts);
    if (!p.cells.told(p.total)) continue;
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (p.cells.state(p.parts[i]) == State::Small) {
        EXPECT_EQ(possible(p, i, n), (std::set<std::size_t>{0, 1, 2, 3, 4})) << p.text();
      }
  }
}

}  // namespace
}  // namespace gliocast::analysis
