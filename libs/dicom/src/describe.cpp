#include "describe.hpp"

#include "group.hpp"
#include "text.hpp"

#include <gliocast/dicom/manufacturer.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace gliocast::dicom {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

std::string plane_of(const std::array<double, 6>& o) {
  Vec3 normal = normal_of(o);
  for (double& c : normal) c = std::abs(c);
  const auto largest = std::ranges::max_element(normal);
  if (!(*largest > 0.5)) return {};
  constexpr std::array<const char*, 3> kPlanes{"sagittal", "coronal", "axial"};
  return kPlanes[static_cast<std::size_t>(largest - normal.begin())];
}

std::string utf8_of(const Header& h, Tag tag) { return to_utf8(h.text(tag), h.text(Tag::CharacterSet)); }

/// Text without control characters, cut to a length that a table shows.
std::string printable(const std::string& text) {
  std::string out;
  for (const char c : text.substr(0, 200)) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return out;
}

/// The study's date, YYYY-MM-DD; the acquisition's where an anonymiser took that away; empty where there is none.
std::string date_of(const Header& h) {
  for (const Tag tag : {Tag::StudyDate, Tag::AcquisitionDate, Tag::SeriesDate}) {
    std::string digits = h.text(tag);
    std::erase_if(digits, [](char c) { return c < '0' || c > '9'; });  // also 2020.01.31 of old files
    if (digits.size() == 8) return digits.substr(0, 4) + "-" + digits.substr(4, 2) + "-" + digits.substr(6);
  }
  return {};
}

/// GE's own tag for what ImageType of its files does not say: 1 phase, 2 real, 3 imaginary; 0 is the magnitude.
std::string ge_kind(const Header& h) {
  if (known_manufacturer(h.text(Tag::Manufacturer)) != "GE") return {};
  const double kind = number(h, Tag::GeDataKind);
  return kind == 1 ? "PHASE" : kind == 2 ? "REAL" : kind == 3 ? "IMAGINARY" : "";
}

/// ImageType and complex component; a frame's own where it has them, for the file's may be MIXED.
std::string image_type_of(const Header& h, std::size_t frame) {
  const std::string own = frame < h.frames.size() ? h.frames[frame].type : "";
  const bool named = !own.empty() && own.front() != '\\';
  return (named ? own : h.text(Tag::ImageType) + own) + "\\" + h.text(Tag::Complex) + "\\" + ge_kind(h);
}

}  // namespace

std::string known_manufacturer(const std::string& text) {
  const std::string low = lower_case(text);
  for (const char* name :
       {"Siemens", "Philips", "GE", "Canon", "Toshiba", "Hitachi", "UIH", "Fujifilm", "Bruker", "Esaote"}) {
    const std::string key = lower_case(name);
    if (low.find(key) != std::string::npos && (key != "ge" || low.starts_with("ge"))) return name;
  }
  return text.empty() ? "" : "other";
}

Acquisition acquisition_of(const Header& h, const Slice& slice, const SeriesNames& names) {
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

SeriesLabel label_of(const Header& h) {
  SeriesLabel label{printable(utf8_of(h, Tag::Description)), {}, printable(h.text(Tag::Series))};
  if (label.description.empty()) label.description = printable(utf8_of(h, Tag::Protocol));
  label.study_date = date_of(h);
  return label;
}

HeaderText text_of(const Header& h, std::size_t frame) {
  return {.description = utf8_of(h, Tag::Description),
          .protocol = utf8_of(h, Tag::Protocol),
          .sequence_name = utf8_of(h, Tag::SequenceName),
          .image_type = image_type_of(h, frame),
          .scanning_sequence = h.text(Tag::ScanningSequence),
          .sequence_variant = h.text(Tag::SequenceVariant),
          .contrast_agent = utf8_of(h, Tag::Contrast),
          .body_part = h.text(Tag::BodyPart)};
}

}  // namespace gliocast::dicom
