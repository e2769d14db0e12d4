#pragma once
#include "study_stages.hpp"

#include <gliocast/analysis/figures.hpp>
#include <gliocast/core/table.hpp>

#include <string>
#include <vector>

namespace gliocast::study {

/// One figure with its name and title.
struct SubgroupFigure {
  std::string name, title;  ///< "subgroups_grading"
  analysis::ForestFigure figure;
};
struct StudySubgroups {
  TextTable table;  ///< without columns where no stage has predictions
  std::vector<SubgroupFigure> figures;
};

/// Performance by centre, sex and age (below the median of the first cohort's included patients, or from it on): AUC of
/// the integrated grading on patients who were left out and on the second cohort, C of the signature likewise (of the
/// first repeat), from the predictions that the stages wrote. Refitted is nothing.
[[nodiscard]] StudySubgroups study_subgroups(const StudyContext& context);

}  // namespace gliocast::study
