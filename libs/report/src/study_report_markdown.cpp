#include "study_report_parts.hpp"

#include <gliocast/core/version.hpp>
#include <gliocast/report/table_file.hpp>

#include <algorithm>

namespace gliocast::report {
namespace {

namespace fs = std::filesystem;

/// Text within a line, also between the brackets of a link.
std::string words(std::string_view text) {
  std::string result;
  for (const char c : markdown_text(text)) {
    if (c == ']') result += '\\';
    result += c;
  }
  return result;
}

/// A line of its own: what would begin a heading, a list, a quotation or a rule there is escaped.
std::string line(std::string_view text) {
  std::string result = words(text);
  const std::size_t start = std::min(result.find_first_not_of(' '), result.size());
  result.erase(0, start);
  const std::size_t digits = std::min(result.find_first_not_of("0123456789"), result.size());
  if (!result.empty() && std::string_view("#>+-=").find(result[0]) != std::string_view::npos)
    result.insert(0, "\\");
  else if (digits > 0 && digits < result.size() && (result[digits] == '.' || result[digits] == ')'))
    result.insert(digits, "\\");
  return result;
}

std::string link(const std::string& text, const std::string& target) { return "[" + words(text) + "](" + target + ")"; }

std::string anchor(const std::string& name) { return "<a id=\"" + name + "\"></a>\n\n"; }

std::string picture(const fs::path& file, const std::string& what, const fs::path& folder) {
  std::error_code error;
  if (file.empty() || !fs::exists(file, error)) return line(missing_text(file)) + "\n\n";
  return "!" + link(what, link_to(path_from(folder, file))) + "\n\n";
}

std::string content(const ReportItem& item, const fs::path& folder) {
  if (const auto* table = std::get_if<ReportTable>(&item))
    return table->table.columns.empty() ? std::string() : markdown_table(shown_rows(*table)) + "\n";
  if (const auto* figure = std::get_if<ReportFigure>(&item)) return picture(figure->svg, figure->title, folder);
  std::string text;
  for (const auto& p : std::get<ReportPictures>(item).pictures)
    text += picture(p.png, p.caption, folder) + line(p.caption) + "\n\n";
  return text;
}

std::string item_text(const ReportItem& item, const std::string& name, const StudyReport& report,
                      const fs::path& folder) {
  std::string text = anchor(name) + "### " + words(title_of(item)) + (report.demonstration ? " (demonstration)" : "") +
                     "\n\n" + content(item, folder);
  const std::string note = note_of(item), source = source_of(item);
  if (!note.empty()) text += line(note) + (source.empty() ? "\n\n" : "\n");
  if (!source.empty()) text += "source: " + link(source, link_to(source)) + "\n\n";
  return text;
}

std::string contents(const StudyReport& report, const std::vector<SectionAnchors>& anchors) {
  std::string text = "## Contents\n\n";
  for (std::size_t s = 0; s < anchors.size(); ++s) {
    const auto& section = report.sections[s];
    text += "- " + link(section.heading, "#" + anchors[s].section) + "\n";
    for (std::size_t i = 0; i < section.items.size(); ++i)
      text += "  - " + link(title_of(section.items[i]), "#" + anchors[s].items[i]) + "\n";
  }
  return text + "\n";
}

}  // namespace

std::string study_report_markdown(const StudyReport& report, const fs::path& folder) {
  std::string text = "# " + words(report.title) + "\n\n";
  if (!report.subtitle.empty()) text += line(report.subtitle) + "\n\n";
  text += "> **" + std::string(kResearch) + "**\n\n";
  if (report.demonstration) text += "> **Demonstration.** " + std::string(kDemonstration) + "\n\n";
  for (const auto& [name, value] : report.facts) text += "- **" + words(name) + ":** " + words(value) + "\n";
  text += "- **gliocast:** " + std::string(version()) + "\n\n";
  const auto anchors = anchors_of(report);
  text += contents(report, anchors);
  for (std::size_t s = 0; s < anchors.size(); ++s) {
    const auto& section = report.sections[s];
    text += anchor(anchors[s].section) + "## " + words(section.heading) + "\n\n";
    for (const auto& warning : section.warnings) text += "> **Warning:** " + words(warning) + "\n\n";
    for (const auto& paragraph : section.paragraphs) text += line(paragraph) + "\n\n";
    for (std::size_t i = 0; i < section.items.size(); ++i)
      text += item_text(section.items[i], anchors[s].items[i], report, folder);
  }
  text.pop_back();  // one line end at the end
  return text;
}

}  // namespace gliocast::report
