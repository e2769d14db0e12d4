// Geometry, pixel types and voxels against SimpleITK and nibabel (tests/reference/imageio/make_geometry_fixtures.py).
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/imageio/nifti.hpp>
#include <gliocast/imageio/nrrd.hpp>
#include <gliocast/imageio/read_image.hpp>

#include "shared_data.hpp"
#include "test_paths.hpp"

#include <unistd.h>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

using namespace gliocast;
namespace fs = std::filesystem;

namespace {

std::vector<std::byte> from_base64(const std::string& text) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::byte> out;
  unsigned bits = 0, n = 0;
  for (const char c : text) {
    const auto d = digits.find(c);
    if (d == std::string::npos) break;
    bits = (bits << 6) | static_cast<unsigned>(d);
    n += 6;
    if (n >= 8) {
      n -= 8;
      out.push_back(static_cast<std::byte>((bits >> n) & 0xFF));
    }
  }
  return out;
}

/// Largest difference in mm (or unit cosines) from SimpleITK's report: none, to the last bit, since ties of resampled
/// masks hang on it.
double compare_geometry(const Geometry& g, const Json& expected, const std::string& name) {
  double worst = 0;
  for (std::size_t a = 0; a < 3; ++a) {
    EXPECT_EQ(g.size[a], expected["size"][a].get<std::size_t>()) << name;
    worst = std::max(worst, std::abs(g.spacing_mm[a] - expected["spacing"][a].get<double>()));
    worst = std::max(worst, std::abs(g.origin_mm[a] - expected["origin"][a].get<double>()));
  }
  for (std::size_t i = 0; i < 9; ++i)
    worst = std::max(worst, std::abs(g.direction[i] - expected["direction"][i].get<double>()));
  EXPECT_EQ(worst, 0) << name << ": " << describe(g);
  return worst;
}

double compare_nibabel(const Geometry& g, const Json& affine, const std::string& name) {
  const auto m = g.index_to_ras_matrix();
  double worst = 0;
  for (std::size_t i = 0; i < 16; ++i) worst = std::max(worst, std::abs(m[i] - affine[i].get<double>()));
  EXPECT_LT(worst, 1e-4) << name << " against nibabel";
  return worst;
}

const std::vector<std::string> kNibabelDiffersFromItk{
    "disagree_1_1.nii", "disagree_1_2.nii",  // spacing of one form, direction of the other
    "disagree_2_1.nii", "disagree_2_2.nii",
    "disagree_4_1.nii", "disagree_4_2.nii",  // ITK takes the qform, nibabel the sform
    "none.nii",         "metres.nii",
    "sheared_only.nii", "sheared_and_qform.nii"};

}  // namespace

TEST(GeometryOracle, MadeFilesAsSimpleItkAndNibabelReportThem) {
  const Json cases = read_json(fs::path(GLIOCAST_SOURCE_DIR) / "tests/reference/imageio/made_images.json");
  double worst = 0, worst_nibabel = 0;
  std::size_t n = 0;
  for (const auto& c : cases) {
    const std::string name = c["name"];
    const auto bytes = from_base64(c["file"]);
    const auto parse = [&] {
      return name.ends_with(".nrrd") ? imageio::parse_nrrd(bytes, name) : imageio::parse_nifti(bytes, name);
    };
    if (name == "two.nii") {  // ITK cannot read NIfTI-2; nibabel can
      compare_nibabel(imageio::geometry_of(parse().volume), c["nibabel_affine"], name);
      continue;
    }
    if (c.contains("refused")) {
      EXPECT_THROW((void)parse(), Error) << name;
      continue;
    }
    const auto file = parse();
    const Geometry& g = imageio::geometry_of(file.volume);
    worst = std::max(worst, compare_geometry(g, c, name));
    const auto values = imageio::to_double(file.volume).voxels;
    const auto& expected = c["first_voxels"];
    for (std::size_t i = 0; i < 7; ++i) {
      EXPECT_DOUBLE_EQ(values[i], expected[i].get<double>()) << name;
      EXPECT_DOUBLE_EQ(values[values.size() - 7 + i], expected[7 + i].get<double>()) << name;
    }
    if (name.starts_with("type_") || name.starts_with("scaled_") || name.starts_with("big_")) {
      EXPECT_EQ(imageio::pixel_type_name(file.volume), c["pixel"].get<std::string>()) << name;
    }
    if (c.contains("nibabel_affine") && std::ranges::find(kNibabelDiffersFromItk, name) == kNibabelDiffersFromItk.end())
      worst_nibabel = std::max(worst_nibabel, compare_nibabel(g, c["nibabel_affine"], name));
    ++n;
  }
  EXPECT_GT(n, 35U);
  std::printf("VALIDATION imageio | geometry of made files | SimpleITK 2.5.7 | %zu | %.2g mm\n", n, worst);
  std::printf("VALIDATION imageio | geometry of made files | nibabel 5.4.2 | %zu | %.2g mm\n", n, worst_nibabel);
}

TEST(GeometryOracle, RandomGridsOfEveryPairOfFormsAsSimpleItkReportsThem) {
  const Json cases = read_json(fs::path(GLIOCAST_SOURCE_DIR) / "tests/reference/imageio/made_grids.json");
  ASSERT_GE(cases.size(), 50U);
  double worst = 0;
  for (const auto& c : cases) {
    const std::string name = c["name"];
    const auto bytes = from_base64(c["file"]);
    const auto file = name.ends_with(".nrrd") ? imageio::parse_nrrd(bytes, name) : imageio::parse_nifti(bytes, name);
    worst = std::max(worst, compare_geometry(imageio::geometry_of(file.volume), c, name));
  }
  std::printf("VALIDATION imageio | geometry of random grids | SimpleITK 2.5.7 | %zu | %.2g mm\n", cases.size(), worst);
}

