// Shapley values beside Python's shap (tests/reference/learn/shapley.py), by hand, and by their axioms; the background
// that stands for a table.
#include "tables.hpp"
#include "test_paths.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/learn/shapley.hpp>

#include <gtest/gtest.h>
#include <compared.hpp>

#include <algorithm>
#include <cmath>
#include <functional>

using namespace gliocast;
using namespace gliocast::learn;

namespace {

using Row = std::vector<double>;

/// Calls `f` with each row of a matrix.
std::function<std::vector<double>(const stats::Matrix&)> by_row(const std::function<double(const Row&)>& f) {
  return [f](const stats::Matrix& rows) {
    std::vector<double> out;
    for (std::size_t r = 0; r < rows.rows; ++r) {
      Row x;
      for (std::size_t c = 0; c < rows.columns; ++c) x.push_back(rows(r, c));
      out.push_back(f(x));
    }
    return out;
  };
}

/// As in shapley.py.
double nonlinear(const Row& x) {
  return std::sin(x[0]) * x[1] + std::exp(-x[2] * x[2]) + x[3] * x[4] * x[5] + std::tanh(x[6] + x[7]) + 0.3 * x[0];
}

stats::Matrix matrix_of(const std::vector<Row>& rows) { return table_of(rows, {}).values; }

Background evenly(const std::vector<Row>& rows) {
  return {matrix_of(rows), Row(rows.size(), 1 / static_cast<double>(rows.size()))};
}

Row normals(std::size_t n, Random& random) {
  Row row(n);
  for (double& v : row) v = random.normal();
  return row;
}

std::vector<Row> normal_rows(std::size_t rows, std::size_t columns, Random& random) {
  std::vector<Row> out;
  for (std::size_t r = 0; r < rows; ++r) out.push_back(normals(columns, random));
  return out;
}

/// A random function of six features: products of pairs and a sine; f(x) does not read x[dummy].
std::function<double(const Row&)> random_function(std::size_t dummy, Random& random) {
  const auto weights = normal_rows(6, 6, random);
  return [weights, dummy](Row x) {
    x[dummy] = 0;
    double sum = 0;
    for (std::size_t a = 0; a < x.size(); ++a)
      for (std::size_t b = 0; b < x.size(); ++b) sum += weights[a][b] * x[a] * x[b];
    return std::sin(sum) + sum / 3 + std::abs(x[0]);
  };
}

void expect_as_shap(const Json& expected, const std::vector<Row>& rows, const Background& background,
                    test_support::Compared& compared) {
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto found = shapley_values(by_row(nonlinear), rows[r], background);
    EXPECT_NEAR(found.base, expected.at("base").at(r).get<double>(), 1e-10);
    compared.add_all(found.values, expected.at("values").at(r), "row " + std::to_string(r));
  }
}

/// Mean of each column of the background, by its weights.
Row mean_of(const Background& b) {
  Row mean(b.rows.columns, 0);
  for (std::size_t c = 0; c < mean.size(); ++c)
    for (std::size_t k = 0; k < b.rows.rows; ++k) mean[c] += b.weights[k] * b.rows(k, c);
  return mean;
}

}  // namespace

TEST(ShapleyOracle, ValuesAreShaps) {
  const Json json = read_json(GLIOCAST_SOURCE_DIR "/tests/reference/learn/shapley.json");
  const auto rows = json.at("rows").get<std::vector<Row>>();
  auto background = evenly(json.at("background").get<std::vector<Row>>());
  test_support::Compared compared(1e-8);
  expect_as_shap(json.at("alike"), rows, background, compared);
  background.weights = json.at("times").get<Row>();
  const double sum = std::accumulate(background.weights.begin(), background.weights.end(), 0.0);
  for (double& w : background.weights) w /= sum;
  expect_as_shap(json.at("weighted"), rows, background, compared);
  compared.print("learn", "Shapley values of a function of eight features", "shap (exact)");
}

TEST(ShapleyOracle, OfASumEachTermIsItsOwn) {
  Random random(3, "shapley", 0);
  const auto rows = normal_rows(7, 5, random);
  const auto background = evenly(rows);
  const auto term = [](std::size_t c, double x) { return std::exp(x) * static_cast<double>(c + 1); };
  const auto sum = by_row([&](const Row& x) {
    double s = 4;
    for (std::size_t c = 0; c < x.size(); ++c) s += term(c, x[c]);
    return s;
  });
  const Row x = normals(5, random);
  const auto found = shapley_values(sum, x, background);
  for (std::size_t c = 0; c < 5; ++c) {
    double mean = 0;
    for (const auto& row : rows) mean += term(c, row[c]) / 7;
    EXPECT_NEAR(found.values[c], term(c, x[c]) - mean, 1e-12);
  }
}

TEST(ShapleyOracle, OfAProductByHand) {
  // v(∅) = 0, v({0}) = v({1}) = 0, v(both) = 6: each has half of it.
  const auto product = by_row([](const Row& x) { return x[0] * x[1]; });
  const auto found = shapley_values(product, {2, 3}, evenly({{0, 0}}));
  EXPECT_EQ(found.base, 0);
  EXPECT_NEAR(found.values[0], 3, 1e-14);
  EXPECT_NEAR(found.values[1], 3, 1e-14);
}

