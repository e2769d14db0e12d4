#include "frozen_harmonisation.hpp"

#include <algorithm>

namespace gliocast::study {
namespace {

constexpr const char* kTraining = "training";
constexpr const char* kHere = "here";

learn::CombatTable combat_table(const learn::FeatureTable& rows, const char* batch) {
  learn::CombatTable table;
  table.features = rows.features;
  table.values = rows.values;
  table.batch.assign(rows.rows(), batch);
  return table;
}

}  // namespace

analysis::Harmonisation frozen_reference(const learn::FeatureTable& training) {
  learn::CombatOptions options;
  options.reference = kTraining;
  return {learn::fit_combat(combat_table(training, kTraining), options), "hospital", training.features, {}};
}

learn::FeatureTable harmonised(const learn::FeatureTable& rows, const analysis::Harmonisation& reference) {
  const auto values = learn::apply_combat(reference.model, combat_table(rows.select_named(reference.features), kHere));
  auto out = rows;
  for (std::size_t f = 0; f < reference.features.size(); ++f) {
    const auto at = std::ranges::find(rows.features, reference.features[f]) - rows.features.begin();
    std::ranges::copy(values.column(f), out.values.column(static_cast<std::size_t>(at)).begin());
  }
  return out;
}

}  // namespace gliocast::study
