// Settings of a study: what is written is read back, what cannot be is told with its place.
#include "settings_list.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/learn/chain.hpp>
#include <gliocast/nn/prognosis_training.hpp>
#include <gliocast/nn/training.hpp>
#include <gliocast/radiomics/parameters.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <sstream>

using namespace gliocast;
using namespace gliocast::study;

namespace {

Error refusal(const std::function<void()>& work, const std::string& what) {
  try {
    work();
  } catch (const Error& e) {
    return e;
  }
  ADD_FAILURE() << what << " is accepted";
  return Error(ExitCode::Done, "");
}

/// Of a file.
Error refused(const std::string& yaml) {
  const Error e = refusal([&] { (void)parse_settings(yaml, "study.yaml"); }, yaml);
  EXPECT_EQ(e.code(), ExitCode::UnusableInput) << yaml;
  return e;
}

/// Of an assignment, which then changes nothing.
Error not_set(const std::string& assignment) {
  StudySettings settings;
  const Error e = refusal([&] { override_setting(settings, assignment); }, assignment);
  EXPECT_EQ(e.code(), ExitCode::WrongUse) << assignment;
  EXPECT_EQ(settings, StudySettings{}) << assignment;
  return e;
}

StudySettings with(const std::vector<std::string>& assignments, StudySettings settings = {}) {
  for (const auto& a : assignments) override_setting(settings, a);
  return settings;
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The setting's line of a file: sections above, then the setting with a value; and the number of that line.
std::pair<std::string, int> file_of(const std::string& path, const std::string& value) {
  std::istringstream parts(path);
  std::string name, text;
  int line = 0;
  while (std::getline(parts, name, '.')) {
    text += (text.empty() ? "" : "\n") + std::string(static_cast<std::size_t>(2 * line), ' ') + name + ":";
    ++line;
  }
  return {text + " " + value + "\n", line};
}

TEST(Settings, EveryPresetIsReadBack) {
  for (const auto& name : settings_presets()) {
    const StudySettings s = preset_settings(name);
    EXPECT_EQ(s.preset, name);
    EXPECT_EQ(parse_settings(settings_to_yaml(s), "x"), s) << settings_to_yaml(s);
    EXPECT_EQ(parse_settings("preset: " + name, "x"), s);
    EXPECT_EQ(parse_settings(settings_to_json(s).dump(), "x"), s);
    check_settings(s);
  }
  EXPECT_EQ(preset_settings("default"), StudySettings{});
  const Error e = refusal([] { (void)preset_settings("papr"); }, "papr");
  EXPECT_EQ(e.code(), ExitCode::WrongUse);
  EXPECT_EQ(e.hint(), "is paper meant? it is one of: default, paper, demo");
}

// Xu et al. 2022: 512 deep features, 200 epochs, batch 8, patches of 96 x 128 x 96, one split, log time.
TEST(Settings, ThePapersAreThoseOfThePaper) {
  const StudySettings s = preset_settings("paper");
  for (const auto& network : {s.grading.network, s.signature.network}) {
    EXPECT_EQ(8 * network.base_width, 512);
    EXPECT_EQ(network.epochs, 200);
    EXPECT_EQ(network.batch, 8);
    EXPECT_EQ(network.learning_rate, 5e-4);
  }
  EXPECT_EQ(s.outlines.by, "trained");
  EXPECT_EQ(s.outlines.network.base_width, 64);
  EXPECT_FALSE(s.outlines.network.doubling);
  EXPECT_EQ(s.outlines.network.batch, 1);
  EXPECT_EQ(s.outlines.network.epochs, 200);
  EXPECT_EQ(s.outlines.network.learning_rate, 5e-4);
  EXPECT_EQ(s.grading.patch_zyx, (std::array<std::int64_t, 3>{96, 128, 96}));
  EXPECT_EQ(s.grading.design, "paper");
  EXPECT_EQ(s.grading.chain, "paper");
  EXPECT_EQ(s.signature.way, "paper");
  EXPECT_EQ(s.signature.against, std::vector<std::string>{"default"});
  EXPECT_EQ(s.nomograms.drop_rule, "paper");
  EXPECT_EQ(s.times, (std::vector<double>{12, 36, 60}));
  EXPECT_EQ(s.unit, "months");
}

TEST(Settings, TheDefaultsAreThoseOfTheNetworks) {
  const StudySettings s;
  const nn::GradingTrainingOptions grading;
  EXPECT_EQ(s.grading.network.base_width, grading.network.base_width);
  EXPECT_EQ(s.grading.patch_zyx, grading.patch_zyx);
  const nn::SegmentationTrainingOptions segmentation;
  EXPECT_EQ(s.outlines.network.base_width, segmentation.network.widths.front());
  EXPECT_EQ(s.outlines.network.epochs, segmentation.common.epochs);
  EXPECT_EQ(s.outlines.network.batch, segmentation.common.batch);
  EXPECT_EQ(s.outlines.network.learning_rate, segmentation.common.learning_rate);
  EXPECT_EQ(s.outlines.network.patch_zyx, segmentation.patch_zyx);
  const auto prognosis = nn::PrognosisTrainingOptions::preset("default");
  EXPECT_EQ(s.signature.network.base_width, prognosis.network.base_width);
  EXPECT_EQ(s.signature.network.epochs, prognosis.common.epochs);
  EXPECT_EQ(s.signature.network.batch, prognosis.common.batch);
  EXPECT_EQ(s.signature.network.learning_rate, prognosis.common.learning_rate);
}

TEST(Settings, NamesOfPresetsElsewhereAreTaken) {
  for (const auto& chain : learn::chain_presets()) EXPECT_EQ(with({"grading.chain=" + chain}).grading.chain, chain);
  StudySettings s;
  const auto list = settings_list(s);
  const auto features = std::ranges::find(list, "radiomics", &Setting::path);
  ASSERT_NE(features, list.end());
  for (const auto& name : features->allowed.choices) EXPECT_FALSE(radiomics::preset(name).feature_classes.empty());
}

TEST(Settings, EveryLineSaysWhatItIs) {
  for (const auto& name : settings_presets()) {
    StudySettings s = preset_settings(name);
    std::istringstream text(settings_to_yaml(s));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) {
      EXPECT_LE(line.size(), 120u) << line;
      if (!line.empty() && !line.starts_with('#')) lines.push_back(line);
    }
    const auto list = settings_list(s);
    ASSERT_EQ(lines.size(), list.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
      EXPECT_GT(list[i].comment.size(), 4u) << list[i].path;
      EXPECT_TRUE(holds(lines[i], list[i].path.substr(list[i].path.rfind('.') + 1) + ":")) << lines[i];
      EXPECT_TRUE(holds(lines[i], "  # " + list[i].comment)) << lines[i];
      EXPECT_TRUE(list[i].section() || std::holds_alternative<bool*>(list[i].member) ||
                  holds(lines[i], allowed_text(list[i])))
          << lines[i];
    }
  }
}

/// A value within what is allowed, for each kind of member.
struct Draw {
  Random& random;
  const Allowed& a;

