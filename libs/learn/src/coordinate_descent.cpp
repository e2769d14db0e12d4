#include "coordinate_descent.hpp"

#include "instruction_sets.hpp"
#include "positive_system.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gliocast::learn {
namespace {

constexpr double kDamping = 1e-9;          // of the diagonal: as many columns as rows are still solved for
constexpr std::size_t kLeastPatience = 8;  // sweeps
constexpr double kNoVariation = 1e-12;     // of a column's square: the rounding of what is left of it
constexpr std::size_t kUsedForSweep = 6;   // a solution of n unknowns costs n³/6 products, a sweep n²

void grow(LaneBuffer& buffer, std::size_t n) {
  if (n <= buffer.size()) return;
  LaneBuffer larger(padded(std::max(n, 2 * buffer.size())));
  std::copy_n(buffer.data(), buffer.size(), larger.data());
  buffer = std::move(larger);
}

double sum(const double* values, std::size_t n) { return std::accumulate(values, values + n, 0.0); }

/// Copies what the rows from `first` on hold left of the diagonal to above it, by blocks that stay in the cache.
void mirror(double* gram, std::size_t stride, std::size_t first, std::size_t size) {
  for (std::size_t from = 0; from < size; from += kLane)
    for (std::size_t k = first; k < size; ++k)
      for (std::size_t j = from; j < std::min(from + kLane, k); ++j) gram[j * stride + k] = gram[k * stride + j];
}

/// The coefficient that minimises along one coordinate. `u`: gradient there with the coefficient taken out.
inline double soft_threshold(double u, double lasso, double curvature) {
  const double excess = std::fabs(u) - lasso;
  return excess > 0 ? std::copysign(excess, u) / curvature : 0;
}

/// One cycle over all slots with the gradients kept by the Gram matrix. Returns the largest curvature × step².
GLIOCAST_CLONES double sweep_gram(std::size_t count, const double* gram, std::size_t stride, const double* lasso,
                                  const double* ridge, double* coefficients, double* gradients) {
  double largest = 0;
  const std::size_t width = padded(count);
  for (std::size_t k = 0; k < count; ++k) {
    const double* products = gram + k * stride;
    const double h = products[k], old = coefficients[k];
    const double u = gradients[k] + h * old;
    if (old == 0 && std::fabs(u) <= lasso[k]) continue;
    const double step = soft_threshold(u, lasso[k], h + ridge[k]) - old;
    if (!(h > 0) || step == 0) continue;
    coefficients[k] = old + step;
    largest = std::max(largest, h * step * step);
    for (std::size_t i = 0; i < width; ++i) gradients[i] -= step * products[i];
  }
  return largest;
}

}  // namespace

WorkingProblem::WorkingProblem(std::size_t n, bool intercept, std::size_t most_gram)
    : n_(n), most_gram_(most_gram), intercept_(intercept), scratch_(2 * n) {}

void WorkingProblem::add(const double* column, double lasso, double ridge, double coefficient) {
  const std::size_t slot = columns_.size();
  columns_.push_back(column);
  for (LaneBuffer* buffer : {&coefficients_, &gradients_, &lasso_, &ridge_, &sums_, &squares_, &lacking_})
    grow(*buffer, slot + 1);
  coefficients_[slot] = coefficient;
  set_penalty(slot, lasso, ridge);
}

void WorkingProblem::clear() {
  columns_.clear();
  weighed_ = gram_size_ = 0;
}

void WorkingProblem::set_penalty(std::size_t slot, double lasso, double ridge) noexcept {
  lasso_[slot] = lasso;
  ridge_[slot] = ridge;
}

void WorkingProblem::set_weights(const double* v, const ColumnMeans* means) {
  v_ = v;
  means_ = means;
  mean_stride_ = means == nullptr ? 0 : padded(means->size());
  total_weight_ = sum(v, n_);
  weighed_ = gram_size_ = 0;
}

void WorkingProblem::set_residuals(const double* r) {
  r_ = r;
  const std::size_t count = size(), first = weighed_;
  total_residual_ = intercept_ ? sum(r, n_) : 0;
  paired_dots(columns_.data() + first, count - first, r, v_, n_, gradients_.data() + first, sums_.data() + first);
  dots(columns_.data(), first, r, n_, gradients_.data());
  if (intercept_ && total_weight_ > 0)
    for (std::size_t k = 0; k < count; ++k) gradients_[k] -= sums_[k] / total_weight_ * total_residual_;
  weigh(first);
  intercept_step_ = intercept_ && total_weight_ > 0 ? total_residual_ / total_weight_ : 0;
}

