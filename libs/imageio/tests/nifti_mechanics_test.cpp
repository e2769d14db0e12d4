// Writing and reading back; every way a file can be unusable is a clear error.
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/imageio/gzip.hpp>
#include <gliocast/imageio/nifti.hpp>
#include <gliocast/imageio/read_image.hpp>

#include <gtest/gtest.h>

#include <unistd.h>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>

using namespace gliocast;
namespace fs = std::filesystem;

namespace {

template <typename T>
Volume<T> sample() {
  Geometry g;
  g.size = {5, 4, 3};
  g.spacing_mm = {0.9, 1.1, 5.5};
  g.origin_mm = {-80.25, 12.5, 33};
  const double c = std::cos(0.4), s = std::sin(0.4);
  g.direction = {c, -s, 0, s, c, 0, 0, 0, 1};
  Volume<T> v(g);
  for (std::size_t i = 0; i < v.voxels.size(); ++i) v.voxels[i] = static_cast<T>(i);
  return v;
}

template <typename T>
void put(std::vector<std::byte>& bytes, std::size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

void expect_unusable(const std::vector<std::byte>& bytes, const std::string& word) {
  try {
    (void)imageio::parse_nifti(bytes, "file.nii");
    FAIL() << "accepted, expected: " << word;
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::UnusableInput);
    EXPECT_NE(std::string(e.what()).find("file.nii"), std::string::npos);
    EXPECT_NE(std::string(e.what()).find(word), std::string::npos) << e.what();
  }
}

}  // namespace

template <typename T>
class NiftiRoundTrip : public ::testing::Test {};
using PixelTypes = ::testing::Types<std::uint8_t, std::int8_t, std::uint16_t, std::int16_t, std::uint32_t, std::int32_t,
                                    std::uint64_t, std::int64_t, float, double>;
TYPED_TEST_SUITE(NiftiRoundTrip, PixelTypes);

TYPED_TEST(NiftiRoundTrip, KeepsVoxelsTypeAndPosition) {
  const auto volume = sample<TypeParam>();
  const auto back = imageio::parse_nifti(imageio::gzip(imageio::format_nifti(volume)), "x");
  ASSERT_TRUE(std::holds_alternative<Volume<TypeParam>>(back.volume));
  EXPECT_EQ(std::get<Volume<TypeParam>>(back.volume).voxels, volume.voxels);
  EXPECT_TRUE(same_grid(imageio::geometry_of(back.volume), volume.geometry, 1e-4));
  EXPECT_TRUE(back.warnings.empty());
}

TEST(NiftiMechanics, UnusableFilesSayWhy) {
  const auto good = imageio::format_nifti(sample<std::int16_t>());
  expect_unusable({}, "too short");
  expect_unusable(std::vector<std::byte>(400), "not a NIfTI");
  auto b = good;
  b.resize(good.size() - 10);
  expect_unusable(b, "truncated");
  b = good;
  put<std::int16_t>(b, 40, 2);
  expect_unusable(b, "2-D");
  b = good;
  for (std::size_t i : {42U, 44U, 46U}) put<std::int16_t>(b, i, 32767);
  expect_unusable(b, "more than any MR image");
  b = good;
  for (std::size_t i : {42U, 44U, 46U}) put<std::int16_t>(b, i, 1);
  expect_unusable(b, "single voxel");
  b = good;
  put<std::int16_t>(b, 46, 1);
  expect_unusable(b, "2-D");
  b = good;
  put<std::int16_t>(b, 42, -5);
  expect_unusable(b, "-5");
  b = good;
  put<std::int16_t>(b, 70, 128);
  expect_unusable(b, "colours");
  b = good;
  put<std::int16_t>(b, 70, 9999);
  expect_unusable(b, "unknown pixel type 9999");
  b = good;
  put<std::int16_t>(b, 40, 4);
  put<std::int16_t>(b, 48, 7);
  expect_unusable(b, "7 frames");
  b = good;
  put<float>(b, 108, 1e30F);
  expect_unusable(b, "truncated");
  b = good;
  put<float>(b, 80, NAN);
  expect_unusable(b, "spacing");
  b = imageio::gzip(good);
  b.resize(b.size() / 2);
  expect_unusable(b, "truncated");
  b = imageio::gzip(good);
  b[b.size() / 2] ^= std::byte{0xFF};
  expect_unusable(b, "damaged");
}

