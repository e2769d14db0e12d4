// Solutions meet the conditions of Karush, Kuhn and Tucker; order of rows and number of threads do not matter, rows
// that repeat count as weights.
#include <gliocast/core/random.hpp>
#include <gliocast/learn/elastic_net_cv.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

using namespace gliocast;
using namespace gliocast::learn;

namespace {

struct Example {
  stats::Matrix x;
  std::vector<double> number, label, weights;
};

Example draw(std::size_t n, std::size_t columns, double correlation, std::uint64_t seed) {
  Random random(seed);
  Example e{stats::Matrix(n, columns), {}, {}, {}};
  std::vector<double> shared(n), scale(columns);
  for (double& v : shared) v = random.normal();
  for (double& v : scale) v = std::pow(10, random.uniform(-3, 4));
  std::vector<double> risk(n);
  for (std::size_t c = 0; c < columns; ++c)
    for (std::size_t i = 0; i < n; ++i) {
      const double z = std::sqrt(correlation) * shared[i] + std::sqrt(1 - correlation) * random.normal();
      if (c < 4) risk[i] += c % 2 == 0 ? z : -z;
      e.x(i, c) = scale[c] * (z + 2);
    }
  for (std::size_t i = 0; i < n; ++i) {
    e.number.push_back(100 + 7 * (risk[i] + random.normal()));
    e.label.push_back(random.chance(1 / (1 + std::exp(-risk[i]))) ? 1 : 0);
    e.weights.push_back(random.uniform(0.2, 3));
  }
  return e;
}

/// The largest breach of the conditions, over λ, at a fit of a path.
double breach(const Example& e, const std::vector<double>& y, const ElasticNetOptions& o, const ElasticNetFit& fit) {
  const std::size_t n = e.x.rows;
  const bool linear = o.family == ElasticNetFamily::Linear;
  const auto eta = fit.linear_predictor(e.x);
  std::vector<double> b(e.x.columns), w = o.weights.empty() ? std::vector<double>(n, 1) : o.weights, residual(n);
  for (const auto& [column, coefficient] : fit.coefficients) b[column] = coefficient;
  const double total = std::accumulate(w.begin(), w.end(), 0.0);
  for (double& v : w) v /= total;
  const double mean = std::inner_product(y.begin(), y.end(), w.begin(), 0.0);
  double spread = 0;
  for (std::size_t i = 0; i < n; ++i) {
    residual[i] = w[i] * (y[i] - (linear ? eta[i] : 1 / (1 + std::exp(-eta[i]))));
    spread += w[i] * (y[i] - mean) * (y[i] - mean);
  }
  double worst = std::fabs(std::accumulate(residual.begin(), residual.end(), 0.0));
  for (std::size_t c = 0; c < e.x.columns; ++c) {
    const auto x = e.x.column(c);
    const double centre = std::inner_product(x.begin(), x.end(), w.begin(), 0.0);
    double square = 0, gradient = 0;
    for (std::size_t i = 0; i < n; ++i) {
      square += w[i] * (x[i] - centre) * (x[i] - centre);
      gradient += residual[i] * (x[i] - centre);
    }
    const double sd = std::sqrt(square), g = gradient / sd, standard = b[c] * sd;
    const double ridge = fit.lambda * (1 - o.alpha) * standard / (linear ? std::sqrt(spread) : 1);
    const double lasso = fit.lambda * o.alpha;
    worst = std::max(worst, standard == 0 ? std::max(0.0, std::fabs(g) - lasso)
                                          : std::fabs(g - ridge - std::copysign(lasso, standard)));
  }
  return worst / fit.lambda;
}

constexpr ElasticNetFamily kFamilies[] = {ElasticNetFamily::Linear, ElasticNetFamily::Logistic};

}  // namespace

TEST(ElasticNetInvariant, EveryFitMeetsTheConditionsOfOptimality) {
  std::uint64_t seed = 0;
  for (const auto& [n, columns] : {std::pair{40UL, 15UL}, {60UL, 200UL}, {25UL, 120UL}, {200UL, 5UL}})
    for (const double correlation : {0.0, 0.6, 0.95})
      for (const double alpha : {1.0, 0.5, 0.05})
        for (const auto family : kFamilies) {
          const auto e = draw(n, columns, correlation, ++seed);
          const auto& y = family == ElasticNetFamily::Linear ? e.number : e.label;
          ElasticNetOptions o{.family = family, .alpha = alpha, .lambdas = 20, .tolerance = 1e-20};
          if (seed % 3 == 0) o.weights = e.weights;
          const auto path = fit_elastic_net(e.x, y, o);
          EXPECT_TRUE(path.converged) << seed;
          ASSERT_FALSE(path.fits.empty());
          for (const auto& fit : path.fits) EXPECT_LT(breach(e, y, o, fit), 1e-6) << seed << " at " << fit.lambda;
        }
}

