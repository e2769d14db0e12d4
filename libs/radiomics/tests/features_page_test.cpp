// docs/features.md says what the lists of features say. GLIOCAST_WRITE_PAGES=1 in the environment writes it anew.
#include "test_paths.hpp"

#include <gliocast/core/files.hpp>
#include <gliocast/radiomics/feature.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

using namespace gliocast;

namespace {

/// A table's cell: | would end it.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? "\\|" : std::string(1, c);
  return out;
}

std::string page() {
  std::string text =
      "# Radiomic features\n\n"
      "What `gliocast radiomics` computes, by PyRadiomics 3's definitions and under its names. A column of the output "
      "is IMAGE_CLASS_FEATURE, e.g. `original_glcm_Contrast`.\n"
      "A deprecated feature is computed only where a parameter file names it; one that equals another is left out. "
      "`intensity`: the unit of the image's voxels.\n"
      "A sum goes over all values of the indices in it. i, j: grey levels, or a matrix's level and length, size or "
      "dependence.\n";
  for (const auto& one : radiomics::feature_classes()) {
    text += "\n## " + one.name + ": " + one.title + "\n" + one.source + ".\n\n" + one.symbols + ".\n\n";
    text += "| class | feature | unit | definition |\n|---|---|---|---|\n";
    for (const auto& f : one.features)
      text += "| " + one.name + " | " + f.name + (f.deprecated ? " (deprecated)" : "") + " | " + f.unit + " | " +
              cell(f.definition) + " |\n";
  }
  return text;
}

}  // namespace

TEST(FeaturesPage, SaysWhatTheListsSay) {
  const std::filesystem::path path = GLIOCAST_SOURCE_DIR "/docs/features.md";
  if (std::getenv("GLIOCAST_WRITE_PAGES") != nullptr) write_text(path, page());
  EXPECT_EQ(read_text(path), page()) << "GLIOCAST_WRITE_PAGES=1 test_radiomics --gtest_filter=FeaturesPage.* writes it";
}

TEST(FeatureLists, NameEachFeatureOnceWithUnitAndDefinition) {
  for (const auto& one : radiomics::feature_classes()) {
    std::set<std::string> names;
    for (const auto& f : one.features) {
      EXPECT_TRUE(names.insert(f.name).second) << one.name << ": " << f.name;
      EXPECT_FALSE(f.unit.empty() || f.definition.empty()) << one.name << ": " << f.name;
    }
    EXPECT_TRUE(std::ranges::is_sorted(one.features, {}, &radiomics::FeatureDefinition::deprecated)) << one.name;
    EXPECT_EQ(
        radiomics::feature_names(one.name).size() +
            static_cast<std::size_t>(std::ranges::count(one.features, true, &radiomics::FeatureDefinition::deprecated)),
        one.features.size());
  }
}
