// What an exam needs; what makes a volume unusable; MetaImage.
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/image/exam.hpp>
#include <gliocast/imageio/nifti.hpp>
#include <gliocast/imageio/read_volume.hpp>

#include <gtest/gtest.h>

#include <unistd.h>
#include <cmath>
#include <filesystem>
#include <limits>

using namespace gliocast;
namespace fs = std::filesystem;

namespace {

Volume<float> head(double spacing = 4) {
  Geometry g;
  g.size = {40, 48, 36};
  g.spacing_mm = {spacing, spacing, spacing};
  Volume<float> v(g);
  for (std::size_t i = 0; i < v.voxels.size(); ++i) v.voxels[i] = static_cast<float>(i % 100);
  return v;
}

class ExamFiles : public ::testing::Test {
 protected:
  fs::path folder = fs::temp_directory_path() / ("exam-" + std::to_string(::getpid()));
  void SetUp() override {
    fs::create_directories(folder);
    float mark = 1;
    for (const char* name : {"t1", "t1gd", "t2"}) {
      auto v = head();
      v.voxels[0] += mark++;
      imageio::write_nifti(folder / (std::string(name) + ".nii.gz"), v);
    }
  }
  void TearDown() override { fs::remove_all(folder); }
};

std::string refusal(Volume<float> v) {
  std::vector<std::string> warnings;
  try {
    image::check_usable(v, "scan.nii", warnings);
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::UnusableInput);
    return e.what();
  }
  return "accepted";
}

}  // namespace

TEST(ExamMechanics, UnusableVolumesSayWhy) {
  auto v = head();
  EXPECT_EQ(refusal(v), "accepted");
  std::ranges::fill(v.voxels, 3.0F);
  EXPECT_NE(refusal(v).find("same value"), std::string::npos);
  std::ranges::fill(v.voxels, std::numeric_limits<float>::quiet_NaN());
  EXPECT_NE(refusal(v).find("NaN"), std::string::npos);
  EXPECT_NE(refusal(head(0.1)).find("no human head"), std::string::npos);
  EXPECT_NE(refusal(head(100)).find("no human head"), std::string::npos);
  Geometry thin;
  thin.size = {64, 64, 3};
  thin.spacing_mm = {3, 3, 30};
  EXPECT_NE(refusal(Volume<float>(thin)).find("only 3 voxels"), std::string::npos);
}

TEST(ExamMechanics, SingleNanVoxelsBecomeZeroWithAWarning) {
  auto v = head();
  v.voxels[5] = std::numeric_limits<float>::quiet_NaN();
  v.voxels[6] = std::numeric_limits<float>::infinity();
  std::vector<std::string> warnings;
  image::check_usable(v, "scan.nii", warnings);
  EXPECT_EQ(v.voxels[5], 0);
  EXPECT_EQ(v.voxels[6], 0);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("2 voxels"), std::string::npos);
}

TEST_F(ExamFiles, TwoOfThreeSuffice) {
  const auto full = image::read_exam({{Sequence::T1, folder / "t1.nii.gz"},
                                      {Sequence::T1Gd, folder / "t1gd.nii.gz"},
                                      {Sequence::T2, folder / "t2.nii.gz"}});
  EXPECT_EQ(full.reference(), Sequence::T1Gd);
  EXPECT_EQ(full.checksums.at(Sequence::T1).size(), 64U);
  const auto two = image::read_exam({{Sequence::T1, folder / "t1.nii.gz"}, {Sequence::T2, folder / "t2.nii.gz"}});
  EXPECT_EQ(two.reference(), Sequence::T1);
  EXPECT_NO_THROW(image::require_two_core(two));
  const auto one = image::read_exam({{Sequence::Flair, folder / "t2.nii.gz"}});
  EXPECT_EQ(one.reference(), Sequence::Flair);
  const auto with_flair =
      image::read_exam({{Sequence::T1, folder / "t1.nii.gz"}, {Sequence::Flair, folder / "t2.nii.gz"}});
  for (const auto* exam : {&one, &with_flair}) {
    try {
      image::require_two_core(*exam);
      ADD_FAILURE();
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::UnusableInput);
      EXPECT_NE(std::string(e.what()).find("two of T1, T1-Gd and T2 are needed"), std::string::npos);
      EXPECT_NE(std::string(e.what()).find("T1-Gd, T2"), std::string::npos);
    }
  }
}

