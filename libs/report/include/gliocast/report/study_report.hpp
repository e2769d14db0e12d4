#pragma once
#include <gliocast/core/table.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace gliocast::report {

// What the report of a whole study shows, in order; texts are plain (no markup). A `source` is the file that holds the
// numbers or the picture, by its path from the report's folder, with slashes; it may be empty.

/// A table, as one file of the study holds it.
struct ReportTable {
  std::string title;
  TextTable table;
  std::string source;
  std::string note{};          ///< stands below
  std::size_t most_rows = 40;  ///< longer tables are cut and say how many rows the file has
};
/// A drawn figure. Where its file is not there (no gnuplot), the report says so.
struct ReportFigure {
  std::string title;
  std::filesystem::path svg;
  std::string source;
  std::string caption{};
};
/// Pictures side by side, each with what it shows: PNG files, as write_outline_picture() makes them.
struct ReportPictures {
  struct Picture {
    std::filesystem::path png;
    std::string caption;
  };
  std::string title;
  std::vector<Picture> pictures;
  std::string source;
  std::string caption{};
};
using ReportItem = std::variant<ReportTable, ReportFigure, ReportPictures>;

struct ReportSection {
  std::string id;  ///< of links to it; what an anchor cannot hold is replaced
  std::string heading;
  std::vector<std::string> paragraphs;
  std::vector<ReportItem> items{};
  std::vector<std::string> warnings{};  ///< stand above all else of the section

  [[nodiscard]] bool empty() const { return paragraphs.empty() && items.empty() && warnings.empty(); }
};
struct StudyReport {
  std::string title, subtitle;
  bool demonstration = false;  ///< of simulated patients: said on top and beside every table and figure
  std::vector<std::pair<std::string, std::string>> facts{};  ///< what and its value, in a table on top
  std::vector<ReportSection> sections{};
};

/// Writes report.html and report.md into `folder`: the same texts, tables and figures. The page needs no other file
/// and runs no script; figures lie within it, sources are links. It prints on A4 and can be read on a phone. In the
/// Markdown figures are links to their files. Both depend on nothing but `report` and the figures' bytes. Throws
/// Error{CannotWrite}, Error{UnusableInput} where a figure's file is no SVG (a picture's no PNG).
void write_study_report(const std::filesystem::path& folder, const StudyReport& report);

}  // namespace gliocast::report
