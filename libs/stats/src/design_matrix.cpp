#include <gliocast/stats/design_matrix.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/stats/spline.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace gliocast::stats {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
using Kind = VariableCoding::Kind;
constexpr std::size_t kMostColumns = 20000;

bool is_factor_call(const Expression& e) {
  return e.kind == Expression::Kind::Call && (e.name == "factor" || e.name == "as.factor");
}
bool is_spline_call(const Expression& e) { return e.kind == Expression::Kind::Call && e.name == "rcs"; }

/// The column of a factor variable: text, or factor(code).
const Expression& factor_column(const Expression& e) {
  if (is_factor_call(e) && (e.arguments.size() != 1 || e.arguments[0].kind != Expression::Kind::Column))
    throw Error(ExitCode::WrongUse, e.name + "() takes one column", "formula: " + e.text());
  return is_factor_call(e) ? e.arguments[0] : e;
}

std::vector<double> knots_of(const Expression& e, const DataFrame& frame) {
  if (e.arguments.empty() || e.arguments.size() > 2)
    throw Error(ExitCode::WrongUse, "rcs() takes a column and a number of knots", "formula: " + e.text(),
                "e.g. rcs(age, 4) or rcs(age, c(30, 45, 60))");
  const Expression* knots = e.arguments.size() == 2 ? &e.arguments[1] : nullptr;
  if (knots && knots->kind == Expression::Kind::Call && knots->name == "c") {
    std::vector<double> values;
    for (const auto& a : knots->arguments) values.push_back(evaluate(a, frame)[0]);
    std::ranges::sort(values);
    values.erase(std::unique(values.begin(), values.end()), values.end());
    if (values.size() < 3)
      throw Error(ExitCode::WrongUse, "a spline needs three different knots", "formula: " + e.text());
    return values;
  }
  if (knots && (knots->kind != Expression::Kind::Number || knots->number != std::floor(knots->number) ||
                knots->number < 3 || knots->number > 20))
    throw Error(ExitCode::WrongUse, "the number of knots is a whole number from 3 to 20", "formula: " + e.text());
  return spline_knots(evaluate(e.arguments[0], frame), knots ? static_cast<std::size_t>(knots->number) : 5, e.text());
}

VariableCoding learn(const ModelVariable& variable, const DataFrame& frame, const std::vector<std::size_t>& rows) {
  VariableCoding coding;
  const Expression& e = variable.expression;
  if (is_spline_call(e)) {
    coding.kind = Kind::Spline;
    coding.knots = knots_of(e, frame);
    return coding;
  }
  if (!is_factor_call(e) && (e.kind != Expression::Kind::Column || !frame.at(e.name).is_factor)) return coding;
  coding.kind = Kind::Factor;
  const Column column = as_factor(frame.at(factor_column(e).name));
  std::vector<char> present(column.levels.size(), 0);
  for (const std::size_t r : rows)
    if (column.codes[r] >= 0) present[static_cast<std::size_t>(column.codes[r])] = 1;
  for (std::size_t l = 0; l < present.size(); ++l)
    if (present[l]) coding.levels.push_back(column.levels[l]);
  if (coding.levels.size() < 2)
    throw unusable_input("column \"" + column.name + "\" has " +
                             (coding.levels.empty() ? "no level" : "the one level \"" + coding.levels[0] + "\"") +
                             " in the " + std::to_string(rows.size()) + " rows that can be used",
                         frame.origin(), "leave it out of the formula");
  return coding;
}

}  // namespace

DesignSpecification::DesignSpecification(Formula formula, const DataFrame& frame, const std::vector<std::size_t>& rows)
    : formula_(std::move(formula)) {
  for (const auto& variable : formula_.variables) codings_.push_back(learn(variable, frame, rows));
  name_columns();
}

