// Recognition of series by the table of names: names in many languages, the table's own rows, users' tables.
#include "../src/recognise.hpp"
#include "../src/series_words.hpp"
#include "test_paths.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/sequence.hpp>
#include <gliocast/dicom/series_names.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <set>
#include <sstream>

using namespace gliocast;
using namespace gliocast::dicom;

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> columns(const std::string& line) {
  std::vector<std::string> out(1);
  for (const char c : line)
    if (c == '\t')
      out.emplace_back();
    else
      out.back() += c;
  return out;
}

Acquisition acquired(double te, double tr, double ti = kNone, bool agent = false) {
  Acquisition a{};
  a.te_ms = te;
  a.tr_ms = tr;
  a.ti_ms = ti;
  a.flip_degrees = kNone;
  a.slices = 24;
  a.contrast_agent = agent;
  return a;
}

std::string class_of(const Recognised& r) {
  return r.sequence ? std::string(display_name(*r.sequence)) : "passed over";
}

std::string class_of(const std::string& name, const Acquisition& a,
                     const SeriesNames& names = SeriesNames::built_in()) {
  return class_of(recognise_sequence({.description = name, .image_type = "ORIGINAL\\PRIMARY\\M"}, a, names));
}

std::string class_by_type(const std::string& image_type) {
  return class_of(recognise_sequence({.description = "T1 SE", .image_type = image_type}, acquired(11, 480)));
}

