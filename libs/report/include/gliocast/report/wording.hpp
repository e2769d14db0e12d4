#pragma once
#include <gliocast/findings/wording.hpp>

#include <string>
#include <vector>

namespace gliocast::report {

/// How reports and JSON files say findings: English, plain words, units.
class EnglishWording final : public findings::Wording {
 public:
  [[nodiscard]] std::string of(const findings::Remark& remark, const findings::Prediction* prediction) const override;
  [[nodiscard]] std::string of(const findings::Enhancement& enhancement) const override;
  [[nodiscard]] std::string of(const findings::NoReliableGrade& refusal) const override;
  [[nodiscard]] std::string basis_of(const findings::GradeEstimate& estimate) const override;
  [[nodiscard]] std::string of(const findings::ActivationFinding& activation,
                               const findings::Fusion& fusion) const override;
  [[nodiscard]] std::string what_a_grade_supposes() const override;
  [[nodiscard]] std::string of(const findings::NoSurvival& refusal,
                               const findings::Prediction* prediction) const override;
  [[nodiscard]] std::string basis_of(const findings::SurvivalFinding& finding) const override;
  [[nodiscard]] std::string of(const findings::NoSignature& refusal,
                               const findings::Prediction* prediction) const override;
  [[nodiscard]] std::string basis_of(const findings::SignatureFinding& finding) const override;
  [[nodiscard]] std::string of(findings::ClinicalDoubt doubt) const override;
  [[nodiscard]] std::string who_2021_of(const findings::ClinicalRecord& record) const override;
  [[nodiscard]] std::string note_on(const findings::RadiomicsFinding& radiomics) const override;
  [[nodiscard]] std::string why_no_tumour() const override;
};

/// Values of predictors that lie outside what the model has seen, a sentence each.
[[nodiscard]] std::vector<std::string> extrapolations_of(const findings::SurvivalEstimate& estimate);
/// The same of all models of a patient, and times beyond their follow-up.
[[nodiscard]] std::vector<std::string> extrapolations_of(const findings::Prediction& prediction);
/// Everything that the report of a patient prints as a warning: of images, clinical facts and survival, each once.
[[nodiscard]] std::vector<std::string> warnings_of(const findings::Prediction& prediction);

}  // namespace gliocast::report
