// DICOM files are read in processes of their own: many at a time, whatever becomes of a worker.
#include <gliocast/core/error.hpp>
#include <gliocast/dicom/folder.hpp>
#include <gliocast/dicom/read_slices.hpp>

#include <gtest/gtest.h>

#include <unistd.h>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

using namespace gliocast;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kSide = 8, kSlices = 9;

/// A data element in explicit little endian with a short length.
std::string element(unsigned group, unsigned number, const char* vr, std::string value) {
  if (value.size() % 2 != 0) value += vr[0] == 'U' && vr[1] == 'I' ? '\0' : ' ';
  std::string out;
  for (const unsigned v : {group, number}) {
    out += static_cast<char>(v & 255);
    out += static_cast<char>(v >> 8);
  }
  out += vr;
  out += static_cast<char>(value.size() & 255);
  out += static_cast<char>(value.size() >> 8);
  return out + value;
}

std::string us(unsigned v) { return {static_cast<char>(v & 255), static_cast<char>(v >> 8)}; }

/// One slice of a T1 series; every pixel of it has the value 100 · slice + column.
std::string slice_bytes(std::size_t slice, const std::string& series = "1.2.3.0", const std::string& number = "4",
                        const std::string& image_type = "ORIGINAL\\PRIMARY\\M\\ND") {
  const std::string uid = "1.2.3." + std::to_string(slice + 1);
  std::string meta = element(2, 2, "UI", "1.2.840.10008.5.1.4.1.1.4") + element(2, 3, "UI", uid) +
                     element(2, 0x10, "UI", "1.2.840.10008.1.2.1");
  const std::string length{static_cast<char>(meta.size() & 255), static_cast<char>(meta.size() >> 8), 0, 0};
  meta = element(2, 0, "UL", length) + meta;
  std::string data =
      element(8, 8, "CS", image_type) + element(8, 0x16, "UI", "1.2.840.10008.5.1.4.1.1.4") +
      element(8, 0x18, "UI", uid) + element(8, 0x60, "CS", "MR") + element(8, 0x103e, "LO", "t1 se tra") +
      element(0x18, 0x80, "DS", "500") + element(0x18, 0x81, "DS", "12") + element(0x20, 0xd, "UI", "1.2.3") +
      element(0x20, 0xe, "UI", series) + element(0x20, 0x11, "IS", number) +
      element(0x20, 0x13, "IS", std::to_string(slice + 1)) +
      element(0x20, 0x32, "DS", "0\\0\\" + std::to_string(5 * slice)) + element(0x20, 0x37, "DS", "1\\0\\0\\0\\1\\0") +
      element(0x28, 2, "US", us(1)) + element(0x28, 4, "CS", "MONOCHROME2") + element(0x28, 0x10, "US", us(kSide)) +
      element(0x28, 0x11, "US", us(kSide)) + element(0x28, 0x30, "DS", "2\\2") + element(0x28, 0x100, "US", us(16)) +
      element(0x28, 0x101, "US", us(16)) + element(0x28, 0x102, "US", us(15)) + element(0x28, 0x103, "US", us(0));
  std::string pixels;
  for (std::size_t i = 0; i < kSide * kSide; ++i) pixels += us(static_cast<unsigned>(100 * slice + i % kSide));
  const std::size_t n = pixels.size();
  data += us(0x7fe0) + us(0x10) + "OW" + us(0) + us(static_cast<unsigned>(n)) + us(0) + pixels;
  return std::string(128, '\0') + "DICM" + meta + data;
}

class WorkerTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("gliocast-dicom-worker-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
    for (std::size_t i = 0; i < kSlices; ++i) write(std::to_string(i), slice_bytes(i));
  }
  void TearDown() override {
    ::unsetenv("GLIOCAST_DICOM_WORKER");
    fs::remove_all(folder_);
  }
  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  /// A program that stands in for the worker.
  void worker_is(const std::string& script) const {
    const fs::path file = folder_ / "worker.sh";
    write("worker.sh", "#!/bin/sh\n" + script + "\n");
    fs::permissions(file, fs::perms::owner_all);
    ::setenv("GLIOCAST_DICOM_WORKER", file.c_str(), 1);
  }

  fs::path folder_;
};

int code_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& e) {
    return static_cast<int>(e.code());
  }
  return 0;
}

}  // namespace

TEST_F(WorkerTest, ReadsVoxelsPlacesAndTimes) {
  const auto series = dicom::scan_folder(folder_);
  ASSERT_EQ(series.size(), 1U);
  EXPECT_EQ(series[0].sequence, Sequence::T1);
  EXPECT_EQ(series[0].acquisition.te_ms, 12);
  const auto volume = dicom::read_slices(series[0].slices).volume;
  ASSERT_EQ(volume.geometry.size, (Size3{kSide, kSide, kSlices}));
  EXPECT_EQ(volume.geometry.spacing_mm, (Vec3{2, 2, 5}));
  EXPECT_EQ(volume.at(3, 1, 7), 703);
}

