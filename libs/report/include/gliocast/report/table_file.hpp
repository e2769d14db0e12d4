#pragma once
#include <gliocast/core/table.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace gliocast::report {

/// A cell's text for a pipe table (GitHub's Markdown): nothing in it is taken for markup, line breaks are blanks.
[[nodiscard]] std::string markdown_text(std::string_view text);
/// A cell's text for LaTeX (pdfLaTeX, UTF-8): special characters escaped; signs, Greek letters and superscripts that
/// its usual fonts lack become commands. Other scripts stay and need XeLaTeX or LuaLaTeX.
[[nodiscard]] std::string latex_text(std::string_view text);

/// The first column to the left, the others to the right. Leading blanks of a cell (levels of a factor) indent it.
[[nodiscard]] std::string markdown_table(const TextTable& table);
/// A tabular environment that needs no package.
[[nodiscard]] std::string latex_table(const TextTable& table);

/// Writes a table by the file's ending: .md (Markdown), .tex (LaTeX), .csv (commas), any other with tabs. Whole or not
/// at all; throws Error{CannotWrite}.
void write_table_file(const std::filesystem::path& file, const TextTable& table);

}  // namespace gliocast::report
