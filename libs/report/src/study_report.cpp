#include <gliocast/report/study_report.hpp>

#include "study_report_parts.hpp"

#include <gliocast/core/files.hpp>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <set>

namespace gliocast::report {
namespace {

namespace fs = std::filesystem;

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

/// The name, or the name and a number where it is taken.
std::string unused(const std::string& name, std::set<std::string>& taken) {
  std::string result = name;
  for (std::size_t i = 2; !taken.insert(result).second; ++i) result = name + "-" + std::to_string(i);
  return result;
}

std::string anchor(const std::string& id) {
  std::string result;
  for (const char c : id) result += is_letter_or_digit(c) || c == '_' ? c : '-';
  return result.empty() ? "section" : result;
}

}  // namespace

std::vector<SectionAnchors> anchors_of(const StudyReport& report) {
  std::set<std::string> taken;
  std::vector<SectionAnchors> anchors;
  for (const auto& section : report.sections) anchors.push_back({unused(anchor(section.id), taken), {}});
  for (std::size_t s = 0; s < anchors.size(); ++s)
    for (std::size_t i = 0; i < report.sections[s].items.size(); ++i)
      anchors[s].items.push_back(unused(anchors[s].section + "-" + std::to_string(i + 1), taken));
  return anchors;
}

const std::string& title_of(const ReportItem& item) {
  return std::visit([](const auto& i) -> const std::string& { return i.title; }, item);
}

const std::string& source_of(const ReportItem& item) {
  return std::visit([](const auto& i) -> const std::string& { return i.source; }, item);
}

std::string note_of(const ReportItem& item) {
  if (const auto* figure = std::get_if<ReportFigure>(&item)) return figure->caption;
  if (const auto* pictures = std::get_if<ReportPictures>(&item)) return pictures->caption;
  const auto& table = std::get<ReportTable>(item);
  const std::size_t rows = table.table.rows.size();
  if (rows == 0) return table.note + (table.note.empty() ? "" : " ") + "The table has no rows.";
  if (rows <= table.most_rows) return table.note;
  return table.note + (table.note.empty() ? "" : " ") + "The first " + std::to_string(table.most_rows) + " of " +
         std::to_string(rows) + " rows; the file has them all.";
}

TextTable shown_rows(const ReportTable& table) {
  TextTable shown;
  shown.columns = table.table.columns;
  const auto& rows = table.table.rows;
  shown.rows.assign(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), table.most_rows)));
  return shown;
}

std::string missing_text(const fs::path& file) {
  return (file.empty() ? std::string("The figure") : file.filename().string()) + " is missing: it was not drawn.";
}

std::string link_to(std::string_view path) {
  std::string link;
  for (const char c : path) {
    if (is_letter_or_digit(c) || std::string_view("-._~/").find(c) != std::string_view::npos) {
      link += c;
      continue;
    }
    char code[4];
    std::snprintf(code, sizeof code, "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
    link += code;
  }
  return link;
}

std::string path_from(const fs::path& folder, const fs::path& file) {
  return fs::proximate(file, folder.empty() ? fs::path(".") : folder).generic_string();
}

void write_study_report(const fs::path& folder, const StudyReport& report) {
  const std::string html = study_report_html(report), markdown = study_report_markdown(report, folder);
  write_text(folder / "report.html", html);
  write_text(folder / "report.md", markdown);
}

}  // namespace gliocast::report
