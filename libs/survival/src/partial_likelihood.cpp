#include <gliocast/survival/partial_likelihood.hpp>

#include "cox_checks.hpp"
#include "risk_sets.hpp"

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::survival {

struct PartialLikelihood::State {
  RiskSets sets;
  std::vector<double> weights;              // a row
  std::vector<char> event;                  // a row
  std::vector<std::size_t> stratum_of_row;  // numbered from 0
  std::size_t strata = 1;

  /// exp(eta − the middle of its stratum) times the case weight, of each row; the middles.
  void risks(const double* eta, std::vector<double>& risk, std::vector<double>& middle) const;
};

void PartialLikelihood::State::risks(const double* eta, std::vector<double>& risk, std::vector<double>& middle) const {
  std::vector<double> low(strata, HUGE_VAL), high(strata, -HUGE_VAL);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    low[stratum_of_row[i]] = std::min(low[stratum_of_row[i]], eta[i]);
    high[stratum_of_row[i]] = std::max(high[stratum_of_row[i]], eta[i]);
  }
  middle.resize(strata);
  for (std::size_t s = 0; s < strata; ++s) middle[s] = low[s] / 2 + high[s] / 2;
  risk.resize(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) risk[i] = weights[i] * std::exp(eta[i] - middle[stratum_of_row[i]]);
}

PartialLikelihood::PartialLikelihood(const CoxData& data, Ties ties) {
  if (ties == Ties::Exact)
    throw Error(ExitCode::WrongUse, "a penalised model takes ties by Breslow or Efron", "--ties exact");
  check_outcome(data);
  const std::size_t n = rows_ = data.time.size();
  State s{RiskSets(data, ties), data.weights.empty() ? std::vector<double>(n, 1.0) : data.weights, data.event,
          std::vector<std::size_t>(n), 1};
  if (!data.strata.empty()) {
    std::vector<int> codes = data.strata;
    std::ranges::sort(codes);
    codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
    for (std::size_t i = 0; i < n; ++i)
      s.stratum_of_row[i] = static_cast<std::size_t>(std::ranges::lower_bound(codes, data.strata[i]) - codes.begin());
    s.strata = codes.size();
  }
  for (const auto& e : s.sets.events()) {
    const double each = e.weight / static_cast<double>(e.means);
    for (std::size_t k = 0; k < e.means; ++k)
      saturated_ -= each * std::log(e.weight * (1 - static_cast<double>(k) / static_cast<double>(e.means)));
  }
  state_ = std::make_shared<const State>(std::move(s));
}

double PartialLikelihood::value(const double* eta) const { return value(eta, nullptr, nullptr); }

double PartialLikelihood::value(const double* eta, double* derivative, double* hazard) const {
  const State& s = *state_;
  std::vector<double> risk, middle;
  s.risks(eta, risk, middle);
  const auto& events = s.sets.events();
  // Increments of the cumulative hazard; of those who die, the share that Efron's ties take away.
  std::vector<double> increment(events.size()), spared(events.size());
  double value = 0, sum = 0;
  s.sets.walk([&] { sum = 0; }, [&](std::size_t row, double sign) { sum += sign * risk[row]; },
              [&](std::size_t g) {
                const EventTime& e = events[g];
                double dying = 0;
                for (const std::size_t row : e.deaths) {
                  dying += risk[row];
                  value += s.weights[row] * (eta[row] - middle[s.stratum_of_row[row]]);
                }
                const double each = e.weight / static_cast<double>(e.means);
                for (std::size_t k = 0; k < e.means; ++k) {
                  const double part = static_cast<double>(k) / static_cast<double>(e.means);
                  const double denominator = sum - part * dying;
                  value -= each * std::log(denominator);
                  increment[g] += each / denominator;
                  spared[g] += each * part / denominator;
                }
              });
  if (derivative == nullptr) return value;
  const auto cumulative = s.sets.sum_over_exposure(increment, spared);
  for (std::size_t i = 0; i < cumulative.size(); ++i) {
    hazard[i] = risk[i] * cumulative[i];
    derivative[i] = (s.event[i] ? s.weights[i] : 0.0) - hazard[i];
  }
  return value;
}

RiskSetMeans PartialLikelihood::means(const double* eta) const {
  RiskSetMeans m;
  std::vector<double> middle;
  m.state_ = state_;
  state_->risks(eta, m.risk_, middle);
  m.weights_.resize(state_->sets.means());
  m.denominator_.resize(m.weights_.size());
  double sum = 0;
  state_->sets.walk([&] { sum = 0; }, [&](std::size_t row, double sign) { sum += sign * m.risk_[row]; },
                    [&](std::size_t g) {
                      const EventTime& e = state_->sets.events()[g];
                      double dying = 0;
                      for (const std::size_t row : e.deaths) dying += m.risk_[row];
                      for (std::size_t k = 0; k < e.means; ++k) {
                        m.weights_[e.first_mean + k] = e.weight / static_cast<double>(e.means);
                        m.denominator_[e.first_mean + k] =
                            sum - static_cast<double>(k) / static_cast<double>(e.means) * dying;
                      }
                    });
  return m;
}

void RiskSetMeans::of(const double* column, double* means) const {
  double sum = 0;
  state_->sets.walk([&] { sum = 0; }, [&](std::size_t row, double sign) { sum += sign * risk_[row] * column[row]; },
                    [&](std::size_t g) {
                      const EventTime& e = state_->sets.events()[g];
                      double dying = 0;
                      if (e.means > 1)
                        for (const std::size_t row : e.deaths) dying += risk_[row] * column[row];
                      for (std::size_t k = 0; k < e.means; ++k)
                        means[e.first_mean + k] =
                            (sum - static_cast<double>(k) / static_cast<double>(e.means) * dying) /
                            denominator_[e.first_mean + k];
                    });
}

}  // namespace gliocast::survival
