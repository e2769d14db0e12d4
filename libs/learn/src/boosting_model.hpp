#pragma once
#include <gliocast/core/json.hpp>

#include <cstddef>

namespace gliocast::learn {

/// Throws Error{UnusableInput} where `model` is not XGBoost's JSON of gradient-boosted trees for two classes, or where
/// a tree is none: XGBoost trusts the indices that it reads.
void check_boosting(const Json& model);
/// Columns of the table that it was fitted on.
[[nodiscard]] std::size_t boosting_columns(const Json& model);

}  // namespace gliocast::learn
