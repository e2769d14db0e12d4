#include <gliocast/stats/formula.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <set>

namespace gliocast::stats {
namespace {

using Kind = Expression::Kind;

constexpr int kMostOperators = 5000;  // each is a level of the tree, walked by recursion
constexpr std::size_t kMostTerms = 10000;

Expression make(Kind kind, std::string name, std::vector<Expression> arguments = {}) {
  Expression e;
  e.kind = kind;
  e.name = std::move(name);
  e.arguments = std::move(arguments);
  return e;
}

/// Recursive descent over R's precedence: + − below * / below : below unary minus below ^.
class FormulaParser {
 public:
  explicit FormulaParser(std::string_view text) : text_(text) {}

  Expression parse() {
    skip();
    if (peek() == '~') ++position_;
    Expression result = sum();
    skip();
    if (peek() == '~')
      throw wrong("the formula has a left side", "give the right side only; --time and --event name the outcome");
    if (position_ < text_.size()) throw wrong("unexpected text");
    return result;
  }

 private:
  [[nodiscard]] Error wrong(const std::string& what,
                            const std::string& hint = "an example: age + sex + rcs(volume, 4) + strata(centre)") const {
    return Error(ExitCode::WrongUse, what,
                 "formula \"" + std::string(text_) + "\", character " + std::to_string(position_ + 1), hint);
  }
  void skip() {
    while (position_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[position_]))) ++position_;
  }
  /// An operator of a sum or product, which makes the tree one level deeper.
  Expression joined(std::string name, Expression left, Expression right) {
    if (++operators_ > kMostOperators)
      throw wrong("the formula has more than " + std::to_string(kMostOperators) + " operators");
    return make(Kind::Operator, std::move(name), {std::move(left), std::move(right)});
  }
  [[nodiscard]] char peek() const { return position_ < text_.size() ? text_[position_] : '\0'; }
  bool take(char c) {
    skip();
    if (peek() != c) return false;
    ++position_;
    return true;
  }

  Expression sum() {
    Expression left = product();
    for (;;) {
      skip();
      const char c = peek();
      if (c != '+' && c != '-') return left;
      ++position_;
      left = joined(std::string(1, c), std::move(left), product());
    }
  }
  Expression product() {
    Expression left = crossing();
    for (;;) {
      skip();
      const char c = peek();
      if (c != '*' && c != '/') return left;
      ++position_;
      left = joined(std::string(1, c), std::move(left), crossing());
    }
  }
  Expression crossing() {
    Expression left = negated();
    while (take(':')) left = joined(":", std::move(left), negated());
    return left;
  }
  Expression negated() {
    if (++depth_ > 200) throw wrong("the formula is nested too deeply");
    Expression result = take('-') ? make(Kind::Operator, "neg", {negated()}) : power();
    --depth_;
    return result;
  }
  Expression power() {
    Expression base = primary();
    if (take('^')) return make(Kind::Operator, "^", {std::move(base), negated()});
    return base;
  }
  Expression primary() {
    skip();
    const char c = peek();
    if (c == '(') {
      ++position_;
      Expression inner = sum();
      if (!take(')')) throw wrong("a parenthesis is never closed");
      return make(Kind::Operator, "(", {std::move(inner)});
    }
    if (std::isdigit(static_cast<unsigned char>(c)) ||
        (c == '.' && position_ + 1 < text_.size() && std::isdigit(static_cast<unsigned char>(text_[position_ + 1]))))
      return number();
    std::string name = identifier();
    if (!quoted_ && take('(')) return call(std::move(name));
    return make(Kind::Column, std::move(name));
  }
  Expression number() {
    const std::size_t start = position_;
    const auto digits = [&] {
      while (std::isdigit(static_cast<unsigned char>(peek()))) ++position_;
    };
    digits();
    if (peek() == '.') {
      ++position_;
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      ++position_;
      if (peek() == '+' || peek() == '-') ++position_;
      digits();
    }
    const auto value = parse_number(text_.substr(start, position_ - start));
    if (!value) throw wrong("this is no number");
    Expression e = make(Kind::Number, "");
    e.number = *value;
    return e;
  }
  std::string identifier() {
    quoted_ = peek() == '`';
    if (quoted_) {
      const auto end = text_.find('`', position_ + 1);
      if (end == std::string_view::npos) throw wrong("a backtick is never closed");
      std::string name(text_.substr(position_ + 1, end - position_ - 1));
      position_ = end + 1;
      return name;
    }
    const std::size_t start = position_;
    const auto part_of_name = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' ||
             (static_cast<unsigned char>(c) & 0x80U) != 0;
    };
    while (part_of_name(peek())) ++position_;
    if (position_ == start)
      throw wrong(
          position_ >= text_.size() ? "the formula ends where a column is expected" : "a column is expected here",
          "names with other characters go in `backticks`");
    return std::string(text_.substr(start, position_ - start));
  }
  Expression call(std::string name) {
    Expression e = make(Kind::Call, std::move(name));
    if (take(')')) return e;
    do e.arguments.push_back(sum());
    while (take(','));
    if (!take(')')) throw wrong("a parenthesis is never closed");
    return e;
  }

  std::string_view text_;
  std::size_t position_ = 0;
  int depth_ = 0, operators_ = 0;
  bool quoted_ = false;
};

