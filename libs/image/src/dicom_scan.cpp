// Finding and grouping DICOM series.
#include "apart.hpp"
#include "dicom_recognise.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/order_statistics.hpp>
#include <gliocast/image/dicom.hpp>

#include <gdcmScanner.h>
#include <gdcmTrace.h>

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

const gdcm::Tag kModality(0x0008, 0x0060), kSopInstance(0x0008, 0x0018), kSeries(0x0020, 0x000e),
    kPatientId(0x0010, 0x0020), kDescription(0x0008, 0x103e), kProtocol(0x0018, 0x1030), kSequenceName(0x0018, 0x0024),
    kAcquisitionType(0x0018, 0x0023), kTr(0x0018, 0x0080), kTe(0x0018, 0x0081), kTi(0x0018, 0x0082),
    kFlip(0x0018, 0x1314), kField(0x0018, 0x0087), kManufacturer(0x0008, 0x0070), kThickness(0x0018, 0x0050),
    kContrast(0x0018, 0x0010), kImageType(0x0008, 0x0008), kPosition(0x0020, 0x0032), kOrientation(0x0020, 0x0037),
    kRows(0x0028, 0x0010), kColumns(0x0028, 0x0011), kFrames(0x0028, 0x0008), kEcho(0x0018, 0x0086),
    kStudy(0x0020, 0x000d), kNumber(0x0020, 0x0011), kInstance(0x0020, 0x0013);

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

struct Group {
  std::vector<Slice> slices;
  HeaderText text;
  Acquisition acquisition;
  std::string patient, modality;
  std::size_t frames = 1;
};

/// What the scanner found of one file.
class Header {
 public:
  Header(const gdcm::Scanner& scanner, const fs::path& file) : scanner_(scanner), name_(file.string()) {}
  [[nodiscard]] std::string text(const gdcm::Tag& tag) const {
    const char* v = scanner_.GetValue(name_.c_str(), tag);
    std::string out = v != nullptr ? v : "";
    while (!out.empty() && (out.back() == ' ' || out.back() == '\0')) out.pop_back();
    return out;
  }
  [[nodiscard]] double number(const gdcm::Tag& tag) const {
    const auto v = numbers(text(tag));
    return v.empty() ? std::numeric_limits<double>::quiet_NaN() : v.front();
  }

 private:
  const gdcm::Scanner& scanner_;
  std::string name_;
};

std::string rounded(const std::vector<double>& values) {
  std::string out;
  char number[32];
  for (const double v : values) out += (std::snprintf(number, sizeof number, "%.2f;", v + 0.0), number);
  return out;
}

Acquisition acquisition_of(const Header& h) {
  Acquisition a{};
  const double number = h.number(kNumber);
  a.series_number = std::isfinite(number) && std::abs(number) < 1e6 ? static_cast<int>(number) : 0;
  a.te_ms = h.number(kTe), a.tr_ms = h.number(kTr), a.ti_ms = h.number(kTi), a.flip_degrees = h.number(kFlip), a.field_tesla = h.number(kField), a.slice_thickness_mm = h.number(kThickness);
  a.slice_distance_mm = std::numeric_limits<double>::quiet_NaN();
  a.manufacturer = known_manufacturer(h.text(kManufacturer));
  a.three_d = h.text(kAcquisitionType) == "3D";
  const std::string agent = lower_case(h.text(kContrast));
  a.contrast_agent = !agent.empty() && agent != "none" && agent != "no" && agent != "no contrast" && agent != "unknown";
  return a;
}

double position_along_normal(const Header& h) {
  const auto p = numbers(h.text(kPosition)), o = numbers(h.text(kOrientation));
  if (p.size() != 3 || o.size() != 6) return std::numeric_limits<double>::quiet_NaN();
  const Vec3 n{o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5], o[0] * o[4] - o[1] * o[3]};
  return p[0] * n[0] + p[1] * n[1] + p[2] * n[2];
}

