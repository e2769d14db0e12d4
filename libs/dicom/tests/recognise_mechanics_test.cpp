// Recognition of DICOM series by name, contrast agent and times; the real series of ../shared.
#include "../src/recognise.hpp"
#include "shared_data.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/dicom/folder.hpp>
#include <gliocast/dicom/read_slices.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>

using namespace gliocast;
using namespace gliocast::dicom;

namespace {

// SimpleITK 2.5.7: ImageSeriesReader on GetGDCMSeriesFileNames of ../shared/data/raw/dicom_t1w.
constexpr double kRealMean = 11.018909884388624;

Acquisition times(double te, double tr, double ti = std::numeric_limits<double>::quiet_NaN(), bool agent = false,
                  std::size_t slices = 26) {
  Acquisition a{};
  a.te_ms = te;
  a.tr_ms = tr;
  a.ti_ms = ti;
  a.contrast_agent = agent;
  a.slices = slices;
  return a;
}

std::optional<Sequence> of(const char* name, const Acquisition& a, const char* type = "ORIGINAL\\PRIMARY\\M") {
  return recognise_sequence({.description = name, .image_type = type}, a).sequence;
}

}  // namespace

TEST(Recognise, CommonNamesInSeveralLanguages) {
  const auto t1 = times(10, 500), t2 = times(100, 4000), flair = times(120, 9000, 2200),
             nothing = times(std::nan(""), std::nan(""));
  EXPECT_EQ(of("Ax T1 SE", t1), Sequence::T1);
  EXPECT_EQ(of("AX T1 POST GD", t1), Sequence::T1Gd);
  EXPECT_EQ(of("t1_mprage_sag_p2_iso +C", times(3, 2000, 900)), Sequence::T1Gd);
  EXPECT_EQ(of("t1_tse_tra_KM", t1), Sequence::T1Gd);  // German: Kontrastmittel
  EXPECT_EQ(of("T1 tra nativ", t1), Sequence::T1);
  EXPECT_EQ(of("SAG T1 GADO", t1), Sequence::T1Gd);  // French
  EXPECT_EQ(of("AX T1 sans gado", t1), Sequence::T1);
  EXPECT_EQ(of("T1 assiale mdc", t1), Sequence::T1Gd);          // Italian
  EXPECT_EQ(of("T1 axial con contraste", t1), Sequence::T1Gd);  // Spanish
  EXPECT_EQ(of("T1 axial sin contraste", t1), Sequence::T1);
  EXPECT_EQ(of("t2_tse_tra", t2), Sequence::T2);
  EXPECT_EQ(of("t2_tirm_tra_dark-fluid", flair), Sequence::Flair);
  EXPECT_EQ(of("AX T2 FLAIR", flair), Sequence::Flair);
  EXPECT_EQ(of("FSPGR 3D", nothing), Sequence::T1);
}

TEST(Recognise, TimesAndContrastAgentWhereNamesSayNothing) {
  EXPECT_EQ(of("axial", times(12, 550)), Sequence::T1);
  EXPECT_EQ(of("axial", times(12, 550, std::nan(""), true)), Sequence::T1Gd);
  EXPECT_EQ(of("axial", times(95, 4500)), Sequence::T2);
  EXPECT_EQ(of("axial", times(120, 9000, 2500)), Sequence::Flair);
  EXPECT_EQ(of("sag", times(3, 2300, 900)), Sequence::T1);
  EXPECT_EQ(of("axial", times(40, 1500)), std::nullopt);
  EXPECT_EQ(of("axial", times(std::nan(""), std::nan(""))), std::nullopt);
}

