#include "equal_features.hpp"

#include <gliocast/core/text.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <utility>

namespace gliocast::analysis {

void tell_equal(const learn::FeatureTable& t, std::vector<std::string>& notes) {
  std::map<std::vector<double>, std::size_t> known;  // values → place in `alike`
  std::vector<std::vector<std::string>> alike;
  for (std::size_t c = 0; c < t.features.size(); ++c) {
    const auto column = t.values.column(c);
    std::vector<double> values(column.begin(), column.end());
    for (double& v : values)
      if (!learn::usable(v)) v = std::numeric_limits<double>::infinity();  // missing is missing
    if (std::ranges::adjacent_find(values, std::ranges::not_equal_to{}) == values.end()) continue;
    const auto at = known.emplace(std::move(values), alike.size()).first->second;
    if (at == alike.size()) alike.emplace_back();
    alike[at].push_back(t.features[c]);
  }
  constexpr std::size_t kMostNamed = 5;
  std::vector<std::string> equal;
  for (const auto& names : alike) {
    std::string text = names.front();
    for (std::size_t i = 1; i < names.size(); ++i) text += " = " + names[i];
    if (names.size() > 1) equal.push_back(std::move(text));
  }
  if (!equal.empty())
    notes.push_back("features that are equal in all rows: " + listed(equal, kMostNamed) +
                    "; they share importance and weight: --drop leaves the others out");
}

}  // namespace gliocast::analysis
