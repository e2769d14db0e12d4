#pragma once
#include <gliocast/analysis/signature_group.hpp>
#include <gliocast/analysis/signature_table.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/signature/signature_bundle.hpp>
#include <gliocast/signature/signature_learner.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace gliocast::analysis {

struct SignatureTrainingOptions {
  std::string name = "signature";
  signature::SignatureSpecification specification;
  bool simulated = false;  ///< some of the patients are: the model is a demonstration
  std::uint64_t seed = 1;
  std::size_t threads = 0;
};
struct TrainedSignatureTable {
  signature::TrainedSignature trained;
  signature::SignatureFit fit;
  TextTable weights;  ///< the candidates: feature, weight, importance, folds within that chose it (Table S4)
  std::vector<std::string> notes;  ///< doubtful ones begin with "warning: "
};
/// Fits a signature to all rows. Throws Error{UnusableInput} as SignatureLearner::fit(), and where the elastic net
/// keeps no feature: there is no signature then.
[[nodiscard]] TrainedSignatureTable train_signature(const SignatureTable& table,
                                                    const SignatureTrainingOptions& options);

/// The candidates of a model, largest weight first; `chosen`: features with a weight of each of several fits, counted
/// in the column `folds`.
[[nodiscard]] TextTable weights_table(const signature::SignatureModel& model,
                                      const std::vector<std::vector<std::string>>& chosen, const std::string& folds);

struct SignaturePrediction {
  /// id, signature, group; of a time survival_12, survival_12_lower, …_upper; demonstration (yes, no).
  TextTable table;
  Json json;
  std::vector<std::string> notes;  ///< doubtful ones begin with "warning: "
};
/// What a signature says of rows, whatever made it.
struct SaidOfRows {
  std::vector<std::string> ids;
  std::vector<double> signature;
  std::vector<char> high_risk;
  std::vector<survival::CoxPrediction> survival;  ///< at the times that are asked for
};
/// A model as predictions name it.
struct NamedSignature {
  std::string name, checksum;
  bool demonstration = false;
  std::string time, event;  ///< columns of the training
  double cut = 0;
};
/// Table and JSON of a prediction; told are the cut and a demonstration.
[[nodiscard]] SignaturePrediction describe_prediction(const SaidOfRows& said, const NamedSignature& model,
                                                      const std::vector<double>& times, double level);

/// Signature, group and survival at times of new rows. Told as doubtful: features or a signature beyond the training
/// range, missing cells, a signature that is the same of all rows, times beyond the follow-up, a demonstration. Throws
/// Error{UnusableInput} naming columns that lack or are of another network, and where one of the rows' patients fitted
/// the network that made a column.
[[nodiscard]] SignaturePrediction predict_signature(const FeatureRows& rows, const signature::TrainedSignature& trained,
                                                    const std::vector<double>& times, double level = 0.95);

/// Warns of missing cells and of values unlike those of training among a model's features.
void tell_unlike_training(const signature::SignatureModel& model, const learn::FeatureTable& table,
                          std::vector<std::string>& notes);
/// Warns where rows bear the marks of rows that fitted the signature.
void tell_recognised(const signature::TrainedSignature& trained, const learn::FeatureTable& table,
                     std::vector<std::string>& notes);
/// Warns where a signature lies beyond that of training, or is the same of all rows.
void tell_signature(const signature::SignatureModel& model, const std::vector<double>& signature,
                    std::vector<std::string>& notes);
/// Warns of times beyond the follow-up of the model of survival.
void tell_extrapolated(const signature::SignatureModel& model, const std::vector<double>& times,
                       std::vector<std::string>& notes);

}  // namespace gliocast::analysis
