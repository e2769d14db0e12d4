#include "net_path.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/interrupt.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace gliocast::learn {
namespace {

// As glmnet.control() of glmnet 4.1; of Cox models as its coxnet and cox.path have them.
constexpr double kMostDevianceRatio = 0.999, kLeastChange = 1e-5;
constexpr double kMostCoxDevianceRatio = 0.99, kLeastCoxChange = 1e-3;
constexpr std::size_t kLeastFits = 5;

/// λ of a path of its own: from `largest` down, equal in the logarithm.
std::vector<double> lambda_sequence(double largest, std::size_t n, std::size_t columns, const ElasticNetOptions& o) {
  const double least = o.least_ratio > 0 ? o.least_ratio : (n < columns ? 0.01 : 1e-4);
  std::vector<double> sequence(o.lambdas, largest);
  for (std::size_t m = 1; m < sequence.size(); ++m)
    sequence[m] = largest * std::pow(least, static_cast<double>(m) / static_cast<double>(sequence.size() - 1));
  return sequence;
}

ElasticNetFit fit_of(const PathSolver& solver, const StandardColumns& x, const OutcomeUnits& units, double lambda,
                     ElasticNetFamily family) {
  ElasticNetFit fit;
  fit.lambda = lambda * units.scale;
  fit.deviance_ratio = solver.deviance_ratio();
  fit.intercept = solver.intercept() * units.scale + units.mean;
  for (std::size_t c = 0; c < x.scale.size(); ++c)
    if (const double b = solver.coefficients()[c]; b != 0) {
      fit.coefficients.emplace_back(c, b * units.scale / x.scale[c]);
      fit.intercept -= fit.coefficients.back().second * x.mean[c];
    }
  if (family == ElasticNetFamily::Cox) fit.intercept = 0;
  return fit;
}

/// Whether glmnet ends its path here.
bool ends(const std::vector<ElasticNetFit>& fits, ElasticNetFamily family) {
  if (fits.size() < kLeastFits) return false;
  const double ratio = fits.back().deviance_ratio;
  if (family == ElasticNetFamily::Cox)
    return ratio > kMostCoxDevianceRatio ||
           ratio - fits[fits.size() - kLeastFits].deviance_ratio < kLeastCoxChange * ratio;
  const double change = ratio - fits[fits.size() - 2].deviance_ratio;
  return ratio > kMostDevianceRatio || change < kLeastChange * (family == ElasticNetFamily::Linear ? ratio : 1);
}

}  // namespace

void require_of_net(bool condition, const char* problem) {
  if (!condition) throw unusable_input(std::string("elastic net: ") + problem);
}

void check_path_options(const ElasticNetOptions& o, std::size_t rows, std::size_t columns) {
  const auto finite = [](double v) { return std::isfinite(v); };
  const auto not_negative = [](double v) { return v >= 0; };
  require_of_net(rows >= 2 && columns >= 1, "two rows and one column are needed");
  require_of_net(o.alpha >= 0 && o.alpha <= 1, "alpha must be from 0 to 1");
  require_of_net(o.least_ratio >= 0 && o.least_ratio < 1, "the least ratio of λ must be below 1");
  require_of_net(o.lambdas >= 1 && o.tolerance > 0, "a path has one λ at least, and a tolerance above 0");
  require_of_net(o.penalties.empty() || o.penalties.size() == columns, "as many penalty factors as columns are needed");
  require_of_net(std::ranges::all_of(o.penalties, not_negative), "penalty factors must not be negative");
  require_of_net(std::ranges::all_of(o.lambda, finite) && std::ranges::all_of(o.lambda, not_negative) &&
                     std::ranges::is_sorted(o.lambda, std::greater{}),
                 "λ must be finite, not negative and descending");
}

std::vector<double> scaled_factors(const std::vector<double>& factors, std::size_t columns) {
  if (factors.empty()) return std::vector<double>(columns, 1.0);
  double sum = 0;
  for (const double f : factors) sum += std::isfinite(f) ? f : 1;
  require_of_net(sum > 0, "one column must have a penalty");
  std::vector<double> scaled = factors;
  for (double& f : scaled) f *= static_cast<double>(columns) / sum;
  return scaled;
}

ElasticNetPath solve_path(PathSolver& solver, const StandardColumns& x, ElasticNetFamily family,
                          const OutcomeUnits& units, const ElasticNetOptions& options) {
  ElasticNetPath path;
  path.family = family;
  path.scale = x.scale;
  const double largest = solver.solve_unpenalised();
  const bool own = options.lambda.empty();
  std::vector<double> sequence = own ? lambda_sequence(largest, x.rows, x.scale.size(), options) : options.lambda;
  if (!own)
    for (double& lambda : sequence) lambda /= units.scale;
  for (std::size_t m = 0; m < sequence.size(); ++m) {
    throw_if_interrupted();
    if (!own || m > 0) solver.solve(sequence[m]);
    if (!solver.converged()) {
      path.converged = false;
      break;
    }
    path.fits.push_back(fit_of(solver, x, units, sequence[m], family));
    if (solver.perfect() || (own && ends(path.fits, family))) break;
  }
  return path;
}

}  // namespace gliocast::learn