bool plain_name(const std::string& name) {
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) || name[0] == '_') return false;
  return std::ranges::all_of(name, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' ||
           (static_cast<unsigned char>(c) & 0x80U) != 0;
  });
}

/// Turns the parsed sum into terms, as R's terms() does.
class TermBuilder {
 public:
  explicit TermBuilder(Formula& formula) : formula_(formula) {}

  void build(const Expression& e) {
    std::vector<Term> terms = expand(e);
    std::ranges::stable_sort(terms, {}, [](const Term& t) { return t.size(); });
    for (auto& term : terms)
      if (std::ranges::find(formula_.terms, term) == formula_.terms.end()) formula_.terms.push_back(std::move(term));
  }

 private:
  static Error wrong(const std::string& what, const std::string& where) {
    return Error(ExitCode::WrongUse, what, "formula: " + where,
                 "see gliocast survival cox --help for what a formula may hold");
  }

  std::vector<Term> expand(const Expression& e) {
    if (e.kind == Kind::Operator) {
      if (e.name == "(") return expand(e.arguments[0]);
      if (e.name == "+") {  // the left side first: variables are numbered as they appear
        auto left = expand(e.arguments[0]);
        return joined(std::move(left), expand(e.arguments[1]));
      }
      if (e.name == "-") return removed(expand(e.arguments[0]), e.arguments[1]);
      if (e.name == ":" || e.name == "*") {
        const auto a = expand(e.arguments[0]);
        const auto b = expand(e.arguments[1]);
        if (e.name == ":") return crossed(a, b, e);
        return joined(joined(a, b), crossed(a, b, e));
      }
      if (e.name == "/" && e.arguments[1].kind != Kind::Number) {  // b nested in a
        const auto a = expand(e.arguments[0]);
        std::set<std::size_t> all;
        for (const auto& term : a) all.insert(term.begin(), term.end());
        return joined(a, crossed(all.empty() ? std::vector<Term>{} : std::vector<Term>{Term(all.begin(), all.end())},
                                 expand(e.arguments[1]), e));
      }
      if (e.name == "^" && e.arguments[1].kind == Kind::Number) return power(e);
      throw wrong("arithmetic needs I(), e.g. I(age / 10)", e.text());
    }
    if (e.kind == Kind::Number) {
      if (e.number == 1 || e.number == 0) return {};  // a Cox model has no intercept either way
      throw wrong("a number is no term", e.text());
    }
    if (e.kind == Kind::Call && special(e)) return {};
    return {Term{variable(e)}};
  }

  std::vector<Term> power(const Expression& e) {
    const auto base = expand(e.arguments[0]);
    const double n = e.arguments[1].number;
    if (n != std::floor(n) || n < 1 || n > 6) throw wrong("the power of a sum is a whole number from 1 to 6", e.text());
    std::vector<Term> result = base;
    for (int i = 1; i < static_cast<int>(n); ++i) result = joined(result, crossed(result, base, e));
    return result;
  }

