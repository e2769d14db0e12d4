#pragma once
// A mixture of Gaussians over up to four sequences' signals, some of which may be absent at a place.
#include <gliocast/core/random.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gliocast::preprocess {

inline constexpr std::size_t kMaxSignals = 4;
using Signals = std::array<float, kMaxSignals>;

/// Fitted by expectation–maximisation from k-means++ starts; full covariances.
class GaussianMixture {
 public:
  /// `samples`: at least 10 × components; the first `dimensions` signals of each count.
  GaussianMixture(const std::vector<Signals>& samples, std::size_t dimensions, std::size_t components, Random random);

  /// Log density of the signals whose bit is set in `present`; 0 where none is.
  [[nodiscard]] double log_density(const Signals& x, std::uint8_t present) const;

 private:
  struct Component {
    double log_weight = 0;
    std::array<double, kMaxSignals> mean{};
    std::array<double, kMaxSignals * kMaxSignals> covariance{};
  };
  /// A component restricted to some of the signals: Cholesky factor of its covariance, ready to evaluate.
  struct Marginal {
    double log_constant = 0;
    std::array<double, kMaxSignals * kMaxSignals> inverse_factor{};  ///< lower triangular
  };

  void start(const std::vector<Signals>& samples, std::size_t components, Random random);
  void prepare_marginals();
  [[nodiscard]] double component_log_density(std::size_t k, const Signals& x, std::uint8_t present) const;

  std::size_t dimensions_;
  std::vector<Component> components_;
  std::vector<std::array<Marginal, 1 << kMaxSignals>> marginals_;
};

}  // namespace gliocast::preprocess
