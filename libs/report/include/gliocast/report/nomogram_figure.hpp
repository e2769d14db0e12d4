#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::report {

struct NomogramMark {
  std::string label;
  double points = 0;
};
struct NomogramLine {
  std::string label;
  std::vector<NomogramMark> marks;
  bool discrete =
      false;  ///< every mark is named, in rows of their own if need be; else names without room are left out
};
/// Predictors on a scale of 0 to 100 points, then total points and what they mean on a scale of their own.
struct NomogramFigure {
  std::string title;
  double longest = 100;  ///< largest mark of total points
  std::vector<NomogramLine> predictors, totals;
};
/// Draws with gnuplot in SVG, PDF or PNG by the file's ending. Throws Error{CannotWrite} where gnuplot is absent or
/// fails, Error{WrongUse} on another ending.
void draw_nomogram(const std::filesystem::path& file, const NomogramFigure& figure);

}  // namespace gliocast::report
