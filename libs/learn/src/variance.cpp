#include "columns.hpp"
#include "function_learner.hpp"
#include "step_entry.hpp"

#include <gliocast/learn/selection.hpp>
#include <gliocast/learn/step_options.hpp>

#include <algorithm>

namespace gliocast::learn {
namespace {

struct VarianceOptions {
  double most_common = 0.95;  ///< share of the rows above which one value may not be held, in (0, 1]
  double least_variance = 0;  ///< features of this variance (divisor n) or less are dropped
};

VarianceOptions options_of(const Json& json) {
  StepOptions o("variance", json);
  VarianceOptions v;
  v.most_common = o.number("most_common", v.most_common, 0.01, 1);
  v.least_variance = o.number("least_variance", v.least_variance, 0, 1e300);
  o.finish();
  return v;
}

/// Share of the most frequent of the sorted values.
double most_common(const std::vector<double>& sorted) {
  std::size_t most = 0;
  for (std::size_t i = 0; i < sorted.size();) {
    std::size_t j = i;
    while (j < sorted.size() && sorted[j] == sorted[i]) ++j;
    most = std::max(most, j - i);
    i = j;
  }
  return static_cast<double>(most) / static_cast<double>(sorted.size());
}

/// Drops features that hardly vary in the training rows: missing cells are left out; a feature that is constant but for
/// rounding never passes. Where none passes, the one whose commonest value is rarest is kept.
std::shared_ptr<const FeatureModel> fit(const FeatureTable& table, const Rows& rows, const VarianceOptions& options) {
  std::vector<bool> passes;
  std::vector<double> share, values;
  for (std::size_t c = 0; c < table.values.columns; ++c) {
    take_present(table.values.column(c), rows, values);
    std::ranges::sort(values);
    share.push_back(values.empty() ? 1 : most_common(values));
    const Moments m = values.empty() ? Moments{} : moments(values, 0);
    passes.push_back(!m.constant() && share.back() <= options.most_common && m.sd * m.sd > options.least_variance);
  }
  return keep_passing(passes, share, "variance");
}

}  // namespace

StepEntry variance_entry() {
  return {
      "variance", "drops features that hardly vary: one value in most rows, or a small variance",
      [](const Json& json) {
        const auto options = options_of(json);
        return std::make_shared<FunctionLearner>(
            "variance", Json{{"most_common", options.most_common}, {"least_variance", options.least_variance}},
            [options](const FeatureTable& t, const Rows& rows, const FitContext&) { return fit(t, rows, options); });
      },
      [](const Json& model) { return Selection::from_json(model); }};
}

}  // namespace gliocast::learn
