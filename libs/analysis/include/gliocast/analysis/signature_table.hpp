#pragma once
#include <gliocast/analysis/data_dictionary.hpp>
#include <gliocast/analysis/feature_columns.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/signature/survival_table.hpp>
#include <gliocast/stats/data_frame.hpp>
#include <gliocast/survival/survival_frame.hpp>

#include <string>
#include <vector>

namespace gliocast::analysis {

/// Which columns of a table are what; all others that hold numbers are features.
struct SignatureColumns {
  FeatureColumns features;             ///< its `outcome` is not read
  survival::OutcomeColumns outcome;    ///< of the clinical table where there is one, else of the table itself
  std::vector<std::string> factors{};  ///< clinical columns, which may be absent: they are no features
  std::vector<std::string> keep{};     ///< features though they are called as clinical factors are
};

/// Features joined to survival.
struct SignatureTable {
  signature::SurvivalTable table;
  stats::DataFrame clinical;       ///< one row a row of `table`: of the clinical table, or of the table itself
  std::string patient_column{};    ///< of `clinical`; empty where each row is a patient
  std::string id_column;           ///< empty: rows are numbered
  SignatureColumns columns;        ///< as they were read, for a further table
  std::vector<std::string> notes;  ///< how the tables were read; doubtful ones begin with "warning: "
};

/// Features with survival for training and evaluation. `clinical`: the table of times and events, a row a patient,
/// joined by the patient's column where that is named, else by id. Rows come in the order of their ids, so that folds
/// and forests do not depend on that of the table. Rows without survival are left out and told; told as doubtful: a
/// feature that sounds like an outcome or a clinical factor, or ranks survival nearly by itself. Throws
/// Error{UnusableInput} as read_feature_rows() and survival::make_survival_frame(), where an id stands twice in the
/// clinical table or none is shared, and where a feature holds the time or the event.
[[nodiscard]] SignatureTable read_signature_table(const stats::DataFrame& table, const SignatureColumns& columns,
                                                  const DataDictionary& dictionary = {},
                                                  const stats::DataFrame* clinical = nullptr);

/// Carries the columns of a clinical table over to predictions, one row a row of `table` in its order: joined as
/// read_signature_table() joins, NA where a row has no clinical row, which is told. Throws Error{UnusableInput} as
/// that, and where a clinical column has the name of one of the predictions.
void add_clinical_columns(const stats::DataFrame& table, const stats::DataFrame& clinical,
                          const SignatureColumns& columns, TextTable& predictions, std::vector<std::string>& notes);

/// The same columns in another table, which may lack those that are no features.
[[nodiscard]] SignatureColumns columns_of_other(const stats::DataFrame& other, SignatureColumns columns);

}  // namespace gliocast::analysis
