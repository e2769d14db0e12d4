#pragma once
#include <CLI/CLI.hpp>

namespace gliocast::cli {

/// Adds gliocast bids. `result` gets the exit code of a verb that ran to its end.
void add_bids(CLI::App& app, int& result);

}  // namespace gliocast::cli
