// The report of a study: its page is whole, escaped and needs no other file; its Markdown says the same.
#include "../src/inline_svg.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/report/figure.hpp>
#include <gliocast/report/outline_picture.hpp>
#include <gliocast/report/png_image.hpp>
#include <gliocast/report/slices.hpp>
#include <gliocast/report/study_report.hpp>

#include <gtest/gtest.h>

#include <unistd.h>
#include <algorithm>
#include <array>
#include <filesystem>
#include <regex>
#include <set>

using namespace gliocast;
using namespace gliocast::report;
namespace fs = std::filesystem;

namespace {

class StudyReportTest : public testing::Test {
 protected:
  StudyReportTest() : folder_(fs::temp_directory_path() / ("gliocast_study_report_" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~StudyReportTest() override { fs::remove_all(folder_); }

  /// Two figures with points and a pattern each, which gnuplot names alike in every file.
  StudyReport example() const {
    analysis::XySeries points;
    points.label = "a <b>";
    points.x = points.y = {0.2, 0.7};
    points.points = true;
    analysis::XyFigure figure;
    figure.series = {points};
    draw(folder_ / "figures" / "one.svg", figure);
    draw(folder_ / "figures" / "two & 3.svg", figure);
    write_file(folder_ / "case.png", encode_png(RgbImage(8, 6)));
    TextTable table;
    table.columns = {"patient", "p < 0.05 & \"more\"", "why|what"};
    table.rows = {
        {"sub-<01>", "0.71 (0.58 to 0.99)", "a|b"}, {"  O'Neill & \"x\"", "< 0.001", "late"}, {"3", "NA", ""}};
    StudyReport report{.title = "Study <1>", .subtitle = "of A & B"};
    report.facts = {{"Patients", "12 <of> 14"}};
    report.sections = {{.id = "first part",
                        .heading = "First & foremost",
                        .paragraphs = {"1. p < 0.05", "# no heading"},
                        .items = {ReportTable{"Table <1>", table, "tables/one & two.tsv", "A note."},
                                  ReportFigure{"Figure 1", folder_ / "figures" / "one.svg", "figures/one.svg"},
                                  ReportFigure{"Figure 2", folder_ / "figures" / "two & 3.svg", "a:b.tsv", "Caption."}},
                        .warnings = {"Few <events>"}},
                       {.id = "first part",
                        .heading = "Second",
                        .paragraphs = {},
                        .items = {ReportFigure{"Absent", folder_ / "none.svg", ""},
                                  ReportPictures{"Cases", {{folder_ / "case.png", "best: \"Dice\" 0.9"}}, "", ""}}}};
    return report;
  }
  std::string html(const StudyReport& report) const {
    write_study_report(folder_, report);
    return read_text(folder_ / "report.html");
  }
  std::string markdown(const StudyReport& report) const {
    write_study_report(folder_, report);
    return read_text(folder_ / "report.md");
  }
  fs::path folder_;
};

/// Names of elements that were closed in the wrong order or never, outside the style sheet.
std::vector<std::string> unbalanced(const std::string& page) {
  const std::set<std::string> empty{"meta", "img", "!doctype"};
  std::vector<std::string> open, wrong;
  const std::regex tag(R"(<(/?)([A-Za-z!][A-Za-z0-9]*)((?:[^<>"']|"[^"]*"|'[^']*')*?)(/?)>)");
  for (std::sregex_iterator i(page.begin(), page.end(), tag), end; i != end; ++i) {
    const std::string name = (*i)[2];
    if (empty.contains(name) || (*i)[4].length() > 0) continue;
    if ((*i)[1].length() == 0) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      wrong.push_back("/" + name);
    } else {
      open.pop_back();
    }
  }
  wrong.insert(wrong.end(), open.begin(), open.end());
  return wrong;
}

std::vector<std::string> all_of(const std::string& text, const std::string& pattern) {
  std::vector<std::string> found;
  const std::regex regex(pattern);
  for (std::sregex_iterator i(text.begin(), text.end(), regex), end; i != end; ++i) found.push_back((*i)[1]);
  return found;
}

}  // namespace

