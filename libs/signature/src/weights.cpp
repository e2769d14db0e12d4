#include "weights.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/learn/cox_net.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/learn/random_forest.hpp>
#include <gliocast/learn/selection.hpp>
#include <gliocast/survival/cox.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

namespace gliocast::signature {
namespace {

using learn::ElasticNetFit;
using learn::FeatureTable;
using learn::Rows;

/// Tighter than glmnet's default of 1e-7, which leaves per cents where weights are small.
constexpr double kTolerance = 1e-12;

/// The training rows after the z-scores.
struct Scaled {
  std::shared_ptr<const learn::Standardisation> scale;
  SurvivalTable table;
};

Scaled scale_rows(const SignatureSpecification& s, const SurvivalTable& table, const Rows& rows) {
  Scaled scaled{learn::fit_standardisation(table.features, rows, {.most_missing = s.most_missing}), table.take(rows)};
  scaled.table.features = scaled.scale->apply(scaled.table.features);
  return scaled;
}

survival::CoxData cox_data(const SurvivalTable& table, stats::Matrix x, std::vector<std::string> names) {
  survival::CoxData data;
  data.time = table.outcome.time;
  data.event = table.outcome.event;
  data.x = std::move(x);
  data.names = std::move(names);
  return data;
}

/// What the forest predicts: martingale residuals of no covariates, events less the cumulative hazard (Therneau,
/// Grambsch & Fleming 1990), or the logarithm of the time.
std::vector<double> response(Target target, const SurvivalTable& table) {
  if (target == Target::Cox) {
    auto data = cox_data(table, stats::Matrix(table.rows(), 0), {});
    return survival::cox_fit_at(data, {}, survival::Ties::Efron).martingale;
  }
  std::vector<double> log_time;
  for (std::size_t r = 0; r < table.rows(); ++r) {
    if (!(table.outcome.time[r] > 0))
      throw unusable_input("the target time takes logarithms, and a time of survival is 0",
                           "row " + table.features.ids.at(r), "leave the row out, or take the target cox");
    log_time.push_back(std::log(table.outcome.time[r]));
  }
  return log_time;
}

/// Positions of the candidates, and each column's importance.
struct Ranked {
  std::vector<std::size_t> kept;
  std::vector<double> importance;
};

Ranked rank(const SignatureSpecification& s, FeatureTable features, std::vector<double> outcome, std::uint64_t seed) {
  features.outcome = std::move(outcome);
  const learn::ForestOptions forest{.task = learn::ForestTask::Regression, .trees = s.trees, .mtry = s.mtry};
  Ranked ranked;
  ranked.importance = learn::fit_forest(features, learn::all_rows(features), forest, {seed, 1}).impurity_share;
  std::vector<double> rank_by;
  for (const double v : ranked.importance) rank_by.push_back(-v);
  ranked.kept = learn::keep_best(s.candidates, rank_by)->kept();
  return ranked;
}

/// The elastic net at the α and λ that were chosen.
struct Net {
  ElasticNetFit fit;
  double alpha = 0;
  std::vector<std::string> notes;
};

/// Fits nets of one target to the candidates.
class Nets {
 public:
  Nets(const SignatureSpecification& s, const SurvivalTable& table, std::vector<double> outcome)
      : s_(s),
        data_(cox_data(table, table.features.values, table.features.features)),
        outcome_(std::move(outcome)),
        rows_(learn::all_rows(table.features)) {}

  [[nodiscard]] learn::ElasticNetPath path(const learn::ElasticNetOptions& o) const {
    return s_.target == Target::Cox ? learn::fit_cox_net(data_, survival::Ties::Efron, o)
                                    : learn::fit_elastic_net(data_.x, outcome_, rows_, o);
  }
  [[nodiscard]] learn::CrossValidatedNet cross_validate(const learn::ElasticNetOptions& o,
                                                        const std::vector<std::size_t>& fold) const {
    return s_.target == Target::Cox
               ? learn::cross_validate_cox_net(data_, fold, survival::Ties::Efron, o)
               : learn::cross_validate_elastic_net(data_.x, outcome_, rows_, fold, o, learn::NetMeasure::SquaredError);
  }
  [[nodiscard]] learn::ElasticNetOptions options(double alpha) const {
    return {.family = s_.target == Target::Cox ? learn::ElasticNetFamily::Cox : learn::ElasticNetFamily::Linear,
            .alpha = alpha,
            .tolerance = kTolerance};
  }

