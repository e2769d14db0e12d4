#include <gliocast/analysis/signature_external.hpp>

#include <gliocast/analysis/signature_model.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/learn/folds.hpp>

#include <algorithm>
#include <numeric>
#include <utility>

namespace gliocast::analysis {
namespace {

/// The features that the signature needs; what else the table has is no matter.
FeatureRows needed_features(const stats::DataFrame& table, const DataDictionary& dictionary,
                            const signature::SignatureModel& model) {
  FeatureColumns columns;
  columns.without_ids = true;
  columns.id = id_column_of(table, columns);
  const auto& needed = model.needed_columns();
  for (const auto& column : table.columns())
    if (column.name != columns.id && std::ranges::find(needed, column.name) == needed.end())
      columns.drop.push_back(column.name);
  for (const auto& name : needed) (void)table.numeric(name);  // says which lacks, before any talk of features
  stats::Rows rows(table.rows());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return read_feature_rows(table, rows, columns, dictionary);
}

}  // namespace

TableWithSignature with_signature(stats::DataFrame table, const DataDictionary& dictionary,
                                  const signature::TrainedSignature& trained) {
  const auto& model = *trained.model;
  if (!model.parts().survival)
    throw unusable_input("the signature has no model of survival: it was constant in the rows left out of its fits",
                         trained.name, "train it on more patients, or judge its column with survival cindex");
  const auto rows = needed_features(table, dictionary, model);
  auto prediction = predict_signature(rows, trained, {});
  TableWithSignature result{std::move(table), *model.parts().survival, std::move(prediction.notes)};
  result.model.time_column = trained.time;
  result.model.event_coding.clear();  // of the learner's own columns, not of a table
  stats::Column column;
  column.name = "signature";
  column.numbers = model.signature(rows.features);
  result.table.add(std::move(column));
  return result;
}

}  // namespace gliocast::analysis