TEST(ElasticNetInvariant, PathsStartAtZeroAndExplainMoreAndMore) {
  for (const auto family : kFamilies) {
    const auto e = draw(80, 30, 0.5, 77);
    const auto path = fit_elastic_net(e.x, family == ElasticNetFamily::Linear ? e.number : e.label, {.family = family});
    EXPECT_TRUE(path.fits.front().coefficients.empty());
    EXPECT_EQ(path.fits[1].coefficients.size(), 1U);
    for (std::size_t m = 1; m < path.fits.size(); ++m)
      EXPECT_GT(path.fits[m].deviance_ratio, path.fits[m - 1].deviance_ratio);
  }
}

TEST(ElasticNetInvariant, OrderOfRowsDoesNotMatterAndRepeatedRowsAreWeights) {
  for (const auto family : kFamilies) {
    const auto e = draw(50, 80, 0.4, 5);
    const auto& y = family == ElasticNetFamily::Linear ? e.number : e.label;
    ElasticNetOptions o{.family = family, .alpha = 0.8, .lambdas = 12, .tolerance = 1e-20};
    Random random(3);
    stats::Rows rows;
    std::vector<double> counts(50);
    for (std::size_t k = 0; k < 70; ++k) rows.push_back(random.below(50));
    for (const std::size_t r : rows) ++counts[r];
    auto turned = rows;
    std::ranges::reverse(turned);
    const auto repeated = fit_elastic_net(e.x, y, rows, o), reversed = fit_elastic_net(e.x, y, turned, o);
    o.lambda = repeated.lambda();
    o.weights = counts;
    const auto weighted = fit_elastic_net(e.x, y, o);
    ASSERT_EQ(repeated.fits.size(), reversed.fits.size());
    for (std::size_t m = 0; m < repeated.fits.size(); ++m) {
      const auto a = repeated.fits[m].linear_predictor(e.x), b = reversed.fits[m].linear_predictor(e.x),
                 c = weighted.fits[m].linear_predictor(e.x);
      for (std::size_t i = 0; i < a.size(); ++i) {
        EXPECT_NEAR(a[i], b[i], 1e-7 * std::max(1.0, std::fabs(a[i])));
        EXPECT_NEAR(a[i], c[i], 1e-7 * std::max(1.0, std::fabs(a[i])));
      }
    }
  }
}

TEST(ElasticNetInvariant, PenaltyFactorsFreeAndLeaveOutColumns) {
  const auto e = draw(60, 8, 0.2, 9);
  ElasticNetOptions o{.penalties = {1, 1, 1, 1, 0, std::numeric_limits<double>::infinity(), 1, 1}};
  const auto path = fit_elastic_net(e.x, e.label, o);
  for (const auto& fit : path.fits) {
    const auto has = [&](std::size_t column) {
      return std::ranges::find(fit.coefficients, column, &std::pair<std::size_t, double>::first) !=
             fit.coefficients.end();
    };
    EXPECT_TRUE(has(4));
    EXPECT_FALSE(has(5));
  }
}

TEST(ElasticNetInvariant, CrossValidationIsTheSameOnAnyNumberOfThreads) {
  const auto e = draw(90, 60, 0.5, 21);
  stats::Rows rows(90);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  std::vector<std::size_t> fold(90);
  for (std::size_t i = 0; i < fold.size(); ++i) fold[i] = i % 5;
  for (const auto measure : {NetMeasure::Deviance, NetMeasure::SquaredError, NetMeasure::Auc}) {
    const auto one = cross_validate_elastic_net(e.x, e.label, rows, fold, {}, measure, 1);
    for (const std::size_t threads : {2UL, 3UL}) {
      const auto more = cross_validate_elastic_net(e.x, e.label, rows, fold, {}, measure, threads);
      EXPECT_EQ(one.mean, more.mean);
      EXPECT_EQ(one.error, more.error);
      EXPECT_EQ(one.best, more.best);
      EXPECT_EQ(one.within_error, more.within_error);
    }
    EXPECT_LE(one.within_error, one.best);
  }
}
