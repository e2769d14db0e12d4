#include <gliocast/learn/row_marks.hpp>

#include <gliocast/core/checksum.hpp>
#include <gliocast/core/numbers.hpp>

#include <algorithm>
#include <cmath>
#include <set>

namespace gliocast::learn {

std::vector<std::uint16_t> row_marks(const FeatureTable& table, const std::vector<std::string>& columns) {
  constexpr int kDigits = 6, kHexDigits = 4, kHex = 16;
  const FeatureTable read = table.select_named(columns);
  std::vector<std::uint16_t> marks;
  for (std::size_t r = 0; r < read.rows(); ++r) {
    std::string text;
    for (std::size_t c = 0; c < columns.size(); ++c) text += general_number(read.values(r, c), kDigits) + "\t";
    marks.push_back(static_cast<std::uint16_t>(std::stoul(sha256(text).substr(0, kHexDigits), nullptr, kHex)));
  }
  return marks;
}

std::size_t recognised_rows(const std::vector<std::uint16_t>& training, const std::vector<std::uint16_t>& table) {
  constexpr double kMarks = 65536, kDeviations = 5, kLeast = 2;
  const std::set<std::uint16_t> known(training.begin(), training.end());
  const auto met = std::ranges::count_if(table, [&](std::uint16_t mark) { return known.contains(mark); });
  const double chance = static_cast<double>(table.size()) * static_cast<double>(known.size()) / kMarks;
  return static_cast<double>(met) > chance + kDeviations * std::sqrt(chance) + kLeast ? static_cast<std::size_t>(met)
                                                                                      : 0;
}

}  // namespace gliocast::learn