  bool special(const Expression& e) {
    if (e.name == "strata") {
      if (e.arguments.empty()) throw wrong("strata() needs a column", e.text());
      for (const auto& a : e.arguments) formula_.strata.push_back(a);
      return true;
    }
    if (e.name == "offset") {
      if (e.arguments.size() != 1) throw wrong("offset() takes one expression", e.text());
      formula_.offsets.push_back(e.arguments[0]);
      return true;
    }
    if (e.name == "cluster") {
      if (e.arguments.size() != 1 || e.arguments[0].kind != Kind::Column)
        throw wrong("cluster() takes one column", e.text());
      formula_.cluster = e.arguments[0].name;
      return true;
    }
    return false;
  }

  std::size_t variable(const Expression& e) {
    static const std::set<std::string> kFunctions{"log", "log2", "log10",  "log1p",     "exp", "sqrt",
                                                  "abs", "I",    "factor", "as.factor", "rcs"};
    if (e.kind == Kind::Call && !kFunctions.contains(e.name))
      throw wrong("unknown function " + e.name + "()", e.text());
    const std::string label = e.text();
    for (std::size_t i = 0; i < formula_.variables.size(); ++i)
      if (formula_.variables[i].label == label) return i;
    formula_.variables.push_back({label, e});
    return formula_.variables.size() - 1;
  }

  static std::vector<Term> joined(std::vector<Term> a, const std::vector<Term>& b) {
    std::set<Term> present(a.begin(), a.end());
    for (const auto& term : b)
      if (present.insert(term).second) a.push_back(term);
    if (a.size() > kMostTerms)
      throw wrong("the formula has more than " + std::to_string(kMostTerms) + " terms", "interactions");
    return a;
  }
  std::vector<Term> removed(std::vector<Term> a, const Expression& e) {
    const auto terms = expand(e);
    const std::set<Term> gone(terms.begin(), terms.end());
    std::erase_if(a, [&](const Term& term) { return gone.contains(term); });
    return a;
  }
  static std::vector<Term> crossed(const std::vector<Term>& a, const std::vector<Term>& b, const Expression& e) {
    if (a.empty() || b.empty())
      throw wrong(
          "an interaction with strata(), cluster() or offset() is not supported; strata(a, b) makes strata of both",
          e.text());
    std::vector<Term> result;
    for (const auto& s : a)
      for (const auto& t : b) {
        std::set<std::size_t> both(s.begin(), s.end());
        both.insert(t.begin(), t.end());
        result.emplace_back(both.begin(), both.end());
        if (result.size() > kMostTerms)
          throw wrong("the formula has more than " + std::to_string(kMostTerms) + " terms", "interactions");
      }
    return result;
  }

  Formula& formula_;
};

/// Numbers the variables as the sorted terms name them: coxph takes strata() and cluster() out by writing the formula
/// anew from its terms.
void renumber_by_terms(Formula& formula) {
  std::vector<std::size_t> order, place(formula.variables.size());
  for (const auto& term : formula.terms)
    for (const std::size_t v : term)
      if (std::ranges::find(order, v) == order.end()) order.push_back(v);
  std::vector<ModelVariable> variables;
  for (const std::size_t v : order) {
    place[v] = variables.size();
    variables.push_back(formula.variables[v]);
  }
  for (auto& term : formula.terms) {
    for (auto& v : term) v = place[v];
    std::ranges::sort(term);
  }
  formula.variables = std::move(variables);
}

/// Variables that a removed term left behind go away, so that their columns are not asked for.
void drop_unused_variables(Formula& formula) {
  std::vector<std::size_t> place(formula.variables.size(), 0);
  std::vector<ModelVariable> kept;
  for (std::size_t v = 0; v < formula.variables.size(); ++v) {
    const bool used =
        std::ranges::any_of(formula.terms, [&](const Term& t) { return std::ranges::find(t, v) != t.end(); });
    place[v] = kept.size();
    if (used) kept.push_back(formula.variables[v]);
  }
  for (auto& term : formula.terms)
    for (auto& v : term) v = place[v];
  formula.variables = std::move(kept);
}

