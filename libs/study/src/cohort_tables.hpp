#pragma once
#include <gliocast/learn/feature_table.hpp>
#include <gliocast/nn/training_case.hpp>
#include <gliocast/pipeline/deep_features.hpp>
#include <gliocast/pipeline/examine.hpp>

#include <string>
#include <vector>

namespace gliocast::study {

/// Radiomics of one sequence, a row a patient.
struct SequenceTable {
  Sequence sequence = Sequence::T1Gd;
  learn::FeatureTable table;
};

/// The cohort's patients who have a grade, ready to be learnt from: every part has one entry a patient, in one order.
struct GradedCohort {
  std::vector<nn::TrainingCase> cases;
  bool simulated = false;                ///< some of them are simulated
  std::vector<SequenceTable> sequences;  ///< those that a patient has at least
  [[nodiscard]] const learn::FeatureTable& any() const { return sequences.front().table; }
};

/// Radiomics of each sequence that a patient has at least; the outcome is the grade. Throws Error{UnusableInput} where
/// there is none.
[[nodiscard]] std::vector<SequenceTable> sequence_tables(const std::vector<pipeline::Examined>& patients,
                                                         const std::vector<std::string>& features,
                                                         const std::vector<Sequence>& sequences);

/// Throws Error{UnusableInput} where the patients of a grade are too few.
void require_of_each(std::size_t low_grade, std::size_t high_grade, std::size_t least);

/// `permute`: grades are shuffled with the seed. Throws Error{UnusableInput}
/// where patients of a grade are fewer than `least`.
[[nodiscard]] GradedCohort graded_cohort(pipeline::ExaminedCohort examined, const std::vector<Sequence>& sequences,
                                         bool permute, std::uint64_t seed, std::size_t least);

/// Deep features as columns of the cohort's table, which know their network and who fitted it.
[[nodiscard]] learn::FeatureTable deep_table(const learn::FeatureTable& cohort, const pipeline::DeepFeatures& deep);

}  // namespace gliocast::study
