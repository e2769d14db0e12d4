#pragma once
#include "study_stages.hpp"

#include <gliocast/analysis/figures.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/table.hpp>

#include <string>
#include <vector>

namespace gliocast::study {

// What the paper draws and lists of its method, of this run: Figures 1, 2 and S2, Table S1.

/// From images (or tables of features) to a grade. `examined`: the result of that stage; may be null.
[[nodiscard]] analysis::Workflow grading_workflow(const StudyContext& context, const Json& examined);
/// From images (or tables of features) to survival.
[[nodiscard]] analysis::Workflow survival_workflow(const StudyContext& context, const Json& examined);
/// The layers of the 3-D network that grades, with the size of what each gives.
[[nodiscard]] analysis::Workflow network_figure(const StudyContext& context);

/// A row a class of features: images that they are measured on, how many they are of each and in all, their names;
/// names that are not "image_class_feature" are other features. Columns Class, Images, Features of an image, In all,
/// Names.
[[nodiscard]] TextTable feature_classes(const std::vector<std::string>& features);

}  // namespace gliocast::study
