#pragma once
#include <gliocast/analysis/grade_evaluation.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/table.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gliocast::analysis {

/// What one model of a study says of the examinations that were tested.
struct StudyPredictions {
  std::string name;  ///< as the tables have it: "+ SE, patches"
  std::vector<double> probability;
  std::vector<int> positive;      ///< by a threshold that was chosen in training
  std::vector<std::size_t> fold;  ///< the fold that each was tested in; empty: one split
};

/// A study of grading: the ablations of Xu 2022, Tables 1, 2 and S3. Every vector has a value an examination.
struct GradingStudy {
  std::vector<std::string> ids;
  std::vector<int> truth;                    ///< 1 high grade, 0 low
  std::vector<int> patient;                  ///< numbers from 0
  std::vector<StudyPredictions> integrated;  ///< network, radiomics and classifier
  std::vector<StudyPredictions> networks;    ///< each network alone, in the same order; may be empty
  std::vector<StudyPredictions> sequences;   ///< radiomics of one sequence
  std::size_t main = 0;                      ///< of `integrated`: the one that is drawn in full
  bool deep = true;                          ///< false: `integrated` is of radiomics alone
};

struct GradingStudyOptions {
  std::size_t draws = 1000;  ///< of the bootstrap over patients
  std::uint64_t seed = 1;
  std::size_t threads = 0;
  double level = 0.95;
};

/// What `study grading` writes.
struct GradingStudyResults {
  TextTable table_1, table_2, table_s3;
  TextTable predictions;  ///< an examination a row, a model a column
  Json json;              ///< every number with its interval
  /// roc_integrated; figure_s3 and roc_networks where there are such models; calibration and so on of the main one.
  std::vector<NamedFigure> figures;
};

/// Table 1 (integrated), 2 (networks alone, each against its integrated one by DeLong's test, or the bootstrap where
/// patients have several examinations) and S3 (sequences): AUC with its interval, accuracy, sensitivity, specificity,
/// precision.
[[nodiscard]] GradingStudyResults summarise_study(const GradingStudy& study, const GradingStudyOptions& options);

}  // namespace gliocast::analysis
