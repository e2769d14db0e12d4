#pragma once
#include <gliocast/findings/prediction.hpp>

#include <string>

namespace gliocast::findings {

/// How findings are said, in sentences for people. One implementation: report::EnglishWording.
class Wording {
 public:
  virtual ~Wording() = default;
  /// `prediction`: what NoEnhancement, NoGrade, NoSurvival and NoSignature refer to; null where there is none.
  [[nodiscard]] virtual std::string of(const Remark& remark, const Prediction* prediction) const = 0;
  [[nodiscard]] virtual std::string of(const Enhancement& enhancement) const = 0;
  [[nodiscard]] virtual std::string of(const NoReliableGrade& refusal) const = 0;
  /// What probability and interval were calibrated on.
  [[nodiscard]] virtual std::string basis_of(const GradeEstimate& estimate) const = 0;
  /// What the activation map shows and what it is not.
  [[nodiscard]] virtual std::string of(const ActivationFinding& activation, const Fusion& fusion) const = 0;
  /// What must be known by other means for a grade to mean anything.
  [[nodiscard]] virtual std::string what_a_grade_supposes() const = 0;
  /// `prediction`: its grade is why there is none, or not.
  [[nodiscard]] virtual std::string of(const NoSurvival& refusal, const Prediction* prediction) const = 0;
  /// What curves and intervals rest on.
  [[nodiscard]] virtual std::string basis_of(const SurvivalFinding& finding) const = 0;
  /// `prediction`: its grade is why there is none, or not.
  [[nodiscard]] virtual std::string of(const NoSignature& refusal, const Prediction* prediction) const = 0;
  /// What the signature and its curve rest on.
  [[nodiscard]] virtual std::string basis_of(const SignatureFinding& finding) const = 0;
  [[nodiscard]] virtual std::string of(ClinicalDoubt doubt) const = 0;
  /// The name that the WHO's classification of 2021 has; empty where IDH is not known.
  [[nodiscard]] virtual std::string who_2021_of(const ClinicalRecord& record) const = 0;
  [[nodiscard]] virtual std::string note_on(const RadiomicsFinding& radiomics) const = 0;
  [[nodiscard]] virtual std::string why_no_tumour() const = 0;
};

}  // namespace gliocast::findings