void DesignSpecification::name_columns() {
  names_.clear();
  term_of_column_.clear();
  for (std::size_t t = 0; t < formula_.terms.size(); ++t)
    for (auto& name : term_block(t, nullptr).names) {
      if (names_.size() >= kMostColumns)
        throw unusable_input("the formula has more than " + std::to_string(kMostColumns) + " columns", {},
                             "a column with a text level a row, such as an identifier, is no predictor");
      names_.push_back(std::move(name));
      term_of_column_.push_back(t);
    }
}

/// R's rule: a factor has its contrasts in a term if what the term holds besides it stands in an earlier term, else a
/// column a level.
bool DesignSpecification::needs_all_levels(std::size_t term, std::size_t variable) const {
  Term margin = formula_.terms[term];
  std::erase(margin, variable);
  return !margin.empty() &&
         std::none_of(formula_.terms.begin(), formula_.terms.begin() + static_cast<std::ptrdiff_t>(term),
                      [&](const Term& earlier) { return std::ranges::includes(earlier, margin); });
}

DesignSpecification::Block DesignSpecification::variable_block(std::size_t variable, bool full_dummies,
                                                               const DataFrame* frame) const {
  const auto& [label, e] = formula_.variables[variable];
  const VariableCoding& coding = codings_[variable];
  Block block;
  const std::size_t n = frame ? frame->rows() : 0;
  if (coding.kind == Kind::Factor) {
    const std::size_t first = full_dummies ? 0 : 1;
    for (std::size_t l = first; l < coding.levels.size(); ++l) block.names.push_back(label + coding.levels[l]);
    block.columns = Matrix(n, block.names.size());
    if (!frame) return block;
    const Column column = as_factor(frame->at(factor_column(e).name));
    for (std::size_t r = 0; r < n; ++r) {
      const auto level =
          column.missing(r)
              ? coding.levels.end()
              : std::ranges::find(coding.levels, column.levels[static_cast<std::size_t>(column.codes[r])]);
      const auto l = static_cast<std::size_t>(level - coding.levels.begin());
      for (std::size_t c = 0; c < block.names.size(); ++c)
        block.columns(r, c) = level == coding.levels.end() ? kNaN : l == c + first ? 1 : 0;
    }
    return block;
  }
  if (coding.kind == Kind::Spline) {
    std::vector<std::string> columns;  // rms names a spline's columns by the innermost column of the table
    collect_columns(e.arguments[0], columns);
    std::string name = label + (columns.empty() ? e.arguments[0].text() : columns[0]);
    for (std::size_t k = 0; k + 1 < coding.knots.size(); ++k, name += '\'') block.names.push_back(name);
    block.columns = Matrix(n, block.names.size());
    if (!frame) return block;
    const auto x = evaluate(e.arguments[0], *frame);
    for (std::size_t r = 0; r < n; ++r) {
      block.columns(r, 0) = x[r];
      const auto terms =
          std::isnan(x[r]) ? std::vector<double>(block.names.size() - 1, kNaN) : spline_terms(x[r], coding.knots);
      for (std::size_t c = 0; c < terms.size(); ++c) block.columns(r, c + 1) = terms[c];
    }
    return block;
  }
  block.names = {label};
  block.columns = Matrix(n, 1);
  if (frame) block.columns.values = evaluate(e, *frame);
  return block;
}

DesignSpecification::Block DesignSpecification::term_block(std::size_t term, const DataFrame* frame) const {
  Block result;
  for (const std::size_t v : formula_.terms[term]) {
    Block next = variable_block(v, needs_all_levels(term, v), frame);
    if (v == formula_.terms[term].front()) {
      result = std::move(next);
      continue;
    }
    // The columns of the first variable vary fastest.
    Block product;
    if (result.names.size() > kMostColumns / std::max<std::size_t>(1, next.names.size()))
      throw unusable_input("the interaction " + formula_.term_labels[term] + " has more than " +
                               std::to_string(kMostColumns) + " columns",
                           {}, "join levels, or leave it out of the formula");
    product.columns = Matrix(frame ? frame->rows() : 0, result.names.size() * next.names.size());
    for (std::size_t b = 0; b < next.names.size(); ++b)
      for (std::size_t a = 0; a < result.names.size(); ++a) {
        product.names.push_back(result.names[a] + ":" + next.names[b]);
        for (std::size_t r = 0; r < product.columns.rows; ++r)
          product.columns(r, product.names.size() - 1) = result.columns(r, a) * next.columns(r, b);
      }
    result = std::move(product);
  }
  return result;
}

