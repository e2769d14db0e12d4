#include "tables.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/signature/signature_bundle.hpp>
#include <gliocast/signature/signature_learner.hpp>

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

using namespace gliocast;
using namespace gliocast::signature;

namespace {

class SignatureBundle : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("gliocast-signature-" + std::to_string(::getpid()));
    auto p = planted_table(60, 4, {1.5}, 1);
    table_ = p.table;
    SignatureSpecification s;
    s.trees = 10;
    trained_.name = "mine";
    trained_.time = "months";
    trained_.event = "dead";
    trained_.model = SignatureLearner(s).fit(table_, learn::all_rows(table_.features), {1, 1}).model;
    trained_.demonstration = true;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  SurvivalTable table_;
  TrainedSignature trained_;
};

TEST_F(SignatureBundle, IsReadBackWithTheNetworksThatMadeItsColumnsAndNoPatientsName) {
  trained_.origins["f0"] = std::make_shared<const learn::ColumnOrigin>(learn::ColumnOrigin{"abc", {"somebody"}});
  write_signature(folder_, trained_);
  const auto back = read_signature(folder_);
  EXPECT_EQ(back.name, "mine");
  EXPECT_EQ(back.time, "months");
  EXPECT_EQ(back.event, "dead");
  EXPECT_TRUE(back.demonstration);
  EXPECT_EQ(back.checksum.size(), 64u);
  EXPECT_EQ(back.model->signature(table_.features), trained_.model->signature(table_.features));
  EXPECT_EQ(read_text(folder_ / "model.json").find("somebody"), std::string::npos);
  auto rows = table_.features.take({0});
  rows.ids = {"somebody"};
  EXPECT_THROW(learn::refuse_fitted(back.origins, back.model->needed_columns(), rows), Error);
  rows.ids = {"another"};
  learn::refuse_fitted(back.origins, back.model->needed_columns(), rows);
}

TEST_F(SignatureBundle, WhatIsDamagedIsNoModel) {
  write_signature(folder_, trained_);
  const Json whole = read_json(folder_ / "model.json");
  for (const char* part : {"time", "demonstration", "model"}) {
    Json broken = whole;
    broken["payload"].erase(part);
    write_json(folder_ / "model.json", broken);
    try {
      (void)read_signature(folder_);
      ADD_FAILURE() << part;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::MissingModel) << part;
    }
  }
}

}  // namespace
