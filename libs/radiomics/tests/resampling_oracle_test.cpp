// Resampling against PyRadiomics 3 on SimpleITK 2.5 (tests/reference/radiomics/resampled_grids.py): voxel by voxel on
// random grids, and features of clinical images; and what is refused, with its cause.
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/singular_values.hpp>
#include <gliocast/imageio/read_image.hpp>
#include <gliocast/radiomics/extractor.hpp>

#include "../src/resample_region.hpp"
#include "formula_image.hpp"
#include "shared_data.hpp"
#include "test_paths.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>

using namespace gliocast;
using namespace gliocast::radiomics;
namespace fs = std::filesystem;

namespace {

Json fixture(const char* name) { return read_json(fs::path(GLIOCAST_SOURCE_DIR) / "tests/reference/radiomics" / name); }

Geometry grid_of(const Json& j) {
  Geometry g;
  for (std::size_t a = 0; a < 3; ++a) {
    g.size[a] = j.at("size").at(a);
    g.spacing_mm[a] = j.at("spacing").at(a);
    g.origin_mm[a] = j.at("origin").at(a);
  }
  for (std::size_t k = 0; k < 9; ++k) g.direction[k] = j.at("direction").at(k);
  return g;
}

template <typename Body>
void each_voxel(const Size3& n, const Body& body) {
  std::size_t i = 0;
  for (std::size_t z = 0; z < n[2]; ++z)
    for (std::size_t y = 0; y < n[1]; ++y)
      for (std::size_t x = 0; x < n[0]; ++x, ++i) body(i, Size3{x, y, z});
}

/// A formula image of a file's kind of number.
ScalarImage image_of(const Geometry& g, const std::string& kind) {
  ScalarImage out{Volume<double>(g)};
  each_voxel(g.size, [&](std::size_t i, const Size3& p) {
    const auto v = static_cast<double>(test_support::formula_value(p[0], p[1], p[2]));
    out.volume.voxels[i] = kind == "uint8"    ? std::fmod(v, 256)
                           : kind == "int16"  ? 3 * v - 400
                           : kind == "uint16" ? v
                                              : v / 8 - 20;
  });
  const std::map<std::string, std::pair<double, double>> ranges{
      {"uint8", {0, 255}}, {"int16", {-32768, 32767}}, {"uint16", {0, 65535}}};
  out.kind = kind == "float32" ? PixelKind::Float : kind == "float64" ? PixelKind::Double : PixelKind::Integer;
  if (const auto r = ranges.find(kind); r != ranges.end()) std::tie(out.least, out.most) = r->second;
  return out;
}

bool within(const IndexBox& box, const Size3& p) {
  for (std::size_t a = 0; a < 3; ++a)
    if (p[a] < box.first[a] || p[a] > box.last[a]) return false;
  return true;
}

LabelVolume mask_of(const Geometry& g, const IndexBox& box) {
  LabelVolume out(g);
  each_voxel(g.size, [&](std::size_t i, const Size3& p) {
    out.voxels[i] = within(box, p) && test_support::formula_region(p[0], p[1], p[2]);
  });
  return out;
}

/// Sum, and sum weighted by place.
template <typename T>
std::array<double, 2> fingerprint(const std::vector<T>& voxels) {
  std::array<double, 2> out{};
  for (std::size_t i = 0; i < voxels.size(); ++i) {
    out[0] += static_cast<double>(voxels[i]);
    out[1] += static_cast<double>(voxels[i]) * static_cast<double>(7919 * i % 65521);
  }
  return out;
}

/// Whether a grid, its mask's voxels and its image's are PyRadiomics'; those of floating point to 1e-12 of their size.
bool is_equal(const Json& c) {
  const Geometry grid = grid_of(c.at("image"));
  ScalarImage image = image_of(grid, c.at("kind"));
  IndexBox box;
  for (std::size_t a = 0; a < 3; ++a) {
    box.first[a] = c.at("box").at(a);
    box.last[a] = c.at("box").at(a + 3);
  }
  Mask mask = pick_label(mask_of(c.contains("mask") ? grid_of(c.at("mask")) : grid, box), 1);
  Settings s;
  s.resampled_spacing_mm = c.at("spacing").get<std::vector<double>>();
  s.interpolator = static_cast<ResampleMethod>(c.at("interpolator").get<int>());
  s.pad_distance = 3;
  (void)resample_region(image, mask, *bounding_box(mask), s, 2);
  const Json& e = c.at("expected");
  const Geometry& g = image.volume.geometry;
  if (Json(g.size) != e.at("size") || Json(g.origin_mm) != e.at("origin")) return false;
  if (Json(fingerprint(mask.voxels)) != e.at("mask")) return false;
  const auto ours = fingerprint(image.volume.voxels);
  if (image.kind == PixelKind::Integer) return Json(ours) == e.at("image");
  double size = 0;
  for (const double v : image.volume.voxels) size += std::abs(v);
  for (std::size_t k = 0; k < 2; ++k)
    if (!(std::abs(ours[k] - e.at("image").at(k).get<double>()) <= 1e-12 * size * (k == 0 ? 1 : 65521))) return false;
  return true;
}

/// The file of that name, or the one whose name ends with it behind the patient's; empty where there is none.
fs::path file_of(const fs::path& folder, const std::string& name) {
  if (fs::exists(folder / name)) return folder / name;
  if (!fs::is_directory(folder)) return {};
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().filename().string().ends_with("_" + name)) found.push_back(entry.path());
  return found.empty() ? fs::path{} : std::ranges::min(found);
}

