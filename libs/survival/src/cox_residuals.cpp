#include <gliocast/survival/cox_residuals.hpp>

#include "cox_likelihood.hpp"
#include "score_rows.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/stats/distributions.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gliocast::survival {
namespace {

/// The likelihood at a fit, on columns centred but not scaled.
struct AtFit {
  RowMatrix x;
  CoxLikelihood likelihood;
  AtFit(const CoxData& data, const CoxFit& fit)
      : x(centred(data, fit)), likelihood(data, fit.ties == Ties::Efron ? Ties::Efron : Ties::Breslow, x) {
    Eigen::VectorXd beta(x.cols());
    for (Eigen::Index c = 0; c < x.cols(); ++c) beta[c] = fit.iterated[static_cast<std::size_t>(c)];
    likelihood.evaluate(beta);
  }
  static RowMatrix centred(const CoxData& data, const CoxFit& fit) {
    RowMatrix x(static_cast<Eigen::Index>(data.x.rows), static_cast<Eigen::Index>(data.x.columns));
    for (std::size_t c = 0; c < data.x.columns; ++c)
      for (std::size_t i = 0; i < data.x.rows; ++i)
        x(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(c)) =
            fit.iterated[c] == 0 ? 0.0 : data.x(i, c) - fit.means[c];
    return x;
  }
};

stats::Matrix to_matrix(const Eigen::MatrixXd& m) {
  stats::Matrix result(static_cast<std::size_t>(m.rows()), static_cast<std::size_t>(m.cols()));
  std::copy(m.data(), m.data() + m.size(), result.values.begin());
  return result;
}

}  // namespace

stats::Matrix score_residuals(const CoxData& data, const CoxFit& fit) {
  if (fit.ties == Ties::Exact)
    throw Error(ExitCode::WrongUse, "score residuals and the robust variance are not defined for exact ties");
  if (data.x.columns == 0) return {data.time.size(), 0};
  const AtFit at(data, fit);
  return to_matrix(score_rows(at.x, at.likelihood));
}

stats::Matrix dfbeta_residuals(const CoxData& data, const CoxFit& fit) {
  const stats::Matrix score = score_residuals(data, fit);
  const auto n = static_cast<Eigen::Index>(score.rows), p = static_cast<Eigen::Index>(score.columns);
  const Eigen::Map<const Eigen::MatrixXd> u(score.values.data(), n, p), v(fit.variance.values.data(), p, p);
  return to_matrix(u * v);
}

std::vector<double> deviance_residuals(const CoxData& data, const CoxFit& fit) {
  std::vector<double> result;
  for (std::size_t i = 0; i < fit.n; ++i) {
    const double m = fit.martingale[i], d = data.event[i] ? 1.0 : 0.0;
    const double inner = -2 * (m + (d > 0 ? std::log(d - m) : 0.0));
    result.push_back((m > 0 ? 1.0 : m < 0 ? -1.0 : 0.0) * std::sqrt(std::max(0.0, inner)));
  }
  return result;
}

SchoenfeldResiduals schoenfeld_residuals(const CoxData& data, const CoxFit& fit) {
  if (fit.ties == Ties::Exact) throw Error(ExitCode::WrongUse, "Schoenfeld residuals are not defined for exact ties");
  const AtFit at(data, fit);
  SchoenfeldResiduals result;
  std::vector<Eigen::RowVectorXd> values;
  for (const auto& e : at.likelihood.event_times()) {
    const Eigen::RowVectorXd mean = event_mean(at.likelihood, e);
    auto rows = e.deaths;
    std::ranges::sort(rows);
    for (const std::size_t row : rows) {
      result.rows.push_back(row);
      values.push_back(at.x.row(static_cast<Eigen::Index>(row)) - mean);
    }
  }
  result.values = stats::Matrix(values.size(), data.x.columns);
  for (std::size_t i = 0; i < values.size(); ++i)
    for (std::size_t c = 0; c < data.x.columns; ++c) result.values(i, c) = values[i][static_cast<Eigen::Index>(c)];
  return result;
}

