#pragma once
#include <gliocast/stats/data_frame.hpp>

#include <string>
#include <vector>

namespace gliocast::stats {

/// The columns of a table of text: numbers or factors, with what is to be said of them.
[[nodiscard]] std::vector<Column> read_columns(const TextTable& table, const std::vector<std::string>& missing);

}  // namespace gliocast::stats
