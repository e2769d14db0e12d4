// What a split promises: shares kept within classes and centres, patients whole, the order of rows without part in it.
#include "tables.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/learn/split.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace gliocast::learn {
namespace {

const std::vector<double> kShares{6, 2, 2};

/// `n` patients: classes of unequal size, centres from large to a single patient.
std::vector<Subject> patients(std::size_t n, std::uint64_t seed) {
  Random random(seed, "subjects");
  std::vector<Subject> out;
  for (std::size_t i = 0; i < n; ++i) {
    const auto centre = static_cast<char>('a' + std::min<std::uint64_t>(random.below(12), random.below(12)));
    out.push_back({"p" + std::to_string(i), random.chance(0.63) ? "HGG" : "LGG", std::string(1, centre)});
  }
  return out;
}

double sum_of(const std::vector<std::size_t>& counts) {
  double sum = 0;
  for (const std::size_t c : counts) sum += static_cast<double>(c);
  return sum;
}

}  // namespace

TEST(SplitInvariant, PartsHaveTheirSharesOfClassesAndStrata) {
  for (const auto& shares : {kShares, std::vector<double>{0.7, 0.3}, std::vector<double>{1, 1, 1, 1, 1}})
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      const auto split = split_subjects(patients(40 + 9 * seed, seed), shares, seed);
      const double whole = std::accumulate(shares.begin(), shares.end(), 0.0);
      std::map<std::string, std::vector<std::size_t>> classes;
      for (const auto& s : split.strata) {
        auto& counts = classes[s.label];
        counts.resize(shares.size());
        for (std::size_t p = 0; p < shares.size(); ++p) {
          counts[p] += s.subjects[p];
          EXPECT_LT(std::abs(static_cast<double>(s.subjects[p]) - sum_of(s.subjects) * shares[p] / whole), 2);
        }
      }
      for (const auto& [label, counts] : classes)
        for (std::size_t p = 0; p < shares.size(); ++p)
          EXPECT_LT(std::abs(static_cast<double>(counts[p]) - sum_of(counts) * shares[p] / whole), 1);
    }
}

// The study's 470 patients: 284, 93 and 93, of them 177, 58 and 58 of high grade.
TEST(SplitInvariant, TheStudysSplit) {
  std::vector<Subject> all;
  for (std::size_t i = 0; i < 470; ++i)
    all.push_back({"p" + std::to_string(i), i < 293 ? "HGG" : "LGG", i % 470 < 201 ? "B" : "A"});
  const auto split = split_subjects(all, kShares, 1);
  std::vector<double> n(3), high(3);
  for (std::size_t i = 0; i < all.size(); ++i) {
    ++n[split.part[i]];
    high[split.part[i]] += all[i].label == "HGG" ? 1 : 0;
  }
  for (std::size_t p = 0; p < 3; ++p) {
    EXPECT_NEAR(n[p], 470 * kShares[p] / 10, 2);
    EXPECT_NEAR(high[p], 293 * kShares[p] / 10, 1);
  }
}

TEST(SplitInvariant, CentresOfOnePatientAreSpread) {
  std::vector<Subject> all;
  for (std::size_t i = 0; i < 100; ++i)
    all.push_back({"p" + std::to_string(i), i % 2 == 0 ? "1" : "0", "c" + std::to_string(i)});
  const auto split = split_subjects(all, kShares, 3);
  EXPECT_EQ(split.of_part(0).size(), 60U);
  EXPECT_EQ(split.of_part(1).size(), 20U);
  EXPECT_EQ(split.of_part(2).size(), 20U);
  EXPECT_EQ(strata_not_everywhere(split).size(), 100U);
  EXPECT_EQ(strata_not_everywhere(split).front(), "class 0 of centre c1 (1 patient)");
}

TEST(SplitInvariant, OrderHasNoPartInItAndSeedsHave) {
  auto all = patients(120, 4);
  const auto split = split_subjects(all, kShares, 9);
  std::map<std::string, std::size_t> part;
  for (std::size_t i = 0; i < all.size(); ++i) part[all[i].id] = split.part[i];
  std::ranges::reverse(all);
  const auto turned = split_subjects(all, kShares, 9);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(turned.part[i], part[all[i].id]);
  EXPECT_NE(split_subjects(all, kShares, 10).part, turned.part);
  const auto scaled = split_subjects(all, {0.6, 0.2, 0.2}, 9);
  EXPECT_EQ(scaled.part, turned.part);
}

TEST(SplitInvariant, EachPatientIsAsOftenInEachPart) {
  const auto all = patients(200, 5);
  std::vector<double> tested(all.size());
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const auto split = split_subjects(all, kShares, seed);
    for (const std::size_t i : split.of_part(2)) ++tested[i];
  }
  for (const double n : tested)
    EXPECT_NEAR(n / 2000, 0.2, 0.08);  // strata are few, so that where one begins is not quite even
}

TEST(SplitInvariant, RowsOfAPatientNeverPart) {
  auto table = random_table(90, 2, 1, 6);
  for (std::size_t r = 0; r < table.rows(); ++r) {
    table.patient[r] = static_cast<int>(r / 3);
    table.outcome[r] = r / 3 % 2 == 0 ? 1 : 0;
    table.centre.push_back(r / 3 < 10 ? "north" : "south");
  }
  const auto split = split_rows(table, all_rows(table), kShares, 2);
  std::map<int, std::set<std::size_t>> parts;
  for (std::size_t r = 0; r < table.rows(); ++r) parts[table.patient[r]].insert(split.part[r]);
  for (const auto& [patient, of] : parts) EXPECT_EQ(of.size(), 1U);
  EXPECT_EQ(split.of_part(0).size(), 54U);
  EXPECT_EQ(split.strata.size(), 4U);
}

TEST(SplitInvariant, WhatCannotBeSplitIsRefused) {
  std::vector<Subject> few;
  for (std::size_t i = 0; i < 9; ++i) few.push_back({"p" + std::to_string(i), i < 4 ? "1" : "0", ""});
  try {
    (void)split_subjects(few, kShares, 1);
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(e.problem().find("class 1 has 4 patients"), std::string::npos) << e.problem();
    EXPECT_NE(e.problem().find("needs 5 of each class"), std::string::npos) << e.problem();
  }
  EXPECT_EQ(split_subjects({few.begin() + 4, few.end()}, kShares, 1).of_part(2).size(), 1U);
  for (const auto& shares : {std::vector<double>{}, std::vector<double>{1, 0}, std::vector<double>{NAN, 1}})
    EXPECT_THROW((void)split_subjects(few, shares, 1), Error);
}

TEST(SplitInvariant, SharesAreRead) {
  EXPECT_EQ(parse_shares("6:2:2"), kShares);
  EXPECT_EQ(parse_shares("0.5 : 0.5"), (std::vector<double>{0.5, 0.5}));
  for (const char* wrong : {"", ":", "6:2:", "6:-2:2", "6:0:2", "a:b", "6;2;2", "inf:1"})
    EXPECT_THROW((void)parse_shares(wrong), Error) << wrong;
}

}  // namespace gliocast::learn
