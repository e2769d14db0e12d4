#pragma once
#include <gliocast/report/study_report.hpp>

#include <string>
#include <string_view>
#include <vector>

// What the HTML page and the Markdown of a study's report have in common.
namespace gliocast::report {

/// Anchors of a section and of its items.
struct SectionAnchors {
  std::string section;
  std::vector<std::string> items;
};
/// One a section; none stands twice in the report, and none holds a dot.
[[nodiscard]] std::vector<SectionAnchors> anchors_of(const StudyReport& report);

[[nodiscard]] const std::string& title_of(const ReportItem& item);
[[nodiscard]] const std::string& source_of(const ReportItem& item);
/// What stands below an item: note or caption, and what was cut of a table. Empty where there is nothing to say.
[[nodiscard]] std::string note_of(const ReportItem& item);

/// The rows that are shown.
[[nodiscard]] TextTable shown_rows(const ReportTable& table);
/// Said in place of a file that is not there.
[[nodiscard]] std::string missing_text(const std::filesystem::path& file);

inline constexpr std::string_view kResearch = "For research. Not a medical device, not clinically validated.";
inline constexpr std::string_view kDemonstration =
    "These patients are simulated: the numbers show that the analysis runs and say nothing of real patients.";

/// A path with slashes as a relative link: all but letters, digits and - . _ ~ / as %XX, so that no colon makes it a
/// scheme.
[[nodiscard]] std::string link_to(std::string_view path);
/// The path of a file from the report's folder, with slashes.
[[nodiscard]] std::string path_from(const std::filesystem::path& folder, const std::filesystem::path& file);

[[nodiscard]] std::string study_report_html(const StudyReport& report);
/// `folder`: where the report will lie; figures are named from there.
[[nodiscard]] std::string study_report_markdown(const StudyReport& report, const std::filesystem::path& folder);

}  // namespace gliocast::report
