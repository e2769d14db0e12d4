#pragma once
#include <gliocast/core/sequence.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace gliocast::pipeline {

/// Values in the order of the cohort's features, NaN where undefined or not measured.
using SequenceRadiomics = std::map<Sequence, std::vector<double>>;

/// A table of features of one sequence, a patient a row, measured by any tool.
struct FeatureFile {
  Sequence sequence = Sequence::T1Gd;
  std::filesystem::path file;
};

/// "t1gd=FILE", or a file whose name has a word for the sequence: T1GD.tsv, features_t1ce.csv, my-T2w.tsv. Throws
/// Error{WrongUse} where it has none, or several.
[[nodiscard]] FeatureFile parse_feature_file(const std::string& text);

/// Radiomics that were measured elsewhere, in place of images.
struct MeasuredRadiomics {
  std::vector<std::string> features;          ///< those that every table has, in the order of the first
  std::vector<Sequence> sequences;            ///< in the order of channels
  std::vector<std::vector<std::string>> ids;  ///< of each cohort, in the order of its tables' rows
  std::map<std::string, SequenceRadiomics> of_patient;
  bool simulated = false;          ///< said by who knows
  std::vector<std::string> notes;  ///< how the tables were read; doubtful ones begin with "warning: "
};

/// Reads the tables of each cohort. `id`: the column that names the patients; empty: one of the usual names. Columns in
/// `others`, and such as are called as clinical factors or outcomes are, are no features, which is told. Throws
/// Error{UnusableInput} naming table and column: no such column of ids, an id twice, two tables of one sequence in a
/// cohort, cohorts of different sequences, no feature that all tables share, features of a network that was fitted on
/// patients.
[[nodiscard]] MeasuredRadiomics read_measured_radiomics(const std::vector<std::vector<FeatureFile>>& cohorts,
                                                        const std::string& id, const std::vector<std::string>& others);

}  // namespace gliocast::pipeline
