#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace gliocast::stats {

/// A dense matrix of doubles, column after column.
struct Matrix {
  std::size_t rows = 0, columns = 0;
  std::vector<double> values;  ///< values[column * rows + row]

  Matrix() = default;
  Matrix(std::size_t r, std::size_t c) : rows(r), columns(c), values(r * c, 0.0) {}
  [[nodiscard]] double& operator()(std::size_t r, std::size_t c) { return values[c * rows + r]; }
  [[nodiscard]] double operator()(std::size_t r, std::size_t c) const { return values[c * rows + r]; }
  [[nodiscard]] std::span<double> column(std::size_t c) { return {values.data() + c * rows, rows}; }
  [[nodiscard]] std::span<const double> column(std::size_t c) const { return {values.data() + c * rows, rows}; }
};

}  // namespace gliocast::stats
