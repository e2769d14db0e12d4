// Formulas, design matrices, splines, round numbers and tests of groups as R has them (tests/reference/stats).
#include "test_paths.hpp"

#include <gliocast/core/files.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/stats/design_matrix.hpp>
#include <gliocast/stats/group_tests.hpp>
#include <gliocast/stats/pretty.hpp>
#include <gliocast/stats/spline.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

using namespace gliocast;
using namespace gliocast::stats;

namespace {

const Json& reference() {
  static const Json json = read_json(GLIOCAST_SOURCE_DIR "/tests/reference/stats/expected_design.json");
  return json;
}

std::string cell_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : shortest(value.get<double>());
}

/// The reference's table, read as a file of text would be.
DataFrame reference_frame() {
  TextTable table;
  const Json& columns = reference().at("table");
  for (const auto& [name, values] : columns.items()) {
    table.columns.push_back(name);
    table.rows.resize(values.size());
    for (std::size_t r = 0; r < values.size(); ++r) table.rows[r].push_back(cell_of(values[r]));
  }
  return DataFrame(table, "reference");
}

std::vector<double> numbers_of(const Json& list) {
  std::vector<double> values;
  for (const auto& v : list) values.push_back(v.is_null() ? NAN : v.get<double>());
  return values;
}

void expect_near(double value, double expected, double tolerance, const std::string& what) {
  if (std::isnan(expected))
    EXPECT_TRUE(std::isnan(value)) << what;
  else
    EXPECT_NEAR(value, expected, tolerance * std::max(1.0, std::abs(expected))) << what;
}

std::vector<std::size_t> all_rows(std::size_t n) {
  std::vector<std::size_t> rows(n);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

}  // namespace

TEST(DesignOracle, TermsAndColumnsAsR) {
  const DataFrame frame = reference_frame();
  std::size_t models = 0;
  for (const auto& m : reference().at("models")) {
    const auto text = m.at("formula").get<std::string>();
    const DesignSpecification design(parse_formula(text), frame, all_rows(frame.rows()));
    EXPECT_EQ(design.term_labels(), m.at("terms").get<std::vector<std::string>>()) << text;
    ASSERT_EQ(design.names(), m.at("columns").get<std::vector<std::string>>()) << text;
    const Matrix x = design.matrix(frame);
    ASSERT_EQ(x.rows, frame.rows());
    for (std::size_t c = 0; c < x.columns; ++c) {
      const auto expected = numbers_of(m.at("values")[c]);
      for (std::size_t r = 0; r < x.rows; ++r)
        expect_near(x(r, c), expected[r], 1e-12, text + ", " + design.names()[c]);
    }
    ++models;
  }
  EXPECT_GE(models, 19U);
}

TEST(DesignOracle, AFileKeepsTheDesign) {
  const DataFrame frame = reference_frame();
  for (const auto& m : reference().at("models")) {
    const DesignSpecification design(parse_formula(m.at("formula").get<std::string>()), frame, all_rows(frame.rows()));
    const auto again = DesignSpecification::from_json(Json::parse(design.to_json().dump()));
    EXPECT_EQ(again.names(), design.names());
    EXPECT_EQ(again.term_of_column(), design.term_of_column());
    EXPECT_EQ(again.matrix(frame).values, design.matrix(frame).values);
  }
}

TEST(SplineOracle, KnotsAndTermsAsHmisc) {
  for (const auto& s : reference().at("splines")) {
    const auto values = numbers_of(s.at("values")), expected = numbers_of(s.at("knots")), at = numbers_of(s.at("at"));
    const auto knots = spline_knots(values, s.at("k").get<std::size_t>(), "x");
    ASSERT_EQ(knots.size(), expected.size()) << s.dump();
    for (std::size_t k = 0; k < knots.size(); ++k) expect_near(knots[k], expected[k], 1e-12, s.dump());
    for (std::size_t i = 0; i < at.size(); ++i) {
      const auto terms = spline_terms(at[i], knots), wanted = numbers_of(s.at("terms")[i]);
      ASSERT_EQ(terms.size(), wanted.size());
      for (std::size_t t = 0; t < terms.size(); ++t) expect_near(terms[t], wanted[t], 1e-11, s.dump());
    }
  }
}

TEST(PrettyOracle, RoundNumbersAsR) {
  for (const auto& p : reference().at("pretty")) {
    const auto expected = numbers_of(p.at("values"));
    const auto values = pretty(p.at("low").get<double>(), p.at("high").get<double>(), p.at("intervals").get<int>());
    ASSERT_EQ(values.size(), expected.size()) << p.dump();
    for (std::size_t i = 0; i < values.size(); ++i)
      EXPECT_NEAR(values[i], expected[i], 1e-9 * std::max(std::abs(expected[i]), std::abs(expected.back())))
          << p.dump();
  }
}

TEST(PrettyOracle, TicksLieWithinTheRange) {
  EXPECT_EQ(round_ticks(0, 1022, 6), (std::vector<double>{0, 200, 400, 600, 800, 1000}));
  EXPECT_EQ(round_ticks(-0.3, 10, 5), (std::vector<double>{0, 5, 10}));
  // 0.3 / 0.1 is 2.9999999999999996: an end that misses a tick by rounding has it.
  EXPECT_EQ(round_ticks(0, 0.3, 3).size(), 4U);
}

TEST(GroupTestsOracle, MannWhitneyAsR) {
  for (const auto& c : reference().at("mann_whitney")) {
    const auto test = mann_whitney(numbers_of(c.at("a")), numbers_of(c.at("b")));
    EXPECT_NEAR(test.statistic, c.at("statistic").get<double>(), 1e-12) << c.dump();
    expect_near(test.p, c.at("p").get<double>(), 1e-10, c.dump());
  }
  // By hand: of the 35 ways to place 3 ranks among 7, the two most extreme ones on either side: U = 12 and 0.
  EXPECT_NEAR(mann_whitney({5, 6, 7}, {1, 2, 3, 4}).p, 2.0 / 35, 1e-14);
  EXPECT_EQ(mid_ranks({3, 1, 3, 2}), (std::vector<double>{3.5, 1, 3.5, 2}));
  EXPECT_TRUE(std::isnan(mann_whitney({}, {1}).p));
}

TEST(GroupTestsOracle, KruskalWallisAsR) {
  for (const auto& c : reference().at("kruskal_wallis")) {
    std::vector<std::vector<double>> groups;
    for (const auto& g : c.at("groups")) groups.push_back(numbers_of(g));
    const auto test = kruskal_wallis(groups);
    EXPECT_NEAR(test.statistic, c.at("statistic").get<double>(), 1e-10) << c.dump();
    EXPECT_EQ(test.df, c.at("df").get<double>());
    expect_near(test.p, c.at("p").get<double>(), 1e-10, c.dump());
  }
}

TEST(GroupTestsOracle, ChiSquareAsR) {
  for (const auto& c : reference().at("chi_square")) {
    const auto table = c.at("table").get<Counts>();
    const auto test = chi_square(table);
    expect_near(test.statistic, c.at("statistic").get<double>(), 1e-12, c.dump());
    EXPECT_EQ(test.df, c.at("df").get<double>());
    expect_near(test.p, c.at("p").get<double>(), 1e-12, c.dump());
    EXPECT_NEAR(smallest_expected(table), c.at("expected").get<double>(), 1e-12);
  }
  EXPECT_EQ(without_empty({{0, 0, 0}, {1, 0, 2}}), (Counts{{1, 2}}));
  EXPECT_TRUE(std::isnan(chi_square({{1, 2}, {0, 0}}).p));
}
