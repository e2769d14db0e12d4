#pragma once
#include <gliocast/analysis/data_dictionary.hpp>
#include <gliocast/learn/chain.hpp>
#include <gliocast/learn/feature_table.hpp>
#include <gliocast/stats/data_frame.hpp>

#include <string>
#include <vector>

namespace gliocast::analysis {

/// Which columns of a table are what; all others that hold numbers are features.
struct GradeColumns {
  std::string label, positive;      ///< column of the class, and its positive value, or several with commas
  std::string id, patient, centre;  ///< columns; id empty: the first of the usual names, else the row's number
  std::vector<std::string> drop;    ///< columns that are no features
};

struct GradeTable {
  learn::FeatureTable features;
  std::string positive, negative;  ///< values of the label
  std::string id_column;           ///< empty: rows are numbered
  std::vector<std::string> notes;  ///< how the table was read; doubtful ones begin with "warning: "
};

/// A table of features with its classes, for training and evaluation. Rows without class are left out and told, so are
/// columns of text and PyRadiomics' diagnostics. Told as doubtful: a feature that separates the classes by itself, rows
/// of two patients with the same numbers. Throws Error{UnusableInput} naming the column: absent, not two classes, text
/// among numbers, the label once more among the features, an id twice without `patient`; no feature; a feature of a
/// network, by the dictionary of the table, and no column that names the patients.
[[nodiscard]] GradeTable read_grade_table(const stats::DataFrame& table, const GradeColumns& columns,
                                          const DataDictionary& dictionary = {});

/// A table of new rows: its classes are not read. `label` may be empty or absent from the table.
[[nodiscard]] GradeTable read_new_rows(const stats::DataFrame& table, const GradeColumns& columns,
                                       const DataDictionary& dictionary = {});

/// A column's numbers of the rows that read_grade_table() uses. Throws Error{UnusableInput} where one is missing.
[[nodiscard]] std::vector<double> scores_of_rows(const stats::DataFrame& table, const GradeColumns& columns,
                                                 const std::string& score);

/// The same columns in another table, which may lack those that are no features, the centre, and one of several
/// positive values.
[[nodiscard]] GradeColumns columns_of_other(const stats::DataFrame& other, GradeColumns columns);

/// Adds the features of the same rows by a second rater, joined by id. Throws Error{UnusableInput} where no id is
/// shared, one stands twice, a feature lacks or another network made it.
void add_second_rater(GradeTable& table, const stats::DataFrame& second, const GradeColumns& columns,
                      const DataDictionary& dictionary = {});

/// Warns of a second rater's features that no step of the chain reads.
void tell_unused_rater(const GradeTable& table, const learn::ChainSpecification& chain,
                       std::vector<std::string>& notes);

}  // namespace gliocast::analysis