  [[nodiscard]] double number(bool whole) const {
    const double most = std::isinf(a.most) ? 1e6 : a.most;
    if (a.or_zero && random.chance(0.3)) return 0;
    const double v = random.uniform(a.least, most);
    return whole ? std::round(v) : std::max(v, std::nextafter(a.least, most));
  }
  [[nodiscard]] std::string text() const {
    const std::vector<std::string> odd{"rcs(age, 4)",
                                       "yes",
                                       "none",
                                       "12",
                                       "1e3",
                                       "a: b # c",
                                       "\"quoted\"",
                                       "[x]",
                                       "~",
                                       "Gr\xC3\xB6\xC3\x9F"
                                       "e",
                                       "with\\slash",
                                       "- item",
                                       "it's",
                                       "null",
                                       "two words"};
    if (a.or_empty && random.chance(0.2)) return "";
    if (a.or_file && random.chance(0.3)) return "./folder/my " + odd[random.below(odd.size())] + ".yaml";
    return a.choices.empty() ? odd[random.below(odd.size())] : a.choices[random.below(a.choices.size())];
  }

  void operator()(std::monostate) const {}
  void operator()(bool* to) const { *to = random.chance(0.5); }
  void operator()(std::int64_t* to) const { *to = static_cast<std::int64_t>(number(true)); }
  void operator()(std::size_t* to) const { *to = static_cast<std::size_t>(number(true)); }
  void operator()(double* to) const { *to = number(false); }
  void operator()(std::optional<double>* to) const {
    *to = random.chance(0.3) ? std::nullopt : std::optional(number(false));
  }
  void operator()(std::string* to) const { *to = text(); }
  void operator()(std::vector<double>* to) const {
    to->resize(1 + random.below(4));
    for (double& v : *to) v = random.chance(0.5) ? number(false) : 1 + number(true);
    std::ranges::sort(*to);
    to->erase(std::unique(to->begin(), to->end()), to->end());
  }
  void operator()(std::vector<std::string>* to) const {
    to->assign(a.or_empty ? 0 : 1, a.choices.empty() ? "age" : a.choices[0]);
    for (std::size_t i = random.below(4); i > 0; --i)
      if (const auto value = text(); !value.empty() && std::ranges::find(*to, value) == to->end()) to->push_back(value);
  }
  void operator()(std::array<std::int64_t, 3>* to) const {
    for (auto& v : *to) v = static_cast<std::int64_t>(number(true));
  }
};

TEST(SettingsInvariant, WhateverIsSetIsReadBack) {
  Random random(7);
  std::size_t differing = 0;
  for (int run = 0; run < 150; ++run) {
    StudySettings s;
    for (const auto& row : settings_list(s)) std::visit(Draw{random, row.allowed}, row.member);
    std::erase(s.signature.against, s.signature.way);
    if (!s.signature.imagenet.empty()) s.signature.network.base_width = 64;
    for (auto& samples : s.outlines.network.patch_zyx) samples = samples / 16 * 16;  // halved at each level
    if (s != StudySettings{}) ++differing;
    EXPECT_EQ(parse_settings(settings_to_yaml(s), "x"), s) << settings_to_yaml(s);
    EXPECT_EQ(parse_settings(settings_to_json(s).dump(2), "x"), s);
  }
  EXPECT_EQ(differing, 150u);
}

TEST(SettingsInvariant, WhatIsBeyondTheRangeIsToldWithLineAndRange) {
  StudySettings s;
  std::size_t tried = 0;
  for (const auto& row : settings_list(s)) {
    if (row.section()) continue;
    std::vector<std::string> wrong{"{a: 1}", "[[1]]"};
    const bool text = std::holds_alternative<std::string*>(row.member) ||
                      std::holds_alternative<std::vector<std::string>*>(row.member);
    if (text && !row.allowed.choices.empty()) wrong.emplace_back("nonsense");
    if (!text) wrong.insert(wrong.end(), {"-1", ".inf", ".nan", "words", "7777777.5"});
    if (std::isfinite(row.allowed.most) && row.allowed.most > 1) wrong.push_back(std::to_string(row.allowed.most + 1));
    if (std::isfinite(row.allowed.least) && row.allowed.least > 2)
      wrong.push_back(std::to_string(row.allowed.least - 1));
    for (const auto& value : wrong) {
      if (value == "7777777.5" && row.path == "times") continue;  // a time like any other
      const auto [yaml, line] = file_of(row.path, value);
      const Error e = refused(yaml);
      EXPECT_EQ(e.where(), "study.yaml, line " + std::to_string(line)) << yaml;
      EXPECT_TRUE(holds(e.problem(), row.path + " must be ")) << e.problem();
      EXPECT_TRUE(value.ends_with("]") || value.ends_with("}") || holds(e.problem(), allowed_text(row))) << e.problem();
      ++tried;
    }
  }
  EXPECT_GT(tried, 200u);
}

TEST(Settings, AFileChangesWhatItNames) {
  StudySettings wanted = preset_settings("demo");
  wanted.grading.outer = 4;
  wanted.signature.network.epochs = 9;
  wanted.times = {24};
  wanted.outlines.preprocessed = "no";
  const char* yaml = R"(
times: 24
grading:
  outer: 4
nomograms:        # all in it stands behind #
#  drop_rule: paper
preset: demo
outlines: {preprocessed: no}
signature:
  network:
    epochs: 9
)";
  EXPECT_EQ(parse_settings(yaml, "x"), wanted);
  EXPECT_EQ(parse_settings("criteria: {least_age: 18}", "x").criteria.least_age, 18);
  EXPECT_EQ(parse_settings("criteria: {least_age: none}", "x").criteria.least_age, std::nullopt);
  EXPECT_EQ(parse_settings("signature:\n  sequence:\n", "x").signature.sequence, "");
}

