#include <gliocast/learn/random_forest.hpp>

#include "columns.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/json_count.hpp>
#include <gliocast/learn/folds.hpp>

#include <cmath>
#include <set>

namespace gliocast::learn {
namespace {

Error damaged() { return unusable_input("the model of a forest is damaged"); }

/// Links the right children of nodes in pre-order. Throws where the nodes are not exactly one tree.
void link(Tree& tree) {
  std::vector<std::size_t> open;  // splits whose right child is still to come
  const std::size_t nodes = tree.feature.size();
  tree.right.assign(nodes, 0);
  for (std::size_t i = 0; i < nodes; ++i) {
    if (tree.feature[i] >= 0) {
      open.push_back(i);
    } else if (open.empty()) {
      if (i + 1 != nodes) throw damaged();
      return;
    } else {
      if (i + 1 == nodes) throw damaged();
      tree.right[open.back()] = i + 1;
      open.pop_back();
    }
  }
  throw damaged();
}

Tree read_tree(const Json& json, ForestTask task, std::size_t columns) {
  Tree tree;
  for (const auto& feature : json.at("feature")) {
    if (!feature.is_number_integer()) throw damaged();
    const auto f = feature.get<std::int64_t>();
    if (f < -1 || f >= static_cast<std::int64_t>(columns)) throw damaged();
    tree.feature.push_back(static_cast<std::int32_t>(f));
  }
  tree.value = json.at("value").get<std::vector<double>>();
  if (tree.value.size() != tree.feature.size()) throw damaged();
  for (std::size_t i = 0; i < tree.value.size(); ++i) {
    const double v = tree.value[i];
    const bool is_share = tree.feature[i] < 0 && task == ForestTask::Classification;
    if (!std::isfinite(v) || (is_share && (v < 0 || v > 1))) throw damaged();
  }
  link(tree);
  return tree;
}

constexpr std::size_t kMostColumns = 2147483647;

RandomForest read_forest(const Json& json) {
  const auto name = json.at("task").get<std::string>();
  if (name != "classification" && name != "regression") throw damaged();
  const ForestTask task = name == "regression" ? ForestTask::Regression : ForestTask::Classification;
  if (!json.at("columns").is_number_unsigned() || !json.at("trees").is_array()) throw damaged();
  const auto columns = count_of(json.at("columns"));
  if (columns > kMostColumns) throw damaged();
  std::vector<Tree> trees;
  for (const auto& tree : json.at("trees")) trees.push_back(read_tree(tree, task, columns));
  if (trees.empty()) throw damaged();
  return {task, columns, std::move(trees)};
}

}  // namespace

RandomForest::RandomForest(ForestTask task, std::size_t columns, std::vector<Tree> trees)
    : task_(task), columns_(columns), trees_(std::move(trees)) {
  std::set<std::size_t> used;
  for (const auto& tree : trees_)
    for (const std::int32_t f : tree.feature)
      if (f >= 0) used.insert(static_cast<std::size_t>(f));
  used_.assign(used.begin(), used.end());
}

RandomForest RandomForest::from_json(const Json& json) {
  try {
    return read_forest(json);
  } catch (const Json::exception&) {
    throw damaged();
  }
}

std::vector<double> RandomForest::predict(const FeatureTable& table) const {
  need_columns(table, columns_, "forest");
  require_complete(table, used_, all_rows(table), "forest");
  std::vector<double> out(table.rows());
  for (const auto& tree : trees_)
    for (std::size_t r = 0; r < out.size(); ++r)
      out[r] += tree.predict([&](std::size_t column) { return table.values(r, column); });
  for (double& v : out) v /= static_cast<double>(trees_.size());
  return out;
}

Json RandomForest::to_json() const {
  Json trees = Json::array();
  for (const auto& tree : trees_) trees.push_back({{"feature", tree.feature}, {"value", tree.value}});
  return {{"task", task_ == ForestTask::Regression ? "regression" : "classification"},
          {"columns", columns_},
          {"trees", std::move(trees)}};
}

}  // namespace gliocast::learn
