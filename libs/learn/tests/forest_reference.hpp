#pragma once
// The tables of tests/reference/learn, and comparisons of what is random in distribution.
#include "test_paths.hpp"

#include <gliocast/core/files.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/learn/feature_table.hpp>
#include <gliocast/learn/registry.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

namespace gliocast::learn::test_support {

inline Json read_reference(const std::string& name) {
  return read_json(std::string(GLIOCAST_SOURCE_DIR "/tests/reference/learn/") + name);
}

/// A row is a patient; `outcome`: "class" or "number".
inline FeatureTable table_of(const Json& json, const std::string& outcome) {
  FeatureTable t;
  t.outcome = json.at(outcome).get<std::vector<double>>();
  t.values = stats::Matrix(t.outcome.size(), json.at("columns").size());
  for (std::size_t c = 0; c < t.values.columns; ++c) {
    t.features.push_back("x" + std::to_string(c + 1));
    std::ranges::copy(json.at("columns").at(c).get<std::vector<double>>(), t.values.column(c).begin());
  }
  for (std::size_t r = 0; r < t.rows(); ++r) {
    t.ids.push_back("p" + std::to_string(r + 1));
    t.patient.push_back(static_cast<int>(r));
  }
  return t;
}

inline Rows all_rows(const FeatureTable& table) {
  Rows rows(table.rows());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

inline bool has_classifier(const std::string& name) {
  const auto known = known_steps();
  return std::ranges::any_of(known, [&](const KnownStep& k) { return k.classifier && k.name == name; });
}

/// Values of several fits, one a column each.
struct Spread {
  std::vector<double> mean, sd;
  std::size_t fits = 0;
};

inline Spread spread_of(const std::vector<std::vector<double>>& fits) {
  Spread s{std::vector<double>(fits.front().size()), std::vector<double>(fits.front().size()), fits.size()};
  const auto n = static_cast<double>(fits.size());
  for (std::size_t c = 0; c < s.mean.size(); ++c) {
    for (const auto& fit : fits) s.mean[c] += fit[c] / n;
    for (const auto& fit : fits) s.sd[c] += (fit[c] - s.mean[c]) * (fit[c] - s.mean[c]) / (n - 1);
    s.sd[c] = std::sqrt(s.sd[c]);
  }
  return s;
}

/// A column each, or one number.
inline Spread read_spread(const Json& json, std::size_t fits) {
  const auto list = [](const Json& v) {
    return v.is_array() ? v.get<std::vector<double>>() : std::vector{v.get<double>()};
  };
  return {list(json.at("mean")), list(json.at("sd")), fits};
}

/// Means within three standard errors of their difference, standard deviations within 35 % (four standard
/// errors of their ratio). `worst`: raised to the largest difference of means in those errors.
inline void expect_same_distribution(const Spread& ours, const Spread& theirs, const std::string& what,
                                     double* worst = nullptr) {
  ASSERT_EQ(ours.mean.size(), theirs.mean.size()) << what;
  for (std::size_t c = 0; c < ours.mean.size(); ++c) {
    const double error = std::sqrt(ours.sd[c] * ours.sd[c] / static_cast<double>(ours.fits) +
                                   theirs.sd[c] * theirs.sd[c] / static_cast<double>(theirs.fits));
    EXPECT_NEAR(ours.mean[c], theirs.mean[c], 3 * error + 1e-12) << what << ", column " << c + 1;
    EXPECT_NEAR(ours.sd[c], theirs.sd[c], 0.35 * theirs.sd[c]) << what << ", column " << c + 1;
    if (worst && error > 0) *worst = std::max(*worst, std::abs(ours.mean[c] - theirs.mean[c]) / error);
  }
}

/// Several of them beside one reference, for VALIDATION.md.
class ComparedForests {
 public:
  void add(const Spread& ours, const Spread& theirs, const std::string& what) {
    expect_same_distribution(ours, theirs, what, &worst_);
    count_ += ours.mean.size();
  }
  void print(const char* what, const char* reference) const {
    EXPECT_GT(count_, 0U);
    std::printf("VALIDATION learn | %s, means over 100 seeds | %s | %zu | %.1f standard errors\n", what, reference,
                count_, worst_);
  }

 private:
  double worst_ = 0;
  std::size_t count_ = 0;
};

/// Spearman's correlation, for values without ties.
inline double rank_correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto rank = [](const std::vector<double>& v, std::size_t i) {
    return static_cast<double>(std::ranges::count_if(v, [&](double x) { return x < v[i]; }));
  };
  const auto n = static_cast<double>(a.size());
  double squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) squares += std::pow(rank(a, i) - rank(b, i), 2);
  return 1 - 6 * squares / (n * (n * n - 1));
}

}  // namespace gliocast::learn::test_support