TEST_F(ExamFiles, AUselessImageIsLeftOutAndTold) {
  auto flat = head();
  std::ranges::fill(flat.voxels, 7.0F);
  imageio::write_nifti(folder / "flat.nii.gz", flat);
  const auto exam = image::read_exam({{Sequence::T1, folder / "t1.nii.gz"},
                                      {Sequence::T1Gd, folder / "flat.nii.gz"},
                                      {Sequence::T2, folder / "t2.nii.gz"}});
  EXPECT_EQ(exam.reference(), Sequence::T1);
  EXPECT_EQ(exam.left_out.at(Sequence::T1Gd), "all voxels have the same value");
  ASSERT_EQ(exam.warnings.size(), 1U);
  EXPECT_EQ(exam.warnings[0], "T1-Gd is left out: all voxels have the same value");
  EXPECT_EQ(exam.checksums.size(), 3U);
  // Nothing else there: the first reason is the error. Too little left for the networks: the reason is named.
  EXPECT_THROW((void)image::read_exam({{Sequence::T1, folder / "flat.nii.gz"}}), Error);
  const auto poor = image::read_exam({{Sequence::T1, folder / "t1.nii.gz"}, {Sequence::T2, folder / "flat.nii.gz"}});
  try {
    image::require_two_core(poor);
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("T2 (left out: all voxels have the same value)"), std::string::npos);
  }
  // A file that cannot be read stays an error.
  EXPECT_THROW((void)image::read_exam({{Sequence::T1, folder / "t1.nii.gz"}, {Sequence::T2, folder / "none.nii.gz"}}),
               Error);
}

TEST_F(ExamFiles, TheSameImageTwiceIsRefused) {
  fs::copy_file(folder / "t1.nii.gz", folder / "again.nii.gz");
  try {
    (void)image::read_exam({{Sequence::T1, folder / "t1.nii.gz"},
                            {Sequence::T1Gd, folder / "again.nii.gz"},
                            {Sequence::T2, folder / "t2.nii.gz"}});
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::UnusableInput);
    EXPECT_NE(std::string(e.what()).find("T1 and as T1-Gd"), std::string::npos);
  }
}

TEST_F(ExamFiles, MetaImageIsReadAndDamageTold) {
  std::string raw(40 * 48 * 36 * 2, '\0');
  raw[2] = 7;
  write_text(folder / "a.mha",
             "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nTransformMatrix = 1 0 "
             "0 0 1 0 0 0 1\nOffset = 5 6 7\nElementSpacing = 1 1 2\nDimSize = 40 48 36\n"
             "ElementType = MET_SHORT\nElementDataFile = LOCAL\n" +
                 raw);
  const auto v = imageio::read_volume(folder / "a.mha").volume;
  EXPECT_EQ(v.voxels[1], 7);
  EXPECT_EQ(v.geometry.origin_mm, (Vec3{5, 6, 7}));
  EXPECT_EQ(v.geometry.spacing_mm[2], 2);
  write_text(folder / "b.mha",
             "ObjectType = Image\nNDims = 3\nDimSize = 99999 99999 99999\nElementSpacing = 1 1 1\nElementType = "
             "MET_SHORT\nElementDataFile = LOCAL\n");
  EXPECT_THROW((void)imageio::read_volume(folder / "b.mha"), Error);
  write_text(folder / "c.mha", "rubbish");
  EXPECT_THROW((void)imageio::read_volume(folder / "c.mha"), Error);
}
