#include "penalised_doubts.hpp"

#include <gliocast/analysis/cells.hpp>
#include <gliocast/core/text.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace gliocast::analysis {
namespace {

constexpr std::size_t kLeastEvents = 10;  // a coefficient (Peduzzi et al. 1995)
constexpr double kBeyondBelief = 5;       // a coefficient of a standard deviation: a hazard ratio of 148
constexpr double kDependent = 1e-7;       // of a column's length, what the others leave of it
constexpr double kAlike = 1e-10;          // of 1 less a correlation
constexpr double kNothing = 1e-6;         // of the path's largest λ
constexpr std::size_t kMostNamed = 5;

using Named = std::vector<std::string>;

/// Strata by their rows, latest first.
std::vector<std::vector<std::size_t>> rows_by_stratum(const survival::CoxData& data) {
  std::vector<std::vector<std::size_t>> strata(1);
  for (std::size_t i = 0; i < data.time.size(); ++i) {
    const std::size_t s = data.strata.empty() ? 0 : static_cast<std::size_t>(data.strata[i]);
    if (s >= strata.size()) strata.resize(s + 1);
    strata[s].push_back(i);
  }
  for (auto& rows : strata)
    std::ranges::stable_sort(rows, [&](std::size_t a, std::size_t b) { return data.time[a] > data.time[b]; });
  return strata;
}

/// Whether each event has the column's highest value (`sign` −1: lowest) among those at risk, and some at risk a lower
/// one: the partial likelihood then grows without limit in the column's coefficient.
bool separates(const survival::CoxData& data, const std::vector<std::vector<std::size_t>>& strata, std::size_t column,
               double sign) {
  const auto x = data.x.column(column);
  bool differs = false;
  for (const auto& rows : strata)
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const std::size_t event = rows[k];
      if (!data.event[event]) continue;
      for (std::size_t r = 0; r < rows.size() && data.time[rows[r]] >= data.time[event]; ++r) {
        if (!data.entry.empty() && !(data.entry[rows[r]] < data.time[event])) continue;
        const double less = sign * (x[event] - x[rows[r]]);
        if (less < 0) return false;
        differs = differs || less > 0;
      }
    }
  return differs;
}

/// A column less its mean, of length 1.
std::vector<double> unit(const stats::Matrix& x, std::size_t column) {
  const auto values = x.column(column);
  std::vector<double> u(values.begin(), values.end());
  const double mean = std::accumulate(u.begin(), u.end(), 0.0) / static_cast<double>(u.size());
  for (double& v : u) v -= mean;
  const double length = std::sqrt(std::inner_product(u.begin(), u.end(), u.begin(), 0.0));
  for (double& v : u) v = length > 0 ? v / length : 0;
  return u;
}

/// Those of these columns that follow from the ones before (modified Gram–Schmidt).
std::vector<std::size_t> dependent(const stats::Matrix& x, const std::vector<std::size_t>& columns) {
  std::vector<std::vector<double>> basis;
  std::vector<std::size_t> result;
  for (const std::size_t c : columns) {
    auto u = unit(x, c);
    for (const auto& b : basis) {
      const double along = std::inner_product(u.begin(), u.end(), b.begin(), 0.0);
      for (std::size_t i = 0; i < u.size(); ++i) u[i] -= along * b[i];
    }
    const double left = std::sqrt(std::inner_product(u.begin(), u.end(), u.begin(), 0.0));
    if (left <= kDependent) {
      result.push_back(c);
      continue;
    }
    for (double& v : u) v /= left;
    basis.push_back(std::move(u));
  }
  return result;
}

/// Columns without a coefficient that are another's double, with that one.
Named doubles(const survival::CoxData& data, const learn::ElasticNetFit& fit, const std::vector<double>& scale) {
  Named result;
  std::set<std::size_t> kept;
  for (const auto& [column, b] : fit.coefficients) kept.insert(column);
  for (const std::size_t k : kept) {
    const auto u = unit(data.x, k);
    for (std::size_t c = 0; c < data.names.size(); ++c) {
      if (kept.contains(c) || scale[c] == 0) continue;
      const auto v = unit(data.x, c);
      if (1 - std::fabs(std::inner_product(u.begin(), u.end(), v.begin(), 0.0)) < kAlike)
        result.push_back("\"" + data.names[c] + "\" as \"" + data.names[k] + "\"");
    }
  }
  return result;
}

