#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/learn/column_origins.hpp>
#include <gliocast/learn/standardise.hpp>
#include <gliocast/signature/specification.hpp>
#include <gliocast/survival/cox_model.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::signature {

/// What is said of a signature whose SignatureModel::wrong_way() is true, wherever it is used.
inline constexpr const char* kWrongWay =
    "in the training rows left out within, a low signature does not go with poor survival: it says nothing of other "
    "patients";

/// A feature that the forest kept.
struct Candidate {
  std::string feature;
  double importance = 0;  ///< share of the forest's decrease of squared error, of all features 1
  double weight = 0;      ///< in the signature, of the z-score; 0 where the elastic net dropped it
};

/// The cut of the training rows' signature that parts their survival best, beside the median.
struct CutCheck {
  double cut = 0;
  double p_corrected = 0;         ///< for the search (Lausen & Schumacher 1992)
  double p_median = 0;            ///< log-rank of the groups by the median
  std::size_t low = 0, high = 0;  ///< rows
};

/// A fitted signature: a weighted sum of z-scores, low = poor survival. Immutable; may be used by several threads.
class SignatureModel {
 public:
  struct Parts {
    SignatureSpecification specification;
    std::vector<Candidate> candidates;  ///< by importance, most important first
    std::vector<std::string> features;  ///< those with a weight, in that order; none: the signature is constant, 0
    std::vector<std::string> networks;  ///< checksum of each feature's network; empty: all are measurements
    std::shared_ptr<const learn::Standardisation> scale;  ///< of `features`
    std::vector<double> weights;                          ///< one a feature
    double alpha = 0, lambda = 0;                         ///< of the elastic net
    double cut = 0;                                       ///< median of the training rows; below is high risk
    double low = 0, high = 0;                             ///< range of the signature in the training rows
    std::size_t rows = 0, patients = 0, events = 0;       ///< of the training
    /// Cox model of the signature of the training rows by fits that left them out; nothing where that is constant.
    std::optional<survival::CoxModel> survival;
    stats::Estimate held_out_concordance;  ///< of that signature; to look at, not to be told as the model's
    std::optional<CutCheck> cut_check;
    std::vector<std::string> notes;  ///< doubtful ones begin with "warning: "
  };
  /// Throws Error{UnusableInput} where parts do not fit together.
  explicit SignatureModel(Parts parts);
  /// Throws Error{UnusableInput} where the JSON is no signature.
  static std::shared_ptr<const SignatureModel> from_json(const Json& json);
  [[nodiscard]] Json to_json() const;

  /// Whether it says the same of everybody: the elastic net kept no feature.
  [[nodiscard]] bool constant() const noexcept { return parts_.features.empty(); }
  /// Whether, by the fits that left training rows out, a low signature does not go with poor survival.
  [[nodiscard]] bool wrong_way() const { return parts_.survival && parts_.survival->coefficients.front() > 0; }
  /// Of each row; columns are found by name, missing cells filled with the training rows' median. Throws
  /// Error{UnusableInput} naming columns that lack, or one that another network made.
  [[nodiscard]] std::vector<double> signature(const learn::FeatureTable& table) const;
  /// 1 where a signature is below the cut.
  [[nodiscard]] std::vector<char> high_risk(const std::vector<double>& signature) const;
  /// Survival at times, with the Cox model's interval; NaN where there is no Cox model. Times beyond its follow-up have
  /// the last known survival.
  [[nodiscard]] std::vector<survival::CoxPrediction> survival(const std::vector<double>& signature,
                                                              const std::vector<double>& times,
                                                              double level = 0.95) const;
  /// The columns that a table must have.
  [[nodiscard]] const std::vector<std::string>& needed_columns() const noexcept { return parts_.features; }
  /// Sentences on features that are unlike those of training, as learn::range_warnings().
  [[nodiscard]] std::vector<learn::RangeWarning> range_warnings(const learn::FeatureTable& table) const;
  [[nodiscard]] const Parts& parts() const noexcept { return parts_; }

 private:
  Parts parts_;
};

}  // namespace gliocast::signature