TEST(Settings, UnknownNamesAreToldWithLineAndTheNearest) {
  const Error near = refused("seed: 3\ngrading:\n  outr: 3\n");
  EXPECT_STREQ(near.what(), "study.yaml, line 3: there is no setting grading.outr; is grading.outer meant?");
  const Error elsewhere = refused("repeats: 3\n");
  EXPECT_EQ(elsewhere.hint(), "there is signature.repeats");
  EXPECT_EQ(refused("outr: 3\n").hint(), "there is grading.outer, signature.outer");
  EXPECT_EQ(refused("sgnature:\n  outer: 3\n").hint(), "is signature meant?");
  EXPECT_EQ(refused("nomograms:\n  colour: red\n").hint(), "nomograms has: factors, drop_rule");
  EXPECT_TRUE(holds(refused("colour: red\n").hint(), "there are: preset, seed, level"));
  const Error dotted = refused("seed: 1\ngrading.outer: 3\n");
  EXPECT_EQ(dotted.where(), "study.yaml, line 2");
  EXPECT_EQ(dotted.problem(), "grading.outer must stand in its section");
}

TEST(Settings, WhatIsNoSettingsIsTold) {
  for (const char* none : {"", "# nothing\n", "- a\n", "7", "{}"})
    EXPECT_TRUE(holds(refused(none).hint(), "gliocast study settings")) << none;
  const Error section = refused("seed: 1\ngrading: no\n");
  EXPECT_EQ(section.where(), "study.yaml, line 2");
  EXPECT_TRUE(holds(section.problem(), "grading is a section"));
  const Error preset = refused("seed: 1\npreset: papr\n");
  EXPECT_EQ(preset.where(), "study.yaml, line 2");
  EXPECT_EQ(preset.hint(), "is paper meant?");
  EXPECT_TRUE(holds(refused("seed:\n").problem(), "and has no value"));
  EXPECT_TRUE(holds(refused("times: [36, 12]\n").problem(), "ascending"));
  EXPECT_TRUE(holds(refused("times: [12, 12]\n").problem(), "ascending"));
  EXPECT_TRUE(holds(refused("times: [0, 12]\n").problem(), "above 0"));
  EXPECT_TRUE(holds(refused("figures: []\n").problem(), "svg, pdf, png"));
  EXPECT_TRUE(holds(refused("figures: [svg, svg]\n").problem(), "each once"));
  EXPECT_TRUE(holds(refused("grading:\n  patch_zyx: [32, 32]\n").problem(), "a list of 3 whole numbers, 16 to 512"));
  EXPECT_EQ(refused("grading:\n  chain: forrest\n").hint(), "is forest meant?");
  EXPECT_TRUE(holds(refused("outlines: {network: {patch_zyx: [16, 24, 16]}}\n").problem(), "multiples of 16"));
  EXPECT_TRUE(holds(refused("outlines:\n  segmentation_model: \"a\\tb\"\n").problem(), "control characters"));
}

