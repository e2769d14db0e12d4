#pragma once
#include <gliocast/analysis/data_dictionary.hpp>
#include <gliocast/learn/feature_table.hpp>
#include <gliocast/stats/data_frame.hpp>

#include <string>
#include <vector>

namespace gliocast::analysis {

/// Who the rows of a table are, and which of its columns are no features; all others that hold numbers are.
struct FeatureColumns {
  std::string id, patient, centre;   ///< columns; id empty: the first of the usual names, else the row's number
  std::vector<std::string> drop;     ///< columns that are no features
  std::vector<std::string> outcome;  ///< columns of the outcome, which may be absent
  bool without_ids = false;          ///< other columns that are called as ids are no features, which is told
};

struct FeatureRows {
  learn::FeatureTable features;
  std::string id_column;           ///< empty: rows are numbered
  std::vector<std::string> notes;  ///< how the table was read; doubtful ones begin with "warning: "
};

/// These rows of a table. Told are columns of text, of row numbers and PyRadiomics' diagnostics, which are left out.
/// Throws Error{UnusableInput} naming the column: absent, text among numbers, an id twice without `patient`; no
/// feature; a feature of a network, by the dictionary of the table, and no column that names the patients.
[[nodiscard]] FeatureRows read_feature_rows(const stats::DataFrame& table, const stats::Rows& rows,
                                            const FeatureColumns& columns, const DataDictionary& dictionary);

/// The column that names the rows; empty where they are numbered.
[[nodiscard]] std::string id_column_of(const stats::DataFrame& table, const FeatureColumns& columns);

/// Warns of cells of these features that a model takes from its training table: missing ones, and such as are infinite
/// or beyond 1e150.
void tell_filled(const learn::FeatureTable& features, std::vector<std::string>& notes);

/// Whether a name has a word of outcomes: what is known only afterwards.
[[nodiscard]] bool sounds_like_outcome(const std::string& name);

/// Whether a name is that of a clinical factor: age, sex, grade, Karnofsky index, histology, molecular markers …
[[nodiscard]] bool sounds_clinical(const std::string& name);

/// Warns where a second table holds ids of the first: of those a model of the first has seen the outcome, `what`.
void tell_shared(const learn::FeatureTable& first, const learn::FeatureTable& second, const std::string& what,
                 std::vector<std::string>& notes);

}  // namespace gliocast::analysis