TEST(Recognise, WhatIsPassedOver) {
  EXPECT_EQ(of("3plane localizer", times(5, 20)), std::nullopt);
  EXPECT_EQ(of("ep2d_diff_3scan_trace", times(90, 5000)), std::nullopt);
  EXPECT_EQ(of("SWI", times(20, 30)), std::nullopt);
  EXPECT_EQ(of("t2*_gre", times(20, 600)), std::nullopt);
  EXPECT_EQ(of("TOF 3D", times(4, 25)), std::nullopt);
  EXPECT_EQ(of("Ax T1", times(10, 500), "DERIVED\\PRIMARY\\MPR"), std::nullopt);
  EXPECT_EQ(of("Ax T1", times(10, 500, std::nan(""), false, 2)), std::nullopt);
}

TEST(Recognise, ReasonsHoldNothingOfTheHeadersText) {
  for (const char* name : {"AX T1 SMITH JOHN", "SMITH T2", "SMITH", "localizer SMITH"})
    EXPECT_EQ(recognise_sequence({.description = name, .image_type = "SMITH"}, times(10, 500)).reason.find("SMITH"),
              std::string::npos);
}

TEST(ReadSlicesOracle, RealSeriesAsSimpleItkReadsIt) {
  GLIOCAST_NEEDS_SHARED("raw/dicom_t1w");
  const auto folder = std::filesystem::temp_directory_path() / "gliocast-dicom-test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const auto archive = test_support::shared_data() / "raw/dicom_t1w/datalad_example-dicom-structural.tar.gz";
  ASSERT_EQ(std::system(("tar -xzf '" + archive.string() + "' -C '" + folder.string() + "'").c_str()), 0);
  const auto series = scan_folder(folder);
  ASSERT_EQ(series.size(), 1U);
  EXPECT_EQ(series[0].sequence, Sequence::T1) << series[0].reason;
  const auto read = read_slices(series[0].slices);
  const auto& g = read.volume.geometry;
  double sum = 0;
  for (const float v : read.volume.voxels) sum += static_cast<double>(v);
  const Size3 size{274, 384, 384};
  const Vec3 spacing{0.699987828731537, 0.666666686534882, 0.666666686534881};
  // The stack may run the other way: compare the box's centre.
  const Vec3 middle = g.index_to_lps_mm({136.5, 191.5, 191.5}),
             theirs = Geometry{size,
                               spacing,
                               {-91.4495864331908, -160.06035870244, -142.505487236053},
                               {0.999032176469449, 0.026519476938784002, -0.035091704455740905, -0.021788374125217943,
                                0.9914138702772971, 0.1289333338387348, 0.03820964710247002, -0.128043957939,
                                0.9910321728902753}}
                          .index_to_lps_mm({136.5, 191.5, 191.5});
  for (std::size_t a = 0; a < 3; ++a) {
    EXPECT_NEAR(middle[a], theirs[a], 1e-3);
    EXPECT_NEAR(g.spacing_mm[a], spacing[a], 1e-5);
  }
  std::printf("VALIDATION dicom | DICOM series of 384 files: size, spacing, mean | SimpleITK 2.5.7 | 7 | %.1g\n",
              std::abs(sum / static_cast<double>(g.voxel_count()) / kRealMean - 1));
  EXPECT_EQ(g.size, size);
  EXPECT_NEAR(sum / static_cast<double>(g.voxel_count()), kRealMean, 1e-4 * kRealMean);
  EXPECT_TRUE(read.warnings.empty());
  std::filesystem::remove_all(folder);
}

TEST(FolderMechanics, NoDicomAndDamagedDicom) {
  const auto folder = std::filesystem::temp_directory_path() / "gliocast-dicom-bad";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "notes.txt") << "no image";
  EXPECT_FALSE(has_dicom(folder));
  EXPECT_THROW((void)scan_folder(folder), Error);
  std::ofstream(folder / "bad.dcm", std::ios::binary) << std::string(128, '\0') << "DICM" << std::string(300, '\x7f');
  EXPECT_TRUE(has_dicom(folder));
  EXPECT_THROW((void)read_slices({{.file = folder / "bad.dcm"}}), Error);
  std::filesystem::remove_all(folder);
}