TEST(Settings, WhatContradictsEachOtherIsTold) {
  const Error same = refused("preset: paper\nsignature:\n  against: [default, paper]\n");
  EXPECT_EQ(same.where(), "study.yaml, line 3");
  EXPECT_TRUE(holds(same.problem(), "signature.against names paper, which is signature.way itself"));
  const Error width = refused("signature:\n  imagenet: resnet18.safetensors\n");
  EXPECT_TRUE(holds(width.problem(), "base width 64, and signature.network.base_width is 16"));
  const auto fitting = with({"signature.imagenet=w.safetensors", "signature.network.base_width=64"});
  check_settings(fitting);
  const auto wrong = with({"signature.way=paper"});  // told after the last assignment alone
  EXPECT_EQ(refusal([&] { check_settings(wrong); }, "way").code(), ExitCode::WrongUse);
  check_settings(with({"signature.against=default"}, wrong));
}

TEST(Settings, AssignmentsChangeOneEach) {
  StudySettings wanted;
  wanted.seed = 9;
  wanted.level = 0.9;
  wanted.times = {12, 36.5};
  wanted.figures = {"svg", "png"};
  wanted.criteria.untreated = false;
  wanted.criteria.least_age = 18;
  wanted.outlines.preprocessed = "yes";
  wanted.grading.outer = 3;
  wanted.grading.network.learning_rate = 1e-3;
  wanted.grading.patch_zyx = {32, 48, 32};
  wanted.signature.network.epochs = 5;
  wanted.signature.against = {};
  wanted.signature.imagenet = "folder: of/weights.safetensors";
  wanted.nomograms.factors = {"age", "rcs(kps, 3)"};
  const StudySettings got =
      with({"seed=9", "level = 0.9", "times=12,36.5", "figures=[svg, png]", "criteria.untreated=no",
            "criteria.least_age=18", "outlines.preprocessed=yes", "grading.outer=3",
            "grading.network.learning_rate=1e-3", "grading.patch_zyx=32,48,32", "signature.network.epochs=5",
            "signature.against=", "signature.imagenet=folder: of/weights.safetensors",
            "nomograms.factors=age, rcs(kps, 3)"});
  EXPECT_EQ(got, wanted) << settings_to_yaml(got);
  EXPECT_EQ(with({"criteria.least_age=none", "signature.sequence=t1", "signature.sequence="}, got).criteria.least_age,
            std::nullopt);
}