TEST(GeometryOracle, RealFilesAsSimpleItkAndNibabelReportThem) {
  GLIOCAST_NEEDS_SHARED("brats");
  std::vector<fs::path> files;
  for (const char* part : {"brats", "raw", "pyradiomics"})
    for (const auto& entry : fs::recursive_directory_iterator(test_support::shared_data() / part)) {
      const std::string relative = fs::relative(entry.path(), test_support::shared_data()).string();
      const auto depth = std::ranges::count(relative, '/');
      if ((part == std::string("brats") && depth == 2 && relative.ends_with(".nii.gz")) ||
          (part == std::string("raw") && relative.starts_with("raw/TCGA") && relative.ends_with(".nii.gz")) ||
          (part == std::string("pyradiomics") && depth == 1 && relative.ends_with(".nrrd")))
        files.push_back(entry.path());
    }
  std::ranges::sort(files);
  const Json expected = read_json(fs::path(GLIOCAST_SOURCE_DIR) / "tests/reference/imageio/real_images.json");
  ASSERT_EQ(files.size(), expected.size()) << "the shared data have changed: run the generator again";
  double worst = 0, worst_nibabel = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string name = "file " + std::to_string(i + 1);
    const auto file = imageio::read_image(files[i]);
    const Geometry& g = imageio::geometry_of(file.volume);
    worst = std::max(worst, compare_geometry(g, expected[i], name));
    if (expected[i].contains("nibabel_affine"))
      worst_nibabel = std::max(worst_nibabel, compare_nibabel(g, expected[i]["nibabel_affine"], name));
    const auto values = imageio::to_double(file.volume).voxels;
    const auto [low, high] = std::ranges::minmax(values);
    double sum = 0;
    for (const double v : values) sum += v;
    EXPECT_DOUBLE_EQ(low, expected[i]["min"].get<double>()) << name;
    EXPECT_DOUBLE_EQ(high, expected[i]["max"].get<double>()) << name;
    EXPECT_NEAR(sum, expected[i]["sum"].get<double>(), 1e-9 * std::abs(sum) + 1e-6) << name;
  }
  std::printf("VALIDATION imageio | geometry of real files | SimpleITK 2.5.7 | %zu | %.2g mm\n", files.size(), worst);
  std::printf("VALIDATION imageio | geometry of real files | nibabel 5.4.2 | %zu | %.2g mm\n", files.size(),
              worst_nibabel);
}

namespace {

/// Dimensions, grid, type and every voxel as SimpleITK has them; the largest difference in mm (or unit cosines).
double compare_with_simpleitk(const imageio::ImageFile& file, const Json& c, const std::string& name) {
  const auto n = c["dimensions"].get<std::size_t>();
  const Geometry& g = imageio::geometry_of(file.volume);
  const bool either = file.dimensions == 0;  // a NIfTI vector of one slice
  EXPECT_TRUE(either || file.dimensions == static_cast<int>(n)) << name;
  double worst = 0;
  for (std::size_t a = 0; a < n; ++a) {
    EXPECT_EQ(g.size[a], c["size"][a].get<std::size_t>()) << name;
    worst = std::max({worst, std::abs(g.spacing_mm[a] - c["spacing"][a].get<double>()),
                      std::abs(g.origin_mm[a] - c["origin"][a].get<double>())});
    for (std::size_t b = 0; b < n; ++b)
      worst = std::max(worst, std::abs(g.direction[3 * a + b] - c["direction"][n * a + b].get<double>()));
  }
  EXPECT_LT(worst, 1e-4) << name << ": " << describe(g);
  const auto values = imageio::to_double(file.volume).voxels;
  const auto expected = c["voxels"].get<std::vector<double>>();
  EXPECT_EQ(values, expected) << name;
  if (name != "list_text.nrrd") {  // text becomes float
    EXPECT_EQ(imageio::pixel_type_name(file.volume), c["pixel"].get<std::string>()) << name;
  }
  return worst;
}

}  // namespace

TEST(GeometryOracle, MetaImagesPlanesAndChannelsAsSimpleItkReadsThem) {
  double worst = 0;
  std::size_t n = 0;
  for (const auto& c : read_json(fs::path(GLIOCAST_SOURCE_DIR) / "tests/reference/imageio/made_metaimages.json")) {
    const std::string name = c["name"];
    const auto folder = fs::temp_directory_path() / ("metaimage-" + std::to_string(::getpid()));
    write_file(folder / name, from_base64(c["file"]));
    for (const auto& [beside, content] : c["beside"].items()) write_file(folder / beside, from_base64(content));
    const imageio::ReadOptions options{.channel = c.contains("channels") ? std::optional<std::size_t>(1) : std::nullopt,
                                       .slice = true};
    if (c.contains("refused")) {
      EXPECT_THROW((void)imageio::read_image(folder / name, options), Error) << name;
    } else {
      try {
        worst = std::max(worst, compare_with_simpleitk(imageio::read_image(folder / name, options), c, name));
      } catch (const Error& e) {
        ADD_FAILURE() << e.what();
      }
      ++n;
    }
    fs::remove_all(folder);
  }
  EXPECT_GT(n, 200U);
  std::printf("VALIDATION imageio | MetaImage, planes, channels | SimpleITK 2.5.7 | %zu | %.2g mm\n", n, worst);
}