TEST_F(StudyReportTest, ThePageIsWholeAndNeedsNoOtherFile) {
  const std::string page = html(example());
  EXPECT_EQ(unbalanced(page), std::vector<std::string>{});
  const auto ids = all_of(page, R"re(\sid=["']([^"']*)["'])re");
  const std::set<std::string> names(ids.begin(), ids.end());
  EXPECT_EQ(names.size(), ids.size()) << "an id stands twice";
  EXPECT_EQ(all_of(page, "<svg(\\s)").size(), 2U);
  const auto targets = all_of(page, R"re((?:href=["']|url\()#([^"')]*))re");
  EXPECT_GT(targets.size(), 8U);
  for (const auto& target : targets) EXPECT_TRUE(names.contains(target)) << target;
  for (const char* forbidden : {"<script", "<link", "<?xml", "<!DOCTYPE svg", "src=\"http"})
    EXPECT_EQ(page.find(forbidden), std::string::npos) << forbidden;
  for (const auto& link : all_of(page, "href=\"(http[^\"]*)\"")) ADD_FAILURE() << link;
}

TEST_F(StudyReportTest, ThePageHoldsEverythingEscaped) {
  const std::string page = html(example());
  for (const char* needed :
       {"<title>Study &lt;1&gt;</title>", "of A &amp; B", "12 &lt;of&gt; 14", "First &amp; foremost</h2>",
        "<div class=\"notice warn\">Few &lt;events&gt;</div>", "<p>1. p &lt; 0.05</p>",
        "<td>sub-&lt;01&gt;</td><td class=\"num\">0.71 (0.58 to 0.99)</td><td>a|b</td>",
        "<td>\u00a0\u00a0O'Neill &amp; &quot;x&quot;</td><td class=\"num\">&lt; 0.001</td>",
        "<th scope=\"col\" class=\"num\">p &lt; 0.05 &amp; &quot;more&quot;</th><th scope=\"col\">why|what</th>",
        "A note. <span class=\"source\">source: <a href=\"tables/one%20%26%20two.tsv\">tables/one &amp; two.tsv</a>",
        "source: <a href=\"a%3Ab.tsv\">a:b.tsv</a>", "none.svg is missing: it was not drawn.",
        "<img alt=\"best: &quot;Dice&quot; 0.9\" src=\"data:image/png;base64,", "For research. Not a medical device",
        "<a href=\"#first-part\">First &amp; foremost</a>", "<a href=\"#first-part-2\">Second</a>",
        "<a href=\"#first-part-1\">Table &lt;1&gt;</a>"})
    EXPECT_NE(page.find(needed), std::string::npos) << needed;
  EXPECT_EQ(page.find("sub-<01>"), std::string::npos);
}

TEST_F(StudyReportTest, TheMarkdownSaysTheSame) {
  const std::string text = markdown(example());
  for (const char* needed :
       {"# Study \\<1>\n\nof A \\& B\n\n", "- **Patients:** 12 \\<of> 14\n",
        "- [First \\& foremost](#first-part)\n  - [Table \\<1>](#first-part-1)\n",
        "<a id=\"first-part-2\"></a>\n\n## Second\n",
        "> **Warning:** Few \\<events>\n\n1\\. p \\< 0.05\n\n\\# no heading",
        "### Table \\<1>\n\n| patient | p \\< 0.05 \\& \"more\" | why\\|what |\n|:---|---:|---:|\n| sub-\\<01> |",
        "A note.\nsource: [tables/one \\& two.tsv](tables/one%20%26%20two.tsv)\n",
        "![Figure 2](figures/two%20%26%203.svg)\n\nCaption.\nsource: [a:b.tsv](a%3Ab.tsv)\n",
        "none.svg is missing: it was not drawn.\n", "![best: \"Dice\" 0.9](case.png)\n"})
    EXPECT_NE(text.find(needed), std::string::npos) << needed << "\n" << text;
  EXPECT_TRUE(text.ends_with("0.9\n") && !text.ends_with("\n\n")) << text;
}

TEST_F(StudyReportTest, TwoRunsGiveTheSameBytes) {
  const auto report = example();
  const std::string page = html(report), text = markdown(report);
  EXPECT_EQ(html(example()), page);
  EXPECT_EQ(markdown(example()), text);
}