namespace {

/// 1 − Kaplan–Meier estimate just before each time, of all rows together, without case weights.
std::vector<double> one_minus_survival(const CoxData& data, const std::vector<EventTime>& events) {
  std::vector<double> times;
  for (const auto& e : events) times.push_back(e.time);
  std::ranges::sort(times);
  times.erase(std::unique(times.begin(), times.end()), times.end());
  std::vector<double> stops = data.time, entries = data.entry, deaths, after{1.0};
  std::ranges::sort(stops);
  std::ranges::sort(entries);
  for (std::size_t i = 0; i < data.time.size(); ++i)
    if (data.event[i]) deaths.push_back(data.time[i]);
  std::ranges::sort(deaths);
  for (const double t : times) {
    const double entered = entries.empty()
                               ? static_cast<double>(stops.size())
                               : static_cast<double>(std::ranges::lower_bound(entries, t) - entries.begin());
    const double at_risk = entered - static_cast<double>(std::ranges::lower_bound(stops, t) - stops.begin());
    const auto [first, last] = std::equal_range(deaths.begin(), deaths.end(), t);
    after.push_back(after.back() * (1 - static_cast<double>(last - first) / at_risk));
  }
  std::vector<double> result;
  for (const auto& e : events)
    result.push_back(1 - after[static_cast<std::size_t>(std::ranges::lower_bound(times, e.time) - times.begin())]);
  return result;
}

/// g(t) of each event time, centred at its mean over the events.
std::vector<double> transformed_times(const CoxData& data, const std::vector<EventTime>& events,
                                      TimeTransform transform) {
  std::vector<double> g;
  std::vector<double> sorted = data.time;
  if (transform == TimeTransform::Rank) std::ranges::sort(sorted);
  if (transform == TimeTransform::KaplanMeier) g = one_minus_survival(data, events);
  for (std::size_t i = 0; i < events.size() && transform != TimeTransform::KaplanMeier; ++i) {
    const double t = events[i].time;
    if (transform == TimeTransform::Log && !(t > 0))
      throw unusable_input("log of a time that is not positive", {}, "choose another transform of time");
    const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), t);
    g.push_back(transform == TimeTransform::Identity ? t
                : transform == TimeTransform::Log
                    ? std::log(t)
                    : 0.5 * static_cast<double>((first - sorted.begin()) + 1 + (last - sorted.begin())));
  }
  double sum = 0, n = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto deaths = static_cast<double>(events[i].deaths.size());
    sum += g[i] * deaths;
    n += deaths;
  }
  for (double& v : g) v -= sum / n;
  return g;
}

}  // namespace