/// A user's table in a file of its own.
class UserTable {
 public:
  explicit UserTable(const std::string& text)
      : path_(std::filesystem::temp_directory_path() / ("gliocast-names-" + std::to_string(std::random_device{}()))) {
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~UserTable() { std::filesystem::remove(path_); }
  UserTable(const UserTable&) = delete;
  UserTable& operator=(const UserTable&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// What went wrong with a faulty table; empty where it was taken.
std::string fault_of(const std::string& text) {
  const UserTable table(text);
  try {
    (void)SeriesNames::built_in().extended_by(table.path());
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::UnusableInput);
    EXPECT_NE(e.where().find(table.path().string()), std::string::npos);
    return e.problem() + " | " + e.where() + " | " + e.hint();
  }
  return {};
}

}  // namespace

TEST(SeriesNames, NamesOfManyLanguagesVendorsAndHabits) {
  std::ifstream rows(GLIOCAST_SOURCE_DIR "/libs/dicom/tests/series_rows.tsv");
  std::size_t count = 0;
  const auto number = [](const std::string& text) { return text.empty() ? kNone : std::stod(text); };
  for (std::string line; std::getline(rows, line);) {
    if (line.starts_with('#')) continue;
    const auto c = columns(line);
    ASSERT_EQ(c.size(), 6U) << line;
    const auto got = class_of(c[0], acquired(number(c[1]), number(c[2]), number(c[3]), names_contrast_agent(c[4])));
    EXPECT_NE(("|" + c[5] + "|").find("|" + got + "|"), std::string::npos) << line << " was taken for " << got;
    ++count;
  }
  EXPECT_GE(count, 1000U);
}

TEST(SeriesNames, WordsAreWholeWords) {
  // Each holds the letters of a word that would pass the series over or say contrast agent.
  for (const char* name :
       {"T1 LOCATELLI", "T1 SCOUTING", "T1 SURVEYOR", "T1 ADCOCK", "T1 MAPLE",  "T1 SUBACUTE", "T1 KMETZ",
        "T1 GDANSK",    "T1 CELTIC",   "T1 POSTBOX",  "T1 INJURY", "T1 PDX",    "T1 NECKAR",   "T1 FACET",
        "T1 ORBITER7",  "T1 PHASER",   "T1 SWISS",    "T1 MRAZ",   "T1 BOLDER", "T1 GRETA"})
    EXPECT_EQ(class_of(name, acquired(11, 480)), "T1") << name;
  EXPECT_EQ(class_of("PART1", acquired(100, 4500)), "T2");
  EXPECT_EQ(class_of("PART2", acquired(11, 480)), "T1");
}

TEST(SeriesNames, DescriptionFirstThenProtocolThenPulseSequence) {
  const auto a = acquired(11, 480), none = acquired(kNone, kNone);
  const auto of = [](HeaderText text, const Acquisition& acquisition) {
    text.image_type = "ORIGINAL\\PRIMARY";
    return class_of(recognise_sequence(text, acquisition));
  };
  EXPECT_EQ(of({.description = "T1 ax", .protocol = "HEAD W WO CONTRAST"}, a), "T1");
  EXPECT_EQ(of({.description = "T1 ax", .protocol = "tumour with perfusion"}, a), "T1");
  EXPECT_EQ(of({.description = "ax", .protocol = "t1_se_tra_KM"}, a), "T1-Gd");
  EXPECT_EQ(of({.description = "post gad", .protocol = "t1_se_tra"}, none), "T1-Gd");
  EXPECT_EQ(of({.description = "", .protocol = "ep2d_diff"}, acquired(80, 5000)), "passed over");
  EXPECT_EQ(of({.description = "sag", .protocol = "", .sequence_name = "*tfl3d1_16ns"}, none), "T1");
  EXPECT_EQ(of({.description = "T2 tra", .sequence_name = "*fl2d1"}, none), "passed over");
  EXPECT_EQ(of({.description = "T2 tra", .scanning_sequence = "GR"}, none), "passed over");
  EXPECT_EQ(of({.description = "T2 tra", .scanning_sequence = "GR\\SE"}, acquired(100, 4000)), "T2");
  EXPECT_EQ(of({.description = "ax", .scanning_sequence = "EP"}, acquired(80, 5000)), "passed over");
  EXPECT_EQ(of({.description = "T1 ax", .body_part = "CSPINE"}, a), "passed over");
  EXPECT_EQ(of({.description = "T1 ax", .body_part = "BRAIN"}, a), "T1");
  EXPECT_EQ(of({.description = "T1 brain", .body_part = "NECK"}, a), "T1");
}

TEST(SeriesNames, CertaintyOfWeightingAndOfContrast) {
  const auto of = [](const char* name, const Acquisition& a) { return recognise_sequence({.description = name}, a); };
  EXPECT_EQ(of("T1", acquired(11, 480)).certainty, 3);
  EXPECT_EQ(of("T1", acquired(kNone, kNone)).certainty, 2);
  EXPECT_EQ(of("axial", acquired(11, 480)).certainty, 1);
  EXPECT_EQ(of("T1", acquired(11, 480)).contrast_certainty, 0);
  EXPECT_EQ(of("T1", acquired(11, 480, kNone, true)).contrast_certainty, 1);
  EXPECT_EQ(of("T1 pre", acquired(11, 480, kNone, true)).contrast_certainty, 2);
  EXPECT_EQ(of("T1 post", acquired(11, 480)).contrast_certainty, 2);
}

TEST(SeriesNames, ImageTypes) {
  for (const char* type : {"ORIGINAL\\PRIMARY\\M\\ND", "ORIGINAL\\PRIMARY\\OTHER", "DERIVED\\PRIMARY\\M\\NORM\\DIS2D",
                           "DERIVED\\PRIMARY\\MPR_FREE\\X"})
    EXPECT_EQ(class_by_type(type), std::string_view(type).find("MPR") == std::string_view::npos ? "T1" : "passed over");
  for (const char* type : {"DERIVED\\PRIMARY\\M\\NORM\\FM3_2\\FIL", "DERIVED\\PRIMARY\\W\\W\\DERIVED",
                           "DERIVED\\SECONDARY", "DERIVED\\PRIMARY\\UNI", "ORIGINAL\\PRIMARY\\M_SE\\M\\SE",
                           "ORIGINAL\\PRIMARY\\DIXON\\WATER", "ORIGINAL\\PRIMARY\\M\\IN_PHASE", "", "SMITH"})
    EXPECT_EQ(class_by_type(type), "T1") << type;
  for (const char* type :
       {"DERIVED\\SECONDARY\\MPR", "DERIVED\\SECONDARY\\REFORMATTED\\AVERAGE", "DERIVED\\PRIMARY\\PROJECTION IMAGE",
        "DERIVED\\SECONDARY\\OTHER", "ORIGINAL\\PRIMARY\\P\\ND", "ORIGINAL\\PRIMARY\\R_IR\\R\\IR",
        "ORIGINAL\\PRIMARY\\I_SE\\I", "DERIVED\\PRIMARY\\SUBTRACTION", "ORIGINAL\\PRIMARY\\DIFFUSION\\ADC",
        "DERIVED\\PRIMARY\\T1 MAP", "ORIGINAL\\PRIMARY\\M\\OPP_PHASE", "ORIGINAL\\PRIMARY\\FAT",
        "DERIVED\\PRIMARY\\SMITH", "ORIGINAL\\PRIMARY\\LOCALIZER", "DERIVED\\SECONDARY\\COMPOSED",
        "ORIGINAL\\PRIMARY\\PERFUSION_ASL"})
    EXPECT_EQ(class_by_type(type), "passed over") << type;
}

TEST(SeriesNames, EveryRowOfTheTableIsReachedByItsOwnWord) {
  const auto& table = SeriesNames::built_in().table();
  std::istringstream lines{std::string(SeriesNames::built_in_text())};
  std::set<std::string> seen;
  std::size_t row = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    const auto c = columns(line);
    const Pattern& p = table.patterns.at(row++);
    std::string word;
    for (std::size_t i = 0; i < c[0].size(); ++i)  // without wildcards and escapes
      if (c[0][i] == '\\')
        word += c[0][++i];
      else if (c[0][i] != '*')
        word += c[0][i];
    EXPECT_TRUE(seen.insert((p.image_type ? "type " : "") + c[0]).second) << c[0] << " stands twice";
    if (p.image_type) {
      ASSERT_NE(find_image_type(word, table), nullptr) << c[0];
      EXPECT_EQ(find_image_type(word, table)->meanings, p.meanings) << c[0];
      continue;
    }
    Letters letters = letters_of(word);
    const auto found = find_words(letters, table);
    ASSERT_EQ(found.size(), p.meanings.size()) << c[0];
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].meaning, p.meanings[i]) << c[0];
      EXPECT_EQ(found[i].weak, p.weak) << c[0];
    }
  }
  EXPECT_EQ(row, table.patterns.size());
}