std::map<std::string, Group> group_files(const gdcm::Scanner& scanner, const std::vector<fs::path>& files) {
  std::map<std::string, Group> groups;
  for (const auto& file : files) {
    if (!scanner.IsKey(file.string().c_str())) continue;
    const Header h(scanner, file);
    auto orientation = numbers(h.text(kOrientation));
    for (double& v : orientation) v = std::round(v * 50) / 50;  // slices of one stack differ in the last digits
    const double frames = h.number(kFrames);
    std::string key = h.text(kSeries) + "|" + rounded(orientation) + "|" + h.text(kRows) + "x" + h.text(kColumns) + "|" + h.text(kEcho);
    if (frames > 1) key += "|" + h.text(kSopInstance);
    Group& g = groups[key];
    if (g.slices.empty()) {
      g.acquisition = acquisition_of(h);
      g.patient = h.text(kPatientId);
      if (g.patient.empty())
        g.patient = "study " + h.text(kStudy);  // anonymised files of several patients often have no PatientID
      g.modality = h.text(kModality);
      g.text = {h.text(kDescription) + " " + h.text(kProtocol) + " " + h.text(kSequenceName), h.text(kImageType)};
      g.frames = frames > 1 && frames < 1e5 ? static_cast<std::size_t>(frames) : 1;
    }
    const double instance = h.number(kInstance);
    g.slices.push_back({file, position_along_normal(h), std::isfinite(instance) && std::abs(instance) < 1e8 ? static_cast<int>(instance) : 0, h.text(kSopInstance)});
  }
  return groups;
}

DicomSeries finish(Group& g) {
  // The same object stored twice counts once.
  std::set<std::string> seen;
  std::erase_if(g.slices, [&](const Slice& s) { return !s.sop.empty() && !seen.insert(s.sop).second; });
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
  return s;
}

}  // namespace

std::size_t decoding_memory(const std::vector<fs::path>& files) {
  std::uintmax_t largest = 0;
  for (const auto& file : files) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    if (!error) largest = std::max(largest, size);
  }
  return (std::size_t{64} << 20) + 40 * static_cast<std::size_t>(largest);
}

void quiet_gdcm() {
  gdcm::Trace::DebugOff();
  gdcm::Trace::WarningOff();
  gdcm::Trace::ErrorOff();
}

bool has_dicom(const fs::path& folder) { return any_dicom(folder, 4); }

std::vector<DicomSeries> scan_dicom(const fs::path& folder) {
  std::vector<fs::path> files;
  collect(folder, kDepth, files);
  if (files.empty()) throw unusable_input("holds no DICOM file", folder.string());
  quiet_gdcm();
  const auto add_tags = [](gdcm::Scanner& scanner) {
    for (const auto& tag :
         {kModality,        kSopInstance, kSeries,    kPatientId, kDescription, kProtocol, kSequenceName,
          kAcquisitionType, kTr,          kTe,        kTi,        kFlip,        kField,    kManufacturer,
          kThickness,       kContrast,    kImageType, kPosition,  kOrientation, kRows,     kColumns,
          kFrames,          kEcho,        kStudy,     kNumber,    kInstance})
      scanner.AddTag(tag);
  };
  const auto good = survives_apart(files.size(), decoding_memory(files), [&](std::size_t i) {
    gdcm::Scanner one;
    add_tags(one);
    if (!one.Scan({files[i].string()}) || !one.IsKey(files[i].c_str())) throw unusable_input("no DICOM");
  });
  std::size_t k = 0;
  if (const auto bad = std::erase_if(files, [&](const fs::path&) { return !good[k++]; }); bad > 0) {
    if (files.empty()) throw unusable_input("its DICOM files are damaged", folder.string());
    log_warning(std::to_string(bad) + " damaged DICOM file" + (bad == 1 ? " was" : "s were") + " passed over");
  }
  gdcm::Scanner scanner;
  add_tags(scanner);
  gdcm::Directory::FilenamesType names;
  for (const auto& file : files) names.push_back(file.string());
  if (!scanner.Scan(names)) throw unusable_input("its DICOM headers cannot be read", folder.string());
  std::vector<DicomSeries> out;
  std::map<std::string, std::size_t> patients;
  for (auto& [key, group] : group_files(scanner, files)) {
    out.push_back(finish(group));
    out.back().patient = patients.emplace(group.patient, patients.size()).first->second;
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
    if (best == nullptr || thickness(s) < thickness(*best) - 0.05 || (thickness(s) < thickness(*best) + 0.05 && s.acquisition.slices > best->acquisition.slices)) best = &s;
  }
  for (const auto& [sequence, n] : candidates)
    if (n > 1)
      remarks.push_back(std::to_string(n) + " series look like " + std::string(display_name(sequence)) + "; number " + std::to_string(chosen[sequence]->acquisition.series_number) +
                        " was taken (thinnest slices)");
  return chosen;
}

}  // namespace gliocast::image
