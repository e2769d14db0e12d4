// Tables of cases: read as people write them, resumed case by case, shared out, and failing row by row.
#include <gliocast/analysis/radiomics_batch.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/imageio/nrrd.hpp>
#include <gliocast/radiomics/parameters.hpp>

#include <gtest/gtest.h>

#include <unistd.h>
#include <cmath>

namespace gliocast::analysis {
namespace {

namespace fs = std::filesystem;

class Cases : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder);
    Geometry g;
    g.size = {8, 8, 8};
    Volume<std::int16_t> image(g);
    Volume<std::uint8_t> mask(g);
    for (std::size_t i = 0; i < image.voxels.size(); ++i) {
      image.voxels[i] = static_cast<std::int16_t>(i % 37);
      mask.voxels[i] = i % 8 > 1 && i / 64 > 1;
    }
    imageio::write_nrrd(folder / "image.nrrd", image);
    imageio::write_nrrd(folder / "mask.nrrd", mask);
    write_text(folder / "cases.csv",
               "ID,Image,Mask,Label,note\na,image.nrrd,mask.nrrd,1,x\nb,image.nrrd,gone.nrrd,,\n"
               ",image.nrrd,mask.nrrd,1,y\nd,image.nrrd,mask.nrrd,one,\n");
    options.parameters = radiomics::preset("default");
    options.parameters.feature_classes = {{"firstorder", {"Mean", "Energy"}}};
    options.out = folder / "features.csv";
  }
  void TearDown() override { fs::remove_all(folder); }

  const fs::path folder = fs::temp_directory_path() / ("cases-" + std::to_string(::getpid()));
  RadiomicsBatchOptions options;
};

TEST_F(Cases, AreReadWithTheirNamesAndProblems) {
  const auto table = read_batch(folder / "cases.csv");
  ASSERT_EQ(table.cases.size(), 4u);
  EXPECT_EQ(table.cases[0].id, "a");
  EXPECT_EQ(table.cases[2].id, "line 4");
  EXPECT_EQ(table.cases[0].image, folder / "image.nrrd");
  EXPECT_EQ(table.cases[0].label, 1u);
  EXPECT_FALSE(table.cases[1].label);
  EXPECT_NE(table.cases[3].problem.find("'one' is no label"), std::string::npos);
}

TEST_F(Cases, GoOnAfterAFailureAndKeepTheOrderOfTheTable) {
  const auto result = extract_batch(read_batch(folder / "cases.csv"), options);
  const auto rows = read_table(options.out);
  ASSERT_EQ(rows.rows.size(), 2u);
  EXPECT_EQ(rows.rows[0][*rows.find_column("note")], "x");
  EXPECT_EQ(rows.rows[1][*rows.find_column("note")], "y");
  ASSERT_EQ(result.failures.size(), 2u);
  EXPECT_EQ(result.failures[0].id, "b");
  EXPECT_EQ(result.failures[0].stage, "extract");
  EXPECT_EQ(result.failures[1].stage, "");
  const auto failures = read_table(result.failures_file);
  EXPECT_EQ(failures.columns, (std::vector<std::string>{"id", "stage", "exit_code", "reason"}));
  EXPECT_TRUE(fs::exists(options.out.string() + ".cases"));  // what is done waits for the rest
}

TEST_F(Cases, OfShardsAreCollectedByTheLastRun) {
  write_text(folder / "cases.csv",
             "ID,Image,Mask\na,image.nrrd,mask.nrrd\nb,image.nrrd,mask.nrrd\nc,image.nrrd,mask.nrrd\n");
  const auto table = read_batch(folder / "cases.csv");
  (void)extract_batch(table, options);
  const std::string whole = read_text(options.out);
  fs::remove(options.out);
  for (std::size_t part = 1; part <= 2; ++part) {
    options.batch.shard = {part, 2};
    (void)extract_batch(table, options);
    EXPECT_FALSE(fs::exists(options.out));
  }
  std::size_t parts = 0;
  for (const auto& file : fs::directory_iterator(options.out.string() + ".cases")) {
    Json json = read_json(file.path());
    json["features"][0][2] = 7;  // a mark: a case that is computed again loses it
    write_json(file.path(), json);
    ++parts;
  }
  EXPECT_EQ(parts, 3u);
  options.batch.shard = {};
  options.resume = true;
  (void)extract_batch(table, options);
  const auto rows = read_table(options.out);
  ASSERT_EQ(rows.rows.size(), 3u);
  for (const auto& row : rows.rows) EXPECT_EQ(row[row.size() - 2], "7.0");
  EXPECT_FALSE(fs::exists(options.out.string() + ".cases"));
  EXPECT_NE(read_text(options.out), whole);
}

TEST_F(Cases, RowsReadBackFromTheirJson) {
  CaseRow row;
  row.inputs = {{"Image", "i"}};
  row.features = {{"a", "mm", 0.1}, {"b", "1", std::nan("")}};
  row.diagnostics = {{"x", Json::array({1, 2})}};
  const auto back = row_from_json(row_to_json(row));
  EXPECT_EQ(back.inputs, row.inputs);
  EXPECT_EQ(back.diagnostics, row.diagnostics);
  ASSERT_EQ(back.features.size(), 2u);
  EXPECT_EQ(back.features[0].value, 0.1);
  EXPECT_EQ(back.features[0].unit, "mm");
  EXPECT_TRUE(std::isnan(back.features[1].value));
}

}  // namespace
}  // namespace gliocast::analysis
