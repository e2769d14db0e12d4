#pragma once
#include <gliocast/learn/chain.hpp>
#include <gliocast/learn/column_origins.hpp>
#include <gliocast/learn/shapley.hpp>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace gliocast::learn {

/// A chain that was trained to be used: what `grade train` writes, a bundle of kind classifier. Holds no row of a
/// patient but the support vectors of an SVM.
struct TrainedClassifier {
  std::string name;
  Json card = Json::object();                             ///< sentences for people
  std::string label, positive, negative;                  ///< column of the class, its values
  std::shared_ptr<const ChainModel> model;                ///< fitted to all rows
  std::vector<std::shared_ptr<const ChainModel>> refits;  ///< to bootstraps of the patients, for intervals
  Background background;                                  ///< of the selected features, for Shapley values
  std::size_t rows = 0, positives = 0;                    ///< of the training table
  std::vector<std::uint16_t> marks;                       ///< row_marks() of its needed_columns(), sorted; may be empty
  /// What made the columns of the training table that its models read, by name; without measurements.
  ColumnOrigins origins{};
  std::string checksum;  ///< of the bundle it was read from
};

/// Writes folder/model.json, and model data of its own file where they are large.
void write_classifier(const std::filesystem::path& folder, const TrainedClassifier& trained);
/// Throws Error{MissingModel} where it is no bundle of this kind, or damaged.
[[nodiscard]] TrainedClassifier read_classifier_bundle(const std::filesystem::path& folder);

/// The columns that the classifier or one of its refits needs of a table, each once, sorted.
[[nodiscard]] std::vector<std::string> needed_columns(const TrainedClassifier& trained);

/// How many rows of a table seem to be rows that fitted the classifier, as recognised_rows() tells; 0 where it keeps no
/// marks.
[[nodiscard]] std::size_t training_rows_in(const TrainedClassifier& trained, const FeatureTable& table);

/// Throws Error{UnusableInput} naming a column and the patients where the network that made it was fitted on one of the
/// rows' patients, as the table knows it or the training table did: of such rows the probability is flattered.
void refuse_fitted(const TrainedClassifier& trained, const FeatureTable& table);

/// The probability of one row with what the refits make of it, and what moved it.
struct ClassifiedRow {
  double probability = 0;
  double low = 0, high = 0;   ///< percentiles over the refits, drawn out to the probability; NaN without refits
  std::vector<double> drawn;  ///< the refits' probabilities, in their order
  bool positive = false;
  ShapleyValues shapley;       ///< on the scale of the probability, of `features`; empty where not asked for
  std::vector<double> values;  ///< of the selected features, after the chain's steps
};
/// `level`: coverage of the limits; the same for every number of threads. Throws Error{UnusableInput} naming columns
/// that lack.
[[nodiscard]] std::vector<ClassifiedRow> classify_rows(const TrainedClassifier& trained, const FeatureTable& table,
                                                       bool explain, double level = 0.95, std::size_t threads = 1);

}  // namespace gliocast::learn
