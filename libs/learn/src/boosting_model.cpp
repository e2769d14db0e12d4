#include "boosting_model.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>

#include <charconv>
#include <cmath>
#include <string>
#include <vector>

namespace gliocast::learn {
namespace {

Error damaged() { return unusable_input("the model of boosting is damaged"); }

/// XGBoost writes parameters as text.
std::size_t count_of(const Json& text) {
  const auto s = text.get<std::string>();
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (error != std::errc{} || end != s.data() + s.size()) throw damaged();
  return value;
}

std::vector<std::int64_t> whole_numbers(const Json& json, std::size_t size, std::int64_t least, std::int64_t most) {
  if (!json.is_array() || json.size() != size) throw damaged();
  std::vector<std::int64_t> out;
  for (const auto& item : json) {
    if (!item.is_number_integer()) throw damaged();
    out.push_back(item.get<std::int64_t>());
    if (out.back() < least || out.back() > most) throw damaged();
  }
  return out;
}

void check_numbers(const Json& json, std::size_t size) {
  if (!json.is_array() || json.size() != size) throw damaged();
  for (const auto& item : json)
    if (!item.is_number() || !std::isfinite(item.get<double>())) throw damaged();
}

/// Children come after their parent, each has one, and both are there or none: no cycle.
void check_children(const Json& tree, std::size_t nodes) {
  const auto most = static_cast<std::int64_t>(nodes) - 1;
  const auto left = whole_numbers(tree.at("left_children"), nodes, -1, most);
  const auto right = whole_numbers(tree.at("right_children"), nodes, -1, most);
  const auto parent = whole_numbers(tree.at("parents"), nodes, 0, 2147483647);
  std::vector<bool> reached(nodes, false);
  for (std::size_t i = 0; i < nodes; ++i) {
    if ((left[i] < 0) != (right[i] < 0)) throw damaged();
    if (left[i] < 0) continue;
    for (const std::int64_t child : {left[i], right[i]}) {
      const auto c = static_cast<std::size_t>(child);
      if (c <= i || reached[c] || parent[c] != static_cast<std::int64_t>(i)) throw damaged();
      reached[c] = true;
    }
  }
}

void check_tree(const Json& tree, std::size_t columns) {
  const Json& parameters = tree.at("tree_param");
  const std::size_t nodes = count_of(parameters.at("num_nodes"));
  if (nodes == 0 || count_of(parameters.at("num_deleted")) != 0 || count_of(parameters.at("num_feature")) != columns ||
      count_of(parameters.at("size_leaf_vector")) > 1)
    throw damaged();
  check_children(tree, nodes);
  for (const char* name : {"split_conditions", "base_weights", "loss_changes", "sum_hessian"})
    check_numbers(tree.at(name), nodes);
  (void)whole_numbers(tree.at("split_indices"), nodes, 0, static_cast<std::int64_t>(columns) - 1);
  (void)whole_numbers(tree.at("split_type"), nodes, 0, 0);
  for (const char* name : {"categories", "categories_nodes", "categories_segments", "categories_sizes"})
    if (!tree.at(name).is_array() || !tree.at(name).empty()) throw damaged();
  (void)whole_numbers(tree.at("default_left"), nodes, 0, 1);
}

void check(const Json& model) {
  const Json& learner = model.at("learner");
  const Json& booster = learner.at("gradient_booster");
  if (booster.at("name") != "gbtree" || learner.at("objective").at("name") != "binary:logistic") throw damaged();
  const Json& parameters = learner.at("learner_model_param");
  const std::size_t columns = boosting_columns(model);
  if (columns == 0 || columns > 2147483647 || count_of(parameters.at("num_class")) != 0 ||
      count_of(parameters.at("num_target")) != 1)
    throw damaged();
  const auto base = parse_number(parameters.at("base_score").get<std::string>());
  if (!base || !(*base > 0 && *base < 1)) throw damaged();
  const Json& trees = booster.at("model").at("trees");
  const std::size_t n = trees.size();
  if (!trees.is_array() || n == 0) throw damaged();
  const Json& forest = booster.at("model").at("gbtree_model_param");
  if (count_of(forest.at("num_trees")) != n || count_of(forest.at("size_leaf_vector")) > 1 ||
      count_of(forest.at("num_parallel_tree")) != 1)
    throw damaged();
  (void)whole_numbers(booster.at("model").at("tree_info"), n, 0, 0);
  for (std::size_t i = 0; i < n; ++i) {
    if (trees[i].at("id") != i) throw damaged();  // where XGBoost puts it
    check_tree(trees[i], columns);
  }
}

}  // namespace

std::size_t boosting_columns(const Json& model) {
  return count_of(model.at("learner").at("learner_model_param").at("num_feature"));
}

void check_boosting(const Json& model) {
  try {
    check(model);
  } catch (const Json::exception&) {
    throw damaged();
  }
}

}  // namespace gliocast::learn