 private:
  const SignatureSpecification& s_;
  survival::CoxData data_;
  std::vector<double> outcome_;
  Rows rows_;
};

/// At a λ that was given: down the path to it, each solution the start of the next.
Net at_lambda(const Nets& nets, double alpha, double lambda) {
  auto o = nets.options(alpha);
  for (const double v : nets.path(o).lambda())
    if (v > lambda) o.lambda.push_back(v);
  o.lambda.push_back(lambda);
  const auto path = nets.path(o);
  if (!path.converged)
    throw unusable_input("the elastic net does not converge at lambda " + general_number(lambda, 4), "lambda",
                         "take a larger one");
  Net net{path.fits.back(), alpha, {}};
  learn::drop_rounding(path, net.fit);
  return net;
}

/// The first point of a path that has a feature.
const ElasticNetFit* first_with_feature(const learn::ElasticNetPath& path) {
  for (const auto& fit : path.fits)
    if (!fit.coefficients.empty()) return &fit;
  return nullptr;
}

Net by_cross_validation(const SignatureSpecification& s, const Nets& nets, const std::vector<std::size_t>& fold) {
  learn::CrossValidatedNet best;
  Net chosen;
  for (const double alpha : s.alpha) {
    throw_if_interrupted();
    auto net = nets.cross_validate(nets.options(alpha), fold);
    if (!best.mean.empty() && !(net.mean[net.best] < best.mean[best.best])) continue;
    best = std::move(net);
    chosen.alpha = alpha;
  }
  chosen.fit = best.path.fits[s.lambda == "1se" ? best.within_error : best.best];
  learn::drop_rounding(best.path, chosen.fit);
  if (!best.path.converged) chosen.notes.emplace_back("warning: the path of the elastic net ended early");
  if (!chosen.fit.coefficients.empty() || s.nothing_kept == NothingKept::Constant) return chosen;
  if (const auto* first = first_with_feature(best.path)) {
    chosen.fit = *first;
    learn::drop_rounding(best.path, chosen.fit);
    chosen.notes.push_back("warning: the elastic net keeps no feature at the λ that cross-validation chooses; the " +
                           std::string("first that enters its path is taken (nothing_kept: first)"));
  }
  return chosen;
}

/// Features with a weight, and their z-scores.
void keep_weighted(const FeatureTable& all, const Scaled& scaled, const std::vector<std::size_t>& kept,
                   SignatureModel::Parts& parts) {
  std::vector<std::size_t> columns;
  std::vector<learn::FeatureScale> scales;
  for (std::size_t i = 0; i < kept.size(); ++i)
    if (parts.candidates[i].weight != 0) columns.push_back(i);
  for (const std::size_t i : columns) {
    parts.features.push_back(parts.candidates[i].feature);
    parts.weights.push_back(parts.candidates[i].weight);
    scales.push_back(scaled.scale->features()[kept[i]]);
    if (!all.origins.empty()) parts.networks.push_back(all.network_of(scales.back().column));
    scales.back().column = scales.size() - 1;
  }
  parts.scale = std::make_shared<learn::Standardisation>(scales.size(), false, std::move(scales));
}

void add_cut(const FeatureTable& training, SignatureModel::Parts& parts) {
  auto values = SignatureModel(parts).signature(training);
  std::ranges::sort(values);
  parts.cut = quantile_linear(values, 0.5);
  parts.low = values.front();
  parts.high = values.back();
}

void count(const SurvivalTable& training, SignatureModel::Parts& parts) {
  parts.rows = training.rows();
  parts.patients = std::set<int>(training.features.patient.begin(), training.features.patient.end()).size();
  parts.events = static_cast<std::size_t>(std::ranges::count_if(training.outcome.event, [](char e) { return e != 0; }));
  if (parts.specification.target == Target::Time && parts.events < parts.rows)
    parts.notes.push_back("warning: " + std::to_string(parts.rows - parts.events) + " of " +
                          std::to_string(parts.rows) +
                          " times are censored, and the target time takes them for deaths; cox does not");
}

}  // namespace

std::vector<std::size_t> fit_candidates(const SignatureSpecification& s, const SurvivalTable& table, const Rows& rows,
                                        std::uint64_t seed) {
  const Scaled scaled = scale_rows(s, table, rows);
  const auto kept = rank(s, scaled.table.features, response(s.target, scaled.table), seed).kept;
  std::vector<std::size_t> columns;
  for (const std::size_t c : kept) columns.push_back(scaled.scale->features()[c].column);
  return columns;
}

SignatureModel::Parts fit_weights(const SignatureSpecification& s, const SurvivalTable& table, const Rows& rows,
                                  std::uint64_t seed) {
  throw_if_interrupted();
  SignatureModel::Parts parts;
  parts.specification = s;
  const Scaled scaled = scale_rows(s, table, rows);
  parts.notes = scaled.scale->notes();
  count(scaled.table, parts);
  const auto outcome = response(s.target, scaled.table);
  const Ranked ranked = rank(s, scaled.table.features, outcome, seed);
  throw_if_interrupted();
  const SurvivalTable candidates{scaled.table.features.select(ranked.kept), scaled.table.outcome};
  const Nets nets(s, candidates, outcome);
  const double lambda = lambda_number(s);
  Net net = lambda > 0 ? at_lambda(nets, s.alpha.front(), lambda)
                       : by_cross_validation(
                             s, nets, folds_by_event(candidates, learn::all_rows(candidates.features), s.folds, seed));
  parts.notes.insert(parts.notes.end(), net.notes.begin(), net.notes.end());
  parts.alpha = net.alpha;
  parts.lambda = net.fit.lambda;
  for (const std::size_t c : ranked.kept)
    parts.candidates.push_back({scaled.table.features.features[c], ranked.importance[c], 0});
  // A Cox model's sum is a risk: turned, so that low is poor survival.
  const double sign = s.target == Target::Cox ? -1 : 1;
  for (const auto& [column, b] : net.fit.coefficients) parts.candidates[column].weight = sign * b;
  keep_weighted(table.features, scaled, ranked.kept, parts);
  if (parts.features.empty())
    parts.notes.push_back("warning: the elastic net keeps none of the " + std::to_string(parts.candidates.size()) +
                          " candidates: the signature is constant and says nothing of survival");
  add_cut(table.features.take(rows), parts);
  return parts;
}

}  // namespace gliocast::signature
