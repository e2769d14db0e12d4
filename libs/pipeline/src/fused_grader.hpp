#pragma once
#include "grading_model.hpp"

#include <gliocast/pipeline/fused_grading.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace gliocast::pipeline {

/// Grades by radiomics and deep features together.
class FusedGrader final : public GradingModel {
 public:
  /// Throws Error{MissingModel} where a network cannot be built.
  FusedGrader(FusedGrading fused, nn::Device device);

  void grade(PatientWork& work, const cohort::PatientFiles& patient, std::size_t threads) const override;
  [[nodiscard]] nn::ActivationMap activation(const nn::NetworkInput& patch, bool high_grade) const override;
  [[nodiscard]] const models::Bundle& bundle() const noexcept override { return fused_.bundle; }
  [[nodiscard]] const NetworkBundle& networks() const noexcept override { return fused_.members.front().network; }

 private:
  [[nodiscard]] findings::Grade estimate(PatientWork& work, const cohort::PatientFiles& patient,
                                         std::size_t threads) const;

  FusedGrading fused_;
  radiomics::Parameters radiomics_;
  std::vector<PatchNetworks> networks_;
};

/// What a member reads of a patient: radiomics by name, and its networks' deep features (the mean of several weights).
[[nodiscard]] learn::FeatureTable table_of_patient(const FusedGrading::Member& member,
                                                   const std::vector<std::pair<std::string, double>>& radiomics,
                                                   const std::vector<double>& deep);

/// The mean of the members' probabilities; of their refits, refit by refit; of their Shapley values, where a column is
/// the same feature (deep features are those of one network). No explanation where a member has none.
struct FusedProbability {
  double probability = 0;
  std::vector<double> drawn;
  std::optional<findings::Explanation> explanation;
};
[[nodiscard]] FusedProbability fuse(const std::vector<FusedGrading::Member>& members,
                                    const std::vector<learn::FeatureTable>& tables, std::size_t threads = 1);

/// The features of a patient that lie far outside the range of the members' training patients, each once; those of
/// networks with the member's number, "deep_017 of network 2".
[[nodiscard]] std::vector<std::string> beyond_training(const std::vector<FusedGrading::Member>& members,
                                                       const std::vector<learn::FeatureTable>& tables);

}  // namespace gliocast::pipeline