TEST(ShapleyOracle, Axioms) {
  Random random(8, "axioms", 0);
  for (std::size_t draw = 0; draw < 20; ++draw) {
    const std::size_t dummy = 1 + random.below(5);
    const auto f = random_function(dummy, random), g = random_function(dummy, random);
    const auto background = evenly(normal_rows(9, 6, random));
    const Row x = normals(6, random);
    const auto of_f = shapley_values(by_row(f), x, background), of_g = shapley_values(by_row(g), x, background);
    const double total = std::accumulate(of_f.values.begin(), of_f.values.end(), of_f.base);
    EXPECT_NEAR(total, f(x), 1e-10);
    EXPECT_NEAR(of_f.values[dummy], 0, 1e-12);
    const auto of_both = shapley_values(by_row([&](const Row& r) { return 2 * f(r) - g(r); }), x, background);
    for (std::size_t c = 0; c < 6; ++c) EXPECT_NEAR(of_both.values[c], 2 * of_f.values[c] - of_g.values[c], 1e-10);
  }
}

TEST(ShapleyOracle, FeaturesThatPlayTheSamePartHaveTheSameValue) {
  Random random(9, "symmetry", 0);
  const auto f = by_row([](const Row& x) { return std::sin(x[0] + x[2]) * x[1] + x[0] * x[2] * x[3]; });
  auto rows = normal_rows(8, 4, random);
  for (auto& row : rows) row[2] = row[0];
  Row x = normals(4, random);
  x[2] = x[0];
  const auto found = shapley_values(f, x, evenly(rows));
  EXPECT_NEAR(found.values[0], found.values[2], 1e-12);
}

TEST(ShapleyOracle, NoFeatureOneFeatureTooMany) {
  const auto one = by_row([](const Row& x) { return x.empty() ? 2 : x[0]; });
  EXPECT_EQ(shapley_values(one, {5}, evenly({{1}, {2}})).values, (Row{3.5}));
  Background nothing{stats::Matrix(2, 0), {0.5, 0.5}};
  EXPECT_EQ(shapley_values(one, {}, nothing).base, 2);
  EXPECT_THROW((void)shapley_values(one, Row(kMostShapleyFeatures + 1), evenly({Row(kMostShapleyFeatures + 1)})),
               Error);
}

TEST(SummariseRows, KeepsMeansAndWeightsAndIsDeterministic) {
  Random random(4, "rows", 0);
  const auto rows = normal_rows(60, 3, random);
  for (const std::size_t clusters : {1U, 2U, 7U, 32U, 60U, 200U}) {
    const auto b = summarise_rows(matrix_of(rows), clusters, 5);
    EXPECT_LE(b.rows.rows, std::min<std::size_t>(clusters, 60));
    ASSERT_EQ(b.weights.size(), b.rows.rows);
    EXPECT_NEAR(std::accumulate(b.weights.begin(), b.weights.end(), 0.0), 1, 1e-12);
    EXPECT_GT(*std::ranges::min_element(b.weights), 0);
    const Row mean = mean_of(b), whole = mean_of(evenly(rows));
    for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(mean[c], whole[c], 1e-12) << clusters;
    EXPECT_EQ(summarise_rows(matrix_of(rows), clusters, 5).rows.values, b.rows.values);
  }
  EXPECT_EQ(summarise_rows(matrix_of(rows), 60, 5).rows.rows, 60U);
}

TEST(SummariseRows, NoCentreIsOfFewerRowsThanWanted) {
  std::vector<Row> rows(20, Row{0, 0});
  for (std::size_t r = 0; r < rows.size(); ++r)
    rows[r] = {static_cast<double>(r % 2) * 10, static_cast<double>(r) / 50};
  rows.push_back({500, 500});  // a patient unlike all others
  const auto b = summarise_rows(matrix_of(rows), 3, 5, 5);
  EXPECT_EQ(b.rows.rows, 2U);
  for (std::size_t k = 0; k < b.rows.rows; ++k) EXPECT_LT(b.rows(k, 0), 500);
  EXPECT_NEAR(mean_of(b)[0], mean_of(evenly(rows))[0], 1e-12);
  EXPECT_EQ(summarise_rows(matrix_of({{1, 2}, {3, 4}}), 2, 5, 5).weights, (Row{1}));
}

TEST(SummariseRows, FewerDistinctRowsThanClusters) {
  std::vector<Row> rows(9, Row{1, 2});
  rows.resize(12, Row{5, 5});
  const auto b = summarise_rows(matrix_of(rows), 32, 1);
  ASSERT_EQ(b.rows.rows, 2U);
  const std::size_t first = b.rows(0, 0) == 1 ? 0 : 1;
  EXPECT_EQ(b.weights[first], 0.75);
  EXPECT_EQ(b.weights[1 - first], 0.25);
  EXPECT_EQ(b.rows(1 - first, 1), 5);
  EXPECT_EQ(summarise_rows(matrix_of({{1, 2}}), 4, 1).weights, (Row{1}));
  EXPECT_THROW((void)summarise_rows(stats::Matrix(), 4, 1), Error);
  EXPECT_THROW((void)summarise_rows(matrix_of(rows), 0, 1), Error);
}