std::vector<std::vector<ColumnPart>> DesignSpecification::column_parts() const {
  std::vector<std::vector<ColumnPart>> result;
  for (std::size_t t = 0; t < formula_.terms.size(); ++t) {
    std::vector<std::vector<ColumnPart>> columns{{}};
    for (const std::size_t v : formula_.terms[t]) {
      const bool full = needs_all_levels(t, v);
      const std::size_t count = variable_block(v, full, nullptr).names.size();
      const std::size_t first = codings_[v].kind == Kind::Factor && !full ? 1 : 0;
      std::vector<std::vector<ColumnPart>> product;
      for (std::size_t b = 0; b < count; ++b)
        for (auto parts : columns) {
          parts.push_back({v, first + b});
          product.push_back(std::move(parts));
        }
      columns = std::move(product);
    }
    result.insert(result.end(), columns.begin(), columns.end());
  }
  return result;
}

Matrix DesignSpecification::matrix(const DataFrame& frame) const {
  Matrix result;
  result.rows = frame.rows();
  for (std::size_t t = 0; t < formula_.terms.size(); ++t) {
    const Block block = term_block(t, &frame);
    result.values.insert(result.values.end(), block.columns.values.begin(), block.columns.values.end());
    result.columns += block.names.size();
  }
  return result;
}

std::vector<UnknownLevel> DesignSpecification::unknown_levels(const DataFrame& frame) const {
  std::vector<UnknownLevel> unknown;
  for (std::size_t v = 0; v < codings_.size(); ++v) {
    if (codings_[v].kind != Kind::Factor) continue;
    const Column column = as_factor(frame.at(factor_column(formula_.variables[v].expression).name));
    const auto& known = codings_[v].levels;
    std::string list;
    for (std::size_t l = 0; l < std::min<std::size_t>(known.size(), 8); ++l) list += (l ? ", " : "") + known[l];
    for (std::size_t l = 0; l < column.levels.size(); ++l) {
      const auto rows = std::ranges::count(column.codes, static_cast<int>(l));
      if (rows > 0 && std::ranges::find(known, column.levels[l]) == known.end())
        unknown.push_back({column.name, column.levels[l], static_cast<std::size_t>(rows), known.size(), list});
    }
  }
  return unknown;
}

std::vector<double> DesignSpecification::offsets(const DataFrame& frame) const {
  std::vector<double> total(frame.rows(), 0.0);
  for (const auto& e : formula_.offsets) {
    const auto values = evaluate(e, frame);
    for (std::size_t r = 0; r < total.size(); ++r) total[r] += values[r];
  }
  return total;
}

