#include "path_solver.hpp"

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace gliocast::learn {
namespace {

constexpr double kEverything = std::numeric_limits<double>::infinity();  // the λ that leaves unpenalised columns alone
constexpr std::size_t kMostReweightings = 50;                            // a λ
constexpr std::size_t kMostRounds = 4;                                   // with the same weights
constexpr double kMostChange = 0.2;                                      // of the weights, over their sum
constexpr std::size_t kLeastJoining = 10;                                // columns
constexpr double kOuterTolerance = 0.5;                                  // of the tolerance
constexpr double kInnerTolerance = 0.1;                                  // of the tolerance
constexpr double kRoundingAllowance = 100;  // of a quadratic, where only rounding can have gone wrong
constexpr int kMostHalvings = 20;
constexpr std::size_t kAlwaysGram = 500, kMostGram = 3000;  // columns; the square of it in memory

/// Working columns up to which the Gram matrix is quicker than residuals: a step costs so many products, or two a row.
std::size_t most_gram(std::size_t rows) { return std::clamp(2 * rows, kAlwaysGram, kMostGram); }

}  // namespace

StandardColumns standardise(const stats::Matrix& x, const stats::Rows& rows, const std::vector<double>& w) {
  StandardColumns s;
  s.rows = rows.size();
  s.stride = padded(rows.size());
  s.values = LaneBuffer(s.stride * x.columns);
  s.mean.resize(x.columns);
  s.scale.resize(x.columns);
  LaneBuffer weights(s.stride);
  std::ranges::copy(w, weights.data());
  for (std::size_t c = 0; c < x.columns; ++c) {
    const auto from = x.column(c);
    double* to = s.values.data() + c * s.stride;
    for (std::size_t i = 0; i < rows.size(); ++i) to[i] = from[rows[i]];
    const bool constant = std::all_of(to, to + rows.size(), [&](double v) { return v == to[0]; });
    s.mean[c] = dot(to, weights.data(), s.stride);
    if (!std::isfinite(s.mean[c]))
      throw unusable_input("column " + std::to_string(c + 1) + " has a value that is missing or not finite");
    for (std::size_t i = 0; i < rows.size(); ++i) to[i] = constant ? 0 : to[i] - s.mean[c];
    const double* columns[] = {to};
    weighted_squares(columns, 1, weights.data(), s.stride, &s.scale[c]);
    s.scale[c] = std::sqrt(s.scale[c]);
    if (s.scale[c] > 0)
      for (std::size_t i = 0; i < rows.size(); ++i) to[i] /= s.scale[c];
  }
  return s;
}

PathSolver::PathSolver(const StandardColumns& x, const WorkingFamily& family, const std::vector<double>& offset,
                       const PenaltyOptions& options)
    : x_(x),
      family_(family),
      options_(options),
      offset_(offset),
      b_(x.scale.size()),
      gradients_(x.scale.size()),
      working_(x.scale.size()),
      eta_(x.stride),
      residuals_(x.stride),
      curvature_(x.stride),
      weights_(x.stride),
      problem_(x.stride, family.has_intercept(), most_gram(x.rows)) {
  for (std::size_t c = 0; c < b_.size(); ++c)
    if (x_.scale[c] > 0 && std::isfinite(options_.factors[c])) usable_.push_back(c);
  intercept_ = family_.first_intercept();
  evaluate();
  tolerance_ = options_.tolerance * (loss_ - family_.least_loss());
  renew_weights();
  refine(kEverything);
  null_loss_ = loss_;
  tolerance_ = options_.tolerance * (null_loss_ - family_.least_loss());
  update_gradients(usable_);
}

double PathSolver::solve_unpenalised() {
  for (const std::size_t c : usable_)
    if (options_.factors[c] == 0) join(c, kEverything);
  if (!slots_.empty()) {
    refine(kEverything);
    update_gradients(usable_);
  }
  double largest = 0;
  for (const std::size_t c : usable_)
    if (options_.factors[c] > 0) largest = std::max(largest, std::fabs(gradients_[c]) / options_.factors[c]);
  constexpr double kLeastAlpha = 1e-3;  // as glmnet: a ridge has no such λ
  last_lambda_ = largest / std::max(options_.alpha, kLeastAlpha);
  return last_lambda_;
}

void PathSolver::solve(double lambda) {
  std::vector<std::size_t> strong;
  const double bound = options_.alpha * (2 * lambda - last_lambda_);
  for (const std::size_t c : usable_)
    if (std::fabs(gradients_[c]) >= bound * options_.factors[c]) strong.push_back(c);
  begin_working_set(lambda);
  do {
    do {
      refine(lambda);
      update_gradients(strong);
    } while (converged() && add_violators(strong, lambda));
    update_gradients(usable_);
  } while (converged() && add_violators(usable_, lambda));
  last_lambda_ = lambda;
}

bool PathSolver::violates(std::size_t column, double lambda) const {
  return std::fabs(gradients_[column]) > options_.alpha * lambda * options_.factors[column];
}

/// Columns with a coefficient, and those that the gradient of the solution before lets in. Columns that once joined
/// stay while the products of columns are of use.
void PathSolver::begin_working_set(double lambda) {
  if (weights_are_stale()) {
    problem_.clear();
    slots_.clear();
    std::ranges::fill(working_, 0);
    renew_weights();
  }
  for (std::size_t k = 0; k < slots_.size(); ++k) {
    const double factor = options_.factors[slots_[k]] * lambda;
    problem_.set_penalty(k, factor * options_.alpha, factor * (1 - options_.alpha));
  }
  for (const std::size_t c : usable_)
    if (!working_[c] && b_[c] != 0) join(c, lambda);
  add_violators(usable_, lambda);
}

void PathSolver::join(std::size_t column, double lambda) {
  const double factor = options_.factors[column] > 0 ? options_.factors[column] * lambda : 0;
  problem_.add(x_.column(column), factor * options_.alpha, factor * (1 - options_.alpha), b_[column]);
  working_[column] = 1;
  slots_.push_back(column);
}

/// Of the columns whose gradients are too large the largest, as many again as there are coefficients: of many columns
/// that are alike, few will be needed.
bool PathSolver::add_violators(const std::vector<std::size_t>& candidates, double lambda) {
  std::vector<std::pair<double, std::size_t>> violators;  // (minus the excess, column)
  for (const std::size_t c : candidates)
    if (!working_[c] && violates(c, lambda))
      violators.emplace_back(options_.alpha * lambda * options_.factors[c] - std::fabs(gradients_[c]), c);
  const auto used = static_cast<std::size_t>(std::ranges::count_if(slots_, [&](std::size_t c) { return b_[c] != 0; }));
  const std::size_t most = std::min(violators.size(), std::max(kLeastJoining, used));
  std::ranges::partial_sort(violators, violators.begin() + static_cast<std::ptrdiff_t>(most));
  for (std::size_t k = 0; k < most; ++k) join(violators[k].second, lambda);
  return most > 0;
}

/// Whether the quadratic's weights are too far from those of the fit for quick convergence.
bool PathSolver::weights_are_stale() const {
  if (family_.is_quadratic()) return false;
  double change = 0, total = 0;
  for (std::size_t i = 0; i < x_.rows; ++i) {
    change += std::fabs(curvature_[i] - weights_[i]);
    total += curvature_[i];
  }
  return change > kMostChange * total;
}

void PathSolver::renew_weights() {
  std::copy_n(curvature_.data(), x_.rows, weights_.data());
  means_ = family_.means(eta_.data());
  problem_.set_weights(weights_.data(), means_.get());
}

/// Solves on the working set: quadratics around the latest fit until a further step would be within tolerance.
void PathSolver::refine(double lambda) {
  for (std::size_t round = 0; round < kMostReweightings && converged() && !perfect(); ++round) {
    if (weights_are_stale() || round % kMostRounds == kMostRounds - 1) renew_weights();
    problem_.set_residuals(residuals_.data());
    if (round > 0 &&
        problem_.largest_step() < tolerance_ * (family_.is_quadratic() ? kRoundingAllowance : kOuterTolerance))
      return;
    take_step(lambda);
  }
}

/// To the optimum of the quadratic, halved while the penalised loss itself would rise.
void PathSolver::take_step(double lambda) {
  const double before = loss_ + penalty(lambda), old_intercept = intercept_;
  sweeps_ += problem_.descend(kInnerTolerance * tolerance_, options_.most_sweeps - sweeps_);
  std::vector<double> old(slots_.size());
  for (std::size_t k = 0; k < slots_.size(); ++k) old[k] = std::exchange(b_[slots_[k]], problem_.coefficient(k));
  intercept_ += problem_.intercept_step();
  evaluate();
  if (family_.is_quadratic()) return;
  const double rounding = 1e-12 * std::fabs(before);
  for (int halving = 0; halving < kMostHalvings && !(loss_ + penalty(lambda) <= before + rounding); ++halving) {
    intercept_ = (intercept_ + old_intercept) / 2;
    for (std::size_t k = 0; k < slots_.size(); ++k) {
      b_[slots_[k]] = (b_[slots_[k]] + old[k]) / 2;
      problem_.set_coefficient(k, b_[slots_[k]]);
    }
    evaluate();
  }
}

double PathSolver::penalty(double lambda) const {
  double sum = 0;
  for (const std::size_t c : slots_)
    if (options_.factors[c] > 0)
      sum += options_.factors[c] * ((1 - options_.alpha) / 2 * b_[c] * b_[c] + options_.alpha * std::fabs(b_[c]));
  return sum == 0 ? 0 : lambda * sum;
}

void PathSolver::evaluate() {
  std::fill_n(eta_.data(), x_.rows, intercept_);
  for (std::size_t i = 0; i < offset_.size(); ++i) eta_[i] += offset_[i];
  for (const std::size_t c : slots_)
    if (b_[c] != 0) add_scaled(eta_.data(), x_.column(c), b_[c], x_.stride);
  loss_ = family_.evaluate(eta_.data(), residuals_.data(), curvature_.data());
}

void PathSolver::update_gradients(const std::vector<std::size_t>& columns) {
  std::vector<const double*> at;
  std::vector<double> products(columns.size());
  at.reserve(columns.size());
  for (const std::size_t c : columns) at.push_back(x_.column(c));
  dots(at.data(), at.size(), residuals_.data(), x_.stride, products.data());
  for (std::size_t k = 0; k < columns.size(); ++k) gradients_[columns[k]] = products[k];
}

double PathSolver::deviance_ratio() const { return (null_loss_ - loss_) / (null_loss_ - family_.least_loss()); }

bool PathSolver::perfect() const {
  if (family_.least_curvature() <= 0) return false;
  return std::accumulate(curvature_.data(), curvature_.data() + x_.rows, 0.0) <= family_.least_curvature();
}

}  // namespace gliocast::learn
