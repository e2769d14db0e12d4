#pragma once
#include <gliocast/radiomics/feature.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace gliocast::radiomics {

constexpr double kEpsilon = 0x1.0p-52;  ///< added inside every logarithm, as in PyRadiomics

/// p log2 p.
inline double plog(double p) { return p * std::log2(p + kEpsilon); }

/// A feature and how it follows from `Values`, what the features of its class share and is computed once.
template <typename Values>
struct ListedFeature {
  const char* name;
  const char* unit;
  const char* definition;
  std::function<double(const Values&)> value;  ///< none: equals another one, and is left out as in PyRadiomics
  bool deprecated = false;
};

/// A class: the one place where its features, their order, names, units, definitions and formulae stand.
template <typename Values>
struct FeatureList {
  const char* name;
  const char* title;
  const char* source;
  const char* symbols;
  std::vector<ListedFeature<Values>> features;  ///< in PyRadiomics' order, deprecated ones last

  /// Those that are computed of `wanted`, in its order; where it is empty all but the deprecated ones.
  [[nodiscard]] std::vector<const ListedFeature<Values>*> chosen(const std::vector<std::string>& wanted) const {
    std::vector<const ListedFeature<Values>*> out;
    if (wanted.empty())
      for (const auto& f : features)
        if (!f.deprecated) out.push_back(&f);
    for (const auto& one : wanted)
      if (const auto f = std::ranges::find(features, one, &ListedFeature<Values>::name);
          f != features.end() && f->value)
        out.push_back(&*f);
    return out;
  }

  [[nodiscard]] Features evaluate(const Values& values, const std::vector<std::string>& wanted) const {
    Features out;
    for (const auto* f : chosen(wanted)) out.push_back({name, f->name, f->unit, f->value(values)});
    return out;
  }

  /// The mean of several, without those that are NaN; NaN where none is left.
  [[nodiscard]] Features evaluate_mean(const std::vector<Values>& several,
                                       const std::vector<std::string>& wanted) const {
    Features out;
    for (const auto* f : chosen(wanted)) {
      double sum = 0, n = 0;
      for (const Values& one : several)
        if (const double v = f->value(one); !std::isnan(v)) {
          sum += v;
          ++n;
        }
      out.push_back({name, f->name, f->unit, n > 0 ? sum / n : std::numeric_limits<double>::quiet_NaN()});
    }
    return out;
  }

  [[nodiscard]] FeatureClass described() const {
    FeatureClass out{name, title, source, symbols, {}};
    for (const auto& f : features) out.features.push_back({f.name, f.unit, f.definition, f.deprecated});
    return out;
  }
};

// The classes, each beside its formulae.
[[nodiscard]] FeatureClass first_order_class();
[[nodiscard]] FeatureClass glcm_class();
[[nodiscard]] FeatureClass gldm_class();
[[nodiscard]] FeatureClass glrlm_class();
[[nodiscard]] FeatureClass glszm_class();
[[nodiscard]] FeatureClass ngtdm_class();
[[nodiscard]] FeatureClass shape_class();
[[nodiscard]] FeatureClass shape_2d_class();

}  // namespace gliocast::radiomics
