#include "html_template.hpp"
#include "inline_svg.hpp"
#include "study_report_parts.hpp"
#include "templates.hpp"

#include <gliocast/core/base64.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/core/version.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

namespace gliocast::report {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kWideColumns = 10;  ///< tables of more print in smaller letters

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

enum class CellKind { Blank, Number, Text };

/// "0.71 (0.58 to 0.99)", "< 0.001", "12 (30 %)" are numbers; what stands where there is none is neither.
CellKind kind_of(std::string_view cell) {
  constexpr std::array<std::string_view, 7> kNone{"NA", "NaN", "Inf", "-Inf", "–", "-", "—"};
  constexpr std::array<std::string_view, 4> kWords{"to", "e", "E", "NA"};
  cell = trimmed(cell);
  if (cell.empty() || std::ranges::find(kNone, cell) != kNone.end()) return CellKind::Blank;
  const auto is_letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
  bool digits = false;
  for (std::size_t i = 0; i < cell.size();) {
    std::size_t end = i;
    while (end < cell.size() && is_letter(cell[end])) ++end;
    if (end > i && std::ranges::find(kWords, cell.substr(i, end - i)) == kWords.end()) return CellKind::Text;
    digits = digits || (cell[i] >= '0' && cell[i] <= '9');
    i = std::max(end, i + 1);
  }
  return digits ? CellKind::Number : CellKind::Text;
}

/// Columns to be aligned to the right: all cells are numbers or blank. The first one names the rows.
std::vector<bool> number_columns(const TextTable& table) {
  std::vector<bool> numbers(table.columns.size(), false);
  for (std::size_t c = 1; c < numbers.size(); ++c) {
    bool any = false, other = false;
    for (const auto& row : table.rows) {
      const auto kind = kind_of(row[c]);
      any = any || kind == CellKind::Number;
      other = other || kind == CellKind::Text;
    }
    numbers[c] = any && !other;
  }
  return numbers;
}

/// Leading blanks (levels of a factor) indent a cell.
std::string indented(const std::string& cell) {
  const std::size_t blanks = std::min(cell.find_first_not_of(' '), cell.size());
  std::string result;
  for (std::size_t b = 0; b < blanks; ++b) result += "\u00a0";
  return result + cell.substr(blanks);
}

Json table_view(const ReportTable& item) {
  const TextTable table = shown_rows(item);
  if (table.columns.empty()) return nullptr;
  const auto numbers = number_columns(table);
  const auto cells = [&](const std::vector<std::string>& row) {
    Json list = Json::array();
    for (std::size_t c = 0; c < row.size(); ++c)
      list.push_back({{"text", indented(row[c])}, {"number", static_cast<bool>(numbers[c])}});
    return list;
  };
  Json rows = Json::array();
  for (const auto& row : table.rows) rows.push_back({{"cells", cells(row)}});
  return {{"label", item.title},
          {"wide", table.columns.size() > kWideColumns},
          {"head", cells(table.columns)},
          {"rows", rows}};
}

/// A figure within the page: an SVG as part of it, else as an image; or that it is missing.
Json drawing_view(const fs::path& file, const std::string& anchor) {
  Json view{{"drawing", nullptr}, {"picture", nullptr}, {"missing", nullptr}};
  std::error_code error;
  if (file.empty() || !fs::exists(file, error)) {
    view["missing"] = missing_text(file);
    return view;
  }
  const std::string bytes = read_text(file);
  const auto uri = [&](const std::string& kind) {
    return "data:image/" + kind + ";base64," + base64(std::as_bytes(std::span(bytes)));
  };
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) {
    view["picture"] = uri("png");
    return view;
  }
  if (bytes.find("<svg") == std::string::npos)
    throw unusable_input("a figure of the report is neither SVG nor PNG", file.string(), "draw it again");
  if (const auto drawing = inline_svg(bytes, anchor + "."); !drawing.empty())
    view["drawing"] = drawing;
  else
    view["picture"] = uri("svg+xml");
  return view;
}

Json source_view(const std::string& source) {
  if (source.empty()) return nullptr;
  return {{"name", source}, {"link", link_to(source)}};
}

Json item_view(const ReportItem& item, const std::string& anchor) {
  // Every name is set in every item: a name that is missing would be looked for further out.
  const std::string note = note_of(item);
  Json view{{"anchor", anchor},  {"title", title_of(item)}, {"table", nullptr},
            {"figure", nullptr}, {"pictures", nullptr},     {"whole", !std::holds_alternative<ReportTable>(item)},
            {"below", nullptr}};
  if (!note.empty() || !source_of(item).empty())
    view["below"] = {{"note", note}, {"source", source_view(source_of(item))}};
  if (const auto* table = std::get_if<ReportTable>(&item)) view["table"] = table_view(*table);
  if (const auto* figure = std::get_if<ReportFigure>(&item)) view["figure"] = drawing_view(figure->svg, anchor);
  if (const auto* pictures = std::get_if<ReportPictures>(&item)) {
    Json views = Json::array();
    for (const auto& p : pictures->pictures) {
      Json picture = drawing_view(p.png, anchor + "-" + std::to_string(views.size() + 1));
      picture["caption"] = p.caption;
      views.push_back(std::move(picture));
    }
    view["pictures"] = {{"views", views}};
  }
  return view;
}

Json section_view(const ReportSection& section, const SectionAnchors& anchors) {
  Json items = Json::array();
  for (std::size_t i = 0; i < section.items.size(); ++i) items.push_back(item_view(section.items[i], anchors.items[i]));
  return {{"anchor", anchors.section},        {"heading", section.heading},          {"warnings", section.warnings},
          {"paragraphs", section.paragraphs}, {"has_items", !section.items.empty()}, {"items", items}};
}

}  // namespace

std::string study_report_html(const StudyReport& report) {
  Json facts = Json::array(), sections = Json::array();
  for (const auto& [name, value] : report.facts) facts.push_back({{"name", name}, {"value", value}});
  const auto anchors = anchors_of(report);
  for (std::size_t s = 0; s < anchors.size(); ++s) sections.push_back(section_view(report.sections[s], anchors[s]));
  const Json view{{"title", report.title},
                  {"subtitle", text_or_null(report.subtitle)},
                  {"version", version()},
                  {"research", kResearch},
                  {"demonstration", report.demonstration},
                  {"demonstration_text", kDemonstration},
                  {"facts", facts.empty() ? Json(nullptr) : Json{{"rows", facts}}},
                  {"sections", sections},
                  {"style", std::string(report_css()) + std::string(study_report_css())}};
  constexpr std::string_view kBadge = "{{#demonstration}} <span class=\"demo\">demonstration</span>{{/demonstration}}";
  return render_html(study_report_template(), view, {{"demo", kBadge}, {"study_table", study_table_template()}});
}

}  // namespace gliocast::report
