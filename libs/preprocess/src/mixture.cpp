#include "mixture.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace gliocast::preprocess {
namespace {

constexpr double kRidge = 1e-3;  ///< added to variances: signals are on the scale of 1
constexpr std::size_t kN = kMaxSignals;

double distance2(const Signals& x, const std::array<double, kN>& mean, std::size_t d) {
  double sum = 0;
  for (std::size_t a = 0; a < d; ++a)
    sum += (static_cast<double>(x[a]) - mean[a]) * (static_cast<double>(x[a]) - mean[a]);
  return sum;
}

}  // namespace

GaussianMixture::GaussianMixture(const std::vector<Signals>& samples, std::size_t dimensions, std::size_t components,
                                 Random random)
    : dimensions_(dimensions) {
  start(samples, components, random);
  const auto all = static_cast<std::uint8_t>((1U << dimensions_) - 1);
  std::vector<double> responsibility(samples.size() * components);
  double before = -std::numeric_limits<double>::infinity();
  for (int iteration = 0; iteration < 40; ++iteration) {
    prepare_marginals();
    double likelihood = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      double* r = &responsibility[i * components];
      double top = -std::numeric_limits<double>::infinity(), sum = 0;
      for (std::size_t k = 0; k < components; ++k) {
        r[k] = components_[k].log_weight + component_log_density(k, samples[i], all);
        top = std::max(top, r[k]);
      }
      for (std::size_t k = 0; k < components; ++k) {
        r[k] = std::exp(r[k] - top);
        sum += r[k];
      }
      for (std::size_t k = 0; k < components; ++k) r[k] /= sum;
      likelihood += top + std::log(sum);
    }
    for (std::size_t k = 0; k < components; ++k) {
      Component& c = components_[k];
      double weight = 1e-9;
      std::array<double, kN> mean{};
      for (std::size_t i = 0; i < samples.size(); ++i) {
        weight += responsibility[i * components + k];
        for (std::size_t a = 0; a < dimensions_; ++a)
          mean[a] += responsibility[i * components + k] * static_cast<double>(samples[i][a]);
      }
      for (double& m : mean) m /= weight;
      c = {std::log(weight / static_cast<double>(samples.size())), mean, {}};
      for (std::size_t i = 0; i < samples.size(); ++i)
        for (std::size_t a = 0; a < dimensions_; ++a)
          for (std::size_t b = 0; b <= a; ++b)
            c.covariance[a * kN + b] += responsibility[i * components + k] *
                                        (static_cast<double>(samples[i][a]) - mean[a]) *
                                        (static_cast<double>(samples[i][b]) - mean[b]) / weight;
      for (std::size_t a = 0; a < dimensions_; ++a) {
        c.covariance[a * kN + a] += kRidge;
        for (std::size_t b = 0; b < a; ++b) c.covariance[b * kN + a] = c.covariance[a * kN + b];
      }
    }
    likelihood /= static_cast<double>(samples.size());
    if (likelihood - before < 1e-3) break;
    before = likelihood;
  }
  prepare_marginals();
}

