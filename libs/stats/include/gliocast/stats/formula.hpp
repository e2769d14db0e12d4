#pragma once
#include <gliocast/stats/data_frame.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gliocast::stats {

/// An expression of a formula: a number, a column, or an operator or function of such.
struct Expression {
  enum class Kind { Number, Column, Operator, Call };
  Kind kind = Kind::Number;
  double number = 0;
  std::string name;                   ///< column, operator (+ - * / ^ : and unary "neg", "(") or function
  std::vector<Expression> arguments;  ///< of an operator or function

  /// As R deparses it: "log(volume + 1)", "I(age^2)".
  [[nodiscard]] std::string text() const;
};

/// A variable of a model: one side of an interaction. Its columns are made by DesignSpecification.
struct ModelVariable {
  std::string label;  ///< as R labels it, e.g. "age", "rcs(age, 4)", "log(volume)"
  Expression expression;
};

/// A main effect or interaction: positions of its variables in Formula::variables, ascending.
using Term = std::vector<std::size_t>;

/// The right-hand side of an R model formula.
struct Formula {
  std::string text;                      ///< as given
  std::vector<ModelVariable> variables;  ///< in order of appearance
  std::vector<Term> terms;               ///< main effects first, then interactions by order, as R's terms()
  std::vector<std::string> term_labels;  ///< one a term, as R's terms() of the whole formula labels it
  std::vector<Expression> offsets;       ///< arguments of offset()
  std::vector<Expression> strata;        ///< arguments of strata()
  std::string cluster;                   ///< column named in cluster(), empty without

  /// Every column of the table that the formula uses.
  [[nodiscard]] std::vector<std::string> columns() const;
};

/// Parses `age + sex * grade + rcs(age, 4) + log(volume) + strata(centre) + offset(x) + cluster(id)`; also `a:b`, `a /
/// b`, `(a + b)^2`, `- a`, `I(age / 10)`, `factor(code)`, names in `backticks`. A left side is refused: time and event
/// are named apart. Throws Error{WrongUse} that shows where the formula breaks.
[[nodiscard]] Formula parse_formula(std::string_view text);

/// Columns an expression uses, in order of appearance.
void collect_columns(const Expression& expression, std::vector<std::string>& names);

/// The number of an arithmetic expression in every row: + − * / ^, log, log2, log10, log1p, exp, sqrt, abs, I. NaN
/// where a column is missing. Throws Error{UnusableInput} on text columns.
[[nodiscard]] std::vector<double> evaluate(const Expression& expression, const DataFrame& frame);

}  // namespace gliocast::stats
