// Writing and reading back, detached data, and damaged headers.
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/imageio/gzip.hpp>
#include <gliocast/imageio/nrrd.hpp>
#include <gliocast/imageio/read_image.hpp>

#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>

using namespace gliocast;
namespace fs = std::filesystem;

namespace {

const std::string kHead = "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 2 3 4\nspacings: 1 1 2\nencoding: raw\n";

std::vector<std::byte> bytes_of(const std::string& text) {
  const auto raw = std::as_bytes(std::span(text));
  return {raw.begin(), raw.end()};
}

void expect_unusable(const std::string& text, const std::string& word) {
  try {
    (void)imageio::parse_nrrd(bytes_of(text), "file.nrrd");
    FAIL() << "accepted, expected: " << word;
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::UnusableInput);
    EXPECT_NE(std::string(e.what()).find(word), std::string::npos) << e.what();
  }
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST(NrrdMechanics, RoundTripThroughAFile) {
  Geometry g;
  g.size = {4, 3, 2};
  g.spacing_mm = {1, 1.5, 2.25};
  g.origin_mm = {-1, 2, 1.0 / 3};
  Volume<float> v(g);
  for (std::size_t i = 0; i < v.voxels.size(); ++i) v.voxels[i] = static_cast<float>(i) / 3;
  const fs::path file = fs::temp_directory_path() / ("rt-" + std::to_string(::getpid()) + ".nrrd");
  imageio::write_nrrd(file, v);
  const auto back = imageio::read_image(file);
  EXPECT_EQ(std::get<Volume<float>>(back.volume).voxels, v.voxels);
  EXPECT_EQ(imageio::geometry_of(back.volume).origin_mm, g.origin_mm);  // shortest text reads back exactly
  fs::remove(file);
}

TEST(NrrdMechanics, DamagedHeadersSayWhy) {
  const std::string data(24, 'x');
  EXPECT_NO_THROW((void)imageio::parse_nrrd(bytes_of(kHead + "\n" + data), "x"));
  expect_unusable(kHead + "\n" + data.substr(1), "truncated");
  expect_unusable(replaced(kHead, "sizes: 2 3 4", "sizes: 2 3") + "\n" + data, "dimension");
  expect_unusable(replaced(kHead, "sizes: 2 3 4", "sizes: 2 3 x") + "\n" + data, "sizes");
  expect_unusable(replaced(kHead, "sizes: 2 3 4", "sizes: 99999999 99999999 99999999") + "\n" + data,
                  "more than any MR image");
  expect_unusable(replaced(kHead, "sizes: 2 3 4", "sizes: 18446744073709551615 2 2") + "\n" + data,
                  "more than any MR image");
  expect_unusable(replaced(kHead, "type: uchar", "type: block") + "\n" + data, "pixel type");
  expect_unusable(replaced(kHead, "encoding: raw", "encoding: bzip2") + "\n" + data, "bzip2");
  expect_unusable(replaced(kHead, "spacings: 1 1 2", "spacings: 1 0 2") + "\n" + data, "spacing");
  expect_unusable(replaced(kHead, "spacings: 1 1 2", "space directions: (1,0,0) (0,1,0)") + "\n" + data, "lengths");
  expect_unusable(replaced(kHead, "spacings: 1 1 2", "space directions: (1,0,0) (1,0,0) (0,0,1)") + "\n" + data,
                  "right angles");
  expect_unusable(replaced(kHead, "spacings: 1 1 2", "space directions: (1,0) (0,1,0) (0,0,1)") + "\n" + data,
                  "three numbers");
  expect_unusable(replaced(kHead, "encoding: raw", "encoding: text") + "\n1 2 3", "truncated");
  expect_unusable("NRRD0004\nnonsense\n\n", "neither");
  expect_unusable("something else", "not an NRRD");
}

TEST(NrrdMechanics, DetachedDataMustLieBesideTheHeader) {
  const fs::path folder = fs::temp_directory_path() / ("nhdr-" + std::to_string(::getpid()));
  write_text(folder / "a.nhdr", kHead + "data file: a.raw\n\n");
  write_text(folder / "a.raw", std::string(24, '\7'));
  EXPECT_EQ(imageio::to_float(imageio::read_image(folder / "a.nhdr").volume).voxels[5], 7);
  write_text(folder / "b.nhdr", kHead + "data file: ../../etc/passwd\n\n");
  EXPECT_THROW((void)imageio::read_image(folder / "b.nhdr"), Error);
  write_text(folder / "c.nhdr", kHead + "data file: /etc/passwd\n\n");
  EXPECT_THROW((void)imageio::read_image(folder / "c.nhdr"), Error);
  fs::remove_all(folder);
}

TEST(NrrdMechanics, ChannelsBehindAndBeforeTheImageAreToldApart) {
  std::string data;
  for (int i = 0; i < 48; ++i) data += static_cast<char>(i);
  const auto channel = [&](const std::string& fields) {
    const std::string head = "NRRD0004\ntype: uchar\ndimension: 4\n" + fields + "encoding: raw\n\n";
    const auto file = imageio::parse_nrrd(bytes_of(head + data), "x", {}, {.channel = 1, .slice = true});
    return std::get<Volume<std::uint8_t>>(file.volume).voxels;
  };
  // As many voxels along x as channels: the order of the axes tells, not their sizes.
  const auto first = channel("sizes: 2 2 3 4\nkinds: list domain domain domain\n");
  const auto last = channel("sizes: 2 3 4 2\nkinds: domain domain domain list\n");
  EXPECT_EQ((std::vector<int>(first.begin(), first.begin() + 3)), (std::vector<int>{1, 3, 5}));
  EXPECT_EQ((std::vector<int>(last.begin(), last.begin() + 3)), (std::vector<int>{24, 25, 26}));
  EXPECT_THROW((void)channel("sizes: 0 2 3 4\nkinds: list domain domain domain\n"), Error);
  EXPECT_THROW((void)channel("sizes: 2 3 4 0\nkinds: domain domain domain list\n"), Error);
  EXPECT_THROW((void)channel("sizes: 4 3 2 2\nkinds: domain list domain domain\n"), Error);  // between the axes
}

TEST(NrrdMechanics, VoxelsAtTheEndOfTheFile) {
  std::string voxels;
  for (int i = 0; i < 24; ++i) voxels += static_cast<char>(i);
  const auto first_of = [](const imageio::ImageFile& file) {
    const auto& v = std::get<Volume<std::uint8_t>>(file.volume).voxels;
    return std::vector<int>{v.front(), v.back()};
  };
  const std::string packed_head = replaced(kHead, "raw", "gzip");
  for (const std::string field : {"byte skip: -1\n", "byteskip: -1\n"})
    for (const std::string before : {"", "HEAD!", "0123456789012345678901234567"}) {
      const auto raw = imageio::parse_nrrd(bytes_of(kHead + field + "\n" + before + voxels), "x");
      EXPECT_EQ(first_of(raw), (std::vector<int>{0, 23})) << field << before;
      const auto packed = imageio::gzip(bytes_of(before + voxels));
      auto whole = bytes_of(packed_head + field + "\n");
      whole.insert(whole.end(), packed.begin(), packed.end());
      EXPECT_EQ(first_of(imageio::parse_nrrd(whole, "x")), (std::vector<int>{0, 23})) << field << before;
      const auto apart =
          imageio::parse_nrrd(bytes_of(kHead + field + "data file: x.raw\n\n"), "x", bytes_of(before + voxels));
      EXPECT_EQ(first_of(apart), (std::vector<int>{0, 23})) << field << before;
    }
  expect_unusable(kHead + "byte skip: -1\n\n" + voxels.substr(1), "truncated");
  expect_unusable(kHead + "byte skip: -2\n\n" + voxels, "byte skip");
  expect_unusable(kHead + "byte skip: x\n\n" + voxels, "byte skip");
  expect_unusable(kHead + "line skip: -1\n\n" + voxels, "line skip");
  expect_unusable(replaced(kHead, "raw", "text") + "byte skip: -1\n\n1 2 3", "byte skip");
}

// As SimpleITK 2.5.7 reads these headers.
TEST(NrrdMechanics, AxisMinsAndNegativeSpacingsAsItkTakesThem) {
  const auto grid = [](const std::string& fields) {
    const std::string head = replaced(kHead, "spacings: 1 1 2\n", fields);
    return imageio::geometry_of(imageio::parse_nrrd(bytes_of(head + "\n" + std::string(24, 'x')), "x").volume);
  };
  const std::string mins = "axis mins: 10 20 30\n", spacings = "spacings: 1 1 2\n", turned = "spacings: 1 -1 -2\n";
  EXPECT_EQ(grid(spacings + mins).origin_mm, (Vec3{10.5, 20.5, 31}));
  EXPECT_EQ(grid(spacings + "axismins: 10 20 30\n").origin_mm, (Vec3{10.5, 20.5, 31}));
  EXPECT_EQ(grid(spacings + mins + "centerings: cell cell cell\n").origin_mm, (Vec3{10.5, 20.5, 31}));
  EXPECT_EQ(grid(spacings + mins + "centerings: node node node\n").origin_mm, (Vec3{10, 20, 30}));
  EXPECT_EQ(grid(spacings + "axis mins: nan 20 30\n").origin_mm, (Vec3{0, 0, 0}));
  EXPECT_EQ(grid(mins).origin_mm, (Vec3{0, 0, 0}));
  const Geometry by_ends = grid(mins + "axis maxs: 20 30 40\n");
  EXPECT_EQ(by_ends.origin_mm, (Vec3{12.5, 20 + 0.5 * (10.0 / 3), 31.25}));
  EXPECT_EQ(by_ends.spacing_mm, (Vec3{1, 1, 1}));
  const Geometry g = grid(turned + mins);
  EXPECT_EQ(g.origin_mm, (Vec3{10.5, 19.5, 29}));
  EXPECT_EQ(g.spacing_mm, (Vec3{1, 1, 2}));
  EXPECT_EQ(g.direction, (Mat3{1, 0, 0, 0, -1, 0, 0, 0, -1}));
  EXPECT_EQ(grid(turned).origin_mm, (Vec3{0, 0, 0}));
  EXPECT_EQ(grid(turned).direction, (Mat3{1, 0, 0, 0, -1, 0, 0, 0, -1}));
  const std::string directions = "space directions: (1,0,0) (0,1,0) (0,0,2)\n", rest = "\n" + std::string(24, 'x');
  expect_unusable(replaced(kHead, spacings, directions + mins) + rest, "axis mins");
  expect_unusable(replaced(kHead, spacings, "space: RAS\n" + spacings + mins) + rest, "axis mins");
  expect_unusable(replaced(kHead, spacings, spacings + "axis mins: 10 20\n") + rest, "axis mins");
}