TEST_F(StudyReportTest, LongTablesAreCutAndSayHowManyRowsTheFileHas) {
  auto report = example();
  auto& table = std::get<ReportTable>(report.sections[0].items[0]);
  table.table.rows.assign(355, {"last", "1", "x"});
  table.table.rows[39][0] = "fortieth";
  table.table.rows[40][0] = "forty-first";
  for (const auto& text : {html(report), markdown(report)}) {
    EXPECT_NE(text.find("A note. The first 40 of 355 rows; the file has them all."), std::string::npos);
    EXPECT_NE(text.find("fortieth"), std::string::npos);
    EXPECT_EQ(text.find("forty-first"), std::string::npos);
  }
  table.table.rows.clear();
  EXPECT_NE(html(report).find("A note. The table has no rows."), std::string::npos);
}

TEST_F(StudyReportTest, ADemonstrationIsSaidOnTopAndBesideEveryTableAndFigure) {
  auto report = example();
  EXPECT_EQ(html(report).find("<b>Demonstration."), std::string::npos);
  report.demonstration = true;
  const std::string page = html(report), text = markdown(report);
  EXPECT_NE(page.find("<b>Demonstration.</b> These patients are simulated"), std::string::npos);
  EXPECT_EQ(all_of(page, "(<span class=\"demo\">demonstration</span></h[13]>)").size(), 6U);
  EXPECT_NE(text.find("> **Demonstration.** These patients are simulated"), std::string::npos);
  EXPECT_EQ(all_of(text, "### [^\n]*(\\(demonstration\\))").size(), 5U);
}

TEST_F(StudyReportTest, AFigureThatIsNoneIsRefusedByName) {
  auto report = example();
  write_text(folder_ / "table.svg", "a\tb\n");
  std::get<ReportFigure>(report.sections[0].items[1]).svg = folder_ / "table.svg";
  try {
    write_study_report(folder_ / "refused", report);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::UnusableInput);
    EXPECT_NE(e.where().find("table.svg"), std::string::npos);
  }
  EXPECT_FALSE(fs::exists(folder_ / "refused" / "report.html"));
}

TEST(InlineSvg, IdsAndReferencesBeginWithThePrefix) {
  EXPECT_EQ(
      inline_svg("<?xml version='1.0'?><!DOCTYPE svg><svg width=\"4\"><!-- id='a' --><g id = 'a'/>"
                 "<use xlink:href='#a' fill=\"url(#b)\"/><a href='x#a'>id='a' url(#b)</a><g\n id='a' x='1'/></svg>",
                 "p."),
      "<svg width=\"4\"><g id='p.a'/><use xlink:href='#p.a' fill=\"url(#p.b)\"/>"
      "<a href='x#a'>id='a' url(#b)</a><g x='1'/></svg>");
  EXPECT_EQ(inline_svg("<p>none</p>", "p."), "");
  EXPECT_EQ(inline_svg("<svg><style>text{fill:red}</style></svg>", "p."), "") << "it would reach the whole page";
  for (const char* broken : {"<svg", "<svg id", "<svg id='", "<svg><!--", "<svg><![CDATA[", "<svg a=b/>", "<svg></"})
    EXPECT_TRUE(inline_svg(broken, "p.").starts_with("<svg")) << broken;
}

TEST_F(StudyReportTest, AnOutlinePictureShowsBothOutlinesOnTheLargestSlice) {
  Geometry g;
  g.size = {12, 12, 5};
  Volume<float> image(g, 1);
  Mask reference(g), found(g);
  for (std::size_t y = 2; y < 6; ++y)
    for (std::size_t x = 2; x < 6; ++x) {
      reference.at(x, y, 3) = 1;
      found.at(x + 4, y + 4, 3) = 1;
    }
  const fs::path file = folder_ / "outlines.png";
  write_outline_picture(file, image, reference, found);
  SliceOptions blue, orange;
  blue.window_high = 2;  // all voxels are alike
  blue.colour = {64, 200, 255};
  RgbImage expected = render_slice(image, reference, Plane::Axial, 3, blue);
  add_outline(expected, found, Plane::Axial, 3, orange);
  EXPECT_EQ(read_file(file), encode_png(expected));
  const auto has = [&](std::array<std::uint8_t, 3> colour) {
    for (std::size_t i = 0; i < expected.pixels.size(); i += 3)
      if (std::equal(colour.begin(), colour.end(), expected.pixels.begin() + static_cast<std::ptrdiff_t>(i)))
        return true;
    return false;
  };
  EXPECT_TRUE(has(blue.colour) && has(orange.colour));
  g.size = {12, 12, 4};
  EXPECT_THROW(write_outline_picture(file, image, reference, Mask(g)), Error);
}
