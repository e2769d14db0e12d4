#pragma once
#include <gliocast/analysis/grade_table.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/learn/classifier_bundle.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace gliocast::analysis {

struct GradeTrainingOptions {
  std::string name = "grade", label;
  learn::ChainSpecification chain;
  std::size_t refits = 100;  ///< bootstraps of the patients to which the whole chain is refitted, for intervals
  std::uint64_t seed = 1;
  std::size_t threads = 0;
  /// Once for each of 1 + refits fits, for progress; from any thread, one call at a time; may be empty.
  std::function<void()> on_fit{};
};
struct TrainedGrade {
  learn::TrainedClassifier classifier;
  TextTable selected;              ///< the features that the classifier reads, and how often the refits chose them
  std::vector<std::string> notes;  ///< doubtful ones begin with "warning: "
};
/// Fits a chain to all rows, and to bootstraps of the patients. Throws Error{UnusableInput} as ChainLearner::fit.
[[nodiscard]] TrainedGrade train_grade(const GradeTable& table, const GradeTrainingOptions& options);

struct GradePrediction {
  TextTable table;        ///< id, probability, lower, upper, class
  TextTable explanation;  ///< id, feature, value, shapley: what moved each probability
  Json json;
  std::vector<std::string> notes;  ///< doubtful ones begin with "warning: "
};
/// Probabilities of new rows, on `threads` threads (0: all). With `explain` also what moved them: with eight features
/// some 2 s of one core for 100 rows. Told as doubtful: features beyond the range of the training table. Throws
/// Error{UnusableInput} as learn::refuse_fitted(), and where a column that the model needs lacks or is of another
/// network.
[[nodiscard]] GradePrediction predict_grade(const GradeTable& table, const learn::TrainedClassifier& classifier,
                                            bool explain, double level = 0.95, std::size_t threads = 0);

}  // namespace gliocast::analysis
