#include <gliocast/radiomics/discretise.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::radiomics {
namespace {

/// Remainder with the sign of the divisor, as Python's %.
double python_mod(double a, double b) {
  const double r = std::fmod(a, b);
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

}  // namespace

Discretised discretise_width(const std::vector<double>& values, double width) {
  if (values.empty()) return {};
  if (!(width > 0)) throw Error(ExitCode::WrongUse, "the bin width must be greater than 0", "binWidth");
  const auto [low, high] = std::ranges::minmax(values);
  const double first = low - python_mod(low, width);
  const double count = std::ceil((high + 2 * width - first) / width);
  constexpr double kMostLevels = 1e7;
  if (!(count < kMostLevels)) throw unusable_input("a bin width of " + shortest(width) + " gives " + shortest(std::floor(count)) + " grey levels", "binWidth", "choose a larger bin width");
  const auto edge = [&](double k) { return first + k * width; };
  Discretised out;
  out.level.reserve(values.size());
  for (const double v : values) {
    double k = std::floor((v - first) / width);
    while (edge(k) > v) --k;  // the edges decide, not the rounded quotient
    while (edge(k + 1) <= v) ++k;
    out.level.push_back(static_cast<std::uint32_t>(k) + 1);
    out.levels = std::max(out.levels, out.level.back());
  }
  return out;
}

}  // namespace gliocast::radiomics
