#include "complete_values.hpp"

#include <gliocast/core/error.hpp>

#include <cmath>

namespace gliocast::learn {

void require_complete(const FeatureTable& table, const std::string& step) {
  for (std::size_t c = 0; c < table.values.columns; ++c)
    for (std::size_t r = 0; r < table.values.rows; ++r)
      if (!std::isfinite(table.values(r, c)))
        throw unusable_input(step + ": " + table.features.at(c) + " is missing or not finite",
                             r < table.ids.size() ? table.ids[r] : "",
                             "put a step before it that fills or drops missing values");
}

void require_columns(const FeatureTable& table, std::size_t columns, const std::string& step) {
  if (table.values.columns != columns)
    throw Error(ExitCode::InternalFault, "a model of " + step + " of " + std::to_string(columns) + " columns met " +
                                             std::to_string(table.values.columns));
}

}  // namespace gliocast::learn
