#include <gliocast/core/error.hpp>
#include <gliocast/signature/specification.hpp>

#include <gtest/gtest.h>

using namespace gliocast;
using namespace gliocast::signature;

namespace {

Error refusal(const std::string& yaml) {
  try {
    (void)parse_specification(yaml, "chain.yaml");
  } catch (const Error& e) {
    return e;
  }
  ADD_FAILURE() << yaml << " is accepted";
  return Error(ExitCode::Done, "");
}

TEST(Specification, PresetsSayWhatTheyAre) {
  EXPECT_EQ(preset_specification("default").target, Target::Cox);
  EXPECT_EQ(preset_specification("default").groups, TrainingGroups::HeldOut);
  const auto paper = preset_specification("paper");
  EXPECT_EQ(paper.target, Target::Time);
  EXPECT_EQ(paper.groups, TrainingGroups::InSample);
  EXPECT_EQ(paper.trees, 100u);
  EXPECT_EQ(paper.candidates, 10u);
  try {
    (void)preset_specification("papr");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::WrongUse);
    EXPECT_NE(e.hint().find("is paper meant?"), std::string::npos) << e.hint();
  }
}

TEST(Specification, TextIsReadBack) {
  for (auto s : {preset_specification("default"), preset_specification("paper")}) {
    EXPECT_EQ(parse_specification(to_yaml(s), "x"), s);
    EXPECT_EQ(specification_of(to_json(s)), s);
    s.name = "of: mine # 1";
    s.alpha = {0.1};
    s.lambda = "0.05";
    s.mtry = 7;
    s.nothing_kept = NothingKept::First;
    EXPECT_EQ(parse_specification(to_yaml(s), "x"), s) << to_yaml(s);
    EXPECT_EQ(lambda_number(s), 0.05);
  }
  EXPECT_EQ(parse_specification("alpha: 0.5\nlambda: 0.1", "x").lambda, "0.1");
}

TEST(Specification, WrongOptionsAreToldWithTheirLine) {
  const Error unknown = refusal("target: cox\ncandidats: 8\n");
  EXPECT_EQ(unknown.where(), "chain.yaml, line 2");
  EXPECT_NE(unknown.hint().find("is candidates meant?"), std::string::npos) << unknown.hint();
  EXPECT_EQ(refusal("trees: 10\ntarget: death\n").where(), "chain.yaml, line 2");
  EXPECT_EQ(refusal("\n\nfolds: 2\n").where(), "chain.yaml, line 3");
  EXPECT_NE(std::string(refusal("lambda: 0.1\n").problem()).find("is of one alpha"), std::string::npos);
  EXPECT_NE(std::string(refusal("alpha: 0.5\nlambda: -1\n").problem()).find("above 0"), std::string::npos);
  for (const char* none : {"", "- a\n", "7", "{}"}) (void)refusal(none);
}

}  // namespace