/// The squares of the slots from `first` on, whose sums are known.
void WorkingProblem::weigh(std::size_t first) {
  const std::size_t count = size();
  weighted_squares(columns_.data() + first, count - first, v_, n_, squares_.data() + first);
  if (means_ != nullptr) grow(spread_, count * mean_stride_);
  for (std::size_t k = first; k < count; ++k) {
    const double mean = intercept_ && total_weight_ > 0 ? sums_[k] / total_weight_ : 0;
    squares_[k] -= sums_[k] * mean;
    if (means_ == nullptr) {
      lacking_[k] = 0;
      continue;
    }
    double* spread = spread_.data() + k * mean_stride_;
    means_->of(columns_[k], mean, spread);
    std::fill(spread + means_->size(), spread + mean_stride_, 0.0);
    lacking_[k] = dot(spread, spread, mean_stride_);
    if (squares_[k] - lacking_[k] <= kNoVariation * squares_[k]) lacking_[k] = squares_[k];
  }
  weighed_ = count;
}

double WorkingProblem::largest_step() const {
  double largest = total_weight_ * intercept_step_ * intercept_step_;
  for (std::size_t k = 0; k < size(); ++k) {
    const double h = by_gram() ? squares_[k] - lacking_[k] : squares_[k], old = coefficients_[k];
    if (!(h > 0)) continue;
    const double step = soft_threshold(gradients_[k] + h * old, lasso_[k], h + ridge_[k]) - old;
    largest = std::max(largest, h * step * step);
  }
  return largest;
}

std::size_t WorkingProblem::descend(double tolerance, std::size_t most_sweeps) {
  std::vector<double> before(coefficients_.data(), coefficients_.data() + size());
  const std::size_t sweeps =
      by_gram() ? descend_gram(tolerance, most_sweeps) : descend_residuals(tolerance, most_sweeps);
  if (intercept_ && total_weight_ > 0) {
    double moved = total_residual_;
    for (std::size_t k = 0; k < size(); ++k) moved -= sums_[k] * (coefficients_[k] - before[k]);
    intercept_step_ = moved / total_weight_;
  }
  return sweeps;
}

void WorkingProblem::extend_gram() {
  const std::size_t count = size();
  if (count > stride_) {
    const std::size_t stride = std::min(padded(std::max(count, 2 * stride_)), padded(most_gram_));
    LaneBuffer larger(stride * stride);
    for (std::size_t k = 0; k < gram_size_; ++k)
      std::copy_n(gram_.data() + k * stride_, gram_size_, larger.data() + k * stride);
    gram_ = std::move(larger);
    stride_ = stride;
  }
  std::vector<double> first(count), second(count);
  const double by_weight = intercept_ && total_weight_ > 0 ? 1 / total_weight_ : 0;
  for (std::size_t k = gram_size_; k < count; k += 2) {
    const std::size_t pair = std::min(k + 1, count - 1);
    double* weighted[] = {scratch_.data(), scratch_.data() + n_};
    multiply(columns_[k], v_, n_, weighted[0]);
    multiply(columns_[pair], v_, n_, weighted[1]);
    paired_dots(columns_.data(), pair + 1, weighted[0], weighted[1], n_, first.data(), second.data());
    for (const auto& [slot, products] : {std::pair{k, &first}, std::pair{pair, &second}}) {
      double* row = gram_.data() + slot * stride_;
      const double share = sums_[slot] * by_weight;
      for (std::size_t j = 0; j <= pair; ++j) row[j] = (*products)[j] - sums_[j] * share;
    }
  }
  if (means_ != nullptr) subtract_means(gram_size_);
  mirror(gram_.data(), stride_, gram_size_, count);
  gram_size_ = count;
  for (std::size_t k = 0; k < count; ++k)  // the padding of a row takes part in sums
    std::fill_n(gram_.data() + k * stride_ + count, padded(count) - count, 0.0);
}

/// What the second derivative has off the diagonal, in the rows of gram_ from `first` on, left of its diagonal.
void WorkingProblem::subtract_means(std::size_t first) {
  const std::size_t count = size();
  std::vector<const double*> spreads;
  for (std::size_t k = 0; k < count; ++k) spreads.push_back(spread_.data() + k * mean_stride_);
  std::vector<double> one(count), other(count);
  for (std::size_t k = first; k < count; k += 2) {
    const std::size_t pair = std::min(k + 1, count - 1);
    paired_dots(spreads.data(), pair + 1, spreads[k], spreads[pair], mean_stride_, one.data(), other.data());
    for (const auto& [slot, products] : {std::pair{k, &one}, std::pair{pair, &other}}) {
      double* row = gram_.data() + slot * stride_;
      for (std::size_t j = 0; j <= slot; ++j) row[j] -= (*products)[j];
      row[slot] = squares_[slot] - lacking_[slot];
      if (k == pair) break;
    }
  }
}

/// Sweeps; where they do not converge while one could have solved for the coefficients that are not 0, that is done.
std::size_t WorkingProblem::descend_gram(double tolerance, std::size_t most_sweeps) {
  extend_gram();
  std::size_t patience = kLeastPatience, waited = 0;
  for (std::size_t sweep = 1; sweep <= most_sweeps; ++sweep) {
    if (sweep_gram(size(), gram_.data(), stride_, lasso_.data(), ridge_.data(), coefficients_.data(),
                   gradients_.data()) < tolerance)
      return sweep;
    if (++waited < patience) continue;
    const std::size_t used = solve_used();
    patience = std::max(kLeastPatience, used / kUsedForSweep);
    waited = 0;
  }
  return most_sweeps;
}

