#include "net_choice.hpp"
#include "step_entry.hpp"

#include <gliocast/learn/selection.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::learn {
namespace {

/// |coefficient| of each column, were its standard deviation 1.
std::vector<double> standard_sizes(const ElasticNetFit& fit, const std::vector<double>& scale) {
  std::vector<double> sizes(scale.size());
  for (const auto& [column, coefficient] : fit.coefficients) sizes[column] = std::fabs(coefficient) * scale[column];
  return sizes;
}

/// Sizes where the first columns enter the path.
std::vector<double> first_to_enter(const ElasticNetPath& path) {
  for (const auto& fit : path.fits)
    if (!fit.coefficients.empty()) return standard_sizes(fit, path.scale);
  return std::vector<double>(path.scale.size());
}

/// Keeps the features that a net with a lasso part uses, by column; of them the `most` largest, 0: all.
class NetStep final : public FeatureLearner {
 public:
  NetStep(NetChoice choice, std::size_t most) : choice_(std::move(choice)), most_(most) {}

  [[nodiscard]] std::string name() const override { return choice_.step; }
  [[nodiscard]] Json options() const override {
    Json json = choice_.to_json(false);
    json["most"] = most_;
    return json;
  }
  [[nodiscard]] std::size_t least_patients() const override { return choice_.least_patients(); }
  [[nodiscard]] std::shared_ptr<const FeatureModel> fit(const FeatureTable& table, const Rows& rows,
                                                        const FitContext& context) const override {
    auto net = choose_net(choice_, table, rows, context);
    const auto sizes = standard_sizes(net.fit, net.path.scale);
    auto kept = largest(sizes);
    if (kept.empty()) {
      const auto first = first_to_enter(choice_.lambda == "number" ? own_path(table, rows) : net.path);
      kept.push_back(static_cast<std::size_t>(std::ranges::max_element(first) - first.begin()));
      net.notes.push_back(choice_.step + ": no feature is used at λ; the first that enters the path is kept");
    }
    return std::make_shared<Selection>(sizes.size(), std::move(kept), sizes, std::move(net.notes));
  }

 private:
  [[nodiscard]] std::vector<std::size_t> largest(const std::vector<double>& sizes) const {
    std::vector<std::size_t> kept;
    for (std::size_t c = 0; c < sizes.size(); ++c)
      if (sizes[c] > 0) kept.push_back(c);
    if (most_ == 0 || kept.size() <= most_) return kept;
    std::ranges::stable_sort(kept, std::greater{}, [&](std::size_t c) { return sizes[c]; });
    kept.resize(most_);
    std::ranges::sort(kept);
    return kept;
  }
  [[nodiscard]] ElasticNetPath own_path(const FeatureTable& table, const Rows& rows) const {
    return fit_elastic_net(table.values, table.outcome, rows, {.family = choice_.family, .alpha = choice_.alpha});
  }

  NetChoice choice_;
  std::size_t most_;
};

StepEntry entry(const char* name, const char* summary, double alpha) {
  return {name, summary,
          [name, alpha](const Json& json) {
            StepOptions options(name, json);
            auto choice = NetChoice::read(name, options, json, alpha, false);
            const std::size_t most = options.count("most", 0, 0, 1000000);
            options.finish();
            return std::make_shared<NetStep>(std::move(choice), most);
          },
          [](const Json& model) { return Selection::from_json(model); }};
}

}  // namespace

StepEntry lasso_entry() { return entry("lasso", "features that a lasso with cross-validated λ uses", 1); }
StepEntry elastic_net_entry() {
  return entry("elastic_net", "features that an elastic net with cross-validated λ uses", 0.5);
}

}  // namespace gliocast::learn
