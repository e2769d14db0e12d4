// Tables as people have them: encodings, separators, quotes, headers, and files that are no tables.
#include <gtest/gtest.h>

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/core/text.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace gliocast {
namespace {

using namespace std::string_literals;
using Cells = std::vector<std::string>;
using Rows = std::vector<Cells>;

TextTable read(const std::string& bytes, char likely = ',') { return parse_table_file(bytes, likely, "t"); }

std::string refusal(const std::string& bytes, char likely = ',') {
  try {
    (void)read(bytes, likely);
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::UnusableInput);
    return e.what();
  }
  return "accepted";
}

std::string notes(const TextTable& table) {
  std::string all;
  for (const auto& n : table.notes) all += n + "\n";
  return all;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string utf16(const std::u16string& text, bool big) {
  std::string bytes;
  for (const char16_t c : text) {
    const char high = static_cast<char>(c >> 8), low = static_cast<char>(c & 255);
    bytes += big ? std::string{high, low} : std::string{low, high};
  }
  return bytes;
}

const Cells kNames{"id", "time", "status"};
const Rows kRows{{"1", "306", "2"}, {"2", "455", "1"}};

TEST(CoreTableText, EncodingsGiveTheSameTable) {
  const std::u16string text = u"id\ttime\tstatus\r\n1\t306\t2\r\n2\t455\t1\r\n";
  for (const bool big : {false, true})
    for (const bool mark : {false, true}) {
      const auto t = read(utf16((mark ? u"\uFEFF" : u"") + text, big));
      EXPECT_EQ(t.columns, kNames);
      EXPECT_EQ(t.rows, kRows);
      EXPECT_EQ(t.separator, '\t');
      EXPECT_EQ(has(notes(t), "UTF-16"), !mark);
    }
  const auto t = read("\xEF\xBB\xBFid,time,status\n1,306,2\n2,455,1\n");
  EXPECT_EQ(t.columns, kNames);
  EXPECT_TRUE(t.notes.empty());
  EXPECT_TRUE(has(refusal("\xFF\xFE" + utf16(u"a,b\n1,2", false) + "\n"), "UTF-16"));  // half a character
  EXPECT_TRUE(has(refusal("\xFF\xFE\0\0a\0\0\0"s), "UTF-32"));
}

TEST(CoreTableText, LettersBeyondAscii) {
  EXPECT_EQ(read(utf16(u"\uFEFFname,x\nM\u00FCller \U0001F9E0,1\n", false)).rows[0][0], "M\u00FCller \U0001F9E0");
  const auto latin = read("name,x\nM\xFCller \x80,1\n");  // Windows-1252
  EXPECT_EQ(latin.rows[0][0], "M\u00FCller \u20AC");
  EXPECT_TRUE(has(notes(latin), "Windows-1252"));
  EXPECT_EQ(read("name,x\nM\u00FCller,1\n").rows[0][0], "M\u00FCller");
  EXPECT_EQ(read(utf16(u"\uFEFFa,b\nx\xD800,1\n", true)).rows[0][0], "x\uFFFD");
}

TEST(CoreTableText, FilesThatAreNoTablesAreNamed) {
  for (const auto& [bytes, word] : std::vector<std::pair<std::string, std::string>>{
           {"\x1F\x8B\x08\0abc"s, "gzip"},
           {"BZh91AY&SY123", "bzip2"},
           {"\xFD"
            "7zXZ\0"s,
            "xz"},
           {"\x28\xB5\x2F\xFD"
            "abc",
            "zstd"},
           {"PK\x03\x04....[Content_Types].xml...xl/workbook.xml", "Excel"},
           {"PK\x03\x04....mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "OpenDocument"},
           {"PK\x03\x04....table.csv....", "zip"},
           {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1....", ".xls"},
           {"RDX3\nX\n\0\0"s, "RData"},
           {"X\n\0\0\0\x03"s, "rds"},
           {"$FL2@(#) SPSS", "SPSS"},
           {"PAR1....\x15....PAR1", "Parquet"},
           {"[{\"time\": 1}]", "JSON"},
           {"%PDF-1.7", "PDF"},
           {"\n<!DOCTYPE html><html>", "web page"},
           {"<?xml version=\"1.0\"?>", "XML"},
           {"a,b\n1,\0\n"s, "NUL"}})
    EXPECT_TRUE(has(refusal(bytes), word)) << word << ": " << refusal(bytes);
  EXPECT_TRUE(has(refusal("PK\x03\x04....xl/workbook.xml"), "CSV"));
  EXPECT_TRUE(has(refusal("a,b\n1,\0\n"s), "line 2"));
  EXPECT_EQ(read("PAR1,BZh\n1,2\n").rows.size(), 1U);  // names of genes
}

TEST(CoreTableSeparator, IsFoundFromTheContent) {
  for (const char c : {',', ';', '\t', '|'})
    for (const char likely : {',', '\t'}) {
      std::string text = "id,time,status\n1,306,2\n2,455,1\n";
      std::replace(text.begin(), text.end(), ',', c);
      const auto t = read(text, likely);
      EXPECT_EQ(t.columns, kNames) << c;
      EXPECT_EQ(t.rows, kRows) << c;
      EXPECT_EQ(t.separator, c);
      EXPECT_FALSE(has(notes(t), "warning")) << notes(t);
      EXPECT_EQ(t.notes.empty(), c == likely);
    }
  const auto commas = read("time;age\n1,5;60,2\n2;61\n");
  EXPECT_EQ(commas.rows, (Rows{{"1,5", "60,2"}, {"2", "61"}}));
  const auto blanks = read("\"time\" \"status\"\n\"1\" 306 2\n\"2\" 455 1\n");  // R's write.table as it comes
  EXPECT_EQ(blanks.columns, (Cells{"row.names", "time", "status"}));
  EXPECT_EQ(blanks.rows, kRows);
  EXPECT_EQ(read("sep=;\na,b;c\n1,2;3\n").columns, (Cells{"a,b", "c"}));
  EXPECT_EQ(read("sep=;\na,b;c\n1,2;3\n").lines[0], 3U);
}

TEST(CoreTableSeparator, TwoThatFitAreTold) {
  const auto t = read("a,b;c,d\nx,1;y,2\n");
  EXPECT_EQ(t.columns.size(), 3U);
  EXPECT_TRUE(has(notes(t), "warning:") && has(notes(t), "semicolons"));
  const auto undecided = refusal("a,b;c,d\n1,2;3,4\n");  // two or three columns of numbers
  EXPECT_TRUE(has(undecided, "commas (3 columns)") && has(undecided, "semicolons (2)")) << undecided;
  EXPECT_TRUE(has(undecided, "sep=;")) << undecided;
  // Commas in free text do not count.
  const auto text = read("id\tnote\n1\ta, b\n2\tc\n", '\t');
  EXPECT_EQ(text.columns.size(), 2U);
  EXPECT_TRUE(text.notes.empty());
  EXPECT_EQ(read("volume\n1\n2\n").columns, (Cells{"volume"}));
}

TEST(CoreTableSeparator, CommasInNamesAndDecimalCommas) {
  for (const char separator : {';', '\t'})
    for (const char likely : {',', '\t'})
      for (const auto* text :
           {"Reader 1, ml;Reader 2, ml\n1,5;2,5\n3,2;3,1\n", "\"Reader 1, ml\";\"Reader 2, ml\"\n1,5;2,5\n3,2;3,1\n",
            "\"Reader 1, ml\";Reader 2, ml\n\"1,5\";\"2,5\"\n3,2;3,1\n"}) {
        std::string bytes = text;
        std::ranges::replace(bytes, ';', separator);
        const auto t = read(bytes, likely);
        EXPECT_EQ(t.columns, (Cells{"Reader 1, ml", "Reader 2, ml"})) << bytes;
        EXPECT_EQ(t.rows, (Rows{{"1,5", "2,5"}, {"3,2", "3,1"}})) << bytes;
        EXPECT_FALSE(has(notes(t), "warning")) << notes(t);
      }
  EXPECT_EQ(read("Group;Volume, ml;Age\nA;1,5;50\nB;2,5;60\n").columns, (Cells{"Group", "Volume, ml", "Age"}));
  EXPECT_EQ(read("id;time;status;age;Volume,ml\n1;306;2;74;0,5\n2;455;1;68;1,5\n").columns.size(), 5U);
  EXPECT_EQ(read("id;Age (years, at surgery);v\n1;50,5;7\n2;61,25;8\n").rows[1], (Cells{"2", "61,25", "8"}));
  EXPECT_EQ(read("\"\";\"v, ml\";\"w\"\n\"1\";1,5;2\n\"2\";2,5;3\n").columns, (Cells{"row.names", "v, ml", "w"}));
  EXPECT_TRUE(has(refusal("name,first\tv, ml\nRoe,Jane\t1,5\nDoe,John\t2,5\n"), "or by tabs (2)"));
  EXPECT_TRUE(has(refusal("v 1,ml;v 2,ml\n1,5;2,5\n3,2;3,1\n"), "sep=;"));
  // A row that does not fit is told by the separator that is meant, although commas split every row alike.
  EXPECT_TRUE(has(refusal("id;v, ml;w\n1;1,5;2\n2;2,5\n3;3,5;4\n"), "semicolons"));
}

TEST(CoreTableSeparator, OthersWithinCellsOfCommas) {
  for (const auto* text :
       {"id,genes (a;b),age\n1,x;y,50\n2,z;u,60\n", "id,\"genes;b\",age\n1,\"x;y\",50\n2,\"z;u\",60\n",
        "id,genes (a\tb),age\n1,x\ty,50\n2,z\tu,60\n", "id,a;b,age\n1,\"2;3\",50\n2,\"4;5\",60\n"}) {
    const auto t = read(text);
    EXPECT_EQ(t.columns.size(), 3U) << text;
    EXPECT_EQ(t.rows[1][2], "60");
  }
  EXPECT_EQ(read("id,genes,age\n1,x;y,50\n2,z;u,60\n").notes, Cells{});
  EXPECT_EQ(read("id\tname, first\tage\n1\tRoe, Jane\t50\n", '\t').rows[0][1], "Roe, Jane");
}

TEST(CoreTableSeparator, RaggedRowsAreNamedByTheSeparatorThatIsMeant) {
  EXPECT_TRUE(has(refusal("a;b;c\n1;2;3\n4;5\n6;7;8\n"), "line 3"));
  EXPECT_TRUE(has(refusal("a;b;c\n1;2;3\n4;5\n6;7;8\n"), "semicolons"));
  EXPECT_TRUE(has(refusal("a,b\n1,2\n\n# x\n1,2,3\n"), "line 4"));
  EXPECT_TRUE(has(refusal("a,b\n\"1\n1\",2\n1,2,3\n"), "line 4"));
}

TEST(CoreTableQuotes, HoldSeparatorsAndLineEnds) {
  const auto tabs = read("id\tnote\tx\n1\t\"a\tb\"\t2\n2\t\"c\r\nd\"\t3\n3\te\t4\n", '\t');
  EXPECT_EQ(tabs.rows, (Rows{{"1", "a\tb", "2"}, {"2", "c\r\nd", "3"}, {"3", "e", "4"}}));
  EXPECT_EQ(tabs.lines, (std::vector<std::size_t>{2, 3, 5}));
  EXPECT_EQ(read("a,b,c\n1, \"x,y\" , 3 \n").rows[0], (Cells{"1", "x,y", "3"}));
  EXPECT_EQ(read("a,b\n1,\"x\"y\n").rows[0][1], "xy");  // as R
  EXPECT_EQ(read("a,b\n1,\"x\"\"y\"\n").rows[0][1], "x\"y");
  EXPECT_EQ(read("a,b\n1,5\" big\n").rows[0][1], "5\" big");
  EXPECT_EQ(read("a,b\n1,\" x \"\n").rows[0][1], " x ");            // quoted blanks stay
  EXPECT_EQ(read("a\tb\n\"x\t1\ny\t2\n", '\t').rows[0][0], "\"x");  // never closed: an ordinary character
  EXPECT_TRUE(has(refusal("a,b\n1,2\n3,\"open\n"), "line 3"));
  for (const char c : {'\t', ' '}) {  // R's write.table
    std::string text = "\"x\"|\"y\"\n\"1\"|\"a \\\"b\\\" c\\\"\"|1\n\"2\"|d|2\n";
    std::replace(text.begin(), text.end(), '|', c);
    EXPECT_EQ(read(text).rows, (Rows{{"1", "a \"b\" c\"", "1"}, {"2", "d", "2"}}));
  }
  EXPECT_EQ(read("x\ty\n\"C:\\\"\t2\n").rows[0][0], "C:\\");
  EXPECT_EQ(read("a,b\n1,2\n\x1A").rows.size(), 1U);
}

TEST(CoreTable, ReadsWhatItWrote) {
  gliocast::TextTable table;
  table.columns = {"#CHROM", "a \"b\""};
  table.rows = {{"\"x\" y", "\"z"}, {"# 2", "3\""}};
  for (const char separator : {',', '\t'}) {
    const auto again = read(gliocast::format_table(table, separator), separator);
    EXPECT_EQ(again.columns, table.columns);
    EXPECT_EQ(again.rows, table.rows);
  }
}

TEST(CoreTableHeader, BlanksAroundNamesAndCells) {
  const auto t = read(" id,  time\u00A0,\u200Bstatus , age\u00A0(years)\n 1 , 306,2\u00A0,60\n");
  EXPECT_EQ(t.columns, (Cells{"id", "time", "status", "age (years)"}));
  EXPECT_EQ(t.rows[0], (Cells{"1", "306", "2", "60"}));
  for (const std::string blank : {"\u00A0", "\u1680", "\u2000", "\u2003", "\u2009", "\u200A", "\u200B", "\u202F",
                                  "\u205F", "\u2060", "\u3000", "\uFEFF"}) {
    const auto padded = read(blank + "id" + blank + "," + blank + blank + "time\n" + blank + "1" + blank + ",2\n");
    EXPECT_EQ(padded.columns, (Cells{"id", "time"})) << blank;
    EXPECT_EQ(padded.rows, (Rows{{"1", "2"}})) << blank;
  }
  EXPECT_EQ(plain_blanks("a\u3000b\u200Bc"), "a bc");
  EXPECT_EQ(trimmed("\u4E00\u3000"), "\u4E00");
  EXPECT_EQ(read("\"age\n(years)\",\" x \"\n1,2\n").columns, (Cells{"age (years)", "x"}));
  EXPECT_TRUE(has(refusal("a, a\n1,2\n"), "twice"));
}

TEST(CoreTableHeader, OneNameShortMeansRowNames) {
  for (const auto* text : {"time\tstatus\n1\t306\t2\n2\t455\t1\n", "time\tstatus\np7\t306\t2\np5\t455\t1\n",
                           "\"time\"\t\"status\"\n\"3\"\t306\t2\n\"1\"\t455\t1\n"}) {
    const auto t = read(text, '\t');
    EXPECT_EQ(t.columns, (Cells{"row.names", "time", "status"}));
    EXPECT_EQ(t.rows[1][1], "455");
    EXPECT_TRUE(has(notes(t), "warning: the header has one name less"));
  }
  // A decimal comma in each row looks the same: refused, not guessed.
  EXPECT_TRUE(has(refusal("time,status,alb\n306,2,3,5\n455,1,4,1\n"), "decimal commas"));
  EXPECT_TRUE(has(refusal("id,time,alb\n1,306,3,5\n2,455,4,1\n"), "decimal commas"));
  EXPECT_EQ(read("\"time\",\"alb\"\n\"1\",306,3.5\n\"2\",455,4\n").columns, (Cells{"row.names", "time", "alb"}));
  EXPECT_TRUE(has(refusal("time\tstatus\n5\t306\t2\n5\t455\t1\n", '\t'), "row names"));
  EXPECT_EQ(read("\"\",\"time\"\n\"1\",306\n").columns, (Cells{"row.names", "time"}));  // R's write.csv
}

TEST(CoreTableHeader, EmptyRowsAndColumnsAreLeftOut) {
  for (const auto* text :
       {"id,time,status,,\n1,306,2,,\n,,,,\n2,455,1,,\n,,,,\n", "id,time,status\n1,306,2,\n2,455,1,\n",
        "id,time,status,\n1,306,2\n2,455,1\n", "id,,time,,status\n1,,306,,2\n2,,455,,1\n",
        "\n,,,\n  \nid,time,status\n\n1,306,2\n   \n2,455,1\n\n"}) {
    const auto t = read(text);
    EXPECT_EQ(t.columns, kNames) << text;
    EXPECT_EQ(t.rows, kRows) << text;
  }
  EXPECT_EQ(read("a,,b\n1,x,2\n").columns, (Cells{"a", "unnamed_2", "b"}));
  EXPECT_EQ(read("\n\na,b\n\n1,2\n").lines[0], 5U);
  EXPECT_TRUE(read("a,b\n").rows.empty());
  EXPECT_TRUE(has(refusal("a,b,\n1,2,\n3\n"), "line 3"));
  EXPECT_TRUE(has(refusal("\n \n,,\n"), "no header"));
  EXPECT_TRUE(has(refusal("Table 1,,\nid,time,status\n1,2,1\n"), "title"));
  EXPECT_TRUE(has(refusal("Table 1\nid,time,status\n1,2,1\n"), "title"));
}

TEST(CoreTableHeader, CommentLinesBeforeIt) {
  const auto t = read("#Patient\tMonths\n#STRING\tNUMBER\n#1\t1\nid\ttime\tstatus\n1\t306\t2\n2\t455\t1\n", '\t');
  EXPECT_EQ(t.columns, kNames);
  EXPECT_EQ(t.rows, kRows);
  EXPECT_EQ(t.lines[0], 5U);
  const auto marked = read("##made by x\n#id,time,status\n1,306,2\n2,455,1\n");
  EXPECT_EQ(marked.columns, kNames);
  EXPECT_EQ(marked.rows, kRows);
  EXPECT_TRUE(has(notes(marked), "'#'"));
  EXPECT_EQ(read("#,time,status\n1,306,2\n2,455,1\n").columns, (Cells{"#", "time", "status"}));
  EXPECT_EQ(read("id,x\n#1,2\n").rows, (Rows{{"#1", "2"}}));  // not after the header
  EXPECT_TRUE(has(refusal("# a\n# b\n"), "'#'"));
  for (const auto* comment :
       {"\"# made by me, 2024\"\n", "\"# made by me, 2024\",,\n\n", "\"# \"\"a\"\", b\"\n# c\n"}) {
    const auto quoted = read(comment + "id,time,status\n1,306,2\n2,455,1\n"s);
    EXPECT_EQ(quoted.columns, kNames) << comment;
    EXPECT_EQ(quoted.rows, kRows) << comment;
  }
  EXPECT_EQ(read("\"#\",\"time\",\"status\"\n1,306,2\n").columns, (Cells{"#", "time", "status"}));
  EXPECT_EQ(read("\"# patients\"\n5\n6\n").columns, (Cells{"patients"}));
  EXPECT_TRUE(has(refusal("id,x\n1,2\n# note\n"), "line 3") && has(refusal("id,x\n1,2\n# note\n"), "'#'"));
}

TEST(CoreTableLines, AnyLineEndAndTheirNumbers) {
  for (const auto* end : {"\n", "\r\n", "\r"}) {
    const auto e = std::string(end);
    const auto t = read("id,time,status" + e + e + "1,306,2" + e + "2,455,1");
    EXPECT_EQ(t.rows, kRows);
    EXPECT_EQ(t.lines, (std::vector<std::size_t>{3, 4}));
    EXPECT_TRUE(has(refusal("a,b" + e + "\"x" + e + "y\",1" + e + "1" + e), "line 4"));
  }
  const std::string wide(3'000'000, 'x');
  EXPECT_EQ(read("a,b\n" + wide + ",1\n").rows[0][0], wide);
}

TEST(CoreTableLines, FindColumnPrefersTheExactName) {
  const auto t = read("image,Image,MASK\n1,2,3\n");
  EXPECT_EQ(*t.find_column("Image"), 1U);
  EXPECT_EQ(*t.find_column("mask"), 2U);
  EXPECT_EQ(*t.find_column("IMAGE"), 0U);
}

TEST(CoreCaseFold, LettersOfEuropeanLanguages) {
  EXPECT_EQ(fold_case("DEAD x1"), "dead x1");
  EXPECT_EQ(fold_case("T\u00D6DLICH"), "t\u00F6dlich");
  EXPECT_EQ(fold_case("TO\u0308DLICH"), "t\u00F6dlich");  // decomposed
  EXPECT_EQ(fold_case("STRA\u00DFE"), fold_case("strasse"));
  EXPECT_EQ(fold_case("\u0141\u00D3D\u0179 \u010C\u0178\u0150"), "\u0142\u00F3d\u017A \u010D\u00FF\u0151");
  EXPECT_EQ(fold_case("\u0398\u0386\u039D\u0391\u03A4\u039F\u03A3"),
            fold_case("\u03B8\u03AC\u03BD\u03B1\u03C4\u03BF\u03C2"));
  EXPECT_EQ(fold_case("\u0423\u041C\u0415\u0420 \u0401\u0419"), "\u0443\u043C\u0435\u0440 \u0451\u0439");
  EXPECT_EQ(fold_case("\u0418\u0306"), "\u0439");
  EXPECT_EQ(fold_case("\u00D7\u00F7\u0131\u4E00"), "\u00D7\u00F7\u0131\u4E00");
  EXPECT_EQ(fold_case("\xFF\xC3"), "\xFF\xC3");  // no UTF-8: as it is
  EXPECT_NE(fold_case("tot"), fold_case("t\u00F6t"));
}

TEST(CoreTableNumbers, SignsBlanksAndExtremes) {
  EXPECT_EQ(parse_number("\u22121.5"), -1.5);
  EXPECT_EQ(parse_number("\u00A0 2\u202F"), 2);
  EXPECT_EQ(parse_number("1e400"), INFINITY);
  EXPECT_EQ(parse_number("-1e400"), -INFINITY);
  EXPECT_EQ(parse_number("1e-400"), 0);
  for (const auto* text : {"+-1", "1\u00A0234", "1,5", "<1", "5 years", "0x1A", "--1", "-nan", "\u2212"})
    EXPECT_FALSE(parse_number(text)) << text;
  EXPECT_EQ(plain_blanks("grade\u00A02\u200B"), "grade 2");
}

}  // namespace
}  // namespace gliocast
