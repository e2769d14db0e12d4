#include "frozen_bundle.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;

class FrozenBundleTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / "gliocast-frozen";
    fs::remove_all(folder_);
    write_text(folder_ / "settings.yaml", "preset: demo\n");
    write_text(folder_ / "grading" / "model.json", "{}\n");
    write_manifest();
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write_manifest() {
    write_json(folder_ / "manifest.json", {{"format", kFrozenFormat},
                                           {"format_version", kFrozenVersion},
                                           {"outlines", {{"by", "experts"}}},
                                           {"models", {{"grading", Json::object()}}},
                                           {"files", files_of_bundle(folder_)}});
  }
  /// What is said of the bundle as it is now.
  [[nodiscard]] std::string refusal() const {
    try {
      (void)read_frozen_bundle(folder_);
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::MissingModel);
      return e.what();
    }
    return "";
  }

  fs::path folder_;
};

TEST_F(FrozenBundleTest, AWholeBundleIsRead) {
  const auto bundle = read_frozen_bundle(folder_);
  EXPECT_TRUE(bundle.has("grading"));
  EXPECT_FALSE(bundle.has("signature"));
  EXPECT_EQ(bundle.checksum.size(), 64U);
}

TEST_F(FrozenBundleTest, AChangedFileIsNamed) {
  write_text(folder_ / "grading" / "model.json", "{ }\n");
  EXPECT_NE(refusal().find("model.json"), std::string::npos) << refusal();
  EXPECT_NE(refusal().find("checksum"), std::string::npos) << refusal();
}

TEST_F(FrozenBundleTest, AMissingFileIsNamed) {
  fs::remove(folder_ / "settings.yaml");
  EXPECT_NE(refusal().find("settings.yaml"), std::string::npos) << refusal();
}

TEST_F(FrozenBundleTest, AFileThatIsNotOfTheBundleIsNamed) {
  write_text(folder_ / "grading" / "other.json", "{}\n");
  EXPECT_NE(refusal().find("other.json"), std::string::npos) << refusal();
}

TEST_F(FrozenBundleTest, OtherFoldersAndDamagedManifestsAreRefused) {
  write_text(folder_ / "manifest.json", "{\"format\": \"gliocast-frozen-study\", \"format_version\": 1}");
  EXPECT_NE(refusal().find("damaged"), std::string::npos) << refusal();
  write_text(folder_ / "manifest.json", "{\"format\": \"other\", \"format_version\": 1}");
  EXPECT_NE(refusal().find("another kind"), std::string::npos) << refusal();
  fs::remove(folder_ / "manifest.json");
  EXPECT_NE(refusal().find("no frozen study"), std::string::npos) << refusal();
}

}  // namespace
}  // namespace gliocast::study