TEST(NiftiMechanics, AGzipBombIsRefusedBeforeItIsUnpacked) {
  const auto bomb = imageio::gzip(std::vector<std::byte>(64 << 20));
  EXPECT_THROW((void)imageio::gunzip(bomb, "bomb", 1 << 20), Error);
  auto lie = imageio::gzip(std::vector<std::byte>(1000));
  put<std::uint32_t>(lie, lie.size() - 4, 0xFFFFFFFF);  // claims 4 GiB
  EXPECT_THROW((void)imageio::gunzip(lie, "lie"), Error);
}

TEST(NiftiMechanics, AbsentEmptyAndFolderAreNamed) {
  const fs::path folder = fs::temp_directory_path() / ("nifti-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  write_text(folder / "empty.nii.gz", "");
  write_text(folder / "note.txt", "hello");
  for (const fs::path& p : {folder / "absent.nii", folder / "empty.nii.gz", folder, folder / "note.txt"}) {
    try {
      (void)imageio::read_image(p);
      FAIL() << p;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::UnusableInput);
      EXPECT_NE(std::string(e.what()).find(p.filename().string()), std::string::npos);
    }
  }
  fs::remove_all(folder);
}

TEST(NiftiMechanics, PairOfHeaderAndImageIsRead) {
  const fs::path folder = fs::temp_directory_path() / ("pair-" + std::to_string(::getpid()));
  auto bytes = imageio::format_nifti(sample<float>());
  std::memcpy(bytes.data() + 344, "ni1", 4);
  put<float>(bytes, 108, 0.0F);
  write_file(folder / "a.hdr", std::span(bytes).first(348));
  write_file(folder / "a.img", std::span(bytes).subspan(352));
  for (const char* name : {"a.hdr", "a.img"})
    EXPECT_EQ(std::get<Volume<float>>(imageio::read_image(folder / name).volume).voxels, sample<float>().voxels)
        << name;
  fs::remove(folder / "a.img");
  EXPECT_THROW((void)imageio::read_image(folder / "a.hdr"), Error);
  fs::remove_all(folder);
}

TEST(NiftiMechanics, FractionalLabelsAreRefused) {
  auto v = sample<float>();
  EXPECT_NO_THROW((void)imageio::to_labels(v, "mask"));
  v.voxels[3] = 0.5F;
  EXPECT_THROW((void)imageio::to_labels(v, "mask"), Error);
  v.voxels[3] = -1;
  EXPECT_THROW((void)imageio::to_labels(v, "mask"), Error);
}

// As SimpleITK 2.5.7 reads these files: 0 before the scale.
TEST(NiftiMechanics, WhatIsNotFiniteIsReadAsZeroAndTold) {
  const imageio::ReadOptions as_itk{.channel = {}, .slice = false, .itk_values = true};
  const auto check = [&]<typename T>(T) {
    Volume<T> volume = sample<T>();
    volume.voxels[0] = std::numeric_limits<T>::quiet_NaN();
    volume.voxels[1] = std::numeric_limits<T>::infinity();
    volume.voxels[2] = -std::numeric_limits<T>::infinity();
    auto bytes = imageio::format_nifti(volume);
    const auto plain = imageio::parse_nifti(bytes, "x", {}, as_itk);
    const auto& v = std::get<Volume<T>>(plain.volume).voxels;
    EXPECT_EQ((std::vector<T>(v.begin(), v.begin() + 4)), (std::vector<T>{0, 0, 0, 3}));
    ASSERT_EQ(plain.warnings.size(), 1U);
    EXPECT_NE(plain.warnings[0].find("1 NaN, 2 infinite voxels are read as 0"), std::string::npos) << plain.warnings[0];
    EXPECT_TRUE(std::isnan(imageio::to_double(imageio::parse_nifti(bytes, "x").volume).voxels[0]));  // if not asked
    put(bytes, 112, 2.0F);
    put(bytes, 116, 5.0F);
    const auto scaled = imageio::to_double(imageio::parse_nifti(bytes, "x", {}, as_itk).volume).voxels;
    EXPECT_EQ((std::vector<double>(scaled.begin(), scaled.begin() + 4)), (std::vector<double>{5, 5, 5, 11}));
  };
  check(float{});
  check(double{});
  const auto finite = imageio::format_nifti(sample<float>());
  EXPECT_TRUE(imageio::parse_nifti(finite, "x", {}, as_itk).warnings.empty());
}
