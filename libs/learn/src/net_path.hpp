#pragma once
#include "path_solver.hpp"

#include <gliocast/learn/elastic_net.hpp>

#include <cstddef>
#include <vector>

namespace gliocast::learn {

// What the paths of all families share.

/// Throws Error{UnusableInput} "elastic net: " + problem unless the condition holds.
void require_of_net(bool condition, const char* problem);
/// Throws Error{UnusableInput} where options of the path make no sense for a table of so many rows and columns.
void check_path_options(const ElasticNetOptions& options, std::size_t rows, std::size_t columns);
/// Factors with a mean of 1; those that leave a column out count as 1. Empty: all 1.
[[nodiscard]] std::vector<double> scaled_factors(const std::vector<double>& factors, std::size_t columns);

/// How a fit of the solver is told in the outcome's units: those of a linear family, whose y was made to have mean 0
/// and standard deviation 1.
struct OutcomeUnits {
  double mean = 0, scale = 1;
};
/// The fits along the λs of `options`, or along a path of its own. Sets fits, scale and `converged`; throws
/// Error{Interrupted}.
[[nodiscard]] ElasticNetPath solve_path(PathSolver& solver, const StandardColumns& x, ElasticNetFamily family,
                                        const OutcomeUnits& units, const ElasticNetOptions& options);

}  // namespace gliocast::learn
