// Small regions by hand, and what must not change a texture.
#include <gliocast/core/error.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/radiomics/extractor.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <map>

using namespace gliocast;
using namespace gliocast::radiomics;

namespace {

Geometry grid(Size3 size) {
  Geometry g;
  g.size = size;
  return g;
}

/// One slice of levels, 0 outside.
LevelRegion slice(const std::vector<std::vector<std::uint32_t>>& rows) {
  Mask mask(grid({rows[0].size(), rows.size(), 1}));
  Discretised d;
  std::size_t k = 0;
  for (const auto& row : rows)
    for (const auto l : row) {
      mask.voxels[k++] = l > 0;
      if (l > 0) {
        d.level.push_back(l);
        d.levels = std::max(d.levels, l);
      }
    }
  return {mask, d, 1};
}

std::map<std::string, double> values(const Features& features) {
  std::map<std::string, double> out;
  for (const auto& f : features) out[f.name] = f.value;
  return out;
}

std::map<std::string, double> extracted(const ScalarImage& image, const LabelVolume& mask, const Parameters& p,
                                        std::size_t threads = 1) {
  std::map<std::string, double> out;
  for (const auto& f : extract(image, mask, p, threads).features) out[f.name()] = f.feature.value;
  return out;
}

struct Made {
  ScalarImage image;
  LabelVolume mask;
};

Made blank(Size3 size) {
  Made m;
  m.image.volume = Volume<double>(grid(size));
  m.image.kind = PixelKind::Integer;
  m.mask = LabelVolume(grid(size));
  return m;
}

Made made(std::uint64_t seed) {
  Made m = blank({20, 18, 16});
  Random random(seed);
  for (std::size_t i = 0; i < m.mask.voxels.size(); ++i) {
    m.image.volume.voxels[i] = std::floor(200 * random.uniform());
    const auto x = static_cast<double>(i % 20) - 9, y = static_cast<double>(i / 20 % 18) - 8,
               z = static_cast<double>(i / 360) - 8;
    m.mask.voxels[i] = std::hypot(x, y, z) < 5 ? 1 : 0;
  }
  return m;
}

}  // namespace

TEST(TextureMechanics, ZonesAndRunsOfASliceByHand) {
  // 1 1 2
  // 2 1 2
  // 3 3 3
  const LevelRegion r = slice({{1, 1, 2}, {2, 1, 2}, {3, 3, 3}});
  const auto zones = values(glszm_features(r, {}));
  // Zones: level 1 of 3 voxels, level 2 of 2 and of 1, level 3 of 3.
  EXPECT_DOUBLE_EQ(zones.at("ZonePercentage"), 4.0 / 9);
  EXPECT_DOUBLE_EQ(zones.at("LargeAreaEmphasis"), (9 + 4 + 1 + 9) / 4.0);
  EXPECT_DOUBLE_EQ(zones.at("GrayLevelNonUniformity"), (1 + 4 + 1) / 4.0);
  TextureOptions along_x;  // four directions in the slice
  const auto runs = glrlm(r, along_x);
  ASSERT_EQ(runs.size(), 4U);
  double n = 0, voxels = 0;
  for (const auto& e : runs[0]) {
    n += e.count;
    voxels += e.count * e.column;
  }  // along x
  EXPECT_EQ(n, 6);  // 11 2 | 2 1 2 | 333
  EXPECT_EQ(voxels, 9);
}

TEST(TextureMechanics, AFlatRegionHasItsDefinedValues) {
  const LevelRegion r = slice({{1, 1}, {1, 1}});
  const auto c = values(glcm_features(r, {}));
  EXPECT_EQ(c.at("Correlation"), 1);
  EXPECT_EQ(c.at("MCC"), 1);
  EXPECT_EQ(c.at("Imc1"), 0);
  EXPECT_EQ(c.at("Imc2"), 0);
  EXPECT_EQ(values(ngtdm_features(r, {})).at("Coarseness"), 1e6);
}

