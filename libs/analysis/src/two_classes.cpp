#include <gliocast/analysis/two_classes.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

namespace gliocast::analysis {
namespace {

constexpr std::size_t kListLength = 200;  // bytes of a list of values in a sentence

std::string values_text(const stats::Column& column, const std::set<int>& present) {
  std::vector<std::string> values;
  for (const int c : present) values.push_back(column.levels[static_cast<std::size_t>(c)]);
  const std::string list = listed(values);
  return list.size() > kListLength ? list.substr(0, kListLength) + "..." : list;
}

Error not_two_classes(const stats::Column& column, const std::set<int>& present, const std::string& origin) {
  std::map<std::string, std::string> spellings;
  std::string alike, missing = "CODE";
  for (const int c : present) {
    const auto& level = column.levels[static_cast<std::size_t>(c)];
    const auto [first, fresh] = spellings.emplace(fold_case(level), level);
    if (!fresh) alike += "\"" + first->second + "\" and \"" + level + "\" differ in case only: write them alike; ";
    if (stats::may_mean_missing(level)) missing = "\"" + level + "\"";
  }
  const std::string hint = present.size() < 2 ? ""
                                              : alike + "name codes of missing values with --na " + missing +
                                                    "; of the two that stay, --positive names the positive one";
  return unusable_input("column \"" + column.name + "\" holds " + std::to_string(present.size()) +
                            (present.size() == 1 ? " value (" : " values (") + values_text(column, present) +
                            "); two classes are needed",
                        origin, hint);
}

/// The levels that `wanted` may mean: as it is written, else in another case, or the same number.
std::vector<int> levels_like(const stats::Column& column, const std::set<int>& present, const std::string& wanted) {
  std::vector<int> alike;
  for (const int c : present) {
    const auto& level = column.levels[static_cast<std::size_t>(c)];
    if (level == wanted) return {c};
    const auto a = parse_number(level), b = parse_number(wanted);
    if (fold_case(level) == fold_case(trimmed(wanted)) || (a && b && *a == *b)) alike.push_back(c);
  }
  return alike;
}

int positive_of(const stats::Column& column, const std::set<int>& present, const std::string& wanted,
                const std::string& origin) {
  const auto alike = levels_like(column, present, wanted);
  if (alike.size() == 1) return alike[0];
  const std::string list = values_text(column, present);
  if (alike.empty())
    throw unusable_input("column \"" + column.name + "\" has no value \"" + wanted + "\"; it holds " + list, origin);
  throw unusable_input("column \"" + column.name + "\" holds " + list + ", which differ in case only", origin,
                       "write them alike, or --positive exactly as one of them");
}

/// "3, 4" in its parts.
std::vector<std::string> parts_of(const std::string& list) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    parts.emplace_back(trimmed(std::string_view(list).substr(at, end - at)));
    at = end + 1;
  }
  return parts;
}

bool is_list(const stats::Column& column, const std::set<int>& present, const std::string& wanted) {
  return wanted.find(',') != std::string::npos && levels_like(column, present, wanted).empty();
}

std::set<int> positives_of(const stats::Column& column, const std::set<int>& present, const std::string& wanted,
                           bool against_rest, const std::string& origin) {
  if (wanted.empty()) return {*present.rbegin()};
  if (!against_rest || !is_list(column, present, wanted)) return {positive_of(column, present, wanted, origin)};
  std::set<int> positives;
  for (const auto& part : parts_of(wanted)) positives.insert(positive_of(column, present, part, origin));
  if (positives.size() == present.size())
    throw unusable_input("every value of column \"" + column.name + "\" (" + values_text(column, present) +
                             ") is positive: none is left for the negative class",
                         origin, "name fewer with --positive");
  return positives;
}

std::set<int> levels_present(const stats::Column& column) {
  std::set<int> present(column.codes.begin(), column.codes.end());
  present.erase(-1);
  return present;
}

}  // namespace

TwoClasses two_classes(const stats::DataFrame& frame, const std::string& name, const std::string& wanted,
                       bool against_rest) {
  const auto column = stats::as_factor(frame.at(name));
  const std::set<int> present = levels_present(column);
  if (present.size() < 2 || (present.size() > 2 && !(against_rest && !wanted.empty())))
    throw not_two_classes(column, present, frame.origin());
  const auto positives = positives_of(column, present, wanted, against_rest, frame.origin());
  std::vector<std::string> positive, negative;
  for (const int c : present)
    (positives.contains(c) ? positive : negative).push_back(column.levels[static_cast<std::size_t>(c)]);
  TwoClasses classes{listed(positive), listed(negative), {}};
  for (const int c : column.codes) classes.of_row.push_back(c < 0 ? -1 : positives.contains(c) ? 1 : 0);
  return classes;
}

std::string positives_there(const stats::DataFrame& frame, const std::string& name, const std::string& wanted) {
  const auto column = stats::as_factor(frame.at(name));
  const std::set<int> present = levels_present(column);
  if (!is_list(column, present, wanted)) return wanted;
  std::vector<std::string> there;
  for (const auto& part : parts_of(wanted))
    if (!levels_like(column, present, part).empty()) there.push_back(part);
  return there.empty() ? wanted : listed(there);
}

}  // namespace gliocast::analysis
