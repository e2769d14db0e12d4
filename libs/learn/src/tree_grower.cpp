#include "tree_grower.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace gliocast::learn {
namespace {

constexpr std::size_t kBits = 64;

double score(double weight, double sum) { return sum * sum / weight; }

}  // namespace

TreeGrower::TreeGrower(const RankedColumns& columns, std::span<const double> outcome, const ForestOptions& options,
                       Random& random)
    : columns_(columns),
      outcome_(outcome),
      options_(options),
      random_(random),
      drawn_(columns.columns()),
      cells_(columns.most_distinct()),
      present_(columns.most_distinct() / kBits + 1),
      decrease_(columns.columns()) {
  std::iota(drawn_.begin(), drawn_.end(), std::uint32_t{0});
}

TreeGrower::Node TreeGrower::root(const std::vector<std::uint32_t>& weight) {
  rows_.clear();
  Node node{0, 0, 0, {}, 0, 0};
  for (std::size_t r = 0; r < weight.size(); ++r) {
    if (weight[r] == 0) continue;
    const double w = weight[r];
    rows_.push_back({static_cast<std::uint32_t>(r), w, w * outcome_[r]});
    node.weight += w;
    node.sum += w * outcome_[r];
  }
  node.end = rows_.size();
  return node;
}

Tree TreeGrower::grow(const std::vector<std::uint32_t>& weight) {
  Tree tree;
  std::ranges::fill(decrease_, 0.0);
  pending_.assign(1, root(weight));
  while (!pending_.empty()) {
    const Node node = pending_.back();
    pending_.pop_back();
    const std::size_t index = tree.feature.size();
    if (node.right_of) tree.right[*node.right_of] = index;
    const auto split = is_leaf(node) ? std::nullopt : best_split(node);
    tree.feature.push_back(split ? static_cast<std::int32_t>(split->column) : -1);
    tree.value.push_back(split ? threshold(*split) : node.sum / node.weight);
    tree.right.push_back(0);
    if (!split) continue;
    decrease_[split->column] += std::max(0.0, split->score - score(node.weight, node.sum));
    push_children(node, *split, index);
  }
  return tree;
}

bool TreeGrower::is_leaf(const Node& node) const {
  if (node.weight <= static_cast<double>(options_.min_node)) return true;
  if (options_.max_depth > 0 && node.depth >= options_.max_depth) return true;
  const double first = outcome_[rows_[node.begin].row];
  for (std::size_t i = node.begin + 1; i < node.end; ++i)
    if (outcome_[rows_[i].row] != first) return false;
  return true;
}

std::optional<TreeGrower::Split> TreeGrower::best_split(const Node& node) {
  std::optional<Split> best;
  bool varies = false;
  const std::size_t p = drawn_.size();
  for (std::size_t k = 0; k < p && (k < options_.mtry || !varies); ++k) {
    std::swap(drawn_[k], drawn_[k + random_.below(p - k)]);
    if (improve(node, drawn_[k], best)) varies = true;
  }
  return best;
}

void TreeGrower::tally(const Node& node, std::size_t column) {
  const auto ranks = columns_.ranks(column);
  for (std::size_t i = node.begin; i < node.end; ++i) {
    const Row& row = rows_[i];
    const std::uint32_t rank = ranks[row.row];
    Cell& cell = cells_[rank];
    cell.weight += row.weight;
    cell.sum += row.weighted_outcome;
    present_[rank / kBits] |= std::uint64_t{1} << rank % kBits;
  }
}

/// Whether the column varies in the node; `best` becomes its best split where that is better.
bool TreeGrower::improve(const Node& node, std::size_t column, std::optional<Split>& best) {
  const std::size_t distinct = columns_.distinct(column).size();
  if (distinct < 2) return false;
  tally(node, column);
  double best_score = best ? best->score : -1;
  Split found;
  Cell left;
  std::uint32_t last = 0;
  bool varies = false, better = false;
  for (std::size_t word = 0; word * kBits < distinct; ++word)
    for (std::uint64_t bits = std::exchange(present_[word], 0); bits != 0; bits &= bits - 1) {
      const auto rank = static_cast<std::uint32_t>(word * kBits) + static_cast<std::uint32_t>(std::countr_zero(bits));
      if (left.weight > 0) {
        varies = true;
        const double s = score(left.weight, left.sum) + score(node.weight - left.weight, node.sum - left.sum);
        if (s > best_score) {
          best_score = s;
          found = {column, last, rank, s, left.weight, left.sum};
          better = true;
        }
      }
      const Cell cell = std::exchange(cells_[rank], Cell{});
      left.weight += cell.weight;
      left.sum += cell.sum;
      last = rank;
    }
  if (better) best = found;
  return varies;
}

double TreeGrower::threshold(const Split& split) const {
  const auto& values = columns_.distinct(split.column);
  const double low = values[split.last_left], high = values[split.first_right];
  const double middle = low / 2 + high / 2;
  return middle >= low && middle < high ? middle : low;  // neighbouring doubles have no number between
}

void TreeGrower::push_children(const Node& node, const Split& split, std::size_t index) {
  const auto ranks = columns_.ranks(split.column);
  const auto begin = rows_.begin();
  const auto middle =
      std::partition(begin + static_cast<std::ptrdiff_t>(node.begin), begin + static_cast<std::ptrdiff_t>(node.end),
                     [&](const Row& row) { return ranks[row.row] <= split.last_left; });
  const auto cut = static_cast<std::size_t>(middle - begin);
  pending_.push_back(
      {cut, node.end, node.depth + 1, index, node.weight - split.left_weight, node.sum - split.left_sum});
  pending_.push_back({node.begin, cut, node.depth + 1, {}, split.left_weight, split.left_sum});
}

}  // namespace gliocast::learn
