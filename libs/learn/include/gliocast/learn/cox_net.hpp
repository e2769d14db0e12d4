#pragma once
#include <gliocast/learn/elastic_net_cv.hpp>
#include <gliocast/survival/cox.hpp>

#include <cstddef>
#include <functional>
#include <vector>

namespace gliocast::learn {

/// A Cox model with the penalty of the elastic net, along a path of λ as fit_elastic_net() goes it: minimises
///   −log partial likelihood / Σ w + λ Σ_j f_j [(1 − α)/2 b_j² + α |b_j|]
/// with b of columns that have standard deviation 1 by the case weights w. Entry times, strata, case weights and
/// offsets are those of `data`; of `options`, family, weights and offset are not read. A path of its own ends where
/// more than 0.99 of the deviance (twice what the saturated partial likelihood is above the model's) is explained, or
/// four steps explain less than 0.001 of it. `ties`: Breslow or Efron. Throws Error{UnusableInput} as fit_cox() and
/// fit_elastic_net() do, Error{WrongUse} for exact ties, Error{Interrupted}.
/// Source: Simon, Friedman, Hastie & Tibshirani 2011; with Breslow ties as family = "cox" of R glmnet 4.1.
[[nodiscard]] ElasticNetPath fit_cox_net(const survival::CoxData& data, survival::Ties ties,
                                         const ElasticNetOptions& options = {});

/// One a column, from the data of a fit.
using CoxNetFactors = std::function<std::vector<double>(const survival::CoxData& data)>;

/// Paths on the rows outside each fold, at the λs of the path on all rows. `fold`: one a row, from 0. Of each fold, by
/// `measure` (of coefficients that the fold had no part in): PartialLikelihood, the deviance of all rows less that of
/// the rows outside the fold (Verweij & van Houwelingen 1993); Deviance, the deviance of the fold's rows among
/// themselves, for folds of ten rows or more. Both over the fold's events by weight; folds without an event are left
/// out. `factors`: penalty factors by the rows of each fit, instead of those of `options`. The same numbers for every
/// number of threads (0: all). Throws as fit_cox_net() does, and with fewer than three folds, with events in fewer than
/// two of them, or with folds too small for their deviance.
/// Source: as cv.glmnet of R glmnet 4.1 with lambda (of the path on all rows), foldid; grouped = TRUE or FALSE.
[[nodiscard]] CrossValidatedNet cross_validate_cox_net(const survival::CoxData& data,
                                                       const std::vector<std::size_t>& fold, survival::Ties ties,
                                                       const ElasticNetOptions& options,
                                                       NetMeasure measure = NetMeasure::PartialLikelihood,
                                                       std::size_t threads = 1, const CoxNetFactors& factors = {});

/// Penalty factors of an adaptive net, one a column: that of `options` over |b|^power, where b is of a fit by `options`
/// at `lambda` and of columns with standard deviation 1; infinite where b is 0. Throws as fit_cox_net(), and where that
/// does not converge or leaves no column. Source: Zou 2006; Zhang & Lu 2007 (Cox).
[[nodiscard]] std::vector<double> adaptive_factors(const survival::CoxData& data, survival::Ties ties,
                                                   const ElasticNetOptions& options, double lambda, double power = 1);

/// The path down to `lambda`, each solution the start of the next; its last fit is the one at `lambda`. Throws as
/// fit_cox_net().
[[nodiscard]] ElasticNetPath fit_cox_net_to(const survival::CoxData& data, survival::Ties ties,
                                            const ElasticNetOptions& options, double lambda);

}  // namespace gliocast::learn
