// From the headers of a folder's files to its series and volumes.
#include "dicom_files.hpp"
#include "dicom_group.hpp"
#include "dicom_recognise.hpp"
#include "dicom_text.hpp"
#include "dicom_worker.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/order_statistics.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/image/dicom.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace gliocast::image {
namespace {

namespace fs = std::filesystem;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kBlock = 256, kReaders = 4;  ///< files of one worker; workers at a time
constexpr std::size_t kShowProgress = 2000;          ///< files
constexpr std::size_t kManyVolumes = 5;              ///< taken over time: a dynamic series
constexpr double kSameEchoMs = 0.5;

std::string known_manufacturer(const std::string& text) {
  const std::string low = lower_case(text);
  for (const char* name :
       {"Siemens", "Philips", "GE", "Canon", "Toshiba", "Hitachi", "UIH", "Fujifilm", "Bruker", "Esaote"}) {
    const std::string key = lower_case(name);
    if (low.find(key) != std::string::npos && (key != "ge" || low.starts_with("ge"))) return name;
  }
  return text.empty() ? "" : "other";
}

std::string plane_of(const std::array<double, 6>& o) {
  const std::array<double, 3> normal{std::abs(o[1] * o[5] - o[2] * o[4]), std::abs(o[2] * o[3] - o[0] * o[5]),
                                     std::abs(o[0] * o[4] - o[1] * o[3])};
  const auto largest = std::ranges::max_element(normal);
  if (!(*largest > 0.5)) return {};
  constexpr std::array<const char*, 3> kPlanes{"sagittal", "coronal", "axial"};
  return kPlanes[static_cast<std::size_t>(largest - normal.begin())];
}

std::string utf8_of(const DicomHeader& h, Tag tag) { return to_utf8(h.text(tag), h.text(Tag::CharacterSet)); }

Acquisition acquisition_of(const DicomHeader& h, const DicomSlice& slice, const SeriesNames& names) {
  Acquisition a{};
  const double series = number(h, Tag::Number);
  a.series_number = std::isfinite(series) && std::abs(series) < 1e6 ? static_cast<int>(series) : 0;
  a.te_ms = slice.frame < h.frames.size() && std::isfinite(h.frames[slice.frame].te_ms) ? h.frames[slice.frame].te_ms
                                                                                         : number(h, Tag::Te);
  a.tr_ms = number(h, Tag::Tr);
  a.ti_ms = number(h, Tag::Ti);
  a.flip_degrees = number(h, Tag::Flip);
  a.field_tesla = number(h, Tag::Field);
  a.slice_thickness_mm = number(h, Tag::Thickness);
  a.slice_distance_mm = kNone;
  a.manufacturer = known_manufacturer(h.text(Tag::Manufacturer));
  a.three_d = h.text(Tag::AcquisitionType) == "3D";
  a.contrast_agent = names_contrast_agent(utf8_of(h, Tag::Contrast), names);
  const double columns = number(h, Tag::Columns), rows = number(h, Tag::Rows);
  if (columns > 0 && columns < 1e5) a.columns = static_cast<std::size_t>(columns);
  if (rows > 0 && rows < 1e5) a.rows = static_cast<std::size_t>(rows);
  a.pixel_mm = slice.pixel_mm;
  a.plane = plane_of(slice.orientation);
  return a;
}

/// Text without control characters, cut to a length that a table shows.
std::string printable(const std::string& text) {
  std::string out;
  for (const char c : text.substr(0, 200))
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return out;
}

SeriesLabel label_of(const DicomHeader& h) {
  SeriesLabel label{printable(utf8_of(h, Tag::Description)), {}, printable(h.text(Tag::Series))};
  if (label.description.empty()) label.description = printable(utf8_of(h, Tag::Protocol));
  std::string digits = h.text(Tag::StudyDate);
  std::erase_if(digits, [](char c) { return c < '0' || c > '9'; });  // also 2020.01.31 of old files
  if (digits.size() == 8) label.study_date = digits.substr(0, 4) + "-" + digits.substr(4, 2) + "-" + digits.substr(6);
  return label;
}

/// ImageType and complex component; a frame's own where it has them, for the file's may be MIXED.
std::string image_type_of(const DicomHeader& h, std::size_t frame) {
  const std::string own = frame < h.frames.size() ? h.frames[frame].type : "";
  const bool named = !own.empty() && own.front() != '\\';
  return (named ? own : h.text(Tag::ImageType) + own) + "\\" + h.text(Tag::Complex);
}

HeaderText text_of(const DicomHeader& h, std::size_t frame) {
  return {.description = utf8_of(h, Tag::Description),
          .protocol = utf8_of(h, Tag::Protocol),
          .sequence_name = utf8_of(h, Tag::SequenceName),
          .image_type = image_type_of(h, frame),
          .scanning_sequence = h.text(Tag::ScanningSequence),
          .sequence_variant = h.text(Tag::SequenceVariant),
          .contrast_agent = utf8_of(h, Tag::Contrast),
          .body_part = h.text(Tag::BodyPart)};
}

/// A volume before its exam is known as a whole.
struct Draft {
  DicomSeries series;
  HeaderText text;
  std::string patient, study, modality, stack;
  bool mixed = false;
};

Draft draft_of(const VolumePart& part, const std::vector<ReadHeader>& headers, const SeriesNames& names) {
  const Candidate& first = part.slices.front();
  const DicomHeader& h = headers[first.header].header;
  Draft d;
  d.mixed = part.mixed;
  d.series.over_time = part.over_time;
  d.text = text_of(h, first.slice.frame);
  d.patient = h.text(Tag::PatientId);
  // Anonymised files of several patients often have no PatientID.
  if (d.patient.empty()) d.patient = "study " + h.text(Tag::Study);
  d.study = h.text(Tag::Study).empty() ? h.text(Tag::StudyDate) : h.text(Tag::Study);
  d.modality = h.text(Tag::Modality);
  d.series.told_apart_by = part.told_apart_by;
  d.series.acquisition = acquisition_of(h, first.slice, names);
  d.series.label = label_of(h);
  d.series.derived = d.text.image_type.starts_with("DERIVED");
  for (const auto& c : part.slices) d.series.slices.push_back(c.slice);
  auto& a = d.series.acquisition;
  a.slices = part.slices.size();
  std::vector<double> steps;
  for (std::size_t i = 1; i < part.slices.size(); ++i)
    if (const double s = part.slices[i].along_mm - part.slices[i - 1].along_mm; s > 1e-3) steps.push_back(s);
  if (!steps.empty()) a.slice_distance_mm = upper_median(steps);
  return d;
}

/// ProtocolName names the series where it is not the exam's: GE's always is, and one that all series of a study share.
void clear_exam_names(std::vector<Draft>& drafts) {
  std::map<std::string, std::set<std::string>> names, series;
  for (const auto& d : drafts) {
    names[d.study].insert(lower_case(d.text.protocol));
    series[d.study].insert(d.series.label.series_uid + std::to_string(d.series.acquisition.series_number));
  }
  for (auto& d : drafts)
    if (d.series.acquisition.manufacturer == "GE" || (names[d.study].size() == 1 && series[d.study].size() > 1))
      d.text.protocol.clear();
}

void recognise(Draft& d, const SeriesNames& names) {
  Recognised r;
  if (!d.modality.empty() && d.modality != "MR")
    r.reason = "is no MR image";
  else if (d.mixed)
    r.reason = "holds several volumes at the same places that nothing in their headers tells apart";
  else if (d.series.slices.size() > 1 && !std::isfinite(d.series.acquisition.slice_distance_mm))
    r.reason = "its header does not say where its slices lie";
  else
    r = recognise_sequence(d.text, d.series.acquisition, names);
  d.series.sequence = r.sequence;
  d.series.reason = r.reason;
  d.series.certainty = r.certainty;
}

/// How far an echo time is from what shows the sequence best, ms: 90 for T2, the shortest for T1.
double echo_distance(Sequence sequence, const Draft* d) {
  const double te = d->series.acquisition.te_ms;
  if (!std::isfinite(te)) return 1e9;
  if (sequence == Sequence::T2) return std::abs(te - 90);
  return sequence == Sequence::Flair ? 0 : te;
}

/// The volume of a stack that stands for a sequence: one that was not broken off, of the best echo time, the last of
/// T1-Gd, else the first.
Draft* best_volume(Sequence sequence, const std::vector<Draft*>& volumes) {
  Draft* best = volumes.front();
  for (Draft* d : volumes) {
    if (d->series.spans_head() != best->series.spans_head()) {
      if (d->series.spans_head()) best = d;
      continue;
    }
    const double nearer = echo_distance(sequence, best) - echo_distance(sequence, d);
    if (nearer > kSameEchoMs || (sequence == Sequence::T1Gd && nearer > -kSameEchoMs)) best = d;
  }
  return best;
}

/// Whether volumes are a dynamic series: many over time, of one echo time.
bool are_dynamic(const std::vector<Draft*>& volumes) {
  if (!std::ranges::all_of(volumes, [](const Draft* d) { return d->series.over_time; })) return false;
  std::map<long, std::size_t> by_echo;
  for (const Draft* d : volumes) {
    const double te = d->series.acquisition.te_ms;
    ++by_echo[std::isfinite(te) ? std::lround(te / kSameEchoMs) : -1];
  }
  return std::ranges::any_of(by_echo, [](const auto& e) { return e.second >= kManyVolumes; });
}

/// Of several volumes of one sequence in one stack, one stays; of a dynamic series none.
void choose_volumes(const std::vector<Draft*>& stack) {
  std::map<Sequence, std::vector<Draft*>> by_sequence;
  for (Draft* d : stack)
    if (d->series.sequence) by_sequence[*d->series.sequence].push_back(d);
  for (const auto& [sequence, volumes] : by_sequence) {
    if (volumes.size() < 2) continue;
    const Draft* kept = best_volume(sequence, volumes);
    const bool dynamic = are_dynamic(volumes);
    for (Draft* d : volumes) {
      if (d == kept && !dynamic) continue;
      d->series.sequence.reset();
      d->series.certainty = 0;
      d->series.reason = dynamic ? "is one of " + std::to_string(volumes.size()) + " volumes of a dynamic series"
                                 : "is another volume of a series of which " + kept->series.name() + " is taken";
    }
  }
}

std::vector<Draft> drafts_of(const std::vector<ReadHeader>& headers, const SeriesNames& names) {
  std::vector<Draft> drafts;
  for (auto& [key, stacks] : group_slices(headers))
    for (std::size_t s = 0; s < stacks.size(); ++s) {
      const auto parts = split_volumes(std::move(stacks[s].slices));
      for (std::size_t v = 0; v < parts.size(); ++v) {
        drafts.push_back(draft_of(parts[v], headers, names));
        auto& d = drafts.back();
        d.stack = key + "|" + std::to_string(s);
        d.series.volume = v + 1, d.series.volumes = parts.size();
      }
    }
  return drafts;
}

/// Stacks of one series (a localiser's three planes) are numbered on, so that a name means one volume.
void number_volumes(std::vector<Draft>& drafts) {
  std::map<std::string, std::vector<Draft*>> series;
  for (auto& d : drafts) {
    const auto& l = d.series.label;
    series[d.study + "|" + std::to_string(d.series.acquisition.series_number) + "|" + l.series_uid].push_back(&d);
  }
  for (auto& [key, members] : series)
    for (std::size_t i = 0; i < members.size(); ++i)
      members[i]->series.volume = i + 1, members[i]->series.volumes = members.size();
}

/// Patients and studies by running numbers; studies by date.
void number_patients_and_studies(std::vector<Draft>& drafts) {
  std::map<std::string, std::size_t> patients;
  std::map<std::string, std::string> date;
  for (auto& d : drafts) {
    d.series.patient = patients.emplace(d.patient, patients.size()).first->second;
    auto& first = date[d.study];
    if (first.empty()) first = d.series.label.study_date;
  }
  std::vector<std::pair<std::string, std::string>> order;
  for (const auto& [study, day] : date) order.emplace_back(day, study);
  std::ranges::sort(order);
  for (auto& d : drafts)
    for (std::size_t i = 0; i < order.size(); ++i)
      if (order[i].second == d.study) d.series.study = i + 1;
}

}  // namespace