TEST(Settings, WrongAssignmentsAreToldAndChangeNothing) {
  EXPECT_STREQ(not_set("grading.outr=3").what(),
               "--set grading.outr=3: there is no setting grading.outr; is grading.outer meant?");
  EXPECT_EQ(not_set("gradnig.outer=3").hint(), "is grading.outer meant?");
  EXPECT_EQ(not_set("epochs=3").hint(),
            "there is outlines.network.epochs, grading.network.epochs, signature.network.epochs");
  EXPECT_TRUE(holds(not_set("grading.outer=1").problem(), "a whole number, 2 to 1000, and is 1"));
  EXPECT_TRUE(holds(not_set("grading.outer=2.5").problem(), "a whole number"));
  EXPECT_TRUE(holds(not_set("grading.outer=").problem(), "has no value"));
  EXPECT_TRUE(holds(not_set("grading.inner=1").problem(), "0, or 2 to 100"));
  EXPECT_TRUE(holds(not_set("grading.run=maybe").problem(), "true or false"));
  EXPECT_TRUE(holds(not_set("times=12,x").problem(), "ascending"));
  EXPECT_TRUE(holds(not_set("grading=3").problem(), "is a section"));
  EXPECT_TRUE(holds(not_set("preset=paper").hint(), "--preset"));
  EXPECT_TRUE(holds(not_set("grading.outer").hint(), "grading.outer=3"));
  EXPECT_TRUE(holds(not_set("unit=month").hint(), "is months meant?"));
  EXPECT_EQ(not_set("outlines.segmentation_model=\xFF").where(), "--set");
  for (const char* bad : {"times=[", "=3", "seed=99999999999999999999", "seed=-1", "radiomics="}) (void)not_set(bad);
}

}  // namespace
