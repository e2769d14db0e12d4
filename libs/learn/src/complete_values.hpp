#pragma once
#include <gliocast/learn/feature_table.hpp>

#include <string>

namespace gliocast::learn {

/// Throws Error{UnusableInput} naming row and column where a value is missing or not finite. `step`: who needs it.
void require_complete(const FeatureTable& table, const std::string& step);

/// Throws Error{InternalFault} where the table has not as many columns as the model was fitted on.
void require_columns(const FeatureTable& table, std::size_t columns, const std::string& step);

}  // namespace gliocast::learn
