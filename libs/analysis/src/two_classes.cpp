#include <gliocast/analysis/two_classes.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace gliocast::analysis {
namespace {

constexpr std::size_t kListLength = 200;  // bytes of a list of values in a sentence

std::string values_text(const stats::Column& column, const std::set<int>& present) {
  std::string list;
  for (const int c : present) list += (list.empty() ? "" : ", ") + column.levels[static_cast<std::size_t>(c)];
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

/// The level that `wanted` means: as it is written, else in another case, or the same number.
int positive_of(const stats::Column& column, const std::set<int>& present, const std::string& wanted,
                const std::string& origin) {
  std::vector<int> alike;
  for (const int c : present) {
    const auto& level = column.levels[static_cast<std::size_t>(c)];
    if (level == wanted) return c;
    const auto a = parse_number(level), b = parse_number(wanted);
    if (fold_case(level) == fold_case(trimmed(wanted)) || (a && b && *a == *b)) alike.push_back(c);
  }
  if (alike.size() == 1) return alike[0];
  const std::string list = values_text(column, present);
  if (alike.empty())
    throw unusable_input("column \"" + column.name + "\" has no value \"" + wanted + "\"; it holds " + list, origin);
  throw unusable_input("column \"" + column.name + "\" holds " + list + ", which differ in case only", origin,
                       "write them alike, or --positive exactly as one of them");
}

}  // namespace

TwoClasses two_classes(const stats::DataFrame& frame, const std::string& name, const std::string& wanted,
                       bool against_rest) {
  const auto column = stats::as_factor(frame.at(name));
  std::set<int> present(column.codes.begin(), column.codes.end());
  present.erase(-1);
  if (present.size() < 2 || (present.size() > 2 && !(against_rest && !wanted.empty())))
    throw not_two_classes(column, present, frame.origin());
  const int positive = wanted.empty() ? *present.rbegin() : positive_of(column, present, wanted, frame.origin());
  TwoClasses classes{column.levels[static_cast<std::size_t>(positive)], {}, {}};
  for (const int c : present)
    if (c != positive)
      classes.negative += (classes.negative.empty() ? "" : ", ") + column.levels[static_cast<std::size_t>(c)];
  for (const int c : column.codes) classes.of_row.push_back(c < 0 ? -1 : c == positive ? 1 : 0);
  return classes;
}

}  // namespace gliocast::analysis
