// Damaged and hostile MetaImage headers; what SimpleITK reads is in geometry_oracle_test.cpp.
#include <gliocast/core/error.hpp>
#include <gliocast/imageio/metaimage.hpp>

#include <gtest/gtest.h>

#include <libdeflate.h>

#include <algorithm>

using namespace gliocast;

namespace {

const std::string kHead =
    "ObjectType = Image\nNDims = 3\nElementSpacing = 1 1 2\nDimSize = 2 3 4\nElementType = MET_UCHAR\n";

std::vector<std::byte> bytes_of(const std::string& text) {
  const auto raw = std::as_bytes(std::span(text));
  return {raw.begin(), raw.end()};
}

std::vector<std::byte> voxels() {
  std::vector<std::byte> out;
  for (int i = 0; i < 24; ++i) out.push_back(static_cast<std::byte>(i));
  return out;
}

imageio::ImageFile parse(const std::string& text, const imageio::ReadOptions& options = {}) {
  return imageio::parse_metaimage(bytes_of(text), "file.mha", [](const std::string&) { return voxels(); }, options);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

void expect_unusable(const std::string& text, const std::string& word, const imageio::ReadOptions& options = {}) {
  try {
    (void)parse(text, options);
    FAIL() << "accepted, expected: " << word;
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::UnusableInput);
    EXPECT_NE(std::string(e.what()).find(word), std::string::npos) << e.what();
  }
}

/// Local voxels packed by zlib, without CompressedDataSize.
std::string packed(std::size_t bytes) {
  libdeflate_compressor* c = libdeflate_alloc_compressor(6);
  const std::string raw(bytes, 'x');
  std::string out(libdeflate_zlib_compress_bound(c, bytes), '\0');
  out.resize(libdeflate_zlib_compress(c, raw.data(), raw.size(), out.data(), out.size()));
  libdeflate_free_compressor(c);
  return kHead + "CompressedData = True\nElementDataFile = LOCAL\n" + out;
}

}  // namespace

TEST(MetaImageMechanics, DamagedHeadersSayWhy) {
  const std::string local = "ElementDataFile = LOCAL\n" + std::string(24, 'x');
  EXPECT_NO_THROW((void)parse(kHead + local));
  expect_unusable(kHead + local.substr(0, local.size() - 1), "23 of 24 bytes");
  expect_unusable(kHead, "no ElementDataFile");
  expect_unusable("\x89PNG\r\n" + local, "not a MetaImage");
  expect_unusable(replaced(kHead, "DimSize = 2 3 4", "DimSize = 2 3") + local, "2 numbers, 3 are needed");
  expect_unusable(replaced(kHead, "DimSize = 2 3 4", "DimSize = 2 3 x") + local, "no number");
  expect_unusable(replaced(kHead, "DimSize = 2 3 4", "DimSize = 2 3 0") + local, "size of 0");
  expect_unusable(replaced(kHead, "DimSize = 2 3 4", "DimSize = 99999999 99999999 9999") + local,
                  "more than any MR image");
  expect_unusable(replaced(kHead, "DimSize = 2 3 4", "DimSize = 2 3 1e300") + local, "size of 1e+300");
  expect_unusable(replaced(kHead, "NDims = 3", "NDims = 99") + local, "NDims is 99");
  expect_unusable(replaced(kHead, "NDims = 3\n", "") + local, "NDims is 0 (missing)");
  expect_unusable(replaced(kHead, "MET_UCHAR", "MET_FOO") + local, "MET_FOO");
  expect_unusable(kHead + "TransformMatrix = 1 0 0 0 1 1 0 0 1\n" + local, "right angles");
  expect_unusable(kHead + "ElementNumberOfChannels = 1e9\n" + local, "ElementNumberOfChannels");
  expect_unusable(kHead + "ElementNumberOfChannels = 2\n" + local, "2 values a voxel");
  expect_unusable(replaced(kHead, "ElementSpacing", "elementSpacing") + local, "must be spelled ElementSpacing");
  expect_unusable(kHead + "BinaryData = False\nElementDataFile = LOCAL\n1 2 3 four 5 6 7 8 9 10 11 12 13 14 15",
                  "no number");
  expect_unusable(kHead + "BinaryData = False\nElementDataFile = LOCAL\n" + std::string(24, '9') + " 1 2 3",
                  "truncated");
}

TEST(MetaImageMechanics, PackedVoxelsAreBounded) {
  EXPECT_EQ(std::get<Volume<std::uint8_t>>(parse(packed(24)).volume).voxels, std::vector<std::uint8_t>(24, 'x'));
  EXPECT_NO_THROW((void)parse(packed(30)));  // padding
  expect_unusable(packed(23), "truncated or damaged");
  const std::string claim = replaced(packed(24), "DimSize = 2 3 4", "DimSize = 1000 1000 1000");
  expect_unusable(claim, "truncated or damaged");  // told before a gigabyte is asked for
}

TEST(MetaImageMechanics, OnlyFilesBesideTheHeaderAreRead) {
  EXPECT_NO_THROW((void)parse(kHead + "ElementDataFile = x.raw\n"));
  EXPECT_NO_THROW((void)parse(kHead + "ElementDataFile = below/x.raw\n"));
  for (const char* file : {"/etc/passwd", "../x.raw", "below/../../x.raw", "LIST\n../x.raw\n", "../x%d.raw 1 4 1", ""})
    expect_unusable(kHead + "ElementDataFile = " + file + "\n", "beside the header");
  for (const char* pattern : {"x%s.raw 1 4 1", "x%d%d.raw 1 4 1", "x%999d.raw 1 4 1", "x% 1 4 1"})
    expect_unusable(kHead + "ElementDataFile = " + pattern + "\n", "pattern of file names");
  expect_unusable(kHead + "ElementDataFile = x%d.raw 1 1000000000 1\n", "slices");
  expect_unusable(kHead + "ElementDataFile = x%d.raw 1 4 0\n", "slices");
  expect_unusable(kHead + "ElementDataFile = LIST\na.raw\nb.raw\n", "2 files of voxels");
}

TEST(MetaImageMechanics, PlanesOnlyWhereTheyAreWelcome) {
  const std::string plane = "NDims = 2\nDimSize = 6 4\nElementType = MET_UCHAR\nElementDataFile = x.raw\n";
  expect_unusable(plane, "2-D");
  const auto file = parse(plane, {.channel = {}, .slice = true});
  EXPECT_EQ(file.dimensions, 2);
  ASSERT_EQ(file.warnings.size(), 1U);
  EXPECT_NE(file.warnings[0].find("spacing"), std::string::npos);
  expect_unusable("NDims = 1\nDimSize = 24\nElementType = MET_UCHAR\nElementDataFile = x.raw\n", "2-D",
                  {.channel = {}, .slice = true});
}