TEST(SeriesNames, EveryMeaningHasARow) {
  std::set<Meaning> used;
  for (const auto& p : SeriesNames::built_in().table().patterns) used.insert(p.meanings.begin(), p.meanings.end());
  for (std::size_t m = 0; m < kMeaningNames.size(); ++m)
    EXPECT_TRUE(used.contains(static_cast<Meaning>(m))) << kMeaningNames[m];
}

TEST(SeriesNames, AUsersTableWins) {
  const UserTable table(
      "\xEF\xBB\xBF# ours\r\n\r\nblorb\tours\tt1\r\nzzyx*\tours\tcontrast\n"
      "T1 weird\tours\tlocaliser\n"
      "post\tours\tneutral\nQUUX\ttype\tderived\nsnark\t\tt1, no_contrast");
  const auto names = SeriesNames::built_in().extended_by(table.path());
  const auto a = acquired(11, 480), none = acquired(kNone, kNone);
  EXPECT_EQ(class_of("Blorb ax", none), "passed over");
  EXPECT_EQ(class_of("Blorb ax", none, names), "T1");
  EXPECT_EQ(class_of("blorb without zzyxium", none, names), "T1");
  EXPECT_EQ(class_of("blorb_ZZYX", none, names), "T1-Gd");
  EXPECT_EQ(class_of("t1_weird", a, names), "passed over");
  EXPECT_EQ(class_of("T1 post", a, names), "T1");
  EXPECT_EQ(class_of("T1 post", a), "T1-Gd");
  EXPECT_EQ(class_of("snark", acquired(11, 480, kNone, true), names), "T1");
  EXPECT_TRUE(names_contrast_agent("zzyx", names));
  EXPECT_EQ(class_of(recognise_sequence({.description = "T1", .image_type = "ORIGINAL\\PRIMARY\\QUUX"}, a, names)),
            "passed over");
  const UserTable later("blorb\tours\tt2\n");
  EXPECT_EQ(class_of("blorb", none, names.extended_by(later.path())), "T2");
  EXPECT_EQ(class_of("blorb", none, names), "T1");
}

TEST(SeriesNames, FaultsOfAUsersTableAreToldWithFileAndLine) {
  EXPECT_NE(fault_of("# fine\nfoo\ten\tt1\nbar\ten\tt3\n").find("line 3"), std::string::npos);
  EXPECT_NE(fault_of("bar\ten\tt3\n").find("no_contrast"), std::string::npos);  // which meanings there are
  EXPECT_NE(fault_of("bar\tt1\n").find("three columns"), std::string::npos);
  EXPECT_NE(fault_of("bar en t1\n").find("line 1"), std::string::npos);
  EXPECT_NE(fault_of("\ten\tt1\n").find("line 1"), std::string::npos);
  EXPECT_NE(fault_of("bar\ten\tt1\tmore\n").find("line 1"), std::string::npos);
  EXPECT_NE(fault_of("bar\ten\tt1,\n").find("line 1"), std::string::npos);
  EXPECT_NE(fault_of("*\ten\tt1\n").find("no letter"), std::string::npos);
  EXPECT_NE(fault_of("b*r\ten\tt1\n").find("a * within"), std::string::npos);
  EXPECT_NE(fault_of("bar\xFF\ten\tt1\n").find("UTF-8"), std::string::npos);
  EXPECT_EQ(fault_of("bar\ten\tt1"), "");
  try {
    (void)SeriesNames::built_in().extended_by("/nowhere/names.tsv");
    ADD_FAILURE() << "an absent file was read";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::UnusableInput);
  }
}

TEST(SeriesNames, AnyBytesAreReadAndSoon) {
  std::mt19937 random(7);
  const auto below = [&random](unsigned most) { return static_cast<double>(random() % most); };
  const auto begin = std::chrono::steady_clock::now();
  const std::string pieces[] = {"T1",    "T2",           " ", "_",  "+", "-", "\xD0", "post",
                                "FLAIR", "\xE5\xA2\x9E", "*", "\\", "/", "1"};
  for (int i = 0; i < 100000; ++i) {
    std::string name, other;
    for (auto n = random() % 64; n > 0; --n) name += static_cast<char>(random() & 0xFF);
    for (auto n = random() % 12; n > 0; --n) other += pieces[random() % std::size(pieces)];
    const auto r = recognise_sequence({.description = i % 2 != 0 ? name : other, .protocol = name},
                                      acquired(below(200), below(9000), below(3000)));
    ASSERT_FALSE(r.reason.empty());
    (void)names_contrast_agent(other);
  }
  (void)recognise_sequence({.description = std::string(1 << 22, 'a')}, acquired(1, 1));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
}