// Six threads, each with a worker of its own, again and again: no crash, no wait for ever, the same voxels.
TEST_F(WorkerTest, ManyFoldersAtATime) {
  const auto expected = dicom::read_slices(dicom::scan_folder(folder_)[0].slices).volume.voxels;
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t)
    threads.emplace_back([&] {
      for (int round = 0; round < 8; ++round)
        right += dicom::read_slices(dicom::scan_folder(folder_)[0].slices).volume.voxels == expected;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 48);
}

TEST_F(WorkerTest, AFileThatIsNoneIsPassedOver) {
  write("damaged", std::string(128, '\0') + "DICM\xff\xff\xff\xff");
  const auto series = dicom::scan_folder(folder_);
  ASSERT_EQ(series.size(), 1U);
  EXPECT_EQ(series[0].slices.size(), kSlices);
}

// A CD's DICOMDIR, reports and the like have no rows, and often no patient.
TEST_F(WorkerTest, WhatIsNoImageIsPassedOver) {
  std::string bytes = slice_bytes(0);
  bytes.resize(bytes.find("MONOCHROME2") - 18);  // up to the attributes of pixels
  write("DICOMDIR", bytes);
  const auto series = dicom::scan_folder(folder_);
  ASSERT_EQ(series.size(), 1U);
  EXPECT_EQ(series[0].slices.size(), kSlices);
}

TEST_F(WorkerTest, OneObjectIdentifierForAllFiles) {
  for (std::size_t i = 0; i < kSlices; ++i) {
    std::string bytes = slice_bytes(i);
    const std::string own = "1.2.3." + std::to_string(i + 1);
    for (std::size_t at = 0; (at = bytes.find(own, at)) != std::string::npos; ++at) bytes[at + 6] = '1';
    write(std::to_string(i), bytes);
  }
  write("copy", slice_bytes(0));  // a true copy still counts once
  const auto series = dicom::scan_folder(folder_);
  ASSERT_EQ(series.size(), 1U);
  EXPECT_EQ(series[0].slices.size(), kSlices);
}

TEST_F(WorkerTest, SeriesWithoutIdentifierAreToldApartByNumber) {
  for (std::size_t i = 0; i < kSlices; ++i) {
    write(std::to_string(i), slice_bytes(i, "", "4"));
    write("second" + std::to_string(i), slice_bytes(i, "", "5"));
  }
  const auto series = dicom::scan_folder(folder_);
  ASSERT_EQ(series.size(), 2U);
  for (const auto& s : series) EXPECT_EQ(s.slices.size(), kSlices);
}

TEST_F(WorkerTest, MagnitudeAndPhaseInOneSeries) {
  for (std::size_t i = 0; i < kSlices; ++i)
    for (const auto* type : {"ORIGINAL\\PRIMARY\\P\\ND", "ORIGINAL\\PRIMARY\\P_IR\\P\\IR"}) {
      std::string bytes = slice_bytes(i, "1.2.3.0", "4", type);
      const std::string own = "1.2.3." + std::to_string(i + 1);
      for (std::size_t at = 0; (at = bytes.find(own, at)) != std::string::npos; ++at) bytes[at + 2] = '7';
      write("phase" + std::to_string(i), bytes);
    }
  const auto series = dicom::scan_folder(folder_);
  ASSERT_EQ(series.size(), 2U);
  for (const auto& s : series) EXPECT_EQ(s.slices.size(), kSlices);
  EXPECT_NE(series[0].sequence.has_value(), series[1].sequence.has_value());  // the phase is none
}

TEST_F(WorkerTest, AWorkerThatDiesIsAnErrorOfItsFiles) {
  const auto files = dicom::scan_folder(folder_)[0].slices;
  for (const char* script : {"exit 1", "kill -ABRT $$", "head -c 40 >/dev/null; exit 0"}) {
    worker_is(script);
    EXPECT_EQ(code_of([&] { (void)dicom::scan_folder(folder_); }), static_cast<int>(ExitCode::UnusableInput)) << script;
    EXPECT_EQ(code_of([&] { (void)dicom::read_slices(files); }), static_cast<int>(ExitCode::UnusableInput)) << script;
  }
}

TEST_F(WorkerTest, AMissingWorkerIsTold) {
  ::setenv("GLIOCAST_DICOM_WORKER", (folder_ / "nowhere").c_str(), 1);
  EXPECT_EQ(code_of([&] { (void)dicom::scan_folder(folder_); }), static_cast<int>(ExitCode::InternalFault));
}