void tell_few_events(const survival::CoxAnalysis& a, std::size_t free_columns, std::vector<std::string>& doubts) {
  const std::string events = std::to_string(a.used.events) + (a.used.events == 1 ? " event" : " events") + " among " +
                             std::to_string(a.data.time.size()) + " rows";
  if (a.used.events < kLeastEvents)
    doubts.push_back(events +
                     ": fewer than 10 are too few even for one coefficient; what is chosen and how large it "
                     "is are chance, whatever lambda");
  else if (a.used.events < kLeastEvents * free_columns)
    doubts.push_back(events + " for " + std::to_string(free_columns) +
                     " coefficients that are not penalised: fewer than 10 events a coefficient; penalise them, or "
                     "take fewer");
}

void tell_separation(const survival::CoxData& data, const learn::ElasticNetPath& path, const learn::ElasticNetFit& fit,
                     const std::vector<char>& free, std::vector<std::string>& doubts) {
  const auto strata = rows_by_stratum(data);
  Named held, infinite, large;
  for (const auto& [c, b] : fit.coefficients) {
    const std::string name = "\"" + data.names[c] + "\"";
    if (separates(data, strata, c, b > 0 ? 1 : -1))
      (free[c] ? infinite : held).push_back(name);
    else if (std::fabs(b) * path.scale[c] > kBeyondBelief)
      large.push_back(name + " (hazard ratio " + cell(std::exp(std::fabs(b) * path.scale[c])) +
                      " a standard deviation)");
  }
  if (!infinite.empty())
    doubts.push_back(
        "separation by " + listed(infinite, kMostNamed) +
        ": each event has the most extreme value of those at risk, so that the coefficient is infinite and "
        "its number means nothing; penalise it (--lambda above 0), or leave it out");
  if (!held.empty())
    doubts.push_back("separation by " + listed(held, kMostNamed) +
                     ": each event has the most extreme value of those at risk; without the penalty the coefficient is "
                     "infinite, and lambda alone sets its size: do not read its hazard ratio");
  if (!large.empty())
    doubts.push_back(
        "beyond belief: " + listed(large, kMostNamed) +
        "; these columns together separate the events, or nearly: take a larger --lambda or fewer columns");
}

void tell_collinear(const survival::CoxData& data, const learn::ElasticNetPath& path, const learn::ElasticNetFit& fit,
                    double alpha, const std::vector<char>& free, std::vector<std::string>& doubts) {
  std::vector<std::size_t> columns;
  for (std::size_t c = 0; c < free.size(); ++c)
    if (free[c] && path.scale[c] > 0) columns.push_back(c);
  Named follow;
  for (const std::size_t c : dependent(data.x, columns)) follow.push_back("\"" + data.names[c] + "\"");
  if (!follow.empty())
    doubts.push_back("collinear without a penalty: " + listed(follow, kMostNamed) +
                     (follow.size() == 1 ? " follows" : " follow") +
                     " from the other columns, and how they share an effect is arbitrary; take a --lambda above 0 with "
                     "--alpha below 1, or leave columns out");
  if (alpha < 1 || !follow.empty()) return;
  const Named alike = doubles(data, fit, path.scale);
  if (!alike.empty())
    doubts.push_back("columns alike: " + listed(alike, kMostNamed) +
                     " (correlation 1 or -1); the lasso takes one of them by their order, and which means nothing; "
                     "--alpha below 1 shares the coefficient");
}

}  // namespace

std::vector<std::string> penalised_doubts(const survival::CoxAnalysis& a, const learn::ElasticNetPath& path,
                                          std::size_t at, double alpha, const std::vector<double>& factors) {
  const auto& fit = path.fits[at];
  std::vector<char> free;
  for (std::size_t c = 0; c < a.data.names.size(); ++c)
    free.push_back((factors.empty() ? 1 : factors[c]) * fit.lambda <= kNothing * path.fits.front().lambda ? 1 : 0);
  std::vector<std::string> doubts;
  tell_few_events(a, static_cast<std::size_t>(std::ranges::count(free, 1)), doubts);
  tell_separation(a.data, path, fit, free, doubts);
  tell_collinear(a.data, path, fit, alpha, free, doubts);
  return doubts;
}

}  // namespace gliocast::analysis
