#pragma once
#include <CLI/CLI.hpp>
#include <gliocast/study/run.hpp>

namespace gliocast::cli {

/// Adds gliocast study run, plan and status.
void add_study_run(CLI::App& study, int& result);

/// Runs the study and says where its report is and who failed; the exit code is 1 where a patient or a stage did.
[[nodiscard]] int run_whole_study(const study::StudyInputs& inputs, const study::StudyOptions& options);

}  // namespace gliocast::cli
