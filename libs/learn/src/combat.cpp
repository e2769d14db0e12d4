#include <gliocast/learn/combat.hpp>

#include "columns.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/text.hpp>

#include <algorithm>
#include <cmath>
#include <Eigen/QR>
#include <map>
#include <numeric>

namespace gliocast::learn {
namespace {

using Index = Eigen::Index;
constexpr double kNoSpread = 1e-20;  // of a variance in units of the pooled one: rounding
constexpr std::size_t kMostIterations = 10'000;

Index index(std::size_t i) { return static_cast<Index>(i); }

/// Rows of each batch, by name.
std::map<std::string, Rows> rows_of_batches(const CombatTable& table) {
  if (table.batch.size() != table.values.rows) throw unusable_input("ComBat needs the batch of every row");
  std::map<std::string, Rows> rows;
  for (std::size_t r = 0; r < table.batch.size(); ++r) {
    if (table.batch[r].empty()) throw unusable_input("ComBat: row " + std::to_string(r + 1) + " has no batch");
    rows[table.batch[r]].push_back(r);
  }
  return rows;
}

void check_covariates(const CombatTable& table) {
  if (table.covariates.columns != table.covariate_names.size() ||
      (table.covariates.columns > 0 && table.covariates.rows != table.values.rows))
    throw unusable_input("ComBat needs the covariates of every row");
  for (std::size_t c = 0; c < table.covariates.columns; ++c) {
    const auto missing = std::ranges::count_if(table.covariates.column(c), [](double v) { return !usable(v); });
    if (missing > 0)
      throw unusable_input("ComBat: the covariate " + table.covariate_names[c] + " is missing in " +
                               counted(static_cast<std::size_t>(missing), "row"),
                           "", "leave these rows out, or do not keep " + table.covariate_names[c]);
  }
}

std::string name_of(const CombatTable& table, std::size_t feature) {
  return feature < table.features.size() ? table.features[feature] : "feature " + std::to_string(feature + 1);
}

// ---- the linear model: batches and covariates

/// [rows, batches + covariates]: a column of ones a batch (for the reference over all rows), covariates less their
/// means.
struct Design {
  Eigen::MatrixXd x;
  std::vector<double> covariate_means;
  std::vector<Rows> rows;  ///< of each batch
  std::vector<std::string> names;
  std::size_t reference;  ///< position of the reference; as many as batches where there is none
};

Design design_of(const CombatTable& table, const CombatOptions& options) {
  Design d;
  for (auto& [name, rows] : rows_of_batches(table)) {
    d.names.push_back(name);
    d.rows.push_back(rows);
  }
  const std::size_t batches = d.names.size(), covariates = table.covariates.columns;
  d.reference = static_cast<std::size_t>(std::ranges::find(d.names, options.reference) - d.names.begin());
  d.x = Eigen::MatrixXd::Zero(index(table.values.rows), index(batches + covariates));
  for (std::size_t b = 0; b < batches; ++b)
    for (const std::size_t r : d.rows[b]) d.x(index(r), index(b)) = 1;
  if (d.reference < batches) d.x.col(index(d.reference)).setOnes();
  for (std::size_t c = 0; c < covariates; ++c) {
    const auto values = table.covariates.column(c);
    const Moments m = moments(values, 0);
    d.covariate_means.push_back(m.mean);
    if (m.constant()) continue;  // zeros, not what rounding leaves: check_design() refuses it
    for (std::size_t r = 0; r < values.size(); ++r)
      d.x(index(r), index(batches + c)) = values[r] - d.covariate_means.back();
  }
  return d;
}

/// Least squares by a pivoted QR decomposition; columns are brought to one length first, so that rank does not depend
/// on units.
class LeastSquares {
 public:
  explicit LeastSquares(const Eigen::MatrixXd& x) : length_(x.colwise().norm()) {
    length_ = (length_.array() > 0).select(length_, 1.0);
    qr_.setThreshold(1e-10);
    qr_.compute(x * length_.cwiseInverse().asDiagonal());
  }
  [[nodiscard]] bool full_rank() const { return qr_.rank() == length_.size(); }
  [[nodiscard]] Eigen::MatrixXd solve(const Eigen::MatrixXd& y) const {
    return length_.cwiseInverse().asDiagonal() * Eigen::MatrixXd(qr_.solve(y));
  }

