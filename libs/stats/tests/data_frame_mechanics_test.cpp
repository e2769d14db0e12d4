// How cells become numbers, levels or missing values, and what is said of it.
#include "messages.hpp"

#include <gtest/gtest.h>

#include <gliocast/core/error.hpp>
#include <gliocast/stats/data_frame.hpp>

#include <cmath>
#include <string>

namespace gliocast::stats {
namespace {

/// A column x, quoted cells, in a table with commas or semicolons.
DataFrame frame_of(const std::vector<std::string>& cells, const std::vector<std::string>& missing = {},
                   char separator = ',') {
  const std::string s(1, separator);
  std::string text = "x" + s + "y\n";
  for (const auto& c : cells) text += '"' + c + '"' + s + "1\n";
  return DataFrame(parse_table(text, separator, "t"), "t", missing);
}

std::string notes_of(const DataFrame& frame) { return test_support::joined(frame.notes({"x"})); }

using test_support::error_of;
using test_support::has;

TEST(StatsDataFrame, UsualCodesOfMissingValues) {
  const std::vector<std::string> codes{"",
                                       "NA",
                                       "n/a",
                                       "NaN",
                                       ".",
                                       "#N/A",
                                       "<NA>",
                                       "NULL",
                                       "-nan",
                                       " NA ",
                                       "[Not Available]",
                                       "[Not Applicable]",
                                       "[Discrepancy]",
                                       "\u00A0"};
  for (const auto& code : codes) {
    const auto x = frame_of({"1.5", code, "2"}).at("x");
    EXPECT_FALSE(x.is_factor) << code;
    EXPECT_EQ(x.count_missing(), 1U) << code;
    EXPECT_EQ(frame_of({"a", code, "b"}).at("x").count_missing(), 1U) << code;
  }
  EXPECT_TRUE(has(notes_of(frame_of({"1", "#DIV/0!", "2"})), "\"#DIV/0!\" (line 3), an error of the spreadsheet"));
  for (const auto* word : {"null", "None", "Unknown", "-"}) {  // may be levels: told, not converted
    EXPECT_EQ(frame_of({"a", word, "b"}).at("x").levels.size(), 3U) << word;
    EXPECT_TRUE(
        has(notes_of(frame_of({"a", word, "b"})), std::string("\"") + word + "\" (line 3) is a level of its own"))
        << word;
    EXPECT_TRUE(
        has(notes_of(frame_of({"1", word, "2"})), "warning: column \"x\": 2 of 3 values are numbers, 1 is no number"))
        << word;
  }
}

TEST(StatsDataFrame, FurtherCodes) {
  const auto x = frame_of({"1.5", "999.0", "Unknown", "-9", "2"}, {"999", "unknown", "-9"}).at("x");
  EXPECT_FALSE(x.is_factor);
  EXPECT_EQ(x.count_missing(), 3U);
  EXPECT_TRUE(frame_of({"a", "999"}, {}).at("x").is_factor);
}

TEST(StatsDataFrame, NumbersThatMayMeanMissingAreTold) {
  EXPECT_EQ(notes_of(frame_of({"34", "999", "81", "999", "55.5"})),
            "warning: column \"x\" has 999 in 2 rows, far from its other values, 34 to 81: if it means missing, say "
            "--na 999\n");
  EXPECT_EQ(notes_of(frame_of({"-9", "0", "81", "-9", "-9", "12"})),
            "warning: column \"x\" has -9 in 3 rows, far from its other values, 0 to 81: if it means missing, say "
            "--na=-9\n");
  const auto both = notes_of(frame_of({"9999", "-0.2", "0.1", "-999", "9999", "0.3", "-999.0"}));
  EXPECT_TRUE(has(both, "has 9999 in 2 rows")) << both;
  EXPECT_TRUE(has(both, "has -999 in 2 rows")) << both;
  EXPECT_EQ(notes_of(frame_of({"34", "999", "81", "999", "55.5"}, {"999"})), "");
}

TEST(StatsDataFrame, NumbersThatMeanThemselvesAreNotTold) {
  for (const std::vector<std::string>& cells : std::vector<std::vector<std::string>>{
           {"34", "999", "81", "55"},                      // once: an outlier
           {"34", "99", "81", "99", "55"},                 // an age
           {"120", "999", "2010", "999", "15"},            // among the others
           {"10", "999", "998", "999", "500"},             // at their edge, not far from them
           {"-20", "-9", "-9", "3", "14"},                 // changes, of both signs
           {"-12", "-9", "-10", "-9", "-8.5"},             // below 0 as the others
           {"999", "999", "998.5", "997", "999", "999.2"}  // a scale of its own
       })
    EXPECT_EQ(notes_of(frame_of(cells)), "") << cells[0] << " " << cells[1];
}

TEST(StatsDataFrame, InfinityIsRefusedWithItsRow) {
  for (const auto* cell : {"inf", "-Inf", "Infinity", "1e999", "+inf", "\u221E", "-\u221E", "1.#INF"}) {
    const auto frame = frame_of({"1", "2", cell, "4"});
    const auto message = error_of([&] { (void)frame.at("x"); });
    EXPECT_TRUE(has(message, "\"x\"") && has(message, cell) && has(message, "row 3 (line 4)")) << message;
    EXPECT_NO_THROW((void)frame.at("y"));
    EXPECT_TRUE(has(error_of([&] { (void)frame.subset({0, 1}).numeric("x"); }), "infinite"));
  }
  EXPECT_EQ(frame_of({"sup", "inf"}).at("x").levels.size(), 2U);  // superior, inferior
  EXPECT_EQ(notes_of(frame_of({"sup", "inf"})), "");
  EXPECT_FALSE(frame_of({"1e-400", "1"}).at("x").is_factor);
  // Also beside words, where the column is meant to hold numbers.
  EXPECT_TRUE(has(error_of([] { (void)frame_of({"1", "2", "3", "<1", "inf"}).at("x"); }), "row 5 (line 6)"));
}

TEST(StatsDataFrame, DecimalCommas) {
  for (const char separator : {',', ';'}) {
    const auto frame = frame_of({"1,5", "2", "-0,25", "NA", "1,2e3"}, {}, separator);
    EXPECT_EQ(frame.at("x").numbers[0], 1.5);
    EXPECT_EQ(frame.at("x").numbers[2], -0.25);
    EXPECT_EQ(frame.at("x").numbers[4], 1200);
    EXPECT_TRUE(has(notes_of(frame), "decimal commas are read as points")) << notes_of(frame);
    EXPECT_FALSE(has(notes_of(frame), "warning"));
  }
  // A point beside commas, groups of thousands: never guessed.
  for (const auto& cells :
       {std::vector<std::string>{"1,5", "2.5", "3,5"}, {"1,234,567", "1", "2"}, {"1.234,5", "2,5", "3,5"}}) {
    const auto frame = frame_of(cells);
    EXPECT_TRUE(frame.at("x").is_factor) << cells[0];
    EXPECT_TRUE(has(error_of([&] { (void)frame.numeric("x"); }), cells[0])) << cells[0];
  }
  EXPECT_TRUE(has(notes_of(frame_of({"1,5", "2.5", "3.5"})), "is no number: \"1,5\""));
  EXPECT_TRUE(frame_of({"1,234", "2,500"}).at("x").is_factor);
  const auto semicolons = frame_of({"1,234", "2,500"}, {}, ';');  // as R's read.csv2, but told
  EXPECT_EQ(semicolons.at("x").numbers[0], 1.234);
  EXPECT_TRUE(has(notes_of(semicolons), "warning") && has(notes_of(semicolons), "thousands"));
}

TEST(StatsDataFrame, PointsThatMayGroupThousands) {
  EXPECT_EQ(notes_of(frame_of({"1.234", "2.5"}, {}, ';')), "");
  EXPECT_TRUE(has(notes_of(frame_of({"1.234", "2.500"}, {}, ';')), "warning"));
  EXPECT_EQ(notes_of(frame_of({"1.234", "2.500"}, {}, ',')), "");
  const DataFrame both(parse_table("x;y\n1.234;0,5\n2.500;1,5\n", ';', "t"), "t");
  EXPECT_TRUE(has(error_of([&] { (void)both.at("x"); }), "1.234"));
  EXPECT_EQ(both.at("y").numbers[0], 0.5);
}

TEST(StatsDataFrame, WordsAmongNumbersAreTold) {
  std::vector<std::string> cells{"<0.1", "5 years", "\u2265 90"};
  for (int i = 0; i < 20; ++i) cells.push_back(std::to_string(i) + ".5");
  const auto notes = notes_of(frame_of(cells));
  EXPECT_TRUE(has(notes, "warning: column \"x\": 20 of 23 values are numbers, 3 are not numbers")) << notes;
  EXPECT_TRUE(has(notes, "\"<0.1\" (line 2)") && has(notes, "\"5 years\" (line 3)")) << notes;
  std::vector<std::string> years, ids, groups;
  for (int i = 0; i < 20; ++i) {
    years.push_back(std::to_string(40 + i) + " years");
    ids.push_back("P" + std::to_string(i));
    groups.push_back(i % 2 ? "18-29" : "30-39");
  }
  EXPECT_TRUE(has(notes_of(frame_of(years)), "0 of 20 values are numbers"));
  EXPECT_EQ(notes_of(frame_of(ids)), "");
  EXPECT_EQ(notes_of(frame_of(groups)), "");
  EXPECT_EQ(frame_of({"\u22121", "2\u00A0"}).at("x").numbers[0], -1);
  EXPECT_TRUE(has(notes_of(frame_of({"1\u00A0234", "2", "3"})), "\"1 234\""));
  EXPECT_EQ(frame_of({"grade\u00A02", "grade 2"}).at("x").levels.size(), 1U);
}

TEST(StatsDataFrame, ManyNumbersAmongMoreWordsAreTold) {
  std::vector<std::string> cells(60, "pending");
  for (int i = 0; i < 40; ++i) cells.push_back(std::to_string(7 * i));
  EXPECT_TRUE(has(notes_of(frame_of(cells)), "warning: column \"x\": 40 of 100 values are numbers"));
  std::vector<std::string> codes(60, "other");  // a few codes among words are levels
  for (int i = 0; i < 40; ++i) codes.push_back(std::to_string(i % 4));
  EXPECT_FALSE(has(notes_of(frame_of(codes)), "values are numbers"));
}

TEST(StatsDataFrame, LevelsOfJudgedColumnsAreNotTold) {
  const auto frame = frame_of({"dead", "Unknown", "Dead", "alive", "#DIV/0!"});
  std::string judged;
  for (const auto& n : frame.notes({"x"}, {"x"})) judged += n;
  EXPECT_TRUE(has(judged, "#DIV/0!") && !has(judged, "level")) << judged;
  EXPECT_TRUE(has(notes_of(frame), "\"Unknown\" (line 3) is a level of its own"));
  EXPECT_TRUE(has(notes_of(frame), "differ in case"));
}

TEST(StatsDataFrame, ColumnsThatSeemNumeric) {
  const auto seems = [](const std::vector<std::string>& cells) {
    return frame_of(cells).at("x").source->seems_numeric;
  };
  for (const auto& cells : std::vector<std::vector<std::string>>{
           {"1.101,5", "2.101,5"}, {"74 y", "60 y"}, {"<3", "4"}, {"n.d.", "n.d.", "4"}, {"1 234", "12\u00A0345,5"}})
    EXPECT_TRUE(seems(cells)) << cells[0];
  for (const auto& cells : std::vector<std::vector<std::string>>{
           {"2020-01-05", "2020-01-06"}, {"18-29", "30-39"}, {"001_A", "002_B"}, {"Roe", "Doe"}, {"unknown", "-"}})
    EXPECT_FALSE(seems(cells)) << cells[0];
  EXPECT_TRUE(has(error_of([] { (void)frame_of({"1,371", "1,371"}).numeric("x"); }), "thousands without marks"));
  EXPECT_FALSE(has(error_of([] { (void)frame_of({"a", "b"}).numeric("x"); }), "marks"));
}

TEST(StatsDataFrame, SubsetsRememberTheWholeColumn) {
  const auto frame = frame_of({"1", "2", "1"}).subset({0, 2});
  const auto& values = frame.at("x").source->values;
  ASSERT_EQ(values.size(), 2U);
  EXPECT_EQ(values[0].rows, 2U);
  EXPECT_EQ(values[1].text, "2");
}

}  // namespace
}  // namespace gliocast::stats
