// Reading the headers of a folder's files.
#include "files.hpp"
#include "series_of_headers.hpp"
#include "worker.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/dicom/folder.hpp>

#include <algorithm>
#include <optional>

namespace gliocast::dicom {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlock = 256, kReaders = 4;  ///< files of one worker; workers at a time
constexpr std::size_t kShowProgress = 2000;        ///< files

/// Whether a file of uncompressed pixels is shorter than they are: a broken transfer.
bool is_truncated(const Header& h, const fs::path& file) {
  const std::string& syntax = h.text(Tag::TransferSyntax);
  const bool plain = syntax.empty() || syntax == "1.2.840.10008.1.2" || syntax == "1.2.840.10008.1.2.1" ||
                     syntax == "1.2.840.10008.1.2.2";
  const auto at_least_one = [&](Tag tag) { return std::max(1.0, h.text(tag).empty() ? 1.0 : number(h, tag)); };
  const double pixels = number(h, Tag::Rows) * number(h, Tag::Columns);
  if (!plain || !(pixels > 0)) return false;
  const double bytes =
      pixels * at_least_one(Tag::BitsAllocated) / 8 * at_least_one(Tag::Samples) * at_least_one(Tag::Frames);
  return ends_in_pixels(file, bytes);
}

std::vector<Series> not_empty(std::vector<Series> series, const fs::path& place) {
  if (series.empty()) throw unusable_input("holds no DICOM series that can be read", place.string());
  return series;
}

}  // namespace

/// What is read of each file, in the order of the files.
struct Folder::Contents {
  fs::path folder;
  std::vector<ReadHeader> headers;
  std::vector<fs::path> damaged;
  std::size_t files = 0;
};

Folder::Folder(const fs::path& folder) : contents_(std::make_unique<Contents>()) {
  std::error_code error;
  if (!fs::exists(folder, error)) throw unusable_input("no such file or folder", folder.string());
  const auto files = find_files(folder);
  if (files.empty()) throw unusable_input("holds no DICOM file", folder.string());
  contents_->folder = folder;
  contents_->files = files.size();
  std::vector<std::optional<Header>> headers(files.size());
  std::optional<Progress> progress;
  if (files.size() >= kShowProgress) progress.emplace("Reading DICOM headers", files.size());
  const std::size_t blocks = (files.size() + kBlock - 1) / kBlock;
  parallel_for(blocks, std::min(kReaders, resolve_threads(0)), [&](std::size_t b) {
    const std::size_t first = b * kBlock, count = std::min(kBlock, files.size() - first);
    const auto from = files.begin() + static_cast<std::ptrdiff_t>(first);
    const std::vector<fs::path> block(from, from + static_cast<std::ptrdiff_t>(count));
    Worker worker(decoding_memory(block));
    for (std::size_t i = 0; i < block.size(); ++i) {
      headers[first + i] = worker.header(block[i]);
      if (headers[first + i] && is_truncated(*headers[first + i], block[i])) headers[first + i].reset();
      if (progress) progress->advance();
    }
  });
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (headers[i])
      contents_->headers.push_back({files[i], std::move(*headers[i])});
    else
      contents_->damaged.push_back(files[i]);
  }
  if (contents_->headers.empty()) throw unusable_input("its DICOM files are damaged", folder.string());
}

Folder::~Folder() = default;

const std::vector<fs::path>& Folder::damaged() const { return contents_->damaged; }

std::size_t Folder::file_count() const { return contents_->files; }

std::vector<Series> Folder::series(const SeriesNames& names) const {
  return not_empty(series_of_headers(contents_->headers, names), contents_->folder);
}

std::vector<Series> Folder::series_under(const fs::path& place, const SeriesNames& names) const {
  const auto lies_under = [&](const fs::path& file) {
    const auto relative = file.lexically_relative(place);
    return !relative.empty() && *relative.begin() != "..";
  };
  std::vector<ReadHeader> below;
  for (const auto& h : contents_->headers)
    if (lies_under(h.file)) below.push_back(h);
  if (below.empty())
    throw unusable_input(
        std::ranges::any_of(contents_->damaged, lies_under) ? "its DICOM files are damaged" : "holds no DICOM file",
        place.string());
  return not_empty(series_of_headers(below, names), place);
}

std::vector<Series> scan_folder(const fs::path& folder) { return Folder(folder).series(); }

}  // namespace gliocast::dicom
