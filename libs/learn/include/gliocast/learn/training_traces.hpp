#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/learn/column_origins.hpp>

#include <cstdint>
#include <vector>

namespace gliocast::learn {

// What a bundle keeps of the rows that fitted it: enough to know them again, too little to name anybody.

/// Marks of the rows and origins of the columns into a payload; what is empty is left out.
void add_traces(const std::vector<std::uint16_t>& marks, const ColumnOrigins& origins, Json& payload);
/// What add_traces() wrote. Throws nlohmann's exception where it is something else.
void read_traces(const Json& payload, std::vector<std::uint16_t>& marks, ColumnOrigins& origins);

}  // namespace gliocast::learn
