#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/stats/matrix.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace gliocast::learn {

// ComBat: takes out of features what scanners and centres (batches) put in, a shift and a scale per feature and batch,
// and keeps what covariates explain. Sources: Johnson, Li & Rabinovic 2007; Fortin et al. 2018 (neuroCombat 0.2.12,
// whose figures this gives); with a reference batch, Zhang et al. 2018 (M-ComBat).

struct CombatOptions {
  bool empirical_bayes = true;     ///< draws each feature's shift and scale towards those of all features of the batch
  bool mean_only = false;          ///< shifts only
  std::string reference{};         ///< batch towards which the others are taken and which stays as it is; "": none
  double tolerance = 1e-4;         ///< relative change at which the empirical Bayes iteration ends, in (0, 0.1]
  std::size_t least_new_rows = 5;  ///< of a batch that the model does not know and that is fitted against the reference
};

/// What ComBat sees. A cell that is not a number, infinite or beyond ±1e150 takes no part and stays as it is.
struct CombatTable {
  std::vector<std::string> features;         ///< names of the columns of `values`
  stats::Matrix values;                      ///< [rows, features]
  std::vector<std::string> batch;            ///< of each row; none empty
  std::vector<std::string> covariate_names;  ///< names of the columns of `covariates`
  stats::Matrix covariates;  ///< [rows, covariates], numbers (levels as 0 and 1); what they explain is kept
};

/// Shift and scale of a batch, one a feature, in units of the pooled standard deviation: gamma* and delta* (a
/// variance).
struct CombatBatch {
  std::string name;
  std::size_t rows = 0;
  std::vector<double> gamma, delta;
};

struct CombatModel {
  CombatOptions options;
  std::vector<std::string> covariate_names;
  std::vector<double> covariate_means;  ///< of the rows fitted on
  stats::Matrix coefficients;           ///< [covariates, features]
  std::vector<double> grand_mean;       ///< of each feature, at the covariates' means
  std::vector<double> scale;            ///< pooled standard deviation of each feature; 0: left as it is
  std::vector<CombatBatch> batches;     ///< by name, ascending; the reference has gamma 0 and delta 1
  std::vector<std::string> notes;       ///< what a user should know of the fit; not serialised
};

/// Fits on these rows and no others.
///
/// As neuroCombat: the pooled variance has divisor n (not n − p); variances within a batch and of the priors have
/// divisor n − 1; a feature without spread in a batch has scale 1 there; mean_only with empirical Bayes draws as if
/// each batch had one row of variance 1; the iteration ends for all features of a batch at once, by the largest change
/// relative to the old value with its sign (a smaller `tolerance` goes on to the fixed point).
/// Otherwise: a feature that is constant (but for rounding; with a reference, in it) or has too few values (none in
/// some batch, no more than coefficients) is left as it is; a batch of one row is shifted only; a feature with missing
/// cells is fitted by the rows that have it (neuroCombat gives NaN); with fewer than two features to learn from there
/// is no empirical Bayes. Notes say so.
///
/// Throws Error{UnusableInput}: a row without batch, a missing covariate, an unknown reference or one of one
/// row, one batch and no reference, a covariate that the batches (or other covariates) determine, no more rows than
/// coefficients.
[[nodiscard]] CombatModel fit_combat(const CombatTable& table, const CombatOptions& options = {});

/// The model with the batches of `table` that it does not know: each is fitted by its own rows of the table against the
/// reference, which is frozen. Throws Error{UnusableInput} that names the batch where there is no reference or the
/// batch has fewer than `least_new_rows` rows.
[[nodiscard]] CombatModel extend_combat(const CombatModel& model, const CombatTable& table);

/// The harmonised values [rows, features]. `table`: the features that were fitted; without covariates (neither
/// names nor columns) their training means stand in, as neuroCombatFromTraining does. Rows of unknown batches as
/// extend_combat(): their values then depend on which rows of the batch are in the table. Errors as there, and of
/// missing covariates.
[[nodiscard]] stats::Matrix apply_combat(const CombatModel& model, const CombatTable& table);

[[nodiscard]] Json to_json(const CombatModel& model);
/// Throws Error{UnusableInput} where it is not what to_json() wrote.
[[nodiscard]] CombatModel read_combat(const Json& json);

}  // namespace gliocast::learn
