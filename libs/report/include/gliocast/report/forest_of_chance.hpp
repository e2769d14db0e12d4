#pragma once
#include <gliocast/analysis/figures.hpp>

#include <filesystem>

namespace gliocast::report {

/// A forest of AUCs or Cs with their intervals: a linear axis from 0 to 1, a line at 0.5 (chance), no column of P. What
/// has no estimate says so. Files and errors as draw().
void draw_of_chance(const std::filesystem::path& file, const analysis::ForestFigure& figure);

}  // namespace gliocast::report
