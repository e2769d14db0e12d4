// Against PyRadiomics' own numbers (../shared/data/golden and pyradiomics/baseline, made by PyRadiomics 3).
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/imageio/read_image.hpp>
#include <gliocast/radiomics/first_order.hpp>
#include <gliocast/radiomics/shape.hpp>

#include "shared_data.hpp"

#include <cmath>
#include <cstdio>
#include <map>

using namespace gliocast;
namespace fs = std::filesystem;

namespace {

/// golden/*.csv: a row a feature, or a row an image; found by name and image wherever they stand.
std::map<std::string, double> golden_column(const fs::path& file, const std::string& image) {
  const TextTable table = read_table(file);
  std::map<std::string, double> out;
  const auto by_image = table.find_column(image);
  if (by_image) {  // a column an image
    for (const auto& row : table.rows)
      if (const auto v = parse_number(row[*by_image])) out[row[0]] = *v;
    return out;
  }
  for (const auto& row : table.rows) {
    bool mine = false;
    for (const auto& cell : row) mine = mine || cell.find(image) != std::string::npos;
    if (!mine) continue;
    for (std::size_t c = 0; c < row.size(); ++c)
      if (const auto v = parse_number(row[c])) out[table.columns[c]] = *v;
  }
  return out;
}

struct Case {
  Volume<double> image;
  Mask mask;
};

Case load(const std::string& name) {
  const fs::path folder = test_support::shared_data() / "pyradiomics";
  Case c{imageio::to_double(imageio::read_image(folder / (name + "_image.nrrd")).volume),
         pick_label(imageio::to_labels(imageio::read_image(folder / (name + "_label.nrrd")).volume, name), 1)};
  return c;
}

void compare(const radiomics::Features& features, const std::map<std::string, double>& golden,
             const std::string& prefix, const std::string& label) {
  std::size_t compared = 0;
  double worst = 0;
  for (const auto& f : features) {
    const auto found = golden.find(prefix + f.feature_class + "_" + f.name);
    if (found == golden.end()) continue;
    ++compared;
    const double scale = std::abs(found->second);
    worst = std::max(worst, std::abs(f.value - found->second) / std::max(scale, 1e-300));
    EXPECT_NEAR(f.value, found->second, 1e-6 * scale + 1e-9) << label << " " << f.name;
  }
  EXPECT_EQ(compared, features.size()) << label << ": features without a reference value";
  std::printf("VALIDATION radiomics | %s | PyRadiomics 3 | %zu | %.2g\n", label.c_str(), compared, worst);
}

}  // namespace

class RadiomicsOracle : public ::testing::TestWithParam<std::string> {};

TEST_P(RadiomicsOracle, ShapeMatchesPyRadiomics) {
  GLIOCAST_NEEDS_SHARED("golden/paper788_binWidth25.csv");
  const auto golden = golden_column(test_support::shared_data() / "golden" / "paper788_binWidth25.csv", GetParam());
  ASSERT_FALSE(golden.empty());
  const Case c = load(GetParam());
  compare(radiomics::shape_3d(c.mask), golden, "original_", "shape of " + GetParam());
}

TEST_P(RadiomicsOracle, FirstOrderMatchesPyRadiomics) {
  GLIOCAST_NEEDS_SHARED("golden/paper788_binWidth25.csv");
  const auto golden = golden_column(test_support::shared_data() / "golden" / "paper788_binWidth25.csv", GetParam());
  ASSERT_FALSE(golden.empty());
  const Case c = load(GetParam());
  compare(radiomics::first_order(c.image, c.mask, {.bin_width = 25}), golden, "original_",
          "first order of " + GetParam());
}

INSTANTIATE_TEST_SUITE_P(Images, RadiomicsOracle, ::testing::Values("brain1", "brain2", "breast1"));