ProportionalHazardsTest test_proportional_hazards(const CoxData& data, const CoxFit& fit,
                                                  const std::vector<std::size_t>& term_of_column,
                                                  const std::vector<std::string>& term_labels,
                                                  TimeTransform transform) {
  if (fit.ties == Ties::Exact)
    throw Error(ExitCode::WrongUse, "the test of proportional hazards needs Efron's or Breslow's ties");
  const AtFit at(data, fit);
  const auto& events = at.likelihood.event_times();
  const auto g = transformed_times(data, events, transform);
  std::vector<double> squared;
  for (const double v : g) squared.push_back(v * v);
  const Eigen::MatrixXd i11 = at.likelihood.information(), i12 = at.likelihood.information(g),
                        i22 = at.likelihood.information(squared);
  Eigen::VectorXd u = Eigen::VectorXd::Zero(at.x.cols());
  for (std::size_t k = 0; k < events.size(); ++k) {
    const Eigen::VectorXd mean = event_mean(at.likelihood, events[k]).transpose();
    for (const std::size_t row : events[k].deaths)
      u += g[k] * at.likelihood.weight(row) * (at.x.row(static_cast<Eigen::Index>(row)).transpose() - mean);
  }
  std::vector<Eigen::Index> kept;
  for (std::size_t c = 0; c < fit.coefficients.size(); ++c)
    if (!std::isnan(fit.coefficients[c])) kept.push_back(static_cast<Eigen::Index>(c));
  const auto statistic = [&](const std::vector<Eigen::Index>& columns) {
    const auto p = static_cast<Eigen::Index>(kept.size()), q = static_cast<Eigen::Index>(columns.size());
    Eigen::MatrixXd m(p + q, p + q);
    Eigen::VectorXd right = Eigen::VectorXd::Zero(p + q);
    m.topLeftCorner(p, p) = i11(kept, kept);
    m.topRightCorner(p, q) = i12(kept, columns);
    m.bottomLeftCorner(q, p) = i12(columns, kept);
    m.bottomRightCorner(q, q) = i22(columns, columns);
    right.tail(q) = u(columns);
    // Columns of very different units: scale to a unit diagonal before solving.
    const Eigen::VectorXd scale = m.diagonal().cwiseMax(1e-300).cwiseSqrt().cwiseInverse();
    const Eigen::VectorXd b = scale.cwiseProduct(right);
    return b.dot(ToleranceCholesky(scale.asDiagonal() * m * scale.asDiagonal()).solve(b));
  };
  ProportionalHazardsTest result;
  const auto add = [&](const std::string& label, const std::vector<Eigen::Index>& columns) {
    if (columns.empty()) return;
    const double chi = statistic(columns), df = static_cast<double>(columns.size());
    result.terms.push_back(label);
    result.tests.push_back({chi, df, stats::chi_square_upper(chi, df)});
  };
  for (std::size_t t = 0; t < term_labels.size(); ++t) {
    std::vector<Eigen::Index> columns;
    for (const Eigen::Index c : kept)
      if (term_of_column[static_cast<std::size_t>(c)] == t) columns.push_back(c);
    add(term_labels[t], columns);
  }
  add("GLOBAL", kept);
  return result;
}

std::vector<BaselineHazard> baseline_hazards(const CoxData& data, const CoxFit& fit) {
  const AtFit at(data, fit);
  const auto& likelihood = at.likelihood;
  const double unshift = std::exp(-likelihood.shift());
  int strata = 0;
  for (const int s : data.strata) strata = std::max(strata, s);
  std::vector<BaselineHazard> result(static_cast<std::size_t>(strata) + 1);
  for (std::size_t i = 0; i < data.time.size(); ++i) {
    auto& b = result[data.strata.empty() ? 0 : static_cast<std::size_t>(data.strata[i])];
    b.last_follow_up = std::max(b.last_follow_up, data.time[i]);
  }
  for (std::size_t s = 0; s < result.size(); ++s) {
    BaselineHazard& b = result[s];
    std::vector<const EventTime*> own;
    for (const auto& e : likelihood.event_times())
      if (e.stratum == static_cast<int>(s)) own.push_back(&e);
    b.mean_covariates = stats::Matrix(own.size(), data.x.columns);
    Eigen::RowVectorXd sum = Eigen::RowVectorXd::Zero(at.x.cols());
    double hazard = 0, variance = 0;
    for (std::size_t g = 0; g < own.size(); ++g) {
      const EventTime& e = *own[g];
      hazard += e.hazard * unshift;
      variance += e.variance * unshift * unshift;
      for (std::size_t k = 0; k < e.means; ++k)
        sum += e.weight / static_cast<double>(e.means) / likelihood.denominator(e.first_mean + k) * unshift *
               likelihood.means().row(static_cast<Eigen::Index>(e.first_mean + k));
      b.time.push_back(e.time);
      b.cumulative.push_back(hazard);
      b.variance.push_back(variance);
      for (std::size_t c = 0; c < data.x.columns; ++c) b.mean_covariates(g, c) = sum[static_cast<Eigen::Index>(c)];
    }
  }
  return result;
}

}  // namespace gliocast::survival
