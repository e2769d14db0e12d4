#include <gliocast/learn/correlation.hpp>

#include "columns.hpp"
#include "function_learner.hpp"
#include "step_entry.hpp"

#include <gliocast/learn/selection.hpp>
#include <gliocast/learn/step_options.hpp>
#include <gliocast/stats/group_tests.hpp>

#include <algorithm>
#include <cmath>
#include <Eigen/Core>
#include <numeric>

namespace gliocast::learn {
namespace {

constexpr double kRounding = 1e-12;  // of an r: equal columns reach a threshold of 1

/// The column to mean 0 and length 1, or zeros where it is constant; missing cells 0.
void normalise(const std::vector<double>& cells, CorrelationKind kind, double* to) {
  std::vector<double> present;
  for (const double v : cells)
    if (usable(v)) present.push_back(v);
  if (present.size() < 2 || moments(present, 0).constant()) return;
  if (kind == CorrelationKind::Spearman) present = stats::mid_ranks(present);
  const Moments m = moments(present, 0);
  const double length = m.sd * std::sqrt(static_cast<double>(present.size()));
  std::size_t next = 0;
  for (std::size_t i = 0; i < cells.size(); ++i)
    if (usable(cells[i])) to[i] = (present[next++] - m.mean) / length;
}

/// Mean |r| of each column: over all of them, as caret's colMeans, its own 1 among them.
std::vector<double> mean_correlations(const stats::Matrix& r) {
  std::vector<double> means;
  for (std::size_t c = 0; c < r.columns; ++c) {
    const auto column = r.column(c);
    means.push_back(std::accumulate(column.begin(), column.end(), 0.0) / static_cast<double>(r.rows));
  }
  return means;
}

std::vector<bool> drop_later(const stats::Matrix& r, double threshold) {
  std::vector<bool> dropped(r.columns, false);
  for (std::size_t i = 0; i < r.columns; ++i)
    for (std::size_t j = i + 1; j < r.columns && !dropped[i]; ++j)
      if (r(j, i) >= threshold) dropped[j] = true;
  return dropped;
}

std::vector<bool> drop_by_mean(const stats::Matrix& r, double threshold) {
  std::vector<bool> dropped(r.columns, false);
  const auto means = mean_correlations(r);
  for (std::size_t i = 0; i < r.columns; ++i)
    for (std::size_t j = i + 1; j < r.columns; ++j)
      if (r(j, i) >= threshold) dropped[means[j] > means[i] ? j : i] = true;
  return dropped;
}

std::vector<bool> drop_by_mean_anew(const stats::Matrix& r, double threshold) {
  const auto means = mean_correlations(r);
  std::vector<std::size_t> order(r.columns);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return means[a] > means[b]; });
  std::vector<bool> dropped(r.columns, false);
  std::vector<double> sums;  // of |r| to the others that remain
  for (const double m : means) sums.push_back(m * static_cast<double>(r.rows) - 1);
  double total = std::accumulate(sums.begin(), sums.end(), 0.0);
  auto left = static_cast<double>(r.columns);
  for (std::size_t a = 0; a < order.size(); ++a) {
    const std::size_t i = order[a];
    for (std::size_t b = a + 1; b < order.size() && !dropped[i]; ++b) {
      const std::size_t j = order[b];
      if (dropped[j] || r(j, i) < threshold) continue;
      // Of i to the others that remain, against that of all but j.
      const double own = sums[i] / (left - 1), rest = (total - sums[j]) / ((left - 1) * (left - 1));
      const std::size_t gone = own > rest ? i : j;
      dropped[gone] = true;
      total -= 2 * sums[gone];
      left -= 1;
      for (std::size_t k = 0; k < r.columns; ++k) sums[k] -= k == gone ? 0 : r(k, gone);
    }
  }
  return dropped;
}

struct CorrelationOptions {
  double threshold = 0.9;
  std::string kind = "pearson", drop = "mean";
};

CorrelationOptions options_of(const Json& json) {
  StepOptions o("correlation", json);
  CorrelationOptions c;
  c.threshold = o.number("threshold", c.threshold, 0, 1);
  c.kind = o.choice("kind", c.kind, {"pearson", "spearman"});
  c.drop = o.choice("drop", c.drop, {"mean", "mean-exact", "later"});
  o.finish();
  return c;
}

std::shared_ptr<const FeatureModel> fit(const FeatureTable& table, const Rows& rows, const CorrelationOptions& o) {
  const auto r = absolute_correlations(table.values, rows,
                                       o.kind == "pearson" ? CorrelationKind::Pearson : CorrelationKind::Spearman);
  const auto drop = o.drop == "mean"         ? CorrelationDrop::MeanFast
                    : o.drop == "mean-exact" ? CorrelationDrop::MeanExact
                                             : CorrelationDrop::Later;
  std::vector<bool> passes(r.columns, true);
  for (const std::size_t c : correlated_columns(r, o.threshold, drop)) passes[c] = false;
  return keep_passing(passes, mean_correlations(r), "correlation");
}

}  // namespace

stats::Matrix absolute_correlations(const stats::Matrix& values, const Rows& rows, CorrelationKind kind) {
  const auto n = static_cast<Eigen::Index>(rows.size()), p = static_cast<Eigen::Index>(values.columns);
  Eigen::MatrixXd z = Eigen::MatrixXd::Zero(n, p);
  std::vector<double> cells;
  for (Eigen::Index c = 0; c < p; ++c) {
    take_rows(values.column(static_cast<std::size_t>(c)), rows, cells);
    normalise(cells, kind, z.col(c).data());
  }
  stats::Matrix r(values.columns, values.columns);
  Eigen::Map<Eigen::MatrixXd> out(r.values.data(), p, p);
  out.selfadjointView<Eigen::Lower>().rankUpdate(z.transpose());
  out = out.cwiseAbs().cwiseMin(1.0);
  out.triangularView<Eigen::StrictlyUpper>() = out.transpose();
  out.diagonal().setOnes();
  return r;
}

std::vector<std::size_t> correlated_columns(const stats::Matrix& r, double threshold, CorrelationDrop drop) {
  const double reached = threshold - kRounding;
  const auto dropped = drop == CorrelationDrop::Later      ? drop_later(r, reached)
                       : drop == CorrelationDrop::MeanFast ? drop_by_mean(r, reached)
                                                           : drop_by_mean_anew(r, reached);
  std::vector<std::size_t> columns;
  for (std::size_t c = 0; c < dropped.size(); ++c)
    if (dropped[c]) columns.push_back(c);
  return columns;
}

StepEntry correlation_entry() {
  return {
      "correlation", "drops one of every two features that correlate strongly",
      [](const Json& json) {
        const auto options = options_of(json);
        return std::make_shared<FunctionLearner>(
            "correlation", Json{{"threshold", options.threshold}, {"kind", options.kind}, {"drop", options.drop}},
            [options](const FeatureTable& t, const Rows& rows, const FitContext&) { return fit(t, rows, options); });
      },
      [](const Json& model) { return Selection::from_json(model); }};
}

}  // namespace gliocast::learn
