#include "missing_codes.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace gliocast::stats {
namespace {

constexpr std::array<double, 9> kCodes{-99999, -9999, -999, -99, -9, 99, 999, 9999, 99999};
constexpr std::size_t kLeastRows = 2;    // of a code: once it may be an outlier
constexpr std::size_t kLeastOthers = 3;  // numbers, of fewer nothing is known

bool is_code(double v) { return std::ranges::find(kCodes, v) != kCodes.end(); }

}  // namespace

std::vector<SuspectedCode> suspected_missing_codes(const std::vector<double>& numbers) {
  std::vector<double> others;
  for (const double v : numbers)
    if (std::isfinite(v) && !is_code(v)) others.push_back(v);
  if (others.size() < kLeastOthers) return {};
  const auto [low, high] = std::ranges::minmax(others);
  std::vector<SuspectedCode> found;
  for (const double code : kCodes) {
    const auto rows = static_cast<std::size_t>(std::ranges::count(numbers, code));
    if (rows < kLeastRows) continue;
    const bool other_sign = code < 0 && low >= 0;
    if (other_sign || low - code > high - low || code - high > high - low) found.push_back({code, rows, low, high});
  }
  return found;
}

}  // namespace gliocast::stats