TEST(TextureInvariant, ThreadsPaddingAndRelabellingChangeNoBit) {
  const Made m = made(1);
  Parameters p = preset("all");
  std::erase_if(p.image_types, [](const auto& t) { return t.first == "LoG"; });
  const auto once = extracted(m.image, m.mask, p);
  EXPECT_GT(once.size(), 1000U);
  EXPECT_EQ(once, extracted(m.image, m.mask, p, 3));
  Made other = m;
  for (auto& l : other.mask.voxels) l = l == 1 ? 7 : 3;
  Parameters seven = p;
  seven.setting["label"] = 7;
  EXPECT_EQ(once, extracted(other.image, other.mask, seven));
}

TEST(TextureInvariant, TranslationByWholeVoxelsAndPaddingChangeNoBit) {
  const Made m = made(4);
  Made moved = blank({31, 26, 24});
  for (std::size_t z = 0; z < 16; ++z)
    for (std::size_t y = 0; y < 18; ++y)
      for (std::size_t x = 0; x < 20; ++x) {
        moved.image.volume.at(x + 7, y + 3, z + 5) = m.image.volume.at(x, y, z);
        moved.mask.at(x + 7, y + 3, z + 5) = m.mask.at(x, y, z);
      }
  EXPECT_EQ(extracted(m.image, m.mask, preset("default")), extracted(moved.image, moved.mask, preset("default")));
}

/// Flips and quarter turns of a cube's axes only reorder sums.
TEST(TextureInvariant, FlipsAndQuarterTurnsChangeRoundingOnly) {
  const Made m = made(5);
  const Size3 n = m.mask.geometry.size;
  const auto once = extracted(m.image, m.mask, preset("default"));
  const auto check = [&](const char* what, Size3 size, auto from) {
    Made other = blank(size);
    for (std::size_t z = 0; z < size[2]; ++z)
      for (std::size_t y = 0; y < size[1]; ++y)
        for (std::size_t x = 0; x < size[0]; ++x) {
          const Size3 s = from(x, y, z);
          other.image.volume.at(x, y, z) = m.image.volume.at(s[0], s[1], s[2]);
          other.mask.at(x, y, z) = m.mask.at(s[0], s[1], s[2]);
        }
    const auto turned = extracted(other.image, other.mask, preset("default"));
    for (const auto& [name, value] : once) {
      if (name.find("Maximum2DDiameter") != std::string::npos && size != n) continue;  // these name an axis
      EXPECT_NEAR(turned.at(name), value, 1e-10 * std::abs(value) + 1e-12) << what << " " << name;
      if (name.find("_glszm_") != std::string::npos) {
        EXPECT_EQ(turned.at(name), value) << what << " " << name;
      }
    }
  };
  check("flip x", n, [&](std::size_t x, std::size_t y, std::size_t z) { return Size3{n[0] - 1 - x, y, z}; });
  check("flip z", n, [&](std::size_t x, std::size_t y, std::size_t z) { return Size3{x, y, n[2] - 1 - z}; });
  check("turn about z", {n[1], n[0], n[2]},
        [&](std::size_t x, std::size_t y, std::size_t z) { return Size3{y, n[1] - 1 - x, z}; });
  check("turn about x", {n[0], n[2], n[1]},
        [&](std::size_t x, std::size_t y, std::size_t z) { return Size3{x, n[1] - 1 - z, y}; });
}

TEST(MapMechanics, ThreadsChangeNoBitAndShapeAloneIsRefused) {
  const Made m = made(6);
  const auto once = extract_maps(m.image, m.mask, preset("default"), 1),
             again = extract_maps(m.image, m.mask, preset("default"), 3);
  ASSERT_EQ(once.size(), 93U);
  for (std::size_t k = 0; k < once.size(); ++k)
    for (std::size_t i = 0; i < once[k].volume.voxels.size(); ++i) {
      const double a = once[k].volume.voxels[i], b = again[k].volume.voxels[i];
      ASSERT_TRUE(a == b || (std::isnan(a) && std::isnan(b))) << once[k].name;
    }
  Parameters shape = preset("default");
  shape.feature_classes = {{"shape", {}}};
  EXPECT_THROW((void)extract_maps(m.image, m.mask, shape), Error);
}

