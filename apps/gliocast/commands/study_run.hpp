#pragma once
#include <CLI/CLI.hpp>

namespace gliocast::cli {

/// Adds gliocast study run, plan and status.
void add_study_run(CLI::App& study, int& result);

}  // namespace gliocast::cli