/// k-means++ (Arthur & Vassilvitskii 2007), ten rounds of k-means, then each cluster's covariance.
void GaussianMixture::start(const std::vector<Signals>& samples, std::size_t components, Random random) {
  components_.resize(components);
  std::vector<double> nearest(samples.size(), std::numeric_limits<double>::infinity());
  std::vector<std::size_t> own(samples.size(), 0);
  for (std::size_t k = 0; k < components; ++k) {
    double total = 0;
    if (k > 0)
      for (const double d : nearest) total += d;
    std::size_t chosen = random.below(samples.size());
    if (total > 0) {
      double left = random.uniform() * total;
      for (chosen = 0; chosen + 1 < samples.size() && left >= nearest[chosen]; ++chosen) left -= nearest[chosen];
    }
    for (std::size_t a = 0; a < dimensions_; ++a) components_[k].mean[a] = static_cast<double>(samples[chosen][a]);
    for (std::size_t i = 0; i < samples.size(); ++i)
      nearest[i] = std::min(nearest[i], distance2(samples[i], components_[k].mean, dimensions_));
  }
  for (int round = 0; round < 10; ++round) {
    std::vector<std::array<double, kN + 1>> sums(components);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      double best = std::numeric_limits<double>::infinity();
      for (std::size_t k = 0; k < components; ++k)
        if (const double d = distance2(samples[i], components_[k].mean, dimensions_); d < best) {
          best = d;
          own[i] = k;
        }
      for (std::size_t a = 0; a < dimensions_; ++a) sums[own[i]][a] += static_cast<double>(samples[i][a]);
      sums[own[i]][kN] += 1;
    }
    for (std::size_t k = 0; k < components; ++k)
      for (std::size_t a = 0; a < dimensions_ && sums[k][kN] > 0; ++a)
        components_[k].mean[a] = sums[k][a] / sums[k][kN];
  }
  for (std::size_t k = 0; k < components; ++k) {
    Component& c = components_[k];
    double n = 1e-9;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (own[i] != k) continue;
      ++n;
      for (std::size_t a = 0; a < dimensions_; ++a)
        for (std::size_t b = 0; b < dimensions_; ++b)
          c.covariance[a * kN + b] +=
              (static_cast<double>(samples[i][a]) - c.mean[a]) * (static_cast<double>(samples[i][b]) - c.mean[b]);
    }
    for (double& v : c.covariance) v /= n;
    for (std::size_t a = 0; a < dimensions_; ++a) c.covariance[a * kN + a] += kRidge;
    c.log_weight = std::log((n + 1) / static_cast<double>(samples.size() + components));
  }
}

void GaussianMixture::prepare_marginals() {
  marginals_.assign(components_.size(), {});
  for (std::size_t k = 0; k < components_.size(); ++k)
    for (unsigned present = 1; present < (1U << dimensions_); ++present) {
      std::array<std::size_t, kN> which{};
      std::size_t d = 0;
      for (std::size_t a = 0; a < dimensions_; ++a)
        if (present >> a & 1U) which[d++] = a;
      std::array<double, kN * kN> factor{};
      Marginal& m = marginals_[k][present];
      m.log_constant = -0.5 * static_cast<double>(d) * std::log(2 * std::numbers::pi);
      for (std::size_t r = 0; r < d; ++r)
        for (std::size_t c = 0; c <= r; ++c) {
          double v = components_[k].covariance[which[r] * kN + which[c]];
          for (std::size_t j = 0; j < c; ++j) v -= factor[r * kN + j] * factor[c * kN + j];
          factor[r * kN + c] = r == c ? std::sqrt(std::max(v, 1e-9)) : v / factor[c * kN + c];
        }
      for (std::size_t r = 0; r < d; ++r) {
        m.log_constant -= std::log(factor[r * kN + r]);
        m.inverse_factor[r * kN + r] = 1 / factor[r * kN + r];
        for (std::size_t c = 0; c < r; ++c) {
          double v = 0;
          for (std::size_t j = c; j < r; ++j) v -= factor[r * kN + j] * m.inverse_factor[j * kN + c];
          m.inverse_factor[r * kN + c] = v / factor[r * kN + r];
        }
      }
    }
}

double GaussianMixture::component_log_density(std::size_t k, const Signals& x, std::uint8_t present) const {
  const Marginal& m = marginals_[k][present];
  std::array<double, kN> difference{};
  std::size_t d = 0;
  for (std::size_t a = 0; a < dimensions_; ++a)
    if (present >> a & 1U) difference[d++] = static_cast<double>(x[a]) - components_[k].mean[a];
  double sum = 0;
  for (std::size_t r = 0; r < d; ++r) {
    double z = 0;
    for (std::size_t c = 0; c <= r; ++c) z += m.inverse_factor[r * kN + c] * difference[c];
    sum += z * z;
  }
  return m.log_constant - 0.5 * sum;
}

double GaussianMixture::log_density(const Signals& x, std::uint8_t present) const {
  if (present == 0) return 0;
  double top = -std::numeric_limits<double>::infinity(), sum = 0;
  std::array<double, 16> terms{};
  const std::size_t n = std::min(terms.size(), components_.size());
  for (std::size_t k = 0; k < n; ++k) {
    terms[k] = components_[k].log_weight + component_log_density(k, x, present);
    top = std::max(top, terms[k]);
  }
  for (std::size_t k = 0; k < n; ++k) sum += std::exp(terms[k] - top);
  return top + std::log(sum);
}

}  // namespace gliocast::preprocess
