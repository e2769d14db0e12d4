#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/stats/data_frame.hpp>
#include <gliocast/stats/formula.hpp>
#include <gliocast/stats/matrix.hpp>

#include <string>
#include <vector>

namespace gliocast::stats {

/// How one variable of a formula becomes columns; learned from the rows of a fit.
struct VariableCoding {
  enum class Kind { Numeric, Factor, Spline };
  Kind kind = Kind::Numeric;
  std::vector<std::string> levels;  ///< of a factor, the reference first
  std::vector<double> knots;        ///< of a spline
};

/// One group of observations with a baseline of its own.
struct Strata {
  std::vector<int> codes;           ///< one a row, position in `labels`
  std::vector<std::string> labels;  ///< as R's strata(): "centre=A" for numbers, "A" for text
};

/// One factor of a column's product: a variable of the formula, and which of its columns (level of a factor; 0 the
/// linear and k the k-th nonlinear term of a spline; 0 of a number).
struct ColumnPart {
  std::size_t variable = 0, index = 0;
};

/// A level of a table that a model's fit did not have.
struct UnknownLevel {
  std::string column, level;
  std::size_t rows = 0, known_levels = 0;  ///< rows that have it; how many levels the model knows
  std::string known;                       ///< the first of those levels, with commas
};

/// The columns of a model: R's treatment contrasts and term names, without an intercept.
class DesignSpecification {
 public:
  DesignSpecification() = default;
  /// Learns levels (those that occur in `rows`) and spline knots (from every row of `frame`, as R evaluates rcs()
  /// before it leaves rows out). Throws Error{UnusableInput} naming a factor with one level, or a spline with too few
  /// values.
  DesignSpecification(Formula formula, const DataFrame& frame, const std::vector<std::size_t>& rows);
  /// From what to_json() wrote. Throws Error{UnusableInput}.
  static DesignSpecification from_json(const Json& json);
  [[nodiscard]] Json to_json() const;

  [[nodiscard]] const Formula& formula() const noexcept { return formula_; }
  [[nodiscard]] const std::vector<VariableCoding>& codings() const noexcept { return codings_; }
  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }  ///< one a column
  [[nodiscard]] const std::vector<std::size_t>& term_of_column() const noexcept { return term_of_column_; }
  [[nodiscard]] const std::vector<std::string>& term_labels() const noexcept { return formula_.term_labels; }
  /// What each column is the product of.
  [[nodiscard]] std::vector<std::vector<ColumnPart>> column_parts() const;

  /// [rows, columns]; NaN where a variable is missing or a level was not there at the fit.
  [[nodiscard]] Matrix matrix(const DataFrame& frame) const;
  /// Levels of the factors' columns that were not there at the fit; missing values are none.
  [[nodiscard]] std::vector<UnknownLevel> unknown_levels(const DataFrame& frame) const;
  /// Sum of offset() terms, one a row; zeros without.
  [[nodiscard]] std::vector<double> offsets(const DataFrame& frame) const;
  /// The strata() of the formula, labels sorted; one stratum "all" without. A missing value has code −1.
  [[nodiscard]] Strata strata(const DataFrame& frame) const;

 private:
  struct Block {
    std::vector<std::string> names;
    Matrix columns;
  };
  void name_columns();
  [[nodiscard]] Block variable_block(std::size_t variable, bool full_dummies, const DataFrame* frame) const;
  [[nodiscard]] Block term_block(std::size_t term, const DataFrame* frame) const;
  [[nodiscard]] bool needs_all_levels(std::size_t term, std::size_t variable) const;

  Formula formula_;
  std::vector<VariableCoding> codings_;
  std::vector<std::string> names_;
  std::vector<std::size_t> term_of_column_;
};

/// Rows in which every column named has a value.
[[nodiscard]] std::vector<std::size_t> complete_rows(const DataFrame& frame, const std::vector<std::string>& columns);

}  // namespace gliocast::stats
