// Bundles: read as written, and refused with exit code 4 whatever is wrong with them.
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/models/bundle.hpp>

#include <gtest/gtest.h>

#include <unistd.h>
#include <cstdlib>

namespace gliocast::models {
namespace {

namespace fs = std::filesystem;

class Bundles : public testing::Test {
 protected:
  void SetUp() override {
    write_text(folder / "weights.bin", "12345");
    write_bundle(folder, {.kind = Kind::Selector,
                          .name = "x",
                          .card = {{"limits", "none"}},
                          .payload = {{"k", 3}},
                          .files = {"weights.bin"}});
  }
  void TearDown() override { fs::remove_all(folder.parent_path()); }

  std::string refusal(Kind kind = Kind::Selector) const {
    try {
      (void)read_bundle(folder, kind);
      return "none";
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::MissingModel);
      return e.what();
    }
  }
  void change(const std::string& key, const Json& value) const {
    Json json = read_json(folder / "model.json");
    json[key] = value;
    write_json(folder / "model.json", json);
  }

  const fs::path folder = fs::temp_directory_path() / ("bundle-" + std::to_string(::getpid())) / "x";
};

TEST_F(Bundles, AreReadAsWritten) {
  for (const auto& path : {folder, folder / "model.json"}) {
    const auto back = read_bundle(path, Kind::Selector);
    EXPECT_EQ(back.name, "x");
    EXPECT_EQ(back.card["limits"], "none");
    EXPECT_EQ(back.payload["k"], 3);
    EXPECT_EQ(back.files, std::vector<std::string>{"weights.bin"});
    EXPECT_EQ(back.folder, folder);
    EXPECT_EQ(back.checksum.size(), 64u);
  }
}

TEST_F(Bundles, OfAnotherKindVersionOrFormAreRefused) {
  EXPECT_NE(refusal(Kind::Cox).find("is for selector, one for cox is needed"), std::string::npos);
  change("version", 2);
  EXPECT_NE(refusal().find("format version 2"), std::string::npos);
  change("format", "gliocast-cox-model");
  EXPECT_NE(refusal().find("older or another form"), std::string::npos);
}

TEST_F(Bundles, WithOtherFilesAreRefused) {
  write_text(folder / "weights.bin", "12346");
  EXPECT_NE(refusal().find("checksum"), std::string::npos);
  fs::remove(folder / "weights.bin");
  EXPECT_NE(refusal().find("missing"), std::string::npos);
  for (const char* name : {"../../etc/passwd", "/etc/passwd", "..", ""}) {
    change("files", Json::array({{{"name", name}, {"sha256", "0"}}}));
    EXPECT_NE(refusal().find("outside its folder"), std::string::npos) << name;
  }
}

TEST_F(Bundles, DamagedOnesAreRefused) {
  for (
      const char* text :
      {"", "{", "[]", "{}", "{\"format\":\"gliocast-model\"}",
       R"({"format":"gliocast-model","version":1,"kind":"selector","name":1})",
       R"({"format":"gliocast-model","version":1,"kind":"?","name":"x"})",
       R"({"format":"gliocast-model","version":1,"kind":"selector","name":"x","card":{},"files":[],"payload":7})",
       R"({"format":"gliocast-model","version":1,"kind":"selector","name":"x","card":3,"files":[],"payload":{}})",
       R"({"format":"gliocast-model","version":1,"kind":"selector","name":"x","card":{"a":3},"files":[],"payload":{}})"}) {
    write_text(folder / "model.json", text);
    EXPECT_NE(refusal(), "none") << text;
  }
  const std::vector<std::pair<std::string, std::string>> others{
      {"", "no model of gliocast: it is empty"},
      {"\n  \n", "it is empty"},
      {"time,status,age\n1,1,60\n", "it is text that begins with \"time,status,age\""},
      {std::string("\x1f\x8b\x08\0\0", 5), "it is a binary file"},
      {R"({"format":"gliocast-model","ver)", "the model is damaged: it breaks off or is spoilt at byte 32 of 31"}};
  for (const auto& [text, words] : others) {
    write_text(folder / "model.json", text);
    EXPECT_NE(refusal().find(words), std::string::npos) << refusal();
  }
  write_text(folder / "model.json", R"({"format":"gliocast-model","version":1,"kind":"fused-grading"})");
  EXPECT_EQ(kind_of_bundle(folder), Kind::FusedGrading);
  EXPECT_EQ(kind_of_bundle(folder / "model.json"), Kind::FusedGrading);
  for (const char* text : {"", "[]", R"({"format":"gliocast-model","version":1})",
                           R"({"format":"gliocast-model","version":1,"kind":"?"})"}) {
    write_text(folder / "model.json", text);
    EXPECT_THROW((void)kind_of_bundle(folder), Error) << text;
  }
  fs::remove_all(folder);
  EXPECT_NE(refusal().find("no model is there"), std::string::npos);
  EXPECT_THROW((void)kind_of_bundle(folder), Error);
}

TEST_F(Bundles, AreFoundByOptionThenEnvironment) {
  EXPECT_EQ(find_bundle(folder.parent_path(), "x"), folder.parent_path() / "x");
  EXPECT_EQ(find_bundle(folder, "anything"), folder);
  EXPECT_EQ(find_bundle("/elsewhere", folder.string()), folder) << "a path with a folder is the bundle's own";
  ::setenv("GLIOCAST_MODELS", folder.parent_path().c_str(), 1);
  EXPECT_EQ(find_bundle({}, "x"), folder);
  ::unsetenv("GLIOCAST_MODELS");
  try {
    (void)find_bundle({}, "x");
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::MissingModel);
    EXPECT_NE(std::string(e.what()).find("share/gliocast/models/x"), std::string::npos);
  }
}

}  // namespace
}  // namespace gliocast::models
