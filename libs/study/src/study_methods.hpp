#pragma once
#include "study_stages.hpp"

#include <gliocast/core/table.hpp>

#include <filesystem>

namespace gliocast::study {

/// What a methods section of a paper must say of the run, in words and numbers: part, step, how; from the settings, the
/// records of the stages and what the program does in every run. `examined`: the result of the stage of that name, or
/// null.
[[nodiscard]] TextTable study_methods(const StudyContext& context, const Json& examined);

/// Of the integrated model, by the threshold that its training patients gave: the four counts of each cohort that was
/// graded, accuracy, and the share of the larger class, which is what a guess would reach. `stages`: their folder.
[[nodiscard]] TextTable confusion_table(const std::filesystem::path& stages);

}  // namespace gliocast::study