std::string DicomSeries::name() const {
  return "series " + std::to_string(acquisition.series_number) + (volumes > 1 ? ":" + std::to_string(volume) : "");
}

bool DicomSeries::spans_head() const {
  const auto& a = acquisition;
  const double width = a.pixel_mm[0] * static_cast<double>(a.columns);
  const double height = a.pixel_mm[1] * static_cast<double>(a.rows);
  return a.slice_distance_mm * static_cast<double>(a.slices) >= 100 && std::min(width, height) >= 150;
}

/// What is read of each file, in the order of the files.
struct DicomFolder::Contents {
  fs::path folder;
  std::vector<ReadHeader> headers;
  std::vector<fs::path> damaged;
  std::size_t files = 0;
};

DicomFolder::DicomFolder(const fs::path& folder) : contents_(std::make_unique<Contents>()) {
  std::error_code error;
  if (!fs::exists(folder, error)) throw unusable_input("no such file or folder", folder.string());
  const auto files = find_dicom_files(folder);
  if (files.empty()) throw unusable_input("holds no DICOM file", folder.string());
  contents_->folder = folder;
  contents_->files = files.size();
  std::vector<std::optional<DicomHeader>> headers(files.size());
  std::optional<Progress> progress;
  if (files.size() >= kShowProgress) progress.emplace("Reading DICOM headers", files.size());
  const std::size_t blocks = (files.size() + kBlock - 1) / kBlock;
  parallel_for(blocks, std::min(kReaders, resolve_threads(0)), [&](std::size_t b) {
    const std::vector<fs::path> block(files.begin() + static_cast<std::ptrdiff_t>(b * kBlock),
                                      files.begin() + static_cast<std::ptrdiff_t>(std::min(files.size(), (b + 1) * kBlock)));
    DicomWorker worker(decoding_memory(block));
    for (std::size_t i = 0; i < block.size(); ++i) {
      headers[b * kBlock + i] = worker.header(block[i]);
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

DicomFolder::~DicomFolder() = default;

const std::vector<fs::path>& DicomFolder::damaged() const { return contents_->damaged; }

std::size_t DicomFolder::file_count() const { return contents_->files; }

namespace {

std::vector<DicomSeries> series_of_headers(const std::vector<ReadHeader>& headers, const fs::path& folder,
                                           const SeriesNames& names) {
  auto drafts = drafts_of(headers, names);
  if (drafts.empty()) throw unusable_input("holds no DICOM series that can be read", folder.string());
  clear_exam_names(drafts);
  number_volumes(drafts);
  number_patients_and_studies(drafts);
  std::map<std::string, std::vector<Draft*>> stacks;
  for (auto& d : drafts) recognise(d, names), stacks[d.stack].push_back(&d);
  for (const auto& [key, stack] : stacks) choose_volumes(stack);
  std::vector<DicomSeries> out;
  for (auto& d : drafts) out.push_back(std::move(d.series));
  std::ranges::stable_sort(out, {}, [](const DicomSeries& s) { return s.acquisition.series_number; });
  return out;
}

}  // namespace

std::vector<DicomSeries> DicomFolder::series(const SeriesNames& names) const {
  return series_of_headers(contents_->headers, contents_->folder, names);
}

std::vector<DicomSeries> DicomFolder::series_under(const fs::path& place, const SeriesNames& names) const {
  const auto lies_under = [&](const fs::path& file) {
    const auto relative = file.lexically_relative(place);
    return !relative.empty() && *relative.begin() != "..";
  };
  std::vector<ReadHeader> below;
  for (const auto& h : contents_->headers)
    if (lies_under(h.file)) below.push_back(h);
  if (below.empty())
    throw unusable_input(std::ranges::any_of(contents_->damaged, lies_under) ? "its DICOM files are damaged"
                                                                             : "holds no DICOM file",
                         place.string());
  return series_of_headers(below, place, names);
}

std::vector<DicomSeries> scan_dicom(const fs::path& folder) { return DicomFolder(folder).series(); }

}  // namespace gliocast::image
