#include <gliocast/learn/selection.hpp>

#include "columns.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/json_count.hpp>
#include <gliocast/core/numbers.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gliocast::learn {
namespace {

std::vector<std::size_t> order_by(const std::vector<double>& rank_by) {
  std::vector<std::size_t> order(rank_by.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    if (std::isnan(rank_by[a]) || std::isnan(rank_by[b])) return !std::isnan(rank_by[a]) && std::isnan(rank_by[b]);
    return rank_by[a] < rank_by[b];
  });
  return order;
}

}  // namespace

Selection::Selection(std::size_t columns, std::vector<std::size_t> kept, std::vector<double> scores,
                     std::vector<std::string> notes)
    : columns_(columns), kept_(std::move(kept)), scores_(std::move(scores)), notes_(std::move(notes)) {
  for (const std::size_t c : kept_)
    if (c >= columns_)
      throw unusable_input("a selection keeps column " + std::to_string(c) + " of " + std::to_string(columns_));
}

std::shared_ptr<const Selection> Selection::from_json(const Json& json) {
  return std::make_shared<Selection>(count_of(json.at("columns")), counts_of(json.at("kept")));
}

FeatureTable Selection::apply(const FeatureTable& table) const {
  need_columns(table, columns_, "a selection");
  return table.select(kept_);
}

Json Selection::to_json() const { return {{"columns", columns_}, {"kept", kept_}}; }

std::optional<RestrictedModel> Selection::restricted_to(const std::vector<std::size_t>& outputs) const {
  RestrictedModel restricted;
  std::vector<std::size_t> all;
  for (const std::size_t c : outputs) {
    all.push_back(restricted.inputs.size());
    restricted.inputs.push_back(kept_.at(c));
  }
  restricted.model = std::make_shared<Selection>(all.size(), all);
  return restricted;
}

std::shared_ptr<const Selection> keep_passing(const std::vector<bool>& passes, const std::vector<double>& rank_by,
                                              const std::string& step) {
  std::vector<std::size_t> kept;
  std::vector<std::string> notes;
  for (std::size_t c = 0; c < passes.size(); ++c)
    if (passes[c]) kept.push_back(c);
  if (kept.empty() && !passes.empty()) {
    kept.push_back(order_by(rank_by).front());
    notes.push_back(step + ": no feature passes; the one that ranks first is kept");
  }
  return std::make_shared<Selection>(passes.size(), std::move(kept), rank_by, std::move(notes));
}

std::shared_ptr<const Selection> keep_best(std::size_t count, const std::vector<double>& rank_by) {
  auto order = order_by(rank_by);
  order.resize(std::min(count, order.size()));
  return std::make_shared<Selection>(rank_by.size(), std::move(order), rank_by);
}

}  // namespace gliocast::learn