Strata DesignSpecification::strata(const DataFrame& frame) const {
  Strata result;
  if (formula_.strata.empty()) return {std::vector<int>(frame.rows(), 0), {"all"}};
  std::vector<Column> columns;
  bool text_only = true;
  for (const auto& e : formula_.strata) {
    const Expression& name = factor_column(e);
    if (name.kind == Expression::Kind::Column) {
      text_only = text_only && (frame.at(name.name).is_factor || is_factor_call(e));
      columns.push_back(as_factor(frame.at(name.name)));
    } else {
      text_only = false;
      Column column;
      column.numbers = evaluate(name, frame);
      columns.push_back(as_factor(column));
    }
  }
  std::map<std::vector<int>, int> groups;
  std::vector<std::vector<int>> keys(frame.rows());
  for (std::size_t r = 0; r < frame.rows(); ++r) {
    for (const auto& column : columns) keys[r].push_back(column.codes[r]);
    if (std::ranges::find(keys[r], -1) == keys[r].end()) groups.emplace(keys[r], 0);
  }
  for (auto& [key, code] : groups) {
    code = static_cast<int>(result.labels.size());
    std::string label;
    for (std::size_t c = 0; c < columns.size(); ++c)
      label += (c ? ", " : "") + (text_only ? std::string() : formula_.strata[c].text() + "=") +
               columns[c].levels[static_cast<std::size_t>(key[c])];
    result.labels.push_back(label);
  }
  for (const auto& key : keys) {
    const auto found = groups.find(key);
    result.codes.push_back(found == groups.end() ? -1 : found->second);
  }
  return result;
}

Json DesignSpecification::to_json() const {
  Json variables = Json::array();
  for (std::size_t v = 0; v < codings_.size(); ++v) {
    Json item{{"variable", formula_.variables[v].label},
              {"kind", codings_[v].kind == Kind::Factor   ? "factor"
                       : codings_[v].kind == Kind::Spline ? "spline"
                                                          : "numeric"}};
    if (codings_[v].kind == Kind::Factor) item["levels"] = codings_[v].levels;
    if (codings_[v].kind == Kind::Spline) item["knots"] = codings_[v].knots;
    variables.push_back(std::move(item));
  }
  return {{"formula", formula_.text}, {"variables", std::move(variables)}};
}

DesignSpecification DesignSpecification::from_json(const Json& json) {
  try {
    DesignSpecification design;
    design.formula_ = parse_formula(json.at("formula").get<std::string>());
    const Json& variables = json.at("variables");
    if (variables.size() != design.formula_.variables.size())
      throw unusable_input("the formula has " + std::to_string(design.formula_.variables.size()) +
                           " variables, the model describes " + std::to_string(variables.size()));
    for (std::size_t v = 0; v < variables.size(); ++v) {
      const Json& item = variables[v];
      VariableCoding coding;
      const auto kind = item.at("kind").get<std::string>();
      const Expression& e = design.formula_.variables[v].expression;
      if (kind == "factor") {
        coding.kind = Kind::Factor;
        coding.levels = item.at("levels").get<std::vector<std::string>>();
        if (coding.levels.size() < 2 || (e.kind != Expression::Kind::Column && !is_factor_call(e)) ||
            factor_column(e).name.empty())
          throw unusable_input("a factor is described wrongly", design.formula_.variables[v].label);
      } else if (kind == "spline") {
        coding.kind = Kind::Spline;
        coding.knots = item.at("knots").get<std::vector<double>>();
        if (coding.knots.size() < 3 || !is_spline_call(e) || e.arguments.empty() ||
            !std::ranges::is_sorted(coding.knots) || std::ranges::adjacent_find(coding.knots) != coding.knots.end())
          throw unusable_input("a spline is described wrongly", design.formula_.variables[v].label);
      } else if (is_spline_call(e) || is_factor_call(e))
        throw unusable_input("a variable is described wrongly", design.formula_.variables[v].label);
      design.codings_.push_back(std::move(coding));
    }
    design.name_columns();
    return design;
  } catch (const Json::exception& e) {
    throw unusable_input(std::string("the model's description of its variables cannot be read: ") + e.what());
  }
}

std::vector<std::size_t> complete_rows(const DataFrame& frame, const std::vector<std::string>& columns) {
  std::vector<const Column*> used;
  for (const auto& name : columns) used.push_back(&frame.at(name));
  std::vector<std::size_t> rows;
  for (std::size_t r = 0; r < frame.rows(); ++r)
    if (std::ranges::none_of(used, [&](const Column* c) { return c->missing(r); })) rows.push_back(r);
  return rows;
}

}  // namespace gliocast::stats
