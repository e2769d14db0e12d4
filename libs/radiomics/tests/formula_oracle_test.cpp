// The engine against PyRadiomics over images made by a formula and a spread of settings
// (tests/reference/radiomics/oracle.py).
#include <gliocast/core/files.hpp>
#include <gliocast/radiomics/extractor.hpp>

#include "formula_image.hpp"
#include "test_paths.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <map>

using namespace gliocast;
using namespace gliocast::radiomics;

namespace {

Geometry grid_of(const Json& c) {
  Geometry g;
  for (std::size_t a = 0; a < 3; ++a) {
    g.size[a] = c.at("size").at(a);
    g.spacing_mm[a] = c.at("spacing").at(a);
  }
  for (std::size_t k = 0; k < 9; ++k) g.direction[k] = c.at("direction").at(k);
  g.origin_mm = {-20.5, 13.25, 7.0};
  return g;
}

ScalarImage image_of(const Json& c) {
  ScalarImage out{Volume<double>(grid_of(c))};
  const std::string kind = c.at("kind");
  const Size3& n = out.volume.geometry.size;
  std::size_t i = 0;
  for (std::size_t z = 0; z < n[2]; ++z)
    for (std::size_t y = 0; y < n[1]; ++y)
      for (std::size_t x = 0; x < n[0]; ++x, ++i) {
        const std::size_t v = test_support::formula_value(x, y, z);
        out.volume.voxels[i] = kind == "uint8"   ? static_cast<double>(v % 256)
                               : kind == "int16" ? static_cast<double>(v)
                                                 : static_cast<double>(v) / 8 - 20;
      }
  out.kind = kind == "float32" ? PixelKind::Float : kind == "float64" ? PixelKind::Double : PixelKind::Integer;
  if (kind == "uint8") {
    out.least = 0;
    out.most = 255;
  }
  if (kind == "int16") {
    out.least = -32768;
    out.most = 32767;
  }
  return out;
}

bool inside(const Json& shape, std::int64_t x, std::int64_t y, std::int64_t z) {
  if (shape.contains("box")) {
    const std::vector<std::int64_t> b = shape["box"];
    return x >= b[0] && y >= b[1] && z >= b[2] && x <= b[3] && y <= b[4] && z <= b[5];
  }
  const std::vector<std::int64_t> e = shape["ellipsoid"];
  const auto square = [](std::int64_t v) { return v * v; };
  return square(x - e[0]) * square(e[4] * e[5]) + square(y - e[1]) * square(e[3] * e[5]) +
             square(z - e[2]) * square(e[3] * e[4]) <=
         square(e[3] * e[4] * e[5]);
}

LabelVolume mask_of(const Json& c) {
  LabelVolume out(grid_of(c));
  const Size3& n = out.geometry.size;
  std::size_t i = 0;
  for (std::size_t z = 0; z < n[2]; ++z)
    for (std::size_t y = 0; y < n[1]; ++y)
      for (std::size_t x = 0; x < n[0]; ++x, ++i)
        for (const auto& s : c.at("shapes"))
          if (inside(s, static_cast<std::int64_t>(x), static_cast<std::int64_t>(y), static_cast<std::int64_t>(z)))
            out.voxels[i] = s.at("label");
  return out;
}

Parameters parameters_of(const Json& c) {
  Json json = c.at("parameters");
  if (json["setting"].value("force2D", false)) json["featureClass"]["shape2D"] = Json::array();
  return parse_parameters(json, c.at("name"));
}

/// Over all configurations, by feature without its image.
std::map<std::string, std::pair<std::size_t, double>>& by_feature() {
  static std::map<std::string, std::pair<std::size_t, double>> all;
  return all;
}

struct Difference {
  double worst = 0;
  std::size_t compared = 0;
};

void compare(Difference& d, double ours, const Json& theirs, const std::string& what) {
  ++d.compared;
  if (theirs.is_null()) {
    EXPECT_TRUE(std::isnan(ours)) << what << ": " << ours << ", PyRadiomics undefined";
    return;
  }
  const double v = theirs, error = std::abs(ours - v) /
                                   std::max(std::abs(v), 1e-3);  // what cancels to nearly 0 has no relative error
  EXPECT_LE(error, 1e-6) << what << ": " << ours << ", PyRadiomics " << v;
  d.worst = std::max(d.worst, error);
  const std::string name = what.substr(what.rfind(": ") + 2);
  if (name.find(' ') != std::string::npos) return;  // a map's sum
  auto& feature = by_feature()[name.substr(name.find('_') + 1)];
  ++feature.first;
  feature.second = std::max(feature.second, error);
}

Difference compare_features(const Json& c) {
  std::map<std::string, double> ours;
  for (const auto& f : extract(image_of(c), mask_of(c), parameters_of(c), 2).features) ours[f.name()] = f.feature.value;
  Difference d;
  for (const auto& [name, value] : c.at("features").items()) {
    const std::string what = c.at("name").get<std::string>() + ": " + name;
    const auto found = ours.find(name);
    EXPECT_NE(found, ours.end()) << what;
    if (found != ours.end()) compare(d, found->second, value, what);
  }
  EXPECT_EQ(ours.size(), c.at("features").size()) << c.at("name");
  return d;
}

/// Maps: sums of values and squares, and the number of undefined voxels.
Difference compare_maps(const Json& c) {
  std::map<std::string, std::array<double, 3>> ours;
  for (const auto& m : extract_maps(image_of(c), mask_of(c), parameters_of(c), 2)) {
    auto& sums = ours[m.name];
    for (const double v : m.volume.voxels)
      if (std::isnan(v))
        ++sums[2];
      else {
        sums[0] += v;
        sums[1] += v * v;
      }
  }
  Difference d;
  for (const auto& [name, sums] : c.at("features").items())
    for (std::size_t k = 0; k < 3; ++k)
      compare(d, ours.at(name)[k], sums[k],
              c.at("name").get<std::string>() + ": " + name + " sum " + std::to_string(k));
  return d;
}

const Json& fixtures() {
  static const Json all =
      read_json(std::filesystem::path(GLIOCAST_SOURCE_DIR) / "tests/reference/radiomics/formula_oracle.json");
  return all;
}

}  // namespace

TEST(FormulaOracle, EverySettingGivesPyRadiomicsNumbers) {
  ASSERT_GT(fixtures().size(), 70U);
  for (const auto& c : fixtures()) {
    const Difference d = c.at("parameters").contains("voxelSetting") ? compare_maps(c) : compare_features(c);
    std::printf("VALIDATION radiomics | formula image: %s | PyRadiomics 3 | %zu | %.2g\n",
                c.at("name").get<std::string>().c_str(), d.compared, d.worst);
  }
  EXPECT_EQ(by_feature().size(), 116U);
  for (const auto& [name, found] : by_feature())
    std::printf("VALIDATION radiomics feature | %s, formula images | PyRadiomics 3 | %zu | %.2g\n", name.c_str(),
                found.first, found.second);
}
