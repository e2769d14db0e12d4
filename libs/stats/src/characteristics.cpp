#include <gliocast/stats/characteristics.hpp>

#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/stats/spline.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace gliocast::stats {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::string format(const char* pattern, auto... values) {
  char buffer[120];
  std::snprintf(buffer, sizeof buffer, pattern, values...);
  return buffer;
}

/// Median and quartiles. Those of whole numbers are exact (multiples of a quarter), others have four digits, more where
/// the whole part has more.
std::string quartiles(std::vector<double> values, bool whole) {
  if (values.empty()) return "–";
  std::ranges::sort(values);
  const auto text = [&](double q) { return plain_number(quantile_r7(values, q), whole ? 15 : 4); };
  return text(0.5) + " (" + text(0.25) + " to " + text(0.75) + ")";
}

NamedTest none() { return {{kNaN, 0, kNaN}, ""}; }

void describe_number(const Column& column, const std::vector<int>& group, std::size_t groups, Characteristic& c) {
  std::vector<std::vector<double>> values(groups + 1);
  for (std::size_t r = 0; r < group.size(); ++r) {
    if (group[r] < 0) continue;
    const auto g = static_cast<std::size_t>(group[r]);
    for (const std::size_t k : {g, groups})
      if (column.missing(r))
        ++c.missing[k];
      else
        values[k].push_back(column.numbers[r]);
  }
  c.levels = {""};
  c.cells.resize(1);
  const bool whole = std::ranges::all_of(values[groups], [](double v) { return v == std::round(v); });
  for (const auto& v : values) c.cells[0].push_back(quartiles(v, whole));
  values.pop_back();
  std::erase_if(values, [](const auto& v) { return v.empty(); });
  if (values.size() == 2) c.test = mann_whitney(values[0], values[1]);
  if (values.size() > 2) c.test = kruskal_wallis(values);
}

void describe_factor(const Column& column, const std::vector<int>& group, std::size_t groups, Characteristic& c) {
  Counts counts(column.levels.size(), std::vector<double>(groups, 0));
  std::vector<double> totals(groups, 0);
  for (std::size_t r = 0; r < group.size(); ++r) {
    if (group[r] < 0) continue;
    const auto g = static_cast<std::size_t>(group[r]);
    if (column.missing(r)) {
      ++c.missing[g];
      ++c.missing[groups];
    } else {
      ++counts[static_cast<std::size_t>(column.codes[r])][g];
      ++totals[g];
    }
  }
  double everyone = 0;
  for (const double t : totals) everyone += t;
  Counts used;
  for (std::size_t l = 0; l < counts.size(); ++l) {
    double sum = 0;
    for (const double n : counts[l]) sum += n;
    if (sum == 0) continue;
    c.levels.push_back(column.levels[l]);
    c.cells.emplace_back();
    for (std::size_t g = 0; g < groups; ++g)
      c.cells.back().push_back(totals[g] > 0 ? format("%.0f (%.1f %%)", counts[l][g], 100 * counts[l][g] / totals[g])
                                             : "–");
    c.cells.back().push_back(format("%.0f (%.1f %%)", sum, 100 * sum / everyone));
    used.push_back(counts[l]);
  }
  if (used.size() < 2 || std::ranges::count_if(totals, [](double t) { return t > 0; }) < 2) return;
  c.test = independence_test(used);
}

}  // namespace

std::vector<Characteristic> characteristics(const DataFrame& frame, const std::vector<std::string>& columns,
                                            const std::vector<int>& group, std::size_t groups,
                                            std::size_t factor_below) {
  std::vector<Characteristic> result;
  for (const auto& name : columns) {
    const Column& column = frame.at(name);
    Characteristic c;
    c.variable = name;
    c.missing.assign(groups + 1, 0);
    c.test = none();
    c.is_factor = column.is_factor || as_factor(column).levels.size() <= factor_below;
    if (c.is_factor)
      describe_factor(as_factor(column), group, groups, c);
    else
      describe_number(column, group, groups, c);
    result.push_back(std::move(c));
  }
  return result;
}

}  // namespace gliocast::stats