/// The n-th folder of a part of the data, by name, that has a T1.
fs::path patient(const std::string& part, std::size_t n) {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(test_support::shared_data() / part))
    if (!file_of(entry.path(), "t1.nii.gz").empty()) folders.push_back(entry.path());
  std::ranges::sort(folders);
  return folders.at(n - 1);
}

/// The error's text, empty where there is none.
std::string refusal(const ScalarImage& image, const LabelVolume& mask, const Json& setting,
                    const char* type = "Original") {
  Parameters p;
  p.setting = setting;
  p.image_types = {{type, Json::object()}};
  p.feature_classes = {{"firstorder", {"Mean"}}};
  try {
    (void)extract(image, mask, p);
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::UnusableInput);
    return e.what();
  }
  return {};
}

Geometry small_grid(const Size3& size = {12, 11, 10}, const Vec3& spacing = {1, 1, 1}) {
  Geometry g;
  g.size = size;
  g.spacing_mm = spacing;
  return g;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST(ResamplingOracle, VoxelsAreThoseOfPyRadiomicsOnEveryKindOfGrid) {
  const Json cases = fixture("resampled_grids.json");
  ASSERT_GE(cases.size(), 300U);
  std::map<std::string, std::pair<int, int>> by_direction;
  for (std::size_t k = 0; k < cases.size(); ++k) {
    const bool equal = is_equal(cases[k]);
    EXPECT_TRUE(equal) << "case " << k << ": " << cases[k].dump().substr(0, 400);
    auto& n = by_direction[cases[k].at("direction").get<std::string>()];
    ++n.first;
    n.second += !equal;
  }
  for (const auto& [name, n] : by_direction)
    std::printf(
        "VALIDATION radiomics | resampled grids, %s: all interpolators, whole and broken factors, masks on "
        "grids of their own | PyRadiomics 3 | %d | %d differ\n",
        name.c_str(), n.first, n.second);
}

TEST(ResamplingOracle, FeaturesOfClinicalImagesArePyRadiomics) {
  GLIOCAST_NEEDS_SHARED("raw");
  GLIOCAST_NEEDS_SHARED("brats");
  for (const Json& c : fixture("resampled_clinical.json")) {
    const fs::path folder = patient(c.at("part"), c.at("patient"));
    const auto file = imageio::read_image(file_of(folder, c.at("image")));
    ScalarImage image{imageio::to_double(file.volume)};
    std::visit(
        [&](const auto& v) {
          using T = typename std::decay_t<decltype(v.voxels)>::value_type;
          image.kind = sizeof(T) == 4 ? PixelKind::Float : PixelKind::Double;
          if (std::is_integral_v<T>) image.kind = PixelKind::Integer;
          if (!std::is_integral_v<T>) return;
          image.least = static_cast<double>(std::numeric_limits<T>::min());
          image.most = static_cast<double>(std::numeric_limits<T>::max());
        },
        file.volume);
    const auto mask = imageio::to_labels(imageio::read_image(file_of(folder, c.at("mask"))).volume, "mask");
    const std::string number = std::to_string(c.at("patient").get<int>());
    const auto text = [&](const char* key) { return c.at(key).get<std::string>(); };
    const std::string what = text("part") + " patient " + number + ", " + text("image") + ", " + text("name");
    const Extraction e = extract(image, mask, parse_parameters(c.at("parameters"), "parameters"), 2);
    EXPECT_EQ(e.diagnostics.at("diagnostics_Mask-interpolated_VoxelNum"), c.at("features").at("voxels")) << what;
    EXPECT_EQ(e.features.size() + 1, c.at("features").size()) << what;
    double worst = 0;
    for (const auto& f : e.features) {
      const double theirs = c.at("features").at(f.name());
      const double error = std::abs(f.feature.value - theirs) / std::max(std::abs(theirs), 1e-3);
      EXPECT_LE(error, 1e-9) << what << " " << f.name() << ": " << f.feature.value << ", PyRadiomics " << theirs;
      worst = std::max(worst, error);
    }
    std::printf("VALIDATION radiomics | clinical, %s | PyRadiomics 3 | %zu | %.2g\n", what.c_str(), e.features.size(),
                worst);
  }
}

// vnl_matrix_inverse of itk::Image's direction · spacing, read out of SimpleITK 2.5.7 by the indices of unit vectors.
TEST(ResamplingOracle, InverseIsRoundedAsItks) {
  const Json cases = fixture("inverses.json");
  ASSERT_GE(cases.size(), 100U);
  for (const Json& c : cases) {
    Mat3 m{};
    for (std::size_t k = 0; k < 9; ++k) m[k] = c.at("matrix").at(k);
    EXPECT_EQ(Json(inverse_by_singular_values(m)), c.at("inverse")) << c.at("matrix");
  }
  std::printf("VALIDATION core | inverse of a grid's matrix, equal to the last bit | SimpleITK 2.5 | %zu | 0\n",
              cases.size());
}

TEST(ResamplingMechanics, RegionThatLeavesTheImageIsRefusedAndTheLimitsAreSaid) {
  Geometry beyond = small_grid();
  beyond.origin_mm[2] = 4;
  const LabelVolume mask = mask_of(beyond, {{2, 2, 2}, {8, 8, 8}});
  const ScalarImage image = image_of(small_grid(), "int16");
  for (const Json& setting : {Json{{"correctMask", true}}, Json{{"resampledPixelSpacing", {2, 2, 2}}}}) {
    const std::string text = refusal(image, mask, setting);
    EXPECT_TRUE(has(text, "region reaches outside the image")) << text;
    EXPECT_TRUE(has(text, "along z it reaches from 5.5 to 12.5, the image from -0.5 to 9.5")) << text;
  }
  EXPECT_TRUE(has(refusal(image, mask, Json::object()), "different grids"));
}

TEST(ResamplingMechanics, MaskOfSomeSlicesIsResampledWithAWarningAndNeedsNoCorrection) {
  Geometry part = small_grid({12, 11, 4});
  part.origin_mm[2] = 3;
  Parameters p;
  p.setting = {{"resampledPixelSpacing", {2, 2, 1}}};
  p.feature_classes = {{"shape", {"VoxelVolume"}}};
  const ScalarImage image = image_of(small_grid(), "int16");
  const LabelVolume mask = mask_of(part, {{2, 2, 0}, {9, 9, 3}});
  EXPECT_EQ(extract(image, mask, p).warnings.size(), 1U);
  p.setting["correctMask"] = true;
  EXPECT_TRUE(extract(image, mask, p).warnings.empty());
}

TEST(ResamplingMechanics, AnImageOfTwoSlicesIsResampledBySplinesWithAWarning) {
  Parameters p;
  p.setting = {{"resampledPixelSpacing", {2, 2, 0.5}}};
  p.feature_classes = {{"firstorder", {"Minimum", "Maximum"}}};
  Geometry g = small_grid({12, 11, 2});
  const ScalarImage flat{Volume<double>(g, 7.0)};
  const LabelVolume mask = mask_of(g, {{2, 2, 0}, {9, 9, 1}});
  const Extraction e = extract(flat, mask, p);
  ASSERT_EQ(e.warnings.size(), 1U);
  EXPECT_TRUE(has(e.warnings[0], "two voxels wide along z")) << e.warnings[0];
  for (const auto& f : e.features) EXPECT_NEAR(f.feature.value, 7, 1e-12) << f.name();
  p.setting["interpolator"] = "sitkLinear";
  EXPECT_TRUE(extract(flat, mask, p).warnings.empty());
}

TEST(ResamplingMechanics, SizeIsJudgedAfterResamplingAlone) {
  const Geometry g = small_grid({12, 11, 10}, {2, 2, 2});
  const ScalarImage image = image_of(g, "int16");
  const LabelVolume mask = mask_of(g, {{2, 2, 2}, {7, 7, 7}});
  const std::size_t voxels = count(pick_label(mask, 1));
  const Json limit = 4 * voxels;
  EXPECT_EQ(refusal(image, mask, {{"minimumROISize", limit}, {"resampledPixelSpacing", {1, 1, 1}}}), "");
  EXPECT_TRUE(has(refusal(image, mask, {{"minimumROISize", limit}}), "minimumROISize"));
  const std::string text = refusal(image, mask, {{"minimumROISize", 100}, {"resampledPixelSpacing", {5, 5, 5}}});
  EXPECT_TRUE(has(text, "resampling from 2×2×2 mm to 5×5×5 mm")) << text;
  EXPECT_TRUE(has(text, "(" + std::to_string(voxels) + " before)")) << text;
}

TEST(ResamplingMechanics, RegionLostIsToldByTheStepThatLostIt) {
  const Geometry g = small_grid();
  const ScalarImage image = image_of(g, "int16");
  LabelVolume two(g);
  two.at(5, 5, 5) = two.at(6, 5, 5) = 7;
  const std::string lost = refusal(image, two, {{"label", 7}, {"resampledPixelSpacing", {4, 4, 4}}});
  EXPECT_TRUE(has(lost, "resampling from 1×1×1 mm to 4×1×1 mm: ")) << lost;
  two.at(6, 5, 5) = 0;
  const std::string single = refusal(image, two, {{"label", 7}, {"resampledPixelSpacing", {4, 4, 4}}});
  EXPECT_EQ(single, "the region has a single voxel: there are no features of it");
  const LabelVolume mask = mask_of(g, {{2, 2, 2}, {8, 8, 8}});
  EXPECT_TRUE(has(refusal(image, mask, {{"label", 3}}), "label 3 is not in the mask, which holds 1"));
  const std::string cut = refusal(image, mask, {{"resegmentRange", {90000, 90001}}});
  EXPECT_TRUE(has(cut, "resegmentation leaves 0 of the region's")) << cut;
  EXPECT_TRUE(has(cut, "those kept from 90000 to 90001")) << cut;
}

TEST(NotFiniteMechanics, TheMessageSaysHowManyWhereAndWhichStepSpreadThem) {
  const Geometry g = small_grid();
  const LabelVolume mask = mask_of(g, {{3, 3, 3}, {8, 8, 7}});
  ScalarImage outside = image_of(g, "float64");
  outside.volume.at(1, 4, 5) = std::numeric_limits<double>::quiet_NaN();
  outside.volume.at(10, 4, 5) = std::numeric_limits<double>::infinity();
  const std::string holds = "the image holds 2 values that are not finite (1 NaN, 1 infinite) outside the region";
  EXPECT_EQ(refusal(outside, mask, Json::object()), "");
  const std::string scaled = refusal(outside, mask, {{"normalize", true}});
  EXPECT_TRUE(has(scaled, holds + ": it cannot be normalised")) << scaled;
  const std::string moved = refusal(outside, mask, {{"resampledPixelSpacing", {2, 2, 2}}});
  EXPECT_TRUE(has(moved, holds + ", and resampling spreads them into it")) << moved;
  EXPECT_EQ(refusal(outside, mask, {{"resampledPixelSpacing", {2, 2, 2}}, {"interpolator", "sitkLinear"}}), "");
  for (const char* type : {"Wavelet", "LoG"}) {
    const std::string text = refusal(outside, mask, {{"sigma", {2.0}}}, type);
    EXPECT_TRUE(has(text, holds + ", and the filter of the image '")) << text;
  }
  ScalarImage inside = image_of(g, "float64");
  inside.volume.at(5, 5, 5) = std::numeric_limits<double>::quiet_NaN();
  ASSERT_EQ(mask.at(5, 5, 5), 1U);
  const std::string held = refusal(inside, mask, Json::object());
  EXPECT_TRUE(has(held, "the image holds 1 value that is not finite (1 NaN), 1 of them in the region")) << held;
  const std::string ranged = refusal(inside, mask, {{"resegmentRange", {-1, 1}}, {"resegmentMode", "sigma"}});
  EXPECT_TRUE(has(ranged, "NaN")) << ranged;
}
