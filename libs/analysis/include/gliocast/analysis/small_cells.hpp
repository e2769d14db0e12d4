#pragma once
#include <gliocast/core/json.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace gliocast::analysis {

/// A count of patients below this may single one out; a higher limit can be asked for, a lower one not.
inline constexpr std::size_t kLeastCell = 5;

/// Counts of patients that are to be given away, and which of them must not be. Small ones are withheld, and as many
/// others (complementary suppression) that no small one follows from the sums: every value from 0 to least − 1 stays
/// possible for it, as far as one equation, or a chain of them that eliminates what is withheld, says. Which others is
/// chosen by their place in the sums, not by their size, which would tell. Source: Hundepool et al., Statistical
/// Disclosure Control (2012), chapter 4.
class CountCells {
 public:
  using Cell = std::size_t;
  enum class State { Told, Small, Complementary, Unpublished, Nobody };  ///< Nobody: of add_left_out()

  /// Throws Error{WrongUse} where `least` is below kLeastCell.
  explicit CountCells(std::size_t least = kLeastCell);

  /// `published`: to be told if it may; else it only stands in sums (a difference that readers could take).
  Cell add(std::string name, std::size_t count, bool published = true);
  /// The same of patients who are left out or lack something: that there are none singles nobody out, and is told.
  Cell add_left_out(std::string name, std::size_t count, bool published = true);
  /// total = Σ parts. `total_first`: where one must be withheld for another's sake, it is the total, and the parts
  /// stay. Throws Error{InternalFault} where the counts do not add up.
  void sum(Cell total, std::vector<Cell> parts, bool total_first = false);
  /// Decides; to be called once, after all cells and sums.
  void protect();

  [[nodiscard]] std::size_t least() const noexcept { return least_; }
  /// The count itself, for computing; what may be told of it is text().
  [[nodiscard]] std::size_t count_of(Cell cell) const { return cells_.at(cell).count; }
  [[nodiscard]] const std::string& name(Cell cell) const { return cells_.at(cell).name; }
  [[nodiscard]] State state(Cell cell) const { return cells_.at(cell).state; }
  [[nodiscard]] bool told(Cell cell) const { return state(cell) == State::Told; }
  /// Whether each of these holds enough patients for a statistic of them.
  [[nodiscard]] bool enough(const std::vector<Cell>& cells) const;
  /// Whether each of these may be told, as a share of them tells their counts.
  [[nodiscard]] bool all_told(const std::vector<Cell>& cells) const;
  /// "12", "<5" of a small one, "withheld" of one that is held back for the sake of others.
  [[nodiscard]] std::string text(Cell cell) const;
  /// The number, or that text.
  [[nodiscard]] Json json(Cell cell) const;

 private:
  struct Entry {
    std::string name;
    std::size_t count = 0;
    State state = State::Told;
  };
  struct Sum {
    Cell total = 0;
    std::vector<Cell> parts;
    bool total_first = false;
  };
  /// Cells whose sum follows from what is told.
  using Known = std::vector<Cell>;
  [[nodiscard]] std::vector<Known> sums_that_follow() const;
  [[nodiscard]] bool discloses(const Known& cells) const;
  [[nodiscard]] bool hide_another(const Known& cells);
  [[nodiscard]] bool hide_total(const std::vector<Cell>& among, bool total_first);
  [[nodiscard]] bool hide_part(const std::vector<Cell>& among, bool totals);
  [[nodiscard]] bool is_total(Cell cell) const;
  [[nodiscard]] std::vector<Cell> connected(const Known& cells) const;

  std::size_t least_;
  std::vector<Entry> cells_;
  std::vector<Sum> sums_;
};

}  // namespace gliocast::analysis