TEST(ExtractorMechanics, RegionsWithoutFeaturesAreToldAsErrors) {
  Made m = made(2);
  const auto message = [&](const Parameters& p) {
    try {
      (void)extract(m.image, m.mask, p);
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::UnusableInput);
      return std::string(e.what());
    }
    return std::string();
  };
  Parameters p = preset("default");
  p.setting["label"] = 5;
  EXPECT_NE(message(p).find("label 5"), std::string::npos);
  p.setting = {{"binWidth", 1e-9}};
  EXPECT_NE(message(p).find("grey levels"), std::string::npos);
  p.setting = {{"minimumROISize", 100000}};
  EXPECT_NE(message(p).find("minimumROISize"), std::string::npos);
  p.setting = {{"resegmentRange", {1000, 2000}}};
  EXPECT_NE(message(p).find("resegmentation"), std::string::npos);
  p.setting = Json::object();
  m.image.volume.at(9, 8, 8) = std::nan("");
  EXPECT_NE(message(p).find("not finite"), std::string::npos);
  std::ranges::fill(m.mask.voxels, 0U);
  m.mask.at(3, 3, 3) = 1;
  EXPECT_NE(message(p).find("single voxel"), std::string::npos);
}

TEST(ParametersMechanics, WrongNamesTypesAndRangesAreNamed) {
  const auto message = [](const char* text) {
    try {
      (void)parse_parameters(Json::parse(text), "p.json");
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::WrongUse);
      return std::string(e.what());
    }
    return std::string();
  };
  for (const auto& [text, word] :
       std::vector<std::pair<const char*, const char*>>{{R"({"setting":{"binWdith":5}})", "binWdith"},
                                                        {R"({"setting":{"binWidth":0}})", "binWidth"},
                                                        {R"({"setting":{"binWidth":"a"}})", "number"},
                                                        {R"({"setting":{"force2D":1}})", "true or false"},
                                                        {R"({"setting":{"resegmentMode":"x"}})", "absolute"},
                                                        {R"({"imageType":{"Wavlet":{}}})", "Wavlet"},
                                                        {R"({"imageType":{"Wavelet":{"wavelet":"morl"}}})", "morl"},
                                                        {R"({"featureClass":{"glcm":["Contrst"]}})", "Contrst"},
                                                        {R"({"featureClass":{"glxm":[]}})", "glxm"},
                                                        {R"({"settings":{}})", "settings"},
                                                        {R"([1])", "sections"}})
    EXPECT_NE(message(text).find(word), std::string::npos) << text << ": " << message(text);
}

TEST(ParametersMechanics, DeprecatedFeaturesAreComputedWhereNamedOnly) {
  const Made m = made(7);
  Parameters p =
      parse_parameters(Json{{"featureClass",
                             {{"shape", {"Compactness2", "Sphericity", "SphericalDisproportion", "Compactness1"}},
                              {"firstorder", {"StandardDeviation", "Variance"}},
                              {"glcm", {"Homogeneity1", "Id"}}}}},
                       "p");
  const auto v = extracted(m.image, m.mask, p);
  EXPECT_EQ(v.size(), 7U);  // Homogeneity1 is Id and left out
  EXPECT_NEAR(v.at("original_shape_Compactness2"), std::pow(v.at("original_shape_Sphericity"), 3), 1e-12);
  EXPECT_NEAR(v.at("original_shape_SphericalDisproportion"), 1 / v.at("original_shape_Sphericity"), 1e-12);
  EXPECT_NEAR(std::pow(v.at("original_shape_Compactness1"), 2) * 36 * std::pow(M_PI, 2),
              v.at("original_shape_Compactness2"), 1e-12);
  EXPECT_NEAR(std::pow(v.at("original_firstorder_StandardDeviation"), 2), v.at("original_firstorder_Variance"), 1e-9);
}

TEST(ParametersMechanics, Paper788NamesSevenHundredEightyEightFeatures) {
  const Made m = made(3);
  EXPECT_EQ(extract(m.image, m.mask, preset("paper788")).features.size(), 788U);
}
