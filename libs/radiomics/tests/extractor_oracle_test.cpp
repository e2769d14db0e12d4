// The extractor against PyRadiomics' own numbers (../shared/data/golden, pyradiomics/baseline).
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/imageio/read_image.hpp>
#include <gliocast/radiomics/extractor.hpp>

#include "shared_data.hpp"

#include <cmath>
#include <cstdio>
#include <map>

using namespace gliocast;
using namespace gliocast::radiomics;
namespace fs = std::filesystem;

namespace {

struct Case {
  ScalarImage image;
  LabelVolume mask;
};

Case load(const std::string& name) {
  const fs::path folder = test_support::shared_data() / "pyradiomics";
  const bool phantom = name.starts_with("prostate");
  const auto file = imageio::read_image(folder / (phantom ? name + ".nrrd" : name + "_image.nrrd"));
  return {{imageio::to_double(file.volume), PixelKind::Integer},
          imageio::to_labels(
              imageio::read_image(folder / (phantom ? name + "-label.nrrd" : name + "_label.nrrd")).volume, name)};
}

/// Feature → value for an image, from a table with a column per image.
std::map<std::string, double> column(const fs::path& file, const std::string& image) {
  const TextTable table = read_table(file);
  std::map<std::string, double> out;
  if (const auto c = table.find_column(image))
    for (const auto& row : table.rows)
      if (const auto v = parse_number(row[*c])) out[row[0]] = *v;
  return out;
}

struct Comparison {
  std::size_t compared = 0;
  double worst = 0;
};

Comparison compare(const Extraction& e, const std::map<std::string, double>& golden, const std::string& label) {
  Comparison c;
  for (const auto& f : e.features) {
    const auto found = golden.find(f.name());
    if (found == golden.end()) continue;
    ++c.compared;
    const double scale =
        std::max(std::abs(found->second), 1e-3);  // a value that cancels to nearly 0 has no relative error
    const double error = std::abs(f.feature.value - found->second) / scale;
    c.worst = std::max(c.worst, error);
    EXPECT_LE(error, 1e-6) << label << " " << f.name() << ": " << f.feature.value << ", PyRadiomics " << found->second;
  }
  return c;
}

}  // namespace

class GoldenConfiguration : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenConfiguration, EveryFeatureIsPyRadiomics) {
  GLIOCAST_NEEDS_SHARED("golden");
  const fs::path folder = test_support::shared_data() / "golden";
  const Parameters p = parse_parameters(read_json(folder / (GetParam() + ".json")), GetParam());
  for (const char* name : {"brain1", "brain2", "breast1"}) {
    const auto golden = column(folder / (GetParam() + ".csv"), name);
    if (golden.empty()) continue;
    const Case c = load(name);
    const auto result = compare(extract(c.image, c.mask, p), golden, std::string(name));
    EXPECT_EQ(result.compared, golden.size()) << name;
    std::printf("VALIDATION radiomics | %s, %s | PyRadiomics 3 | %zu | %.2g\n", GetParam().c_str(), name,
                result.compared, result.worst);
  }
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenConfiguration,
                         ::testing::Values("paper788_binWidth25", "paper788_norm100_bw5_resample111",
                                           "paper788_norm100_bw5_resample222_preset_MR3mm_noLoG",
                                           "force2D_distances12_eucl", "full_allfilters_bw25",
                                           "wavelet_db4_level2_precrop"));

class Baseline : public ::testing::TestWithParam<std::pair<std::string, Json>> {};

TEST_P(Baseline, EveryColumnIsPyRadiomics) {
  GLIOCAST_NEEDS_SHARED("pyradiomics/baseline");
  const auto& [suffix, setting] = GetParam();
  Parameters p = preset("default");
  p.setting = setting;
  std::size_t compared = 0;
  double worst = 0;
  for (const char* name : {"brain1", "brain2", "breast1"}) {
    const Case c = load(name);
    const Extraction e = extract(c.image, c.mask, p);
    for (const char* feature_class : {"firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm"}) {
      const auto golden = column(
          test_support::shared_data() / "pyradiomics/baseline" / (std::string("baseline_") + feature_class + ".csv"),
          name + suffix);
      const auto result = compare(e, golden, name + suffix);
      compared += result.compared;
      worst = std::max(worst, result.worst);
    }
  }
  EXPECT_GT(compared, 50U);
  std::printf("VALIDATION radiomics | baseline%s of brain1, brain2, breast1 | PyRadiomics 3 | %zu | %.2g\n",
              suffix.c_str(), compared, worst);
}

INSTANTIATE_TEST_SUITE_P(
    Columns, Baseline,
    ::testing::Values(
        std::pair<std::string, Json>{"", {{"voxelArrayShift", 2000}}},
        std::pair<std::string, Json>{"_2d", {{"force2D", true}}},
        std::pair<std::string, Json>{"_FBN", {{"binCount", 64}}},
        std::pair<std::string, Json>{"_combined", {{"weightingNorm", "no_weighting"}}},
        std::pair<std::string, Json>{"_flatRegion", {{"binWidth", 5000}}},
        std::pair<std::string, Json>{"_normalization", {{"normalize", true}, {"normalizeScale", 100}, {"binWidth", 5}}},
        std::pair<std::string, Json>{"_resampling", {{"resampledPixelSpacing", {2, 2, 2}}}},
        std::pair<std::string, Json>{"_resegmentation", {{"resegmentRange", {-3, 3}}, {"resegmentMode", "sigma"}}}));