 private:
  Eigen::RowVectorXd length_;
  Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr_;
};

void check_design(const CombatTable& table, const Design& d, const CombatOptions& options) {
  const std::size_t batches = d.names.size();
  if (!options.reference.empty() && d.reference == batches)
    throw unusable_input("ComBat: no row is of the reference batch " + options.reference, "",
                         "there are: " + listed(d.names, kMostNamed));
  if (d.reference < batches && d.rows[d.reference].size() < 2)
    throw unusable_input("ComBat: the reference batch " + options.reference + " has one row, which has no variance");
  if (batches < 2 && options.reference.empty())
    throw unusable_input("ComBat: all rows are of one batch: there is nothing to harmonise", "",
                         "with it as the reference, other batches can be taken towards it");
  if (d.x.rows() <= d.x.cols())
    throw unusable_input("ComBat: " + counted(table.values.rows, "row") + " are too few for " +
                         std::to_string(d.x.cols()) + " coefficients of batches and covariates");
  for (std::size_t c = 0; c < table.covariates.columns; ++c)
    if (!LeastSquares(d.x.leftCols(index(batches + c + 1))).full_rank())
      throw unusable_input("ComBat: the covariate " + table.covariate_names[c] +
                               " is determined by the batches and the covariates before it: what it explains cannot be "
                               "told from what the batch adds",
                           "", "do not keep " + table.covariate_names[c] + ", or add rows in which they differ");
}

/// Coefficients [batches + covariates] and the standard deviation pooled over the rows that have the feature; scale 0
/// where it is left as it is.
struct FeatureFit {
  Eigen::VectorXd coefficients;
  double grand_mean = 0, scale = 0;
};

/// `b`: coefficients of the rows with a value. Grand mean and pooled variance: of the reference, or of all batches by
/// their numbers of such rows.
FeatureFit summary_of(const Design& d, std::span<const double> y, const Eigen::VectorXd& b) {
  FeatureFit fit{b, 0, 0};
  const std::size_t batches = d.names.size();
  double squares = 0, n = 0, largest = 0;
  for (std::size_t k = 0; k < batches; ++k) {
    if (d.reference < batches && k != d.reference) continue;
    double rows = 0;
    for (const std::size_t r : d.rows[k]) {
      if (!usable(y[r])) continue;
      const double rest = y[r] - d.x.row(index(r)).dot(b);
      squares += rest * rest;
      largest = std::max(largest, std::abs(y[r]));
      ++rows;
    }
    fit.grand_mean += rows * b[index(k)];
    n += rows;
  }
  fit.grand_mean /= n;
  const double sd = std::sqrt(squares / n);
  if (sd > 1e-12 * largest) fit.scale = sd;
  return fit;
}

FeatureFit fit_by_present(const Design& d, std::span<const double> y) {
  std::vector<Index> present;
  for (std::size_t r = 0; r < y.size(); ++r)
    if (usable(y[r])) present.push_back(index(r));
  FeatureFit none{Eigen::VectorXd::Zero(d.x.cols()), 0, 0};
  if (index(present.size()) <= d.x.cols()) return none;
  const LeastSquares least_squares(d.x(present, Eigen::all));
  if (!least_squares.full_rank()) return none;
  const Eigen::VectorXd values = Eigen::Map<const Eigen::VectorXd>(y.data(), index(y.size()))(present);
  return summary_of(d, y, least_squares.solve(values).col(0));
}

std::vector<FeatureFit> fit_features(const Design& d, const stats::Matrix& values) {
  const LeastSquares least_squares(d.x);
  std::vector<FeatureFit> fits;
  for (std::size_t f = 0; f < values.columns; ++f) {
    const auto y = values.column(f);
    if (!std::ranges::all_of(y, usable)) {
      fits.push_back(fit_by_present(d, y));
      continue;
    }
    const Eigen::VectorXd b = least_squares.solve(Eigen::Map<const Eigen::VectorXd>(y.data(), index(y.size()))).col(0);
    fits.push_back(summary_of(d, y, b));
  }
  return fits;
}

// ---- shift and scale of one batch

/// What the covariates explain of one cell.
double explained(const CombatModel& m, const CombatTable& table, std::size_t row, std::size_t feature) {
  double sum = 0;
  for (std::size_t c = 0; c < table.covariates.columns; ++c)
    sum += (table.covariates(row, c) - m.covariate_means[c]) * m.coefficients(c, feature);
  return sum;
}

/// Of the standardised values of a batch, one a feature that is harmonised.
struct BatchMoments {
  std::vector<std::size_t> feature;
  std::vector<double> n, gamma, delta, squares;  ///< squares: sum of squared deviations from gamma
  std::size_t without_spread = 0;
};

BatchMoments moments_of(const CombatModel& m, const CombatTable& table, const Rows& rows, bool mean_only) {
  BatchMoments out;
  std::vector<double> s;
  for (std::size_t f = 0; f < m.scale.size(); ++f) {
    if (m.scale[f] == 0) continue;
    s.clear();
    for (const std::size_t r : rows)
      if (usable(table.values(r, f)))
        s.push_back((table.values(r, f) - m.grand_mean[f] - explained(m, table, r, f)) / m.scale[f]);
    if (s.empty()) continue;
    const auto n = static_cast<double>(s.size());
    const double mean = std::accumulate(s.begin(), s.end(), 0.0) / n;
    double squares = 0;
    for (const double v : s) squares += (v - mean) * (v - mean);
    const bool spread = n > 1 && squares / (n - 1) > kNoSpread;
    out.without_spread += spread || mean_only ? 0 : 1;
    out.feature.push_back(f);
    out.n.push_back(n);
    out.gamma.push_back(mean);
    out.delta.push_back(spread && !mean_only ? squares / (n - 1) : 1);
    out.squares.push_back(squares);
  }
  return out;
}

struct MeanVariance {
  double mean, variance;  ///< divisor n − 1
};
MeanVariance over_features(const std::vector<double>& v) {
  const auto n = static_cast<double>(v.size());
  const double mean = std::accumulate(v.begin(), v.end(), 0.0) / n;
  double squares = 0;
  for (const double x : v) squares += (x - mean) * (x - mean);
  return {mean, squares / (n - 1)};
}

double relative_change(double now, double before) {
  return now == before ? 0 : std::abs(now - before) / before;  // with its sign, as neuroCombat
}

/// Posterior means of shift and scale, in turn, from normal and inverse gamma priors that the features give (Johnson
/// 2007, equations 3.1 and 3.2). Returns whether the iteration ended.
bool draw_together(BatchMoments& m, double tolerance) {
  const auto gamma = over_features(m.gamma), delta = over_features(m.delta);
  const bool one_scale = !(delta.variance > 0);  // the limit as the prior narrows: delta is what all have
  const double ratio = delta.mean * delta.mean / delta.variance, a = 2 + ratio, b = delta.mean * (1 + ratio);
  std::vector<double> g = m.gamma;
  for (std::size_t step = 0; step < kMostIterations; ++step) {
    double change = 0;
    for (std::size_t i = 0; i < g.size(); ++i) {
      const double drawn =
          (gamma.variance * m.n[i] * m.gamma[i] + m.delta[i] * gamma.mean) / (gamma.variance * m.n[i] + m.delta[i]);
      const double rest = m.squares[i] + m.n[i] * (m.gamma[i] - drawn) * (m.gamma[i] - drawn);
      const double spread = one_scale ? delta.mean : (0.5 * rest + b) / (m.n[i] / 2 + a - 1);
      change = std::max({change, relative_change(drawn, g[i]), relative_change(spread, m.delta[i])});
      g[i] = drawn;
      m.delta[i] = spread;
    }
    if (change <= tolerance) {
      m.gamma = g;
      return true;
    }
  }
  m.gamma = g;
  return false;
}

/// Mean only: as if each batch had one row of variance 1, as neuroCombat.
void draw_shifts(BatchMoments& m) {
  const auto gamma = over_features(m.gamma);
  for (double& g : m.gamma) g = (gamma.variance * g + gamma.mean) / (gamma.variance + 1);
}

/// The batch of these rows by the model's grand means and scales; notes go to the model.
CombatBatch fit_batch(CombatModel& model, const CombatTable& table, const std::string& name, const Rows& rows) {
  const std::size_t features = model.scale.size();
  CombatBatch batch{name, rows.size(), std::vector<double>(features, 0.0), std::vector<double>(features, 1.0)};
  if (name == model.options.reference) return batch;
  const bool mean_only = model.options.mean_only || rows.size() == 1;
  BatchMoments m = moments_of(model, table, rows, mean_only);
  if (!model.options.mean_only && rows.size() == 1)
    model.notes.push_back("the batch " + name + " has one row: shifted only");
  if (m.without_spread > 0)
    model.notes.push_back(counted(m.without_spread, "feature") + " without spread in the batch " + name +
                          ": scale 1 there");
  if (model.options.empirical_bayes && m.gamma.size() < 2)
    model.notes.push_back("the batch " + name + " has fewer than two features to learn from: no empirical Bayes");
  else if (model.options.empirical_bayes && mean_only)
    draw_shifts(m);
  else if (model.options.empirical_bayes && !draw_together(m, model.options.tolerance))
    model.notes.push_back("the batch " + name + ": empirical Bayes did not settle to the tolerance");
  for (std::size_t i = 0; i < m.feature.size(); ++i) {
    batch.gamma[m.feature[i]] = m.gamma[i];
    batch.delta[m.feature[i]] = m.delta[i];
  }
  return batch;
}

void check_table(const CombatModel& model, const CombatTable& table) {
  if (table.values.columns != model.scale.size())
    throw unusable_input("ComBat was fitted on " + counted(model.scale.size(), "feature") + ", the table has " +
                         std::to_string(table.values.columns));
  if (table.covariate_names.empty() && table.covariates.columns == 0) return;
  check_covariates(table);
  if (table.covariate_names != model.covariate_names)
    throw unusable_input("ComBat was fitted with other covariates", "",
                         "it needs, in this order: " + listed(model.covariate_names, kMostNamed));
}

const CombatBatch* find_batch(const CombatModel& model, const std::string& name) {
  const auto at = std::ranges::find(model.batches, name, &CombatBatch::name);
  return at == model.batches.end() ? nullptr : &*at;
}

}  // namespace

CombatModel fit_combat(const CombatTable& table, const CombatOptions& options) {
  check_covariates(table);
  const Design design = design_of(table, options);
  check_design(table, design, options);
  CombatModel model;
  model.options = options;
  model.covariate_names = table.covariate_names;
  model.covariate_means = design.covariate_means;
  model.coefficients = stats::Matrix(table.covariates.columns, table.values.columns);
  std::vector<std::string> left;
  const auto fits = fit_features(design, table.values);
  for (std::size_t f = 0; f < fits.size(); ++f) {
    model.grand_mean.push_back(fits[f].grand_mean);
    model.scale.push_back(fits[f].scale);
    if (fits[f].scale == 0) left.push_back(name_of(table, f));
    for (std::size_t c = 0; c < table.covariates.columns; ++c)
      model.coefficients(c, f) = fits[f].coefficients[index(design.names.size() + c)];
  }
  if (!left.empty())
    model.notes.push_back(counted(left.size(), "feature") + " constant or with too few values left as " +
                          (left.size() == 1 ? "it is" : "they are") + ": " + listed(left, kMostNamed));
  for (std::size_t b = 0; b < design.names.size(); ++b)
    model.batches.push_back(fit_batch(model, table, design.names[b], design.rows[b]));
  return model;
}

CombatModel extend_combat(const CombatModel& model, const CombatTable& table) {
  check_table(model, table);
  CombatModel out = model;
  for (const auto& [name, rows] : rows_of_batches(table)) {
    if (find_batch(model, name)) continue;
    if (model.options.reference.empty())
      throw unusable_input("ComBat does not know the batch " + name, "",
                           "fit with a reference batch, towards which new ones can be taken");
    if (rows.size() < model.options.least_new_rows)
      throw unusable_input("ComBat: the new batch " + name + " has " + counted(rows.size(), "row") + ", fewer than " +
                               std::to_string(model.options.least_new_rows) + " to fit it by",
                           "", "give more examinations of it together");
    out.batches.push_back(fit_batch(out, table, name, rows));
  }
  std::ranges::sort(out.batches, {}, &CombatBatch::name);
  return out;
}

stats::Matrix apply_combat(const CombatModel& model, const CombatTable& table) {
  const CombatModel extended = extend_combat(model, table);
  stats::Matrix out = table.values;
  for (const auto& [name, rows] : rows_of_batches(table)) {
    if (name == model.options.reference) continue;
    const CombatBatch& batch = *find_batch(extended, name);
    for (std::size_t f = 0; f < out.columns; ++f) {
      if (model.scale[f] == 0) continue;
      const double spread = std::sqrt(batch.delta[f]), shift = batch.gamma[f] * model.scale[f];
      for (const std::size_t r : rows) {
        if (!usable(out(r, f))) continue;
        const double expected = model.grand_mean[f] + explained(model, table, r, f);
        out(r, f) = (out(r, f) - expected - shift) / spread + expected;
      }
    }
  }
  return out;
}

}  // namespace gliocast::learn
