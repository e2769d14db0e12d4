#include <gliocast/learn/shapley.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/random.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace gliocast::learn {
namespace {

double squared_distance(const stats::Matrix& a, std::size_t i, const stats::Matrix& b, std::size_t j) {
  double sum = 0;
  for (std::size_t c = 0; c < a.columns; ++c) sum += (a(i, c) - b(j, c)) * (a(i, c) - b(j, c));
  return sum;
}

/// k-means++: each centre is drawn with the squared distance to those before; fewer where all rows are centres.
stats::Matrix first_centres(const stats::Matrix& rows, std::size_t clusters, Random& random) {
  std::vector<std::size_t> chosen{random.below(rows.rows)};
  std::vector<double> nearest(rows.rows, std::numeric_limits<double>::infinity());
  while (chosen.size() < clusters) {
    double sum = 0;
    for (std::size_t r = 0; r < rows.rows; ++r) {
      nearest[r] = std::min(nearest[r], squared_distance(rows, r, rows, chosen.back()));
      sum += nearest[r];
    }
    if (!(sum > 0)) break;
    double at = random.uniform(0, sum);
    std::size_t next = 0;
    while (next + 1 < rows.rows && (at -= nearest[next]) >= 0) ++next;
    if (nearest[next] == 0) break;
    chosen.push_back(next);
  }
  stats::Matrix centres(chosen.size(), rows.columns);
  for (std::size_t k = 0; k < chosen.size(); ++k)
    for (std::size_t c = 0; c < rows.columns; ++c) centres(k, c) = rows(chosen[k], c);
  return centres;
}

std::vector<std::size_t> nearest_centres(const stats::Matrix& rows, const stats::Matrix& centres) {
  std::vector<std::size_t> nearest(rows.rows, 0);
  for (std::size_t r = 0; r < rows.rows; ++r)
    for (std::size_t k = 1; k < centres.rows; ++k)
      if (squared_distance(rows, r, centres, k) < squared_distance(rows, r, centres, nearest[r])) nearest[r] = k;
  return nearest;
}

/// Puts each centre into the mean of its rows; `out.weights` counts them.
void move_centres(const stats::Matrix& rows, const std::vector<std::size_t>& nearest, Background& out) {
  stats::Matrix sum(out.rows.rows, rows.columns);
  out.weights.assign(out.rows.rows, 0);
  for (std::size_t r = 0; r < rows.rows; ++r) {
    ++out.weights[nearest[r]];
    for (std::size_t c = 0; c < rows.columns; ++c) sum(nearest[r], c) += rows(r, c);
  }
  for (std::size_t k = 0; k < out.rows.rows; ++k)
    if (out.weights[k] > 0)
      for (std::size_t c = 0; c < rows.columns; ++c) out.rows(k, c) = sum(k, c) / out.weights[k];
}

/// The centres of clusters of `least` rows or more; the largest where there is none.
stats::Matrix centres_that_stay(const Background& b, std::size_t least) {
  std::vector<std::size_t> stay;
  for (std::size_t k = 0; k < b.rows.rows; ++k)
    if (b.weights[k] >= static_cast<double>(least)) stay.push_back(k);
  if (stay.empty()) stay.push_back(static_cast<std::size_t>(std::ranges::max_element(b.weights) - b.weights.begin()));
  stats::Matrix centres(stay.size(), b.rows.columns);
  for (std::size_t k = 0; k < stay.size(); ++k)
    for (std::size_t c = 0; c < b.rows.columns; ++c) centres(k, c) = b.rows(stay[k], c);
  return centres;
}

/// |S|! (n − |S| − 1)! / n!, by the size of S.
std::vector<double> coalition_weights(std::size_t n) {
  std::vector<double> weights(n);
  for (std::size_t s = 0; s < n; ++s) {
    const auto gamma = [](std::size_t k) { return std::lgamma(static_cast<double>(k) + 1); };
    weights[s] = std::exp(gamma(s) + gamma(n - s - 1) - gamma(n));
  }
  return weights;
}

/// Mean prediction of the background with the row's features in each coalition, one a bit set.
std::vector<double> coalition_values(const std::function<std::vector<double>(const stats::Matrix&)>& predict,
                                     const std::vector<double>& row, const Background& background) {
  std::vector<double> values(std::size_t{1} << row.size());
  stats::Matrix mixed = background.rows;
  for (std::size_t s = 0; s < values.size(); ++s) {
    for (std::size_t c = 0; c < row.size(); ++c)
      for (std::size_t b = 0; b < mixed.rows; ++b) mixed(b, c) = (s >> c) & 1U ? row[c] : background.rows(b, c);
    const auto predicted = predict(mixed);
    for (std::size_t b = 0; b < mixed.rows; ++b) values[s] += background.weights[b] * predicted[b];
  }
  return values;
}

}  // namespace

Background summarise_rows(const stats::Matrix& rows, std::size_t clusters, std::uint64_t seed,
                          std::size_t least_members) {
  if (rows.rows == 0 || clusters == 0) throw Error(ExitCode::WrongUse, "no row to summarise");
  Random random(seed, "clusters");
  Background out{first_centres(rows, clusters, random), {}};
  constexpr int kMostSteps = 100;
  std::vector<std::size_t> nearest;
  for (int step = 0; step < kMostSteps; ++step) {
    auto now = nearest_centres(rows, out.rows);
    if (now == nearest) break;
    nearest = std::move(now);
    move_centres(rows, nearest, out);
  }
  const auto small = [&](double members) { return members < static_cast<double>(least_members); };
  if (std::ranges::any_of(out.weights, small)) {
    out.rows = centres_that_stay(out, least_members);
    move_centres(rows, nearest_centres(rows, out.rows), out);
  }
  for (double& w : out.weights) w /= static_cast<double>(rows.rows);
  return out;
}

ShapleyValues shapley_values(const std::function<std::vector<double>(const stats::Matrix&)>& predict,
                             const std::vector<double>& row, const Background& background) {
  const std::size_t n = row.size();
  if (n > kMostShapleyFeatures)
    throw Error(ExitCode::WrongUse, "Shapley values of " + std::to_string(n) + " features are not enumerated");
  const auto values = coalition_values(predict, row, background);
  const auto weights = coalition_weights(n);
  ShapleyValues out{values[0], std::vector<double>(n, 0)};
  for (std::size_t c = 0; c < n; ++c)
    for (std::size_t s = 0; s < values.size(); ++s)
      if (((s >> c) & 1U) == 0)
        out.values[c] +=
            weights[static_cast<std::size_t>(std::popcount(s))] * (values[s | (std::size_t{1} << c)] - values[s]);
  return out;
}

}  // namespace gliocast::learn
