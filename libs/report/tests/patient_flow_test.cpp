// The flow of patients, and a workflow: every text lies within a box or above its column, boxes do not meet, numbers
// are all there.
#include "../src/text_metrics.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/report/figure.hpp>

#include <gtest/gtest.h>

#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <regex>

using namespace gliocast;
using namespace gliocast::report;
namespace fs = std::filesystem;

namespace {

struct Box {
  double left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;
  void add(double x, double y) {
    left = std::min(left, x);
    right = std::max(right, x);
    top = std::min(top, y);
    bottom = std::max(bottom, y);
  }
  [[nodiscard]] bool holds(const Box& b) const {
    return b.left > left && b.right < right && b.top > top && b.bottom < bottom;
  }
  [[nodiscard]] bool meets(const Box& b) const {
    return b.left < right && b.right > left && b.top < bottom && b.bottom > top;
  }
};

struct Drawing {
  std::vector<Box> boxes, texts;
  std::vector<std::string> words;
  Box page;
};

/// Boxes and texts of an SVG as gnuplot writes it; widths of texts are those of the widest font.
Drawing read_drawing(const fs::path& file) {
  const std::string svg = read_text(file);
  Drawing d;
  std::smatch page;
  if (std::regex_search(svg, page, std::regex(R"re(viewBox="0 0 ([0-9.]+) ([0-9.]+)")re")))
    d.page = {0, 0, std::stod(page[1]), std::stod(page[2])};
  const std::regex polygon(R"re(<polygon[^>]*points = '([^']*)')re"), pair(R"(([0-9.]+),([0-9.]+))"),
      text(
          R"re(translate\(([0-9.]+),([0-9.]+)\)"[^>]*font-size="([0-9.]+)"[^>]*text-anchor="(\w+)">\s*<text>(.*)</text>)re");
  for (std::sregex_iterator i(svg.begin(), svg.end(), polygon), end; i != end; ++i) {
    const std::string points = (*i)[1];
    Box box;
    for (std::sregex_iterator p(points.begin(), points.end(), pair); p != end; ++p)
      box.add(std::stod((*p)[1]), std::stod((*p)[2]));
    if (box.right - box.left > 50 && box.bottom - box.top > 20 && box.right - box.left < 0.9 * d.page.right)
      d.boxes.push_back(box);
  }
  for (std::sregex_iterator i(svg.begin(), svg.end(), text), end; i != end; ++i) {
    std::string words = std::regex_replace((*i)[5].str(), std::regex("<[^>]*>"), "");
    words = std::regex_replace(words, std::regex("&lt;"), "<");
    words = std::regex_replace(words, std::regex("&amp;"), "&");
    const double x = std::stod((*i)[1]), y = std::stod((*i)[2]), size = std::stod((*i)[3]);
    const double width = text_width(words, size), left = (*i)[4] == "middle" ? x - width / 2 : x;
    d.texts.push_back({left, y - 0.75 * size, left + width, y + 0.25 * size});
    d.words.push_back(words);
  }
  return d;
}

class PatientFlowTest : public testing::Test {
 protected:
  PatientFlowTest() : file_(fs::temp_directory_path() / ("gliocast_flow_" + std::to_string(::getpid()) + ".svg")) {}
  ~PatientFlowTest() override { fs::remove(file_); }
  fs::path file_;
};

analysis::PatientFlow example() {
  const std::string rule = "slices thicker than 3.5 mm in the sequence that the radiomics read, or a gap between them";
  return {{{"Training <A> & B",
            {{"Found", 300, {}},
             {"With every sequence that the study's plan asks of a patient", 250, {{"no T1-Gd", 40}, {rule, 10}}},
             {"With follow-up", 249, {{"no <date> & time", 1}}},
             {std::string(90, 'x'), 249, {}}}},
           {"Test", {{"Found", 90, {{"twice in the table", 2}}}, {"With every sequence", 88, {}}}},
           {"No steps", {}}}};
}

}  // namespace

TEST_F(PatientFlowTest, EveryTextLiesWithinItsBox) {
  draw(file_, example());
  const auto d = read_drawing(file_);
  EXPECT_EQ(d.boxes.size(), 6U + 3U);
  ASSERT_GT(d.texts.size(), 20U);
  std::size_t headings = 0;
  for (std::size_t i = 0; i < d.texts.size(); ++i) {
    EXPECT_TRUE(d.page.holds(d.texts[i])) << d.words[i];
    const auto within = std::ranges::count_if(d.boxes, [&](const Box& b) { return b.holds(d.texts[i]); });
    const auto met = std::ranges::count_if(d.boxes, [&](const Box& b) { return b.meets(d.texts[i]); });
    EXPECT_EQ(within, met) << d.words[i];
    EXPECT_LE(within, 1) << d.words[i];
    headings += within == 0;
    for (std::size_t k = 0; k < i; ++k) EXPECT_FALSE(d.texts[i].meets(d.texts[k])) << d.words[i] << d.words[k];
  }
  EXPECT_EQ(headings, 2U);
  for (std::size_t i = 0; i < d.boxes.size(); ++i) {
    EXPECT_TRUE(d.page.holds(d.boxes[i]));
    for (std::size_t k = 0; k < i; ++k) EXPECT_FALSE(d.boxes[i].meets(d.boxes[k]));
  }
}

TEST_F(PatientFlowTest, EveryNumberIsThere) {
  draw(file_, example());
  const auto d = read_drawing(file_);
  for (const char* needed : {"Training <A> & B", "Found", "n = 300", "Removed: 50", "no T1-Gd: 40", "n = 250",
                             "no <date> & time: 1", "n = 249", "Test", "Removed: 2", "n = 88"})
    EXPECT_NE(std::ranges::find(d.words, needed), d.words.end()) << needed;
  EXPECT_EQ(std::ranges::count(d.words, "n = 249"), 2);
}

TEST_F(PatientFlowTest, AWorkflowsTextsLieWithinItsBoxes) {
  const std::string longer =
      "a line that is much longer than the box in which it stands is broken, never cut, at any of its blanks";
  const analysis::Workflow workflow{"what comes after what",
                                    {{{"Images", {"30 patients", longer}}},
                                     {{"Radiomics", {"788 features"}},
                                      {"Network", {}},
                                      {std::string("Title ") + longer, {}, std::vector<std::size_t>{}}},
                                     {{"Fusion", {}, std::vector<std::size_t>{0, 1}}}}};
  draw(file_, workflow);
  const auto d = read_drawing(file_);
  EXPECT_EQ(d.boxes.size(), 5U);
  for (std::size_t i = 0; i < d.texts.size(); ++i) {
    EXPECT_EQ(std::ranges::count_if(d.boxes, [&](const Box& b) { return b.holds(d.texts[i]); }), 1) << d.words[i];
    for (std::size_t k = 0; k < i; ++k) EXPECT_FALSE(d.texts[i].meets(d.texts[k])) << d.words[i] << d.words[k];
  }
  for (const char* needed : {"Images", "30 patients", "Radiomics", "788 features", "Network", "Fusion"})
    EXPECT_NE(std::ranges::find(d.words, needed), d.words.end()) << needed;
  EXPECT_THROW(draw(file_, analysis::Workflow{"nothing", {}}), Error);
  EXPECT_THROW(draw(file_, analysis::Workflow{"an empty row", {{}}}), Error);
}

TEST_F(PatientFlowTest, NothingToDrawIsRefused) { EXPECT_THROW(draw(file_, analysis::PatientFlow{}), Error); }
