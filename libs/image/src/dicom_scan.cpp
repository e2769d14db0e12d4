// Finding and grouping DICOM series.
#include "dicom_recognise.hpp"
#include "dicom_worker.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/order_statistics.hpp>
#include <gliocast/image/dicom.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <limits>
#include <set>

namespace gliocast::image {
namespace {

namespace fs = std::filesystem;

constexpr int kDepth = 8;
constexpr std::size_t kMostFiles = 200000;

/// Whether the preamble's mark is there; files without it are passed over.
bool looks_like_dicom(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::array<char, 132> head{};
  if (!in.read(head.data(), head.size())) return false;
  return std::equal(head.begin() + 128, head.end(), "DICM");
}

void collect(const fs::path& folder, int depth, std::vector<fs::path>& files) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator it(folder, fs::directory_options::skip_permission_denied, error), end; !error && it != end; it.increment(error)) entries.push_back(it->path());
  std::ranges::sort(entries);
  for (const auto& entry : entries) {
    if (files.size() >= kMostFiles) throw unusable_input("holds more than " + std::to_string(kMostFiles) + " DICOM files", folder.string(), "give one patient's folder");
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
  for (fs::directory_iterator it(folder, fs::directory_options::skip_permission_denied, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (it->is_directory(ignored))
      below.push_back(it->path());
    else if (it->is_regular_file(ignored) && looks_like_dicom(it->path()))
      return true;
  }
  return depth > 1 && std::ranges::any_of(below, [&](const fs::path& f) { return any_dicom(f, depth - 1); });
}

/// Numbers of a backslash-separated value.
std::vector<double> numbers(const std::string& text) {
  std::vector<double> out;
  for (const auto& part : split_values(text)) {
    char* end = nullptr;
    const double v = std::strtod(part.c_str(), &end);
    if (end != part.c_str() && std::isfinite(v)) out.push_back(v);
  }
  return out;
}

std::string known_manufacturer(const std::string& text) {
  const std::string low = lower_case(text);
  for (const char* name : {"Siemens", "Philips", "GE", "Canon", "Toshiba", "Hitachi", "UIH", "Fujifilm", "Bruker", "Esaote"}) {
    const std::string key = lower_case(name);
    if (low.find(key) != std::string::npos && (key != "ge" || low.starts_with("ge"))) return name;
  }
  return text.empty() ? "" : "other";
}

struct Slice {
  fs::path path;
  double along = 0;
  int instance = 0;
  std::string sop;
};

/// A file and what its header says.
struct ReadHeader {
  fs::path file;
  DicomHeader header;
};

struct Group {
  std::vector<Slice> slices;
  HeaderText text;
  Acquisition acquisition;
  std::string patient, study, modality;
  std::size_t frames = 1;
};

double number(const DicomHeader& h, Tag tag) {
  const auto v = numbers(h.text(tag));
  return v.empty() ? std::numeric_limits<double>::quiet_NaN() : v.front();
}

std::string rounded(const std::vector<double>& values) {
  std::string out;
  char number[32];
  for (const double v : values) out += (std::snprintf(number, sizeof number, "%.2f;", v + 0.0), number);
  return out;
}

Acquisition acquisition_of(const DicomHeader& h) {
  Acquisition a{};
  const double series = number(h, Tag::Number);
  a.series_number = std::isfinite(series) && std::abs(series) < 1e6 ? static_cast<int>(series) : 0;
  a.te_ms = number(h, Tag::Te);
  a.tr_ms = number(h, Tag::Tr);
  a.ti_ms = number(h, Tag::Ti);
  a.flip_degrees = number(h, Tag::Flip);
  a.field_tesla = number(h, Tag::Field);
  a.slice_thickness_mm = number(h, Tag::Thickness);
  a.slice_distance_mm = std::numeric_limits<double>::quiet_NaN();
  a.manufacturer = known_manufacturer(h.text(Tag::Manufacturer));
  a.three_d = h.text(Tag::AcquisitionType) == "3D";
  const std::string agent = lower_case(h.text(Tag::Contrast));
  a.contrast_agent = !agent.empty() && agent != "none" && agent != "no" && agent != "no contrast" && agent != "unknown";
  return a;
}

HeaderText text_of(const DicomHeader& h) {
  return {.description = h.text(Tag::Description),
          .protocol = h.text(Tag::Protocol),
          .sequence_name = h.text(Tag::SequenceName),
          .image_type = h.text(Tag::ImageType),
          .scanning_sequence = h.text(Tag::ScanningSequence),
          .sequence_variant = h.text(Tag::SequenceVariant),
          .contrast_agent = h.text(Tag::Contrast),
          .body_part = h.text(Tag::BodyPart)};
}

double position_along_normal(const DicomHeader& h) {
  const auto p = numbers(h.text(Tag::Position)), o = numbers(h.text(Tag::Orientation));
  if (p.size() != 3 || o.size() != 6) return std::numeric_limits<double>::quiet_NaN();
  const Vec3 n{o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5], o[0] * o[4] - o[1] * o[3]};
  return p[0] * n[0] + p[1] * n[1] + p[2] * n[2];
}

/// What tells a file's series apart: SeriesInstanceUID, and where an anonymiser left it empty, number, name and times.
std::string series_of(const DicomHeader& h) {
  if (!h.text(Tag::Series).empty()) return h.text(Tag::Series);
  std::string text = "no UID";
  for (const Tag tag : {Tag::Number, Tag::Description, Tag::Te, Tag::Tr, Tag::Ti}) text += "|" + h.text(tag);
  return text;
}

std::map<std::string, Group> group_files(const std::vector<ReadHeader>& headers) {
  std::map<std::string, Group> groups;
  for (const auto& [file, h] : headers) {
    if (!(number(h, Tag::Rows) > 0)) continue;  // no image: a CD's DICOMDIR, a report, a presentation state
    auto orientation = numbers(h.text(Tag::Orientation));
    for (double& v : orientation) v = std::round(v * 50) / 50;  // slices of one stack differ in the last digits
    const double frames = number(h, Tag::Frames);
    std::string key = series_of(h) + "|" + rounded(orientation) + "|" + h.text(Tag::Rows) + "x" +
                      h.text(Tag::Columns) + "|" + h.text(Tag::Echo);
    key += "|" + rounded({number(h, Tag::Te)});  // echoes are not always numbered
    if (is_phase(h.text(Tag::ImageType))) key += "|phase";  // magnitude and phase often share a series
    if (frames > 1) key += "|" + h.text(Tag::SopInstance);
    Group& g = groups[key];
    if (g.slices.empty()) {
      g.acquisition = acquisition_of(h);
      g.patient = h.text(Tag::PatientId);
      if (g.patient.empty())
        g.patient = "study " + h.text(Tag::Study);  // anonymised files of several patients often have no PatientID
      g.study = h.text(Tag::Study).empty() ? h.text(Tag::StudyDate) : h.text(Tag::Study);
      g.modality = h.text(Tag::Modality);
      g.text = text_of(h);
      g.frames = frames > 1 && frames < 1e5 ? static_cast<std::size_t>(frames) : 1;
    }
    const double instance = number(h, Tag::Instance);
    const bool counted = std::isfinite(instance) && std::abs(instance) < 1e8;
    const int order = counted ? static_cast<int>(instance) : 0;
    g.slices.push_back({file, position_along_normal(h), order, h.text(Tag::SopInstance)});
  }
  return groups;
}

DicomSeries finish(Group& g) {
  // The same object stored twice counts once. Bad anonymisers give every object one SOPInstanceUID: place and number
  // must agree as well.
  std::set<std::string> seen;
  std::erase_if(g.slices, [&](const Slice& s) {
    const std::string object = s.sop + "|" + std::to_string(s.along) + "|" + std::to_string(s.instance);
    return !s.sop.empty() && !seen.insert(object).second;
  });
  std::ranges::stable_sort(g.slices, [](const Slice& a, const Slice& b) {
    if (std::isfinite(a.along) && std::isfinite(b.along) && std::abs(a.along - b.along) > 1e-3) return a.along < b.along;
    return a.instance < b.instance;
  });
  DicomSeries s;
  for (const auto& slice : g.slices) s.files.push_back(slice.path);
  s.acquisition = g.acquisition;
  s.acquisition.slices = std::max(g.frames, s.files.size());
  std::vector<double> steps;
  for (std::size_t i = 1; i < g.slices.size(); ++i)
    if (const double d = g.slices[i].along - g.slices[i - 1].along; d > 1e-3) steps.push_back(d);
  if (!steps.empty()) s.acquisition.slice_distance_mm = upper_median(steps);
  const auto recognised = g.modality == "MR" || g.modality.empty() ? recognise_sequence(g.text, s.acquisition) : Recognised{std::nullopt, "is no MR image"};
  s.sequence = recognised.sequence;
  s.reason = recognised.reason;
  s.certainty = recognised.certainty;
  return s;
}

/// The headers that can be read; `damaged` gets the other files.
std::vector<ReadHeader> read_headers(const std::vector<fs::path>& files, const fs::path& folder,
                                     std::vector<fs::path>& damaged) {
  DicomWorker worker(decoding_memory(files));
  std::vector<ReadHeader> headers;
  for (const auto& file : files) {
    if (auto header = worker.header(file))
      headers.push_back({file, std::move(*header)});
    else
      damaged.push_back(file);
  }
  if (headers.empty()) throw unusable_input("its DICOM files are damaged", folder.string());
  return headers;
}

}  // namespace

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

