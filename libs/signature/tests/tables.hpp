#pragma once
// Simulated tables that tests share.
#include <gliocast/core/random.hpp>
#include <gliocast/signature/survival_table.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gliocast::signature {

/// Normal features f0, f1, …, a row a patient p1, p2, …; log hazard: the first of them times `effects`.
struct Planted {
  SurvivalTable table;
  std::vector<double> log_hazard;
};

inline Planted planted_table(std::size_t rows, std::size_t features, const std::vector<double>& effects,
                             std::uint64_t seed, double censoring = 0.02) {
  Random random(seed, "planted");
  Planted p;
  auto& t = p.table.features;
  t.values = stats::Matrix(rows, features);
  for (std::size_t c = 0; c < features; ++c) t.features.push_back("f" + std::to_string(c));
  for (std::size_t r = 0; r < rows; ++r) {
    double risk = 0;
    for (std::size_t c = 0; c < features; ++c) {
      t.values(r, c) = random.normal();
      if (c < effects.size()) risk += effects[c] * t.values(r, c);
    }
    const double death = random.exponential() / (0.03 * std::exp(risk)), end = random.exponential() / censoring;
    p.log_hazard.push_back(risk);
    p.table.outcome.time.push_back(std::min(death, end));
    p.table.outcome.event.push_back(death <= end ? 1 : 0);
    t.ids.push_back("p" + std::to_string(r + 1));
    t.patient.push_back(static_cast<int>(r));
  }
  return p;
}

inline std::vector<double> negative(std::vector<double> values) {
  for (double& v : values) v = -v;
  return values;
}

}  // namespace gliocast::signature
