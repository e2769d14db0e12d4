#pragma once
#include <cstddef>
#include <vector>

namespace gliocast::survival {

/// The values of these rows, in their order; nothing of a list that is not used.
template <class T>
[[nodiscard]] std::vector<T> pick(const std::vector<T>& values, const std::vector<std::size_t>& rows) {
  std::vector<T> result;
  if (values.empty()) return result;
  result.reserve(rows.size());
  for (const std::size_t i : rows) result.push_back(values[i]);
  return result;
}

}  // namespace gliocast::survival
