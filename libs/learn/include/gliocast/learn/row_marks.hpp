#pragma once
#include <gliocast/learn/feature_table.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gliocast::learn {

/// Checksums of rows, so short that none says who is in a table: 16 bits of the SHA-256 of the values, to six digits,
/// of these columns. One row in 65 536 bears the same mark whatever its values, so that a model that keeps its training
/// rows' marks names nobody, and still knows a table that holds many of them. One a row. Throws Error{UnusableInput}
/// where a column lacks.
[[nodiscard]] std::vector<std::uint16_t> row_marks(const FeatureTable& table, const std::vector<std::string>& columns);

/// How many rows of a table bear a mark of training; 0 where they are not clearly more than chance gives: two above
/// what is expected, and five of its standard deviations.
[[nodiscard]] std::size_t recognised_rows(const std::vector<std::uint16_t>& training,
                                          const std::vector<std::uint16_t>& table);

}  // namespace gliocast::learn
