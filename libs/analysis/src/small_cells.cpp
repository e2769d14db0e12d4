#include <gliocast/analysis/small_cells.hpp>

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace gliocast::analysis {
namespace {

constexpr double kZero = 1e-9;  // coefficients are small whole numbers

using Row = std::vector<double>;

/// Gauss–Jordan elimination: rows of the reduced echelon form, without those of zeros.
std::vector<Row> reduced(std::vector<Row> rows) {
  const std::size_t columns = rows.empty() ? 0 : rows.front().size();
  std::size_t done = 0;
  for (std::size_t c = 0; c < columns && done < rows.size(); ++c) {
    const auto pivot = std::max_element(rows.begin() + static_cast<std::ptrdiff_t>(done), rows.end(),
                                        [&](const Row& a, const Row& b) { return std::abs(a[c]) < std::abs(b[c]); });
    if (std::abs((*pivot)[c]) < kZero) continue;
    std::swap(rows[done], *pivot);
    const double divisor = rows[done][c];
    for (double& v : rows[done]) v /= divisor;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const double factor = rows[r][c];
      if (r == done || std::abs(factor) < kZero) continue;
      for (std::size_t k = 0; k < columns; ++k) rows[r][k] -= factor * rows[done][k];
    }
    ++done;
  }
  rows.resize(done);
  return rows;
}

bool is_one(double v) { return std::abs(v - 1) < kZero; }

}  // namespace

CountCells::CountCells(std::size_t least) : least_(least) {
  if (least < kLeastCell)
    throw Error(ExitCode::WrongUse, "counts below " + std::to_string(kLeastCell) + " are never given away",
                "--least " + std::to_string(least), "leave it out, or ask for a higher limit");
}

CountCells::Cell CountCells::add(std::string name, std::size_t count, bool published) {
  State state = published ? State::Told : State::Unpublished;
  if (published && count < least_) state = State::Small;
  cells_.push_back({std::move(name), count, state});
  return cells_.size() - 1;
}

CountCells::Cell CountCells::add_left_out(std::string name, std::size_t count, bool published) {
  const Cell cell = add(std::move(name), count, published);
  if (count == 0) cells_.back().state = published ? State::Told : State::Nobody;
  return cell;
}

void CountCells::sum(Cell total, std::vector<Cell> parts, bool total_first) {
  std::size_t count = 0;
  for (const Cell c : parts) count += cells_.at(c).count;
  if (count != cells_.at(total).count)
    throw Error(ExitCode::InternalFault, "counts do not add up", cells_.at(total).name);
  sums_.push_back({total, std::move(parts), total_first});
}

bool CountCells::is_total(Cell cell) const {
  return std::ranges::any_of(sums_, [&](const Sum& s) { return s.total == cell; });
}

std::vector<CountCells::Known> CountCells::sums_that_follow() const {
  // Totals, which come first, are eliminated first: what is left are sums of parts.
  std::vector<Row> rows;
  for (const auto& s : sums_) {
    Row row(cells_.size(), 0);
    if (!told(s.total)) row[s.total] -= 1;
    for (const Cell c : s.parts)
      if (!told(c)) row[c] += 1;
    rows.push_back(std::move(row));
  }
  std::vector<Known> out;
  for (const auto& row : reduced(std::move(rows))) {
    Known cells;
    bool sum = true;
    for (Cell c = 0; c < row.size(); ++c) {
      if (std::abs(row[c]) < kZero) continue;
      sum = sum && is_one(row[c]);
      cells.push_back(c);
    }
    if (sum && !cells.empty()) out.push_back(std::move(cells));
  }
  return out;
}

bool CountCells::discloses(const Known& known) const {
  if (std::ranges::all_of(known, [&](Cell c) { return state(c) == State::Nobody; })) return false;
  std::size_t sum = 0, small = 0, complementary = 0, unpublished = 0;
  for (const Cell c : known) {
    sum += cells_[c].count;
    small += state(c) == State::Small ? 1U : 0U;
    complementary += state(c) == State::Complementary ? 1U : 0U;
    unpublished += state(c) == State::Unpublished || state(c) == State::Nobody ? 1U : 0U;
  }
  if (sum < least_) return true;  // a small count, though of several cells
  if (small == 0) return false;
  const std::size_t most = least_ - 1;  // of a small cell
  if (complementary + unpublished == 0) return sum > (small - 1) * most;
  return sum < complementary * least_ + most;
}

std::vector<CountCells::Cell> CountCells::connected(const Known& cells) const {
  std::vector<Cell> out = cells;
  const auto has = [&](Cell c) { return std::ranges::find(out, c) != out.end(); };
  for (std::size_t before = 0; before != out.size();) {
    before = out.size();
    for (const auto& s : sums_) {
      auto members = s.parts;
      members.push_back(s.total);
      if (std::ranges::none_of(members, has)) continue;
      for (const Cell c : members)
        if (!told(c) && !has(c)) out.push_back(c);
    }
  }
  return out;
}

bool CountCells::hide_part(const std::vector<Cell>& among, bool totals) {
  const auto in = [&](Cell c) { return std::ranges::find(among, c) != among.end(); };
  for (const auto& s : sums_) {
    if (s.total_first || (std::ranges::none_of(s.parts, in) && !in(s.total))) continue;
    const auto after = std::ranges::find_if(s.parts, in) - s.parts.begin();  // the next one, and so on
    const auto n = static_cast<std::ptrdiff_t>(s.parts.size());
    for (std::ptrdiff_t i = 0; i < n; ++i) {
      const Cell c = s.parts[static_cast<std::size_t>((after + i) % n)];
      if (!told(c) || count_of(c) < least_ || is_total(c) != totals) continue;
      cells_[c].state = State::Complementary;
      return true;
    }
  }
  return false;
}

bool CountCells::hide_total(const std::vector<Cell>& among, bool total_first) {
  const auto in = [&](Cell c) { return std::ranges::find(among, c) != among.end(); };
  for (const auto& s : sums_) {
    if (s.total_first != total_first || !told(s.total) || std::ranges::none_of(s.parts, in)) continue;
    cells_[s.total].state = State::Complementary;
    return true;
  }
  return false;
}

bool CountCells::hide_another(const Known& cells) {
  const auto reach = connected(cells);
  return hide_total(cells, true) || hide_part(cells, false) || hide_total(reach, true) || hide_part(reach, false) ||
         hide_part(cells, true) || hide_part(reach, true) || hide_total(reach, false);
}

void CountCells::protect() {
  for (;;) {
    const auto known = sums_that_follow();
    const auto found = std::ranges::find_if(known, [&](const Known& k) { return discloses(k); });
    if (found == known.end()) return;
    if (hide_another(*found)) continue;
    for (auto& cell : cells_)  // nothing is left to choose from: all go
      if (cell.state == State::Told && cell.count >= least_) cell.state = State::Complementary;
    return;
  }
}

bool CountCells::enough(const std::vector<Cell>& cells) const {
  return std::ranges::all_of(cells, [&](Cell c) { return cells_.at(c).count >= least_; });
}

bool CountCells::all_told(const std::vector<Cell>& cells) const {
  return std::ranges::all_of(cells, [&](Cell c) { return told(c); });
}

std::string CountCells::text(Cell cell) const {
  switch (state(cell)) {
    case State::Told:
      return std::to_string(cells_.at(cell).count);
    case State::Small:
      return "<" + std::to_string(least_);
    default:
      return "withheld";
  }
}

Json CountCells::json(Cell cell) const { return told(cell) ? Json(cells_.at(cell).count) : Json(text(cell)); }

}  // namespace gliocast::analysis
