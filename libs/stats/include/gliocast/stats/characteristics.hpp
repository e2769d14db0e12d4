#pragma once
#include <gliocast/core/table.hpp>
#include <gliocast/stats/data_frame.hpp>
#include <gliocast/stats/group_tests.hpp>

#include <string>
#include <vector>

namespace gliocast::stats {

/// One variable of a study's Table 1: a line a level for a factor, one line for a number.
struct Characteristic {
  std::string variable;
  bool is_factor = false;
  std::vector<std::string> levels;  ///< of a factor; one empty string for a number
  std::vector<std::vector<std::string>>
      cells;                         ///< [level][group, then all]: "n (%)", or "median (first to third quartile)"
  std::vector<std::size_t> missing;  ///< one a group, then all
  NamedTest test;                    ///< P NaN with one group
};

/// Describes columns of a frame by groups. `group`: one number a row from 0, −1 leaves the row out; `groups`: how many.
/// A number with at most `factor_below` different values counts as a factor. Tests: Mann–Whitney (two groups),
/// Kruskal–Wallis (more); chi-square (Yates' correction in 2×2), or Fisher's exact test where an expected count is
/// below 5, simulated where the table is too large for it. The test's name says which.
[[nodiscard]] std::vector<Characteristic> characteristics(const DataFrame& frame,
                                                          const std::vector<std::string>& columns,
                                                          const std::vector<int>& group, std::size_t groups,
                                                          std::size_t factor_below = 2);

}  // namespace gliocast::stats
