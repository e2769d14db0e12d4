#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace gliocast {

/// Seeded random numbers that are the same on every machine and compiler: xoshiro256** seeded by SplitMix64
/// (Blackman & Vigna 2018). Meets UniformRandomBitGenerator, but the distributions of <random> are not portable: use
/// the members.
class Random {
 public:
  using result_type = std::uint64_t;
  /// The stream of a seed; each seed has its own.
  explicit Random(std::uint64_t seed) noexcept;
  /// An independent stream for a named or numbered part of the work: the same whatever else was drawn, in whatever
  /// order.
  Random(std::uint64_t seed, std::string_view stream, std::uint64_t number = 0) noexcept;

  static constexpr result_type min() noexcept { return 0; }
  static constexpr result_type max() noexcept { return ~result_type{0}; }
  result_type operator()() noexcept;

  double uniform() noexcept;                         ///< in [0, 1), 53 bits
  double uniform(double low, double high) noexcept;  ///< in [low, high)
  std::uint64_t below(std::uint64_t n) noexcept;     ///< in 0 … n−1 without bias; n > 0
  double normal() noexcept;                          ///< mean 0, sd 1 (Marsaglia's polar method)
  double normal(double mean, double sd) noexcept { return mean + sd * normal(); }
  double exponential() noexcept;  ///< mean 1
  bool chance(double p) noexcept { return uniform() < p; }

  using State = std::array<std::uint64_t, 4>;
  [[nodiscard]] State state() const noexcept { return s_; }  ///< for checkpoints; the spare normal is dropped
  void set_state(const State& s) noexcept {
    s_ = s;
    has_spare_ = false;
  }

 private:
  State s_{};
  double spare_ = 0;
  bool has_spare_ = false;
};

/// SplitMix64's output function: a good 64-bit mix.
[[nodiscard]] std::uint64_t mix64(std::uint64_t x) noexcept;

}  // namespace gliocast
