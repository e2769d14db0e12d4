#pragma once
#include <gliocast/core/json.hpp>

#include <cstddef>
#include <vector>

namespace gliocast {

/// A count out of JSON, as written: nlohmann's get<std::size_t>() takes any number, and one beyond the range is no
/// number at all. Throws Error{UnusableInput} where it is no whole number from 0 on.
[[nodiscard]] std::size_t count_of(const Json& json);
/// The same of a list.
[[nodiscard]] std::vector<std::size_t> counts_of(const Json& list);

}  // namespace gliocast
