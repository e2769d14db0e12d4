#include "elastic_net_family.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gliocast::learn {
namespace {

/// Half the weighted sum of squares.
class Linear final : public WorkingFamily {
 public:
  Linear(const std::vector<double>& y, const std::vector<double>& w) : y_(y), w_(w) {}

  double evaluate(const double* eta, double* residuals, double* curvature) const override {
    double loss = 0;
    for (std::size_t i = 0; i < y_.size(); ++i) {
      const double error = y_[i] - eta[i];
      residuals[i] = w_[i] * error;
      curvature[i] = w_[i];
      loss += 0.5 * residuals[i] * error;
    }
    return loss;
  }
  [[nodiscard]] double first_intercept() const override {
    return std::inner_product(y_.begin(), y_.end(), w_.begin(), 0.0);
  }
  [[nodiscard]] bool is_quadratic() const override { return true; }

 private:
  std::vector<double> y_, w_;
};

/// Minus the weighted Bernoulli log-likelihood. Probabilities nearer to 0 or 1 than glmnet's `pmin` count as certain:
/// their rows weigh nothing, so that separated classes end the path.
class Logistic final : public WorkingFamily {
 public:
  Logistic(const std::vector<double>& y, const std::vector<double>& w) : y_(y), w_(w) {
    for (std::size_t i = 0; i < y.size(); ++i)
      if (y[i] > 0 && y[i] < 1) least_loss_ -= w[i] * (y[i] * std::log(y[i]) + (1 - y[i]) * std::log1p(-y[i]));
  }

  double evaluate(const double* eta, double* residuals, double* curvature) const override {
    static const double kMostEta = std::log(1 / kLeastProbability - 1);
    double loss = 0;
    for (std::size_t i = 0; i < y_.size(); ++i) {
      const double odds = std::exp(-std::fabs(eta[i]));
      const double larger = 1 / (1 + odds), smaller = odds * larger;
      const bool certain = std::fabs(eta[i]) > kMostEta;
      const double p = eta[i] > 0 ? (certain ? 1 : larger) : (certain ? 0 : smaller);
      residuals[i] = w_[i] * (y_[i] - p);
      curvature[i] = certain ? 0 : w_[i] * larger * smaller;
      loss -=
          w_[i] * log_likelihood(y_[i], std::clamp(eta[i], -kMostEta, kMostEta), certain ? kLeastProbability : odds);
    }
    return loss;
  }
  [[nodiscard]] double first_intercept() const override {
    const double mean = std::inner_product(y_.begin(), y_.end(), w_.begin(), 0.0);
    return std::log(mean / (1 - mean));
  }
  [[nodiscard]] double least_loss() const override { return least_loss_; }
  [[nodiscard]] double least_curvature() const override {
    return (1 + kLeastProbability) * kLeastProbability * (1 - kLeastProbability);
  }

 private:
  static constexpr double kLeastProbability = 1e-9;

  /// y log p + (1 − y) log(1 − p). `odds`: exp(−|eta|).
  static double log_likelihood(double y, double eta, double odds) {
    return y * eta - std::max(eta, 0.0) - std::log1p(odds);
  }

  std::vector<double> y_, w_;
  double least_loss_ = 0;
};

}  // namespace

std::unique_ptr<WorkingFamily> linear_family(const std::vector<double>& y, const std::vector<double>& w) {
  return std::make_unique<Linear>(y, w);
}

std::unique_ptr<WorkingFamily> logistic_family(const std::vector<double>& y, const std::vector<double>& w) {
  return std::make_unique<Logistic>(y, w);
}

}  // namespace gliocast::learn
