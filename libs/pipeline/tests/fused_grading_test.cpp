// A fused model written, read, damaged; what of radiomics it asks for.
#include "fused_models.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>

#include <gtest/gtest.h>
#include <messages.hpp>

#include <unistd.h>
#include <filesystem>

using namespace gliocast;
using namespace gliocast::pipeline;
using test_support::error_of;
using test_support::fused_of_two;
using test_support::has;
namespace fs = std::filesystem;

namespace {

/// A fused model in a folder of its own, gone at its end.
class FusedBundle : public testing::Test {
 protected:
  void TearDown() override { fs::remove_all(folder); }
  void write(const FusedGrading& fused) const { write_fused_grading(folder, fused); }
  [[nodiscard]] std::string refusal() const {
    return error_of([&] { (void)read_fused_grading(folder); });
  }
  /// model.json with one value of its payload changed.
  void change(const char* place, const Json& value) const {
    Json json = read_json(folder / "model.json");
    json[Json::json_pointer(place)] = value;
    write_json(folder / "model.json", json);
  }
  const fs::path folder = fs::temp_directory_path() / ("fused-" + std::to_string(::getpid()));
};

}  // namespace

TEST_F(FusedBundle, WhatIsReadIsWhatWasWritten) {
  auto fused = fused_of_two();
  fused.sequence = Sequence::Flair;
  fused.input = "brain";
  write(fused);
  const auto back = read_fused_grading(folder);
  EXPECT_EQ(back.sequence, Sequence::Flair);
  EXPECT_EQ(back.input, "brain");
  EXPECT_TRUE(back.demonstration);
  EXPECT_EQ(back.bundle.name, "fused-test");
  EXPECT_EQ(back.bundle.card, fused.bundle.card);
  ASSERT_EQ(back.members.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto &was = fused.members[i], &is = back.members[i];
    EXPECT_EQ(is.network.weights.at(0).at("w").as_float(), was.network.weights.at(0).at("w").as_float());
    EXPECT_EQ(is.network.channels.size(), 3U);
    const auto table = test_support::rows_of(learn::needed_columns(was.classifier), 3);
    EXPECT_EQ(is.classifier.model->probability(table), was.classifier.model->probability(table));
    EXPECT_EQ(is.classifier.refits.size(), 3U);
  }
  // Read and written again it is the same model.
  const auto checksum = back.bundle.checksum;
  write(back);
  EXPECT_EQ(read_fused_grading(folder).bundle.checksum, checksum);
}

TEST_F(FusedBundle, AClassifierBelongsToItsNetwork) {
  write(fused_of_two());
  EXPECT_EQ(refusal(), "accepted");
  // The networks exchanged, each a sound bundle of its own.
  fs::rename(folder / "network_0", folder / "other");
  fs::rename(folder / "network_1", folder / "network_0");
  fs::rename(folder / "other", folder / "network_1");
  EXPECT_TRUE(has(refusal(), "not the one whose features the classifier was fitted to")) << refusal();
  write(fused_of_two());
  const auto others = folder / "others";
  write_fused_grading(others, fused_of_two(5));
  fs::remove_all(folder / "network_1");
  fs::rename(others / "network_1", folder / "network_1");
  EXPECT_TRUE(has(refusal(), "not the one whose features the classifier was fitted to")) << refusal();
  write(fused_of_two());
  fs::remove_all(folder / "classifier_1");
  fs::copy(folder / "classifier_0", folder / "classifier_1");
  EXPECT_TRUE(has(refusal(), "the classifier is not the one")) << refusal();
  fs::remove_all(folder / "network_0");
  EXPECT_TRUE(has(refusal(), "network_0")) << refusal();
}

TEST_F(FusedBundle, DamagedOnesAreRefused) {
  const std::vector<std::pair<const char*, Json>> damages{
      {"/payload/sequence", "t9"},         {"/payload/sequence", 3},
      {"/payload/input", "head"},          {"/payload/demonstration", "no"},
      {"/payload/members", Json::array()}, {"/payload/members", nullptr},
      {"/payload/members/0", nullptr},     {"/payload/members/1/network_sha256", 1},
      {"/payload/radiomics", "paper9"},    {"/payload/radiomics", {{"imageType", 3}}},
      {"/payload/radiomics", nullptr},     {"/kind", "grading"},
      {"/payload", Json::object()}};
  for (const auto& [place, value] : damages) {
    write(fused_of_two());
    change(place, value);
    SCOPED_TRACE(place + value.dump());
    try {
      (void)read_fused_grading(folder);
      ADD_FAILURE() << "accepted";
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::MissingModel);
    }
  }
  EXPECT_THROW(write(FusedGrading{}), Error);
}

TEST_F(FusedBundle, MembersAnswerTheSameQuestionOfFeaturesThatThereAre) {
  auto fused = fused_of_two();
  std::swap(fused.members[1].classifier.positive, fused.members[1].classifier.negative);
  write(fused);
  EXPECT_TRUE(has(refusal(), "tells LGG from HGG")) << refusal();
  fused = fused_of_two();
  fused.members[1].classifier.refits.pop_back();
  write(fused);
  EXPECT_TRUE(has(refusal(), "numbers of refits")) << refusal();
  fused = fused_of_two();
  fused.members[1].network.bundle.payload["spacing_mm"] = 1.0;
  write(fused);
  EXPECT_TRUE(has(refusal(), "different channels, spacings or patches")) << refusal();
  // The network of base width 2 has 16 features.
  fused = fused_of_two();
  fused.members[0].classifier = test_support::classifier_of({"deep_017"}, 1);
  write(fused);
  EXPECT_TRUE(has(refusal(), "deep_017")) << refusal();
  for (const std::string column : {"original_glcm_MCC", "gradient_firstorder_Mean", "age", "original_ngtdm_Contrast",
                                   "original_firstorder_mean", "deep_0001", "deep_000"}) {
    fused = fused_of_two();
    fused.members[0].classifier = test_support::classifier_of({column}, 1);
    write(fused);
    EXPECT_TRUE(has(refusal(), column)) << refusal();
  }
}

TEST(FusedRadiomics, OnlyWhatColumnsNameIsComputed) {
  auto fused = fused_of_two();
  fused.bundle.payload["radiomics"] = "paper788";
  auto p = fused_radiomics(fused);
  ASSERT_EQ(p.image_types.size(), 2U);
  ASSERT_EQ(p.feature_classes.size(), 2U);
  EXPECT_EQ(p.feature_classes[0].second, std::vector<std::string>{"Mean"});
  EXPECT_EQ(p.feature_classes[1].second, std::vector<std::string>{"Contrast"});
  fused.members.pop_back();
  p = fused_radiomics(fused);
  ASSERT_EQ(p.image_types.size(), 1U);
  EXPECT_EQ(p.image_types[0].first, "Original");
  EXPECT_EQ(p.feature_classes.size(), 1U);
}

TEST(DeepColumns, AreNumberedFromOne) {
  EXPECT_EQ(deep_column(0), "deep_001");
  EXPECT_EQ(deep_column(511), "deep_512");
  EXPECT_EQ(deep_column(1233), "deep_1234");
  for (const std::size_t i : {0U, 98U, 99U, 998U, 999U}) EXPECT_EQ(deep_index(deep_column(i)), i);
  for (const char* name :
       {"deep_", "deep_000", "deep_1", "deep_01x", "deep_-01", "Deep_001", "deep_99999999999999999999"})
    EXPECT_FALSE(deep_index(name)) << name;
}