double apply_function(const std::string& name, double x) {
  if (name == "log") return std::log(x);
  if (name == "log2") return std::log2(x);
  if (name == "log10") return std::log10(x);
  if (name == "log1p") return std::log1p(x);
  if (name == "exp") return std::exp(x);
  if (name == "sqrt") return std::sqrt(x);
  if (name == "abs") return std::abs(x);
  return x;  // I()
}

double apply_operator(char name, double a, double b) {
  switch (name) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    default:
      return std::pow(a, b);
  }
}

}  // namespace

std::string Expression::text() const {
  switch (kind) {
    case Kind::Number:
      return r_number(number);
    case Kind::Column:
      return plain_name(name) ? name : "`" + name + "`";
    case Kind::Call: {
      std::string result = name + "(";
      for (std::size_t i = 0; i < arguments.size(); ++i) result += (i ? ", " : "") + arguments[i].text();
      return result + ")";
    }
    case Kind::Operator:
      break;
  }
  if (name == "(") return "(" + arguments[0].text() + ")";
  if (name == "neg") return "-" + arguments[0].text();
  const bool tight = name == "/" || name == "^" || name == ":";
  return arguments[0].text() + (tight ? name : " " + name + " ") + arguments[1].text();
}

void collect_columns(const Expression& expression, std::vector<std::string>& names) {
  if (expression.kind == Kind::Column && std::ranges::find(names, expression.name) == names.end())
    names.push_back(expression.name);
  for (const auto& argument : expression.arguments) collect_columns(argument, names);
}

std::vector<std::string> Formula::columns() const {
  std::vector<std::string> names;
  for (const auto& v : variables) collect_columns(v.expression, names);
  for (const auto& e : offsets) collect_columns(e, names);
  for (const auto& e : strata) collect_columns(e, names);
  if (!cluster.empty() && std::ranges::find(names, cluster) == names.end()) names.push_back(cluster);
  return names;
}

Formula parse_formula(std::string_view text) {
  if (text.size() > 100000) throw Error(ExitCode::WrongUse, "the formula is longer than 100,000 characters");
  Formula formula;
  formula.text = std::string(text);
  TermBuilder(formula).build(FormulaParser(text).parse());
  drop_unused_variables(formula);
  for (const auto& term : formula.terms) {
    std::string& label = formula.term_labels.emplace_back();
    for (const std::size_t v : term) label += (label.empty() ? "" : ":") + formula.variables[v].label;
  }
  if (!formula.strata.empty() || !formula.cluster.empty()) renumber_by_terms(formula);
  return formula;
}

std::vector<double> evaluate(const Expression& e, const DataFrame& frame) {
  if (e.kind == Kind::Number) return std::vector<double>(frame.rows(), e.number);
  if (e.kind == Kind::Column) return frame.numeric(e.name).numbers;
  static const std::set<std::string> kFunctions{"log", "log2", "log10", "log1p", "exp", "sqrt", "abs", "I"};
  if (e.kind == Kind::Call && e.name == "log" && e.arguments.size() == 2 && e.arguments[1].kind == Kind::Number) {
    std::vector<double> result = evaluate(e.arguments[0], frame);
    for (double& x : result) x = std::log(x) / std::log(e.arguments[1].number);
    return result;
  }
  if (e.kind == Kind::Call && (!kFunctions.contains(e.name) || e.arguments.size() != 1))
    throw Error(ExitCode::WrongUse,
                e.arguments.size() == 1 ? "unknown function " + e.name + "()" : e.name + "() takes one argument",
                "formula: " + e.text(),
                "functions: log, log2, log10, log1p, exp, sqrt, abs, I, factor, rcs, strata, offset, cluster");
  std::vector<double> result = evaluate(e.arguments[0], frame);
  if (e.kind == Kind::Call)
    for (double& x : result) x = apply_function(e.name, x);
  else if (e.name == "neg")
    for (double& x : result) x = -x;
  else if (e.name == ":")
    throw Error(ExitCode::WrongUse, "an interaction stands where a number is needed", "formula: " + e.text());
  else if (e.name != "(") {
    const auto other = evaluate(e.arguments[1], frame);
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = apply_operator(e.name[0], result[i], other[i]);
  }
  return result;
}

}  // namespace gliocast::stats
