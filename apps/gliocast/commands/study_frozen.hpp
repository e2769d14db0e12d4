#pragma once
#include <CLI/CLI.hpp>

namespace gliocast::cli {

/// Adds `study freeze` and `study validate`.
void add_study_frozen(CLI::App& study, int& result);

}  // namespace gliocast::cli
