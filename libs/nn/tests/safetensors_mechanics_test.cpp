// Round trip, and every kind of damage a file can have.
#include <gliocast/core/error.hpp>
#include <gliocast/nn/half.hpp>
#include <gliocast/nn/safetensors.hpp>
#include <gliocast/nn/training_case.hpp>

#include <gtest/gtest.h>

#include <unistd.h>
#include <cmath>
#include <cstring>
#include <filesystem>

using namespace gliocast;
using namespace gliocast::nn;

namespace {

std::vector<std::byte> file_of(const std::string& header, std::size_t data) {
  std::vector<std::byte> out(8 + header.size() + data);
  const std::uint64_t n = header.size();
  std::memcpy(out.data(), &n, 8);
  std::memcpy(out.data() + 8, header.data(), header.size());
  return out;
}

void expect_refused(const std::string& header, std::size_t data, const std::string& why) {
  try {
    (void)parse_safetensors(file_of(header, data), "x");
    FAIL() << why;
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::UnusableInput) << why;
  }
}

}  // namespace

TEST(SafetensorsMechanics, RoundTrip) {
  TensorFile file;
  const std::vector<float> v{1.5F, -2.25F, 3e-5F, 65504};
  file.tensors["a"] = TensorData::from_float({2, 2}, v);
  file.tensors["b.half"] = TensorData::from_float({4}, v, DType::F16);
  file.tensors["empty"] = TensorData::from_float({0}, {});
  file.metadata["note"] = "öäü \"quoted\"";
  const auto back = parse_safetensors(format_safetensors(file), "x");
  EXPECT_EQ(back.at("a").as_float(), v);
  EXPECT_EQ(back.at("a").shape, (std::vector<std::int64_t>{2, 2}));
  EXPECT_EQ(back.metadata, file.metadata);
  EXPECT_NEAR(back.at("b.half").as_float()[2], 3e-5F, 1e-7);
  EXPECT_EQ(back.at("b.half").as_float()[3], 65504);
  EXPECT_THROW((void)back.at("none"), Error);
}

TEST(SafetensorsMechanics, DamageIsRefused) {
  expect_refused(
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
      12, "overlap");
  expect_refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})", 12, "hole");
  expect_refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 7, "beyond the end");
  expect_refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 9, "bytes left over");
  expect_refused(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8, "shape and range disagree");
  expect_refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8, "backwards");
  expect_refused(R"({"a":{"dtype":"Q7","shape":[2],"data_offsets":[0,8]}})", 8, "unknown type");
  expect_refused(R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})", 0,
                 "product overflows");
  expect_refused(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}})", 8, "negative size");
  expect_refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551615]}})", 8, "huge offset");
  expect_refused(R"({"a":[]})", 0, "not an object");
  expect_refused("[[[[[[[[[[[[[[[[[[[[", 0, "not JSON");
  expect_refused(R"({"__metadata__":{"a":1}})", 0, "metadata is not text");
  EXPECT_THROW((void)parse_safetensors(std::vector<std::byte>(3), "x"), Error);
  auto lie = file_of("{}", 0);
  lie[7] = std::byte{0x7F};  // a header of 2^62 bytes
  EXPECT_THROW((void)parse_safetensors(lie, "x"), Error);
}

TEST(SafetensorsMechanics, HalfPrecisionRoundsToNearestEven) {
  for (std::uint32_t h = 0; h < 0x7C00; ++h) {  // every finite value comes back
    EXPECT_EQ(float_to_half(half_to_float(static_cast<std::uint16_t>(h))), h);
  }
  EXPECT_EQ(float_to_half(1.0F + 0x1p-11F), float_to_half(1.0F));  // half way: to even
  EXPECT_EQ(float_to_half(1.0F + 3 * 0x1p-11F), float_to_half(1.0F + 0x1p-9F));
  EXPECT_EQ(float_to_half(65520.0F), 0x7C00);
  EXPECT_EQ(float_to_half(-0.0F), 0x8000);
  EXPECT_TRUE(std::isnan(half_to_float(float_to_half(std::nanf("")))));
}

TEST(TrainingCaseMechanics, RoundTripKeepsTheBrainAndIsSmall) {
  TrainingCase c;
  c.id = "p1";
  c.group = "C1";
  c.grade = 1;
  c.input.size_zyx = {10, 12, 14};
  c.present = {true, false, true};
  const auto n = static_cast<std::size_t>(c.input.voxels());
  c.input.values.assign(3 * n, 0);
  c.label.assign(n, 0);
  for (std::size_t i = 300; i < 900; ++i) {
    c.input.values[i] = static_cast<float>(i % 97) * 0.05F - 2;
    c.input.values[2 * n + i] = 9;  // clipped
    c.label[i] = i > 700 ? 4 : 0;
  }
  const auto file = std::filesystem::temp_directory_path() / ("case-" + std::to_string(::getpid()) + ".safetensors");
  write_training_case(file, c);
  const auto back = read_training_case(file);
  EXPECT_EQ(back.label, c.label);
  EXPECT_EQ(back.present, c.present);
  EXPECT_EQ(back.grade, 1);
  EXPECT_EQ(back.group, "C1");
  for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(back.input.values[i], c.input.values[i], 0.026);
  EXPECT_NEAR(back.input.values[2 * n + 500], kClip, 1e-5);
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 5);
  EXPECT_THROW((void)read_training_case(file), Error);
  std::filesystem::remove(file);
}
