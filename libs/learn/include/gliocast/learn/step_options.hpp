#pragma once
#include <gliocast/core/json.hpp>

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace gliocast::learn {

/// Reads the options of a step, {name: value}: each by name with its default and range. Throws Error{UnusableInput}
/// that names step, option and what is allowed: a value of another kind or out of range; in finish(), an unknown
/// option, with the one that it most likely means. The option is the error's place.
class StepOptions {
 public:
  /// `what`: before the name in messages.
  StepOptions(const std::string& step, const Json& options, const std::string& what = "the step ");

  [[nodiscard]] double number(const std::string& name, double standard, double least, double most);
  [[nodiscard]] std::size_t count(const std::string& name, std::size_t standard, std::size_t least, std::size_t most);
  [[nodiscard]] bool flag(const std::string& name, bool standard);
  [[nodiscard]] std::string choice(const std::string& name, const std::string& standard,
                                   const std::vector<std::string>& allowed);
  /// A text; a number as it is written.
  [[nodiscard]] std::string text(const std::string& name, const std::string& standard);
  /// Whatever stands there.
  [[nodiscard]] Json any(const std::string& name, Json standard);
  /// One number or a list of them.
  [[nodiscard]] std::vector<double> numbers(const std::string& name, const std::vector<double>& standard, double least,
                                            double most);
  /// One text or a list of them.
  [[nodiscard]] std::vector<std::string> texts(const std::string& name, const std::vector<std::string>& standard);
  void finish() const;

 private:
  const Json* find(const std::string& name);
  [[noreturn]] void refuse(const std::string& name, const std::string& wanted) const;

  std::string who_;
  const Json& options_;
  std::set<std::string> known_;
};

}  // namespace gliocast::learn
