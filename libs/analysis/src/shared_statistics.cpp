#include <gliocast/analysis/shared_statistics.hpp>

#include <gliocast/analysis/cells.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/stats/data_frame.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

namespace gliocast::analysis {
namespace {

constexpr const char* kWithheld = "withheld";

std::string shown(double v) { return std::isfinite(v) ? plain_number(v, 4) : ""; }

}  // namespace

bool may_be_told(const SharedStatistic& s, const CountCells& cells) {
  return cells.enough(s.of) && cells.all_told(s.tells);
}

TextTable statistics_table(const std::vector<SharedStatistic>& statistics, const CountCells& cells) {
  TextTable table{{"statistic", "estimate", "lower", "upper"}, {}};
  for (const auto& s : statistics) {
    const auto& e = s.estimate;
    if (!may_be_told(s, cells))
      table.rows.push_back({s.label, kWithheld, "", ""});
    else
      table.rows.push_back(
          {s.label, std::isfinite(e.value) ? shown(e.value) : "not estimable", shown(e.low), shown(e.high)});
  }
  return table;
}

Json statistics_json(const std::vector<SharedStatistic>& statistics, const CountCells& cells) {
  Json json = Json::object();
  for (const auto& s : statistics) json[s.name] = may_be_told(s, cells) ? estimate_json(s.estimate) : Json(kWithheld);
  return json;
}

SharedCharacteristics::SharedCharacteristics(const TextTable& rows, const std::vector<std::string>& columns,
                                             CountCells::Cell n, CountCells& cells) {
  for (const auto& name : columns) {
    const auto at = rows.find_column(name);
    if (!at) continue;
    std::vector<std::string> values;
    std::vector<double> numbers;
    bool numeric = true;
    for (const auto& row : rows.rows) {
      const auto& cell = row[*at];
      const bool missing = stats::is_missing_code(cell);
      const double number = missing ? std::nan("") : parse_number(cell).value_or(std::nan(""));
      values.push_back(missing ? "" : cell);
      if (std::isfinite(number)) numbers.push_back(number);
      numeric = numeric && (missing || std::isfinite(number));
    }
    if (numeric && !numbers.empty())
      add_numbers(name, numbers, n, cells);
    else
      add_levels(name, values, n, cells);
  }
}

void SharedCharacteristics::add_numbers(const std::string& column, const std::vector<double>& values,
                                        CountCells::Cell n, CountCells& cells) {
  const auto known = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / known;
  double squares = 0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  const double sd = values.size() > 1 ? std::sqrt(squares / (known - 1)) : std::nan("");
  const auto with = cells.add(column + " known", values.size());
  const auto without = cells.add_left_out(column + " missing", cells.count_of(n) - values.size());
  cells.sum(n, {with, without});
  lines_.push_back(
      {column + ", mean (standard deviation)", std::nullopt, decimal(mean, 1) + " (" + decimal(sd, 1) + ")", {with}});
  lines_.push_back({"  missing", without, "", {}});
}

void SharedCharacteristics::add_levels(const std::string& column, const std::vector<std::string>& values,
                                       CountCells::Cell n, CountCells& cells) {
  std::map<std::string, std::size_t> count;
  for (const auto& v : values) ++count[v];
  const std::size_t missing = count.contains("") ? count.at("") : 0;
  count.erase("");
  if (count.empty()) return;
  lines_.push_back({column + ", n", std::nullopt, "", {}});
  std::vector<CountCells::Cell> parts;
  const auto add = [&](const std::string& level, std::size_t patients) {
    parts.push_back(cells.add(column + ": " + level, patients));
    lines_.push_back({"  " + level, parts.back(), "", {}});
  };
  std::size_t other = 0;
  for (const auto& [level, patients] : count)
    if (patients >= cells.least())
      add(level, patients);
    else
      other += patients;
  if (other > 0) add("other", other);
  parts.push_back(cells.add_left_out(column + ": missing", missing));
  lines_.push_back({"  missing", parts.back(), "", {}});
  cells.sum(n, std::move(parts));
}

TextTable SharedCharacteristics::table(const CountCells& cells) const {
  TextTable table{{"characteristic", "value"}, {}};
  for (const auto& line : lines_) {
    std::string value = line.count ? cells.text(*line.count) : line.text;
    if (!cells.enough(line.of)) value = kWithheld;
    table.rows.push_back({line.label, std::move(value)});
  }
  return table;
}

}  // namespace gliocast::analysis
