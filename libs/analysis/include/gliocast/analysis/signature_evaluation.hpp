#pragma once
#include <gliocast/analysis/grade_evaluation.hpp>
#include <gliocast/analysis/signature_nomograms.hpp>
#include <gliocast/analysis/signature_table.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/signature/evaluation.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::analysis {

struct SignatureEvaluationOptions {
  signature::SignatureSpecification specification;
  signature::EvaluationOptions evaluation;
  bool permute_outcome = false;  ///< times and events are shuffled among the patients first: must come out at chance
  std::size_t draws = 1000;      ///< of the bootstrap over patients
  double level = 0.95;
  /// Another way to make signatures, judged in the same folds and compared with the first.
  std::optional<signature::SignatureSpecification> against{};
  /// The clinical and the integrated nomogram in the same folds; its outcome and times are not read, and without
  /// candidates the clinical factors of the table are taken. Not of permuted outcomes.
  std::optional<NomogramStudyOptions> nomograms{};
};

/// What `signature evaluate` writes.
struct SignatureEvaluationResults {
  Json json;  ///< as docs/signature.schema.json says, without the place of the predictions
  TextTable metrics, weights, selection, predictions;
  TextTable printed_metrics;                        ///< as a paper has them: three decimals
  TextTable groups;                                 ///< Kaplan–Meier estimates of the held-out groups
  TextTable times;                                  ///< without columns where no times were asked for
  TextTable external_predictions, external_groups;  ///< without columns where there is no second table
  std::vector<NamedFigure> figures;                 ///< kaplan_meier, external_kaplan_meier
  std::vector<std::string> notes;                   ///< doubtful ones begin with "warning: "
  /// Groups of each outer fold, first repeat first, and of all rows against the second table: what models of clinical
  /// factors are fitted to and tested on. Rows are those of the tables' `clinical`.
  std::vector<signature::GroupedFold> folds, external;
  std::optional<NomogramStudy> nomograms{};  ///< where they were asked for
};

/// A signature that was made in every fold and of all rows, by whatever way. Where a fit has several models, their mean
/// is meant.
struct JudgedSignature {
  using Models = std::vector<std::shared_ptr<const signature::SignatureModel>>;
  struct Fold {
    std::size_t repeat = 0, fold = 0;
    Models models;
    signature::GroupedFold groups;
  };
  /// Another way to make signatures, in the same folds.
  struct Against {
    signature::SignatureSpecification specification;
    std::vector<signature::HeldOutRow> predictions;
    std::vector<std::string> notes;
  };
  std::vector<signature::HeldOutRow> predictions;  ///< every row once a repeat, in order of repeat and row
  std::vector<Fold> folds;
  Models whole;                           ///< of all rows
  std::vector<char> training_high_risk;   ///< of each row, for models of all rows
  bool own_networks = false;              ///< each model has a network of its own
  std::optional<double> naive, apparent;  ///< C that a leak and the fit's own rows show, where they were computed
  std::optional<Against> against;         ///< of the options' second specification
  std::vector<std::string> notes;
};
/// What the signature of all rows says of a second table.
struct ExternalSignature {
  const SignatureTable* table = nullptr;
  std::vector<double> signature;
  std::vector<char> high_risk;
  std::vector<survival::CoxPrediction> survival;
  std::vector<std::string> notes;
  bool shared_ids = true;  ///< ids are names: those of both tables are told
};

/// What `signature evaluate` writes of a signature that was judged; `external` (its groups) stays empty. Throws
/// Error{UnusableInput} as study_nomograms() does.
[[nodiscard]] SignatureEvaluationResults describe_evaluation(const SignatureTable& table, const JudgedSignature& judged,
                                                             const SignatureEvaluationOptions& options,
                                                             const ExternalSignature* external = nullptr);

/// C of pairs within folds of a way to tell risk; P of its difference from that of the first way, NaN of the first.
struct ComparedConcordance {
  stats::Estimate concordance;
  double p = 0;
};
/// Of several ways to tell risk of the same rows (`risks`: higher in who dies first, a list a way) in the same folds:
/// intervals and P by the method, draws and seed of evaluate_signature(), so that the first's are those of its metrics.
[[nodiscard]] std::vector<ComparedConcordance> compare_concordances(const signature::SurvivalTable& table,
                                                                    const std::vector<std::vector<double>>& risks,
                                                                    const std::vector<int>& fold,
                                                                    const SignatureEvaluationOptions& options);

/// Throws Error{WrongUse} where nomograms are asked for of permuted outcomes.
void refuse_permuted_nomograms(const SignatureEvaluationOptions& options);

/// Of a second table, before any work: throws Error{UnusableInput} where fewer than two of its patients have an event,
/// by which nothing can be judged.
void require_external_events(std::size_t events);

/// How many fits an evaluation takes, for progress.
[[nodiscard]] std::size_t fits_of_evaluation(const SignatureTable& table, const SignatureEvaluationOptions& options);

/// Nested cross-validation of a signature: every number is of patients whom no part of the chain had seen. C is the
/// mean over repeats of the pairs within folds, whose fits share a scale; groups, curves and times are of the first
/// repeat. `external`: a second table, predicted by the signature fitted to all of the first. Throws
/// Error{UnusableInput} as signature::evaluate_signature(), and where patients of the second table fitted a network.
[[nodiscard]] SignatureEvaluationResults evaluate_signature(const SignatureTable& table,
                                                            const SignatureEvaluationOptions& options,
                                                            const SignatureTable* external = nullptr);

}  // namespace gliocast::analysis
