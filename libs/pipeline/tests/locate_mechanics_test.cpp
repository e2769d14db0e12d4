// The tumour's lobe and side, by the AAL atlas.
#include "../src/locate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

using namespace gliocast;
using namespace gliocast::pipeline;

TEST(Locate, LobeAndSideAreTheAtlas) {
  // Balls at places of MNI space (RAS, mm) whose lobe anatomy knows; negative x is the patient's left.
  struct Place {
    double x, y, z;
    const char *lobe, *side;
  };
  preprocess::PreparedExam exam;
  exam.extraction.emplace();  // its map to the atlas is the identity: the exam lies in MNI space
  Geometry g;
  g.size = {181, 217, 181};
  g.origin_mm = {-90, -90, -72};
  for (const auto& p : {Place{-38, 35, 28, "frontal", "left"}, Place{57, -35, -5, "temporal", "right"},
                        Place{-30, -82, 12, "occipital", "left"}, Place{40, -45, 50, "parietal", "right"},
                        Place{30, -65, -30, "cerebellum", "right"}, Place{-14, -18, 8, "deep", "left"}}) {
    Mask tumour(g);
    for (std::size_t i = 0; i < tumour.voxels.size(); ++i) {
      const std::size_t x = i % 181, y = i / 181 % 217, z = i / (181 * 217);
      const Vec3 lps = g.index_to_lps_mm({static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)});
      tumour.voxels[i] = std::hypot(lps[0] + p.x, lps[1] + p.y, lps[2] - p.z) <= 8;
    }
    const auto found = locate_tumour(tumour, exam, {});
    EXPECT_EQ(std::string(findings::lobe_name(found.main)), p.lobe);
    EXPECT_EQ(findings::side_name(findings::side_of(found.left_fraction)), p.side) << p.lobe;
    const auto main = std::ranges::find(found.lobes, found.main, &std::pair<findings::Lobe, double>::first);
    ASSERT_NE(main, found.lobes.end());
    EXPECT_GT(main->second, 0.6) << p.lobe;
  }
}
