// Tables as files: endings, escaping, indented levels.
#include <gliocast/core/files.hpp>
#include <gliocast/report/table_file.hpp>

#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>

using namespace gliocast;
using namespace gliocast::report;

namespace {

const TextTable kTable{{"term", "p < 0.05"}, {{"age_at|visit", "<0.001"}, {"  50 % & \"more\"", "1,5"}}};

std::string written(const std::string& ending) {
  const auto file = std::filesystem::temp_directory_path() / ("gliocast_table_" + std::to_string(::getpid()) + ending);
  write_table_file(file, kTable);
  const std::string text = read_text(file);
  std::filesystem::remove(file);
  return text;
}

}  // namespace

TEST(TableFile, TheEndingChooses) {
  EXPECT_EQ(written(".tsv"), "term\tp < 0.05\nage_at|visit\t<0.001\n  50 % & \"more\"\t1,5\n");
  EXPECT_EQ(written(".csv"), "term,p < 0.05\nage_at|visit,<0.001\n\"  50 % & \"\"more\"\"\",\"1,5\"\n");
  EXPECT_EQ(written(".md"),
            "| term | p \\< 0.05 |\n|:---|---:|\n| age_at\\|visit | \\<0.001 |\n| &nbsp;&nbsp;50 % \\& \"more\" | 1,5 "
            "|\n");
  EXPECT_EQ(written(".tex"),
            "\\begin{tabular}{lr}\n\\hline\nterm & p $<$ 0.05 \\\\\n\\hline\nage\\_at\\textbar{}visit & $<$0.001 "
            "\\\\\n\\quad 50 \\% \\& ''more'' & 1,5 \\\\\n\\hline\n\\end{tabular}\n");
}

TEST(TableFile, MarkdownTakesNothingForMarkup) {
  EXPECT_EQ(markdown_text("a*b*"), "a\\*b\\*");
  EXPECT_EQ(markdown_text("_x_"), "\\_x\\_");
  EXPECT_EQ(markdown_text("ph_ecog"), "ph_ecog");  // within a word an underscore is none
  EXPECT_EQ(markdown_text("[link](u) `code` $x$ ~s~"), "\\[link](u) \\`code\\` \\$x\\$ \\~s\\~");
  EXPECT_EQ(markdown_text("two\nlines"), "two lines");
  EXPECT_EQ(markdown_text("a\\b"), "a\\\\b");
}

TEST(TableFile, LatexEscapes) {
  EXPECT_EQ(latex_text("100 % of $5 & #1_{x} ~ ^ \\"),
            "100 \\% of \\$5 \\& \\#1\\_\\{x\\} \\textasciitilde{} \\textasciicircum{} \\textbackslash{}");
  EXPECT_EQ(latex_text("β ≥ 0.5 – χ²"), "$\\beta$ $\\geq$ 0.5 -- $\\chi$$^{2}$");
  EXPECT_EQ(latex_text("a\tb"), "a b");
}

TEST(TableFile, LatexLinesDoNotBeginWithAnArgument) {
  // After the \\ of the line before, [ and * would be its arguments.
  const std::string text = latex_table({{"x"}, {{"[1,2)"}, {"*"}}});
  EXPECT_NE(text.find("\n{}[1,2) \\\\\n{}* \\\\\n"), std::string::npos) << text;
}
