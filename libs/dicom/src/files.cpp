// Finding DICOM files.
#include "files.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/dicom/folder.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>

namespace gliocast::dicom {
namespace {

namespace fs = std::filesystem;

constexpr int kDepth = 8;  ///< a CD's DICOM/PATIENT/STUDY/SERIES/IMAGE, and folders around it
constexpr std::size_t kMostFiles = 200000;

/// Whether a file without preamble begins as a DICOM data set does: group 0008, one of its first elements.
bool begins_as_data_set(const std::array<char, 132>& head) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(head[i]); };
  constexpr std::array<unsigned char, 5> kFirst{0x00, 0x01, 0x05, 0x08, 0x12};
  const bool first = byte(0) == 8 && byte(1) == 0 && byte(3) == 0 && std::ranges::find(kFirst, byte(2)) != kFirst.end();
  const auto upper = [&](std::size_t i) { return byte(i) >= 'A' && byte(i) <= 'Z'; };
  return first && ((upper(4) && upper(5)) || (byte(6) == 0 && byte(7) == 0));
}

/// Whether the preamble's mark is there, or a data set begins at once, as some archives leave it.
bool looks_like_dicom(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::array<char, 132> head{};
  if (!in.read(head.data(), head.size())) return false;
  return std::equal(head.begin() + 128, head.end(), "DICM") || begins_as_data_set(head);
}

void collect(const fs::path& folder, int depth, std::vector<fs::path>& files) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator it(folder, fs::directory_options::skip_permission_denied, error), end;
       !error && it != end; it.increment(error))
    entries.push_back(it->path());
  std::ranges::sort(entries);
  for (const auto& entry : entries) {
    throw_if_interrupted();
    if (files.size() >= kMostFiles)
      throw unusable_input("holds more than " + std::to_string(kMostFiles) + " DICOM files", folder.string(),
                           "give one patient's folder");
    if (fs::is_directory(entry, error)) {
      if (depth > 1) collect(entry, depth - 1, files);
    } else if (fs::is_regular_file(entry, error) && looks_like_dicom(entry)) {
      files.push_back(entry);
    }
  }
}

bool any_dicom(const fs::path& folder, int depth) {
  std::error_code error;
  std::vector<fs::path> below;
  for (fs::directory_iterator it(folder, fs::directory_options::skip_permission_denied, error), end;
       !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (it->is_directory(ignored))
      below.push_back(it->path());
    else if (it->is_regular_file(ignored) && looks_like_dicom(it->path()))
      return true;
  }
  return depth > 1 && std::ranges::any_of(below, [&](const fs::path& f) { return any_dicom(f, depth - 1); });
}

}  // namespace

std::vector<fs::path> find_files(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  if (fs::is_regular_file(folder, error)) {
    if (looks_like_dicom(folder)) files.push_back(folder);
    return files;
  }
  collect(folder, kDepth, files);
  return files;
}

namespace {

/// Where pixels of this length begin, by their tag and length in the first bytes of a file; nothing where they do not.
std::optional<std::size_t> place_of_pixels(const std::string& head, double bytes) {
  constexpr std::array<char, 4> kTag{'\xe0', '\x7f', '\x10', '\x00'};  // little endian (7fe0,0010)
  const auto length_at = [&](std::size_t at) {
    std::uint32_t length = 0;
    for (std::size_t k = 0; k < 4; ++k) length |= std::uint32_t{static_cast<unsigned char>(head[at + k])} << (8 * k);
    return static_cast<double>(length);
  };
  for (auto at = std::search(head.begin(), head.end(), kTag.begin(), kTag.end()); at != head.end();
       at = std::search(at + 1, head.end(), kTag.begin(), kTag.end())) {
    const auto tag = static_cast<std::size_t>(at - head.begin());
    if (tag + 12 > head.size()) break;
    const bool explicit_vr = head[tag + 4] == 'O';
    const std::size_t place = tag + (explicit_vr ? 8 : 4);
    // Other bytes may look like the tag.
    if (const double length = length_at(place); length >= bytes && length <= bytes + 1) return place + 4;
  }
  return std::nullopt;
}

}  // namespace

bool ends_in_pixels(const fs::path& file, double bytes) {
  constexpr std::size_t kMostHeader = std::size_t{1} << 20;
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error || static_cast<double>(size) < bytes) return !error;
  std::ifstream in(file, std::ios::binary);
  std::string head;
  const auto read_to = [&](std::size_t end) {
    const std::size_t have = head.size(), wanted = std::min<std::size_t>({size, end, kMostHeader});
    head.resize(std::max(have, wanted));
    return in.read(head.data() + have, static_cast<std::streamsize>(head.size() - have)).good();
  };
  // Of a whole file the header is what is left beside the pixels; only where they do not begin there more is read.
  constexpr std::size_t kSlack = 12;  // from a tag that has no length of its own to the pixels
  if (!read_to(size - static_cast<std::size_t>(bytes) + kSlack)) return false;
  auto place = place_of_pixels(head, bytes);
  if (!place && read_to(kMostHeader)) place = place_of_pixels(head, bytes);
  return place && static_cast<double>(size) < static_cast<double>(*place) + bytes;
}

std::size_t decoding_memory(const std::vector<fs::path>& files) {
  std::uintmax_t largest = 0;
  for (const auto& file : files) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    if (!error) largest = std::max(largest, size);
  }
  // The file, its pixels, and twice as floats.
  return (std::size_t{64} << 20) + std::min<std::size_t>(200 * static_cast<std::size_t>(largest), std::size_t{8} << 30);
}

bool has_dicom(const fs::path& place) {
  std::error_code error;
  return fs::is_regular_file(place, error) ? looks_like_dicom(place) : any_dicom(place, kDepth);
}

}  // namespace gliocast::dicom
