#pragma once
#include <gliocast/findings/clinical.hpp>
#include <gliocast/findings/grade.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gliocast::findings {

/// The model that a survival estimate is of.
struct SurvivalModelFacts {
  std::string name{}, formula{}, trained_on{};
  std::string unit{};  ///< of time: "months"
  std::size_t n = 0, events = 0;
  double follow_up = 0;        ///< the longest of the fit
  bool demonstration = false;  ///< fitted to simulated patients

  friend bool operator==(const SurvivalModelFacts&, const SurvivalModelFacts&) = default;
};

/// A predictor of a model and the value that stands for the patient.
struct PredictorValue {
  std::string column{}, value{};  ///< as the model knows them
  std::string given{};            ///< as the user said it; empty: it is not known, and each value has its curve
  double points = std::numeric_limits<double>::quiet_NaN();  ///< on the nomogram; NaN where it has no axis
  std::optional<std::pair<double, double>> outside{};        ///< the range of the fit, where the value lies outside it

  friend bool operator==(const PredictorValue&, const PredictorValue&) = default;
};

struct SurvivalAt {
  double years = 0, time = 0;              ///< `time` in the model's unit
  double survival = 0, low = 0, high = 0;  ///< 95 %; NaN where the model has no interval
  bool extrapolated = false;               ///< beyond the model's follow-up: the last known survival is carried on
};

/// Survival for one value of each predictor.
struct SurvivalCurve {
  std::vector<PredictorValue> predictors{};
  double linear_predictor = 0, total_points = 0;
  std::vector<double> time{}, survival{}, low{}, high{};  ///< at each step
  std::vector<SurvivalAt> at{};
  std::optional<double> median{};  ///< nothing: not reached
};

/// One curve, or one for each value of what is not known.
struct SurvivalEstimate {
  std::vector<SurvivalCurve> curves{};
  bool grade_of_images = false;  ///< no grade was given, the images' probability speaks for a lower one
  std::string page{};            ///< the interactive nomogram, a file beside the report
  std::string told_basis{};      ///< the basis in words, where it was read from a file
};

/// No survival, and why.
struct NoSurvival {
  enum class Reason : std::uint8_t {
    GradeUnknown,      ///< neither given nor stated
    HighGradeGiven,    ///< 4, or high
    HighGradeStated,   ///< not given, and the images speak for it
    Glioblastoma,      ///< by histology
    PredictorMissing,  ///< `names`: which predictors were not given
    LevelUnknown,      ///< `names`: predictors of which the model does not know the value given
    NoRiskGroup,       ///< the signature, whose risk group the model needs, is not there
    Told
  };
  Reason reason = Reason::GradeUnknown;
  std::vector<std::string> names{};
  std::string told{};  ///< with Told: in words, read from a file

  friend bool operator==(const NoSurvival&, const NoSurvival&) = default;
};

/// What a survival model stands on.
enum class SurvivalRole : std::uint8_t {
  Clinical,           ///< clinical facts
  SignatureClinical,  ///< clinical facts, of the patients of a signature: what the integrated model is compared with
  Integrated          ///< clinical facts and the risk group of a signature
};

/// What one model says of the patient's survival.
struct SurvivalFinding {
  SurvivalModelFacts model{};
  SurvivalRole role = SurvivalRole::Clinical;
  std::variant<NoSurvival, SurvivalEstimate> result{};
};

/// Which of the grades 2 and 3 a patient may have.
struct LowerGrade {
  std::vector<int> grades{};
  bool of_images = false;  ///< no grade was given
};
/// Models of lower-grade gliomas hold where grade 2 or 3 was given, or no grade was given and the probability of high
/// grade is stated and below one half; nowhere else.
[[nodiscard]] std::variant<NoSurvival, LowerGrade> lower_grade(const ClinicalRecord& record, const Grade& grade);

}  // namespace gliocast::findings
