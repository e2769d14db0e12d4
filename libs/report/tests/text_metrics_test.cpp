// Texts are measured and broken so that they fit; whatever bytes come, they can be drawn.
#include "../src/text_metrics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

using namespace gliocast::report;

namespace {

std::string joined(const std::vector<std::string>& lines, const std::string& between) {
  std::string text;
  for (const auto& l : lines) text += (text.empty() ? "" : between) + l;
  return text;
}

}  // namespace

TEST(TextMetrics, WidthsOfTheFont) {
  // DejaVu Sans: M 863, i 278, 0 636 thousandths of the size.
  EXPECT_NEAR(text_width("Mi0", 10), 17.77, 1e-9);
  EXPECT_NEAR(text_width("少", 12), 12, 1e-9);
  EXPECT_EQ(text_width("", 12), 0);
  EXPECT_NEAR(text_width("e\u0301", 10), text_width("e", 10), 1e-9);  // a combining accent
}

TEST(TextMetrics, LinesFitAndHoldAllWords) {
  const std::string name = "Astrocytoma, IDH-mutant, CDKN2A/B homozygously deleted (WHO grade 4)";
  for (const double width : {90.0, 120.0, 200.0, 300.0, 2000.0}) {
    const auto lines = wrap_text(name, 12, width);
    EXPECT_LE(widest(lines, 12), width);
    EXPECT_EQ(joined(lines, " "), name);  // no word is broken
  }
  EXPECT_EQ(wrap_text(name, 12, 2000).size(), 1u);
  // No single word is left for the last line.
  const auto two = wrap_text("Astrocytoma, IDH-mutant (WHO grade 2)", 12, 240);
  ASSERT_EQ(two.size(), 2u);
  EXPECT_GT(text_width(two[1], 12), 60);
}

TEST(TextMetrics, WordsWiderThanTheLineAreBroken) {
  const std::string word(100, 'x'), chinese = "少突胶质细胞瘤少突胶质细胞瘤";
  for (const auto& text : {word, chinese, std::string("well-differentiated_neuroendocrine_tumour")}) {
    const auto lines = wrap_text(text, 12, 60);
    EXPECT_LE(widest(lines, 12), 60);
    EXPECT_EQ(joined(lines, ""), text);
  }
  EXPECT_EQ(wrap_text("", 12, 60), std::vector<std::string>{""});
  EXPECT_EQ(wrap_text("x", 12, 1), std::vector<std::string>{"x"});  // narrower than one character
}

TEST(TextMetrics, AnyBytesAreDrawable) {
  EXPECT_EQ(drawable("it's"), "it’s");
  EXPECT_EQ(drawable(" a\tb\n"), "a b");
  EXPECT_EQ(drawable("caf\xe9"), "caf\uFFFD");                // Latin-1
  EXPECT_EQ(drawable("\xc0\xaf"), "\uFFFD\uFFFD");            // overlong
  EXPECT_EQ(drawable("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate
  EXPECT_EQ(drawable("µ ≥ 5"), "µ ≥ 5");
  std::string all(256, ' ');
  std::iota(all.begin(), all.end(), 0);
  for (const char c : drawable(all)) EXPECT_FALSE(static_cast<unsigned char>(c) < 32);
}
