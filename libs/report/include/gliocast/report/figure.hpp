#pragma once
#include <gliocast/analysis/figures.hpp>

#include <filesystem>

namespace gliocast::report {

/// Draws a figure for papers with gnuplot, in SVG, PDF or PNG by the file's ending. Throws Error{CannotWrite} where
/// gnuplot is absent or fails, Error{WrongUse} on another ending, Error{UnusableInput} where there is nothing to draw.
void draw(const std::filesystem::path& file, const analysis::FigureSpecification& figure);

}  // namespace gliocast::report