bool has_dicom(const fs::path& folder) { return any_dicom(folder, 4); }

std::vector<DicomSeries> scan_dicom(const fs::path& folder, std::vector<fs::path>* damaged) {
  std::vector<fs::path> files;
  collect(folder, kDepth, files);
  if (files.empty()) throw unusable_input("holds no DICOM file", folder.string());
  std::vector<fs::path> unread;
  const auto headers = read_headers(files, folder, damaged != nullptr ? *damaged : unread);
  if (!unread.empty())
    log_warning(std::to_string(unread.size()) + " damaged DICOM file" + (unread.size() == 1 ? " was" : "s were") +
                " passed over");
  std::vector<DicomSeries> out;
  std::map<std::string, std::size_t> patients, studies;
  for (auto& [key, group] : group_files(headers)) {
    out.push_back(finish(group));
    out.back().patient = patients.emplace(group.patient, patients.size()).first->second;
    out.back().study = studies.emplace(group.study, studies.size()).first->second;
  }
  if (out.empty()) throw unusable_input("holds no DICOM series that can be read", folder.string());
  std::ranges::stable_sort(out, [](const DicomSeries& a, const DicomSeries& b) { return a.acquisition.series_number < b.acquisition.series_number; });
  return out;
}

std::map<Sequence, const DicomSeries*> choose_series(const std::vector<DicomSeries>& series, std::vector<std::string>& remarks) {
  std::map<Sequence, const DicomSeries*> chosen;
  std::map<Sequence, int> candidates;
  const auto thickness = [](const DicomSeries& s) { return std::isfinite(s.acquisition.slice_distance_mm) ? s.acquisition.slice_distance_mm : 100.0; };
  for (const auto& s : series) {
    if (!s.sequence) continue;
    ++candidates[*s.sequence];
    const DicomSeries*& best = chosen[*s.sequence];
    const auto better = [&](const DicomSeries& a, const DicomSeries& b) {
      if (a.certainty != b.certainty) return a.certainty > b.certainty;
      const double difference = thickness(a) - thickness(b);
      if (std::abs(difference) > 0.05) return difference < 0;
      return a.acquisition.slices > b.acquisition.slices;
    };
    if (best == nullptr || better(s, *best)) best = &s;
  }
  for (const auto& [sequence, n] : candidates)
    if (n > 1)
      remarks.push_back(std::to_string(n) + " series look like " + std::string(display_name(sequence)) + "; number " + std::to_string(chosen[sequence]->acquisition.series_number) +
                        " was taken (the surest by name and times, then the thinnest slices)");
  return chosen;
}

}  // namespace gliocast::image
