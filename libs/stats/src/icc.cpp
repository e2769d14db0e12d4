#include <gliocast/stats/icc.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/stats/distributions.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace gliocast::stats {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct MeanSquares {
  double n, k, between, within, raters, error;
};

constexpr double kRounding =
    1e-28;  // of a sum of squares that is 0 but for rounding, relative to the squares of the ratings

/// Sums of squares by the deviations themselves, so that agreement without a rest gives 0 and not what rounding leaves.
MeanSquares mean_squares(const Matrix& x) {
  const double n = static_cast<double>(x.rows), k = static_cast<double>(x.columns);
  std::vector<long double> subject_sum(x.rows, 0), rater_sum(x.columns, 0);
  long double sum = 0;
  double squares = 0, between = 0, raters = 0, within = 0, error = 0;
  for (std::size_t j = 0; j < x.columns; ++j)
    for (std::size_t i = 0; i < x.rows; ++i) {
      subject_sum[i] += x(i, j);
      rater_sum[j] += x(i, j);
      sum += x(i, j);
      squares += x(i, j) * x(i, j);
    }
  const double mean = static_cast<double>(sum / x.rows / x.columns);
  std::vector<double> subject, rater;
  for (const long double s : subject_sum) subject.push_back(static_cast<double>(s / x.columns));
  for (const long double s : rater_sum) rater.push_back(static_cast<double>(s / x.rows));
  for (const double s : subject) between += k * (s - mean) * (s - mean);
  for (const double r : rater) raters += n * (r - mean) * (r - mean);
  for (std::size_t j = 0; j < x.columns; ++j)
    for (std::size_t i = 0; i < x.rows; ++i) {
      const double d = x(i, j) - subject[i], e = d - rater[j] + mean;
      within += d * d;
      error += e * e;
    }
  for (double* part : {&between, &raters, &within, &error})
    if (*part <= kRounding * squares) *part = 0;
  return {n, k, between / (n - 1), within / (n * (k - 1)), raters / (k - 1), error / ((n - 1) * (k - 1))};
}

struct Limits {
  double low, high;
};
/// Limits of a single rating's ICC of the one-way or mixed model from its F.
Limits from_f(double f, double df1, double df2, double k, double level) {
  if (std::isinf(f)) return {1, 1};  // no rest: the limit of both as F grows
  const double q = 0.5 + level / 2, low = f / f_quantile(q, df1, df2), high = f * f_quantile(q, df2, df1);
  return {(low - 1) / (low + k - 1), (high - 1) / (high + k - 1)};
}

/// The limits of two_way_random where raters differ by constants only: v goes to k − 1 as the error goes to 0.
Limits raters_apart(const MeanSquares& m, double level) {
  const double q = 0.5 + level / 2, fu = f_quantile(q, m.n - 1, m.k - 1), fl = f_quantile(q, m.k - 1, m.n - 1);
  const double c = m.k * m.raters;
  return {m.n * m.between / (fu * c + m.n * m.between), m.n * fl * m.between / (c + m.n * fl * m.between)};
}

Limits two_way_random(const MeanSquares& m, double icc, double level) {
  if (m.error == 0 && m.raters == 0) return {m.between > 0 ? 1 : kNaN, m.between > 0 ? 1 : kNaN};
  if (m.error == 0) return raters_apart(m, level);
  const double fj = m.raters / m.error, b = m.n * (1 + (m.k - 1) * icc) - m.k * icc, a = m.k * icc * fj;
  const double v = (m.k - 1) * (m.n - 1) * (a + b) * (a + b) / ((m.n - 1) * a * a + b * b);
  const double q = 0.5 + level / 2, fu = f_quantile(q, m.n - 1, v), fl = f_quantile(q, v, m.n - 1),
               c = m.k * m.raters + (m.k * m.n - m.k - m.n) * m.error;
  return {m.n * (m.between - fu * m.error) / (fu * c + m.n * m.between),
          m.n * (fl * m.between - m.error) / (c + m.n * fl * m.between)};
}

/// Spearman–Brown: reliability of the mean of k ratings from that of one.
double of_mean(double icc, double k) { return icc * k / (1 + icc * (k - 1)); }

/// The estimates of the six types, in their order.
std::array<double, 6> estimates(const MeanSquares& m) {
  const double apart = (m.raters - m.error) / m.n;
  return {(m.between - m.within) / (m.between + (m.k - 1) * m.within),
          (m.between - m.error) / (m.between + (m.k - 1) * m.error + m.k * (m.raters - m.error) / m.n),
          (m.between - m.error) / (m.between + (m.k - 1) * m.error),
          (m.between - m.within) / m.between,
          (m.between - m.error) / (m.between + apart),
          (m.between - m.error) / m.between};
}

void need_two(const Matrix& ratings) {
  if (ratings.rows < 2 || ratings.columns < 2)
    throw unusable_input("an ICC needs at least two subjects and two raters, not " + std::to_string(ratings.rows) +
                         " and " + std::to_string(ratings.columns));
}

}  // namespace

const std::vector<std::string>& icc_types() {
  static const std::vector<std::string> types{"ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)"};
  return types;
}

double intraclass_correlation(const Matrix& ratings, const std::string& type) {
  need_two(ratings);
  const auto at = std::ranges::find(icc_types(), type);
  if (at == icc_types().end()) throw unusable_input("there is no " + type);
  return estimates(mean_squares(ratings))[static_cast<std::size_t>(at - icc_types().begin())];
}

std::vector<IntraclassCorrelation> intraclass_correlations(const Matrix& ratings, double level) {
  need_two(ratings);
  const MeanSquares m = mean_squares(ratings);
  const double df_between = m.n - 1, df_within = m.n * (m.k - 1), df_error = (m.n - 1) * (m.k - 1);
  const double f1 = m.between / m.within, f3 = m.between / m.error;
  const auto [icc1, icc2, icc3, mean1, mean2, mean3] = estimates(m);
  const Limits l1 = from_f(f1, df_between, df_within, m.k, level), l2 = two_way_random(m, icc2, level),
               l3 = from_f(f3, df_between, df_error, m.k, level);
  const TestResult test1{f1, df_between, f_upper(f1, df_between, df_within)},
      test3{f3, df_between, f_upper(f3, df_between, df_error)};
  const auto single = [&](double icc, const Limits& l) { return Estimate{icc, kNaN, l.low, l.high, level}; };
  const auto mean = [&](double icc, const Limits& l) {
    return Estimate{icc, kNaN, of_mean(l.low, m.k), of_mean(l.high, m.k), level};
  };
  return {
      {icc_types()[0], "one-way random, single rating", single(icc1, l1), test1, df_within},
      {icc_types()[1], "two-way random, agreement, single rating", single(icc2, l2), test3, df_error},
      {icc_types()[2], "two-way mixed, consistency, single rating", single(icc3, l3), test3, df_error},
      {icc_types()[3], "one-way random, mean of k ratings", mean(mean1, l1), test1, df_within},
      {icc_types()[4], "two-way random, agreement, mean of k ratings", mean(mean2, l2), test3, df_error},
      {icc_types()[5], "two-way mixed, consistency, mean of k ratings", mean(mean3, l3), test3, df_error},
  };
}

}  // namespace gliocast::stats
