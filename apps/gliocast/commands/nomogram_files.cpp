#include "nomogram_files.hpp"

#include "statistics_output.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/report/figure.hpp>
#include <gliocast/report/table_file.hpp>
#include <gliocast/survival/cox_model_file.hpp>

#include <string>
#include <string_view>

namespace gliocast::cli {

namespace fs = std::filesystem;

namespace {

/// Whether an earlier run wrote this file, which this one may not have.
bool is_earlier(const fs::path& file) {
  const std::string name = file.filename().string(), stem = file.stem().string();
  if (name == "nomogram_clinical.json" || name == "nomogram_integrated.json" || name == "selection.tsv") return true;
  if (!known_figure_ending(name).empty()) return false;
  constexpr std::string_view kDecision = "decision_";
  return stem == "figure_3c" || stem == "figure_3d" ||
         (stem.starts_with(kDecision) && parse_number(stem.substr(kDecision.size())).has_value());
}

/// A figure of few rows may have nothing in it; the results behind it stay.
void draw_or_tell(const fs::path& file, const analysis::FigureSpecification& figure) {
  try {
    report::draw(file, figure);
  } catch (const Error& e) {
    if (e.code() != ExitCode::UnusableInput) throw;
    print_notes({"warning: " + file.filename().string() + " is not drawn: " + e.problem()}, false);
  }
}

}  // namespace

void write_nomograms(const fs::path& folder, const analysis::NomogramStudy& study,
                     const std::vector<std::string>& kinds) {
  std::vector<fs::path> earlier;
  for (const auto& entry : fs::directory_iterator(folder))
    if (is_earlier(entry.path())) earlier.push_back(entry.path());
  for (const auto& file : earlier) fs::remove(file);
  for (const auto& [name, table] : study.tables) {
    report::write_table_file(folder / (name + ".tsv"), table);
    const bool printed = name.starts_with("table_") || name == "univariate" || name == "performance";
    for (const char* ending : {".md", ".tex"})
      if (printed) report::write_table_file(folder / (name + ending), table);
  }
  for (const auto& figure : study.figures)
    for (const auto& ending : kinds) draw_or_tell(folder / (figure.name + "." + ending), figure.figure);
  if (study.clinical) survival::write_cox_model(folder / "nomogram_clinical.json", *study.clinical);
  if (study.integrated) survival::write_cox_model(folder / "nomogram_integrated.json", *study.integrated);
}

}  // namespace gliocast::cli