/// Moves the coefficients that are not 0 to the optimum that they would have with the signs that they have, as far as
/// these stay. Returns how many they are.
std::size_t WorkingProblem::solve_used() {
  std::vector<std::size_t> used;
  for (std::size_t k = 0; k < size(); ++k)
    if (coefficients_[k] != 0) used.push_back(k);
  const std::size_t stride = padded(used.size());
  system_.ensure(stride * stride);
  std::vector<double> step(used.size());
  for (std::size_t i = 0; i < used.size(); ++i) {
    const std::size_t k = used[i];
    for (std::size_t j = 0; j < used.size(); ++j) system_[i * stride + j] = gram_[k * stride_ + used[j]];
    system_[i * stride + i] += ridge_[k] + kDamping * gram_[k * stride_ + k];
    std::fill_n(&system_[i * stride] + used.size(), stride - used.size(), 0.0);
    step[i] = gradients_[k] - std::copysign(lasso_[k], coefficients_[k]) - ridge_[k] * coefficients_[k];
  }
  if (!solve_positive(system_.data(), used.size(), stride, step.data())) return used.size();
  if (!move_used(used, step, 1)) (void)move_used(used, step, first_crossing(used, step));
  return used.size();
}

/// How much of the step leaves all signs as they are, up to 1.
double WorkingProblem::first_crossing(const std::vector<std::size_t>& used, const std::vector<double>& step) const {
  double length = 1;
  for (std::size_t i = 0; i < used.size(); ++i) {
    const double old = coefficients_[used[i]];
    if (lasso_[used[i]] > 0 && old * (old + length * step[i]) < 0) length = -old / step[i];
  }
  return length;
}

/// Goes `length` of the step, coefficients that would change sign to 0; stays where the penalised loss would rise.
bool WorkingProblem::move_used(const std::vector<std::size_t>& used, const std::vector<double>& step, double length) {
  std::vector<double> moves(used.size()), slopes(used.size());
  double change = 0;
  for (std::size_t i = 0; i < used.size(); ++i) {
    const std::size_t k = used[i];
    const double old = coefficients_[k], reached = old + length * step[i];
    const double next = lasso_[k] > 0 && !(old * reached > 0) ? 0 : reached;
    moves[i] = next - old;
    slopes[i] = gradients_[k];
    change += ridge_[k] / 2 * (next * next - old * old) + lasso_[k] * (std::fabs(next) - std::fabs(old));
  }
  const auto move = [&](double sign) {
    for (std::size_t i = 0; i < used.size(); ++i)
      add_scaled(gradients_.data(), gram_.data() + used[i] * stride_, -sign * moves[i], padded(size()));
  };
  move(1);
  for (std::size_t i = 0; i < used.size(); ++i) change -= moves[i] * (slopes[i] + gradients_[used[i]]) / 2;
  if (change > 0) {
    move(-1);
    return false;
  }
  for (std::size_t i = 0; i < used.size(); ++i) coefficients_[used[i]] += moves[i];
  return true;
}

double WorkingProblem::sweep_residuals(const std::vector<std::size_t>& slots, double* r) {
  double largest = 0;
  for (const std::size_t k : slots) {
    const double h = squares_[k], old = coefficients_[k];
    if (!(h > 0)) continue;
    const double step = soft_threshold(dot(columns_[k], r, n_) + h * old, lasso_[k], h + ridge_[k]) - old;
    if (step == 0) continue;
    coefficients_[k] = old + step;
    largest = std::max(largest, h * step * step);
    subtract_weighted(r, v_, columns_[k], intercept_ ? sums_[k] / total_weight_ : 0, step, n_);
  }
  return largest;
}

/// Without the Gram matrix: the residuals follow each step. Sweeps over all columns alternate with sweeps over those
/// that are not zero until these converge.
std::size_t WorkingProblem::descend_residuals(double tolerance, std::size_t most_sweeps) {
  LaneBuffer r(n_);
  std::copy_n(r_, n_, r.data());
  if (intercept_) add_scaled(r.data(), v_, -total_residual_ / total_weight_, n_);
  std::vector<std::size_t> all(size()), active;
  std::iota(all.begin(), all.end(), std::size_t{0});
  for (std::size_t sweeps = 1; sweeps <= most_sweeps; ++sweeps) {
    if (sweep_residuals(all, r.data()) < tolerance) return sweeps;
    active.clear();
    for (const std::size_t k : all)
      if (coefficients_[k] != 0) active.push_back(k);
    while (++sweeps <= most_sweeps && !(sweep_residuals(active, r.data()) < tolerance)) {
    }
  }
  return most_sweeps;
}

}  // namespace gliocast::learn
