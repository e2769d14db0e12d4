#include <gliocast/learn/step_options.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::learn {
StepOptions::StepOptions(const std::string& step, const Json& options, const std::string& what)
    : who_(what + step), options_(options) {
  if (!options_.is_object() && !options_.is_null()) throw unusable_input(who_ + " needs its options as name: value");
}

const Json* StepOptions::find(const std::string& name) {
  known_.insert(name);
  if (!options_.is_object()) return nullptr;
  const auto at = options_.find(name);
  return at == options_.end() ? nullptr : &*at;
}

void StepOptions::refuse(const std::string& name, const std::string& wanted) const {
  throw unusable_input(who_ + ": " + name + " must be " + wanted, name);
}

double StepOptions::number(const std::string& name, double standard, double least, double most) {
  const auto list = numbers(name, {standard}, least, most);
  if (list.size() != 1) refuse(name, "one number");
  return list.front();
}

std::size_t StepOptions::count(const std::string& name, std::size_t standard, std::size_t least, std::size_t most) {
  const double v = number(name, static_cast<double>(standard), static_cast<double>(least), static_cast<double>(most));
  if (v != std::floor(v)) refuse(name, "a whole number");
  return static_cast<std::size_t>(v);
}

bool StepOptions::flag(const std::string& name, bool standard) {
  const Json* value = find(name);
  if (!value) return standard;
  if (!value->is_boolean()) refuse(name, "true or false");
  return value->get<bool>();
}

std::string StepOptions::choice(const std::string& name, const std::string& standard,
                                const std::vector<std::string>& allowed) {
  const Json* value = find(name);
  if (!value) return standard;
  if (!value->is_string()) refuse(name, "one of: " + listed(allowed));
  const auto given = value->get<std::string>();
  if (std::ranges::find(allowed, given) == allowed.end())
    throw unusable_input(who_ + ": " + name + " must be one of: " + listed(allowed) + ", not " + given, name,
                         meant(given, allowed));
  return given;
}

std::string StepOptions::text(const std::string& name, const std::string& standard) {
  const Json* value = find(name);
  if (!value) return standard;
  if (value->is_number()) return shortest(value->get<double>());
  if (!value->is_string()) refuse(name, "a text");
  return value->get<std::string>();
}

Json StepOptions::any(const std::string& name, Json standard) {
  const Json* value = find(name);
  return value ? *value : std::move(standard);
}

std::vector<double> StepOptions::numbers(const std::string& name, const std::vector<double>& standard, double least,
                                         double most) {
  const Json* value = find(name);
  if (!value) return standard;
  const Json list = value->is_array() ? *value : Json::array({*value});
  std::vector<double> out;
  for (const auto& item : list) {
    const bool fits = item.is_number() && item.get<double>() >= least && item.get<double>() <= most;
    if (!fits) refuse(name, "a number from " + shortest(least) + " to " + shortest(most));
    out.push_back(item.get<double>());
  }
  if (out.empty()) refuse(name, "a number or a list of numbers");
  return out;
}

std::vector<std::string> StepOptions::texts(const std::string& name, const std::vector<std::string>& standard) {
  const Json* value = find(name);
  if (!value) return standard;
  const Json list = value->is_array() ? *value : Json::array({*value});
  std::vector<std::string> out;
  for (const auto& item : list) {
    if (!item.is_string()) refuse(name, "a text or a list of texts");
    out.push_back(item.get<std::string>());
  }
  return out;
}

void StepOptions::finish() const {
  if (!options_.is_object()) return;
  for (const auto& [name, value] : options_.items())
    if (!known_.contains(name))
      throw unusable_input(who_ + " has no option " + name, name,
                           known_.empty() ? "it has none" : suggestion(name, {known_.begin(), known_.end()}, "it has"));
}

}  // namespace gliocast::learn
