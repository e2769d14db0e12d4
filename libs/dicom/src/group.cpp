// Slices of a folder's files, and which belong to one stack.
#include "group.hpp"

#include "recognise.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <set>

namespace gliocast::dicom {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kSameDirection = 0.01, kSameSize = 0.01;  ///< direction cosines; relative voxel size

/// What tells a file's series apart. Its UID alone will not do: careless anonymisers give all series one, or none; a
/// patient, a study, its date, a number and a description are those of the whole series. Without number, the times
/// stand for it.
std::string series_of(const Header& h) {
  std::string text = h.text(Tag::Series);
  for (const Tag tag : {Tag::PatientId, Tag::Study, Tag::StudyDate, Tag::Number, Tag::Description})
    text += "|" + h.text(tag);
  if (h.text(Tag::Series).empty() && h.text(Tag::Number).empty())
    for (const Tag tag : {Tag::Te, Tag::Tr, Tag::Ti}) text += "|" + h.text(tag);
  return text;
}

std::string rounded(double v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", v + 0.0);
  return std::isfinite(v) ? text : "";
}

double dot(const Vec3& a, double x, double y, double z) { return a[0] * x + a[1] * y + a[2] * z; }

/// Position along the normal of a slice, NaN where the header has none.
double along_normal(const Slice& s) {
  const Vec3 n = normal_of(s.orientation);
  return dot(s.position_mm, n[0], n[1], n[2]);
}

void set_tellers(Candidate& c, const Header& h, const FrameHeader* frame) {
  const auto set = [&](Teller t, const std::string& value) { c.tellers[static_cast<std::size_t>(t)] = value; };
  set(Teller::ImageType,
      h.text(Tag::ImageType) + h.text(Tag::Complex) + h.text(Tag::GeDataKind) + (frame != nullptr ? frame->type : ""));
  set(Teller::Echo, h.text(Tag::Echo));
  set(Teller::EchoTime, rounded(frame != nullptr && std::isfinite(frame->te_ms) ? frame->te_ms : number(h, Tag::Te)));
  set(Teller::InversionTime, rounded(number(h, Tag::Ti)));
  set(Teller::BValue, frame != nullptr ? rounded(frame->b_value) : h.text(Tag::BValue));
  set(Teller::Temporal, frame != nullptr ? std::to_string(frame->temporal) : h.text(Tag::TemporalPosition));
  set(Teller::Agent, h.text(Tag::Contrast));
  set(Teller::Acquisition, frame != nullptr ? std::to_string(frame->acquisition) : h.text(Tag::AcquisitionNumber));
  set(Teller::Trigger, frame != nullptr ? rounded(frame->trigger_ms) : h.text(Tag::TriggerTime));
  set(Teller::Flip, rounded(number(h, Tag::Flip)));
  set(Teller::Repetition, rounded(number(h, Tag::Tr)));
  set(Teller::PulseSequence, h.text(Tag::SequenceName));
  for (std::size_t d = 0; frame != nullptr && d < 4; ++d)
    c.tellers[static_cast<std::size_t>(Teller::Dimension1) + d] = std::to_string(frame->dimensions[d]);
  const auto& o = c.slice.orientation;
  const auto& p = c.slice.position_mm;
  set(Teller::PlaneOffset, std::to_string(std::lround(2 * dot(p, o[0], o[1], o[2]))) + " " +
                               std::to_string(std::lround(2 * dot(p, o[3], o[4], o[5]))));
}

template <std::size_t N>
std::array<double, N> exactly(const std::vector<double>& values) {
  std::array<double, N> out;
  out.fill(kNone);
  if (values.size() == N) std::ranges::copy(values, out.begin());
  return out;
}

/// The slices of a file: itself, or its frames. Frames without functional groups follow the file's own position by the
/// distance it states.
std::vector<Candidate> candidates_of(const ReadHeader& read, std::size_t index) {
  const Header& h = read.header;
  const double stated = number(h, Tag::Frames);
  const std::size_t frames = !h.frames.empty()            ? h.frames.size()
                             : stated > 1 && stated < 1e5 ? static_cast<std::size_t>(stated)
                                                          : 1;
  const double instance = number(h, Tag::Instance), distance = number(h, Tag::SliceSpacing);
  const auto spacing = exactly<2>(numbers(h.text(Tag::PixelSpacing)));
  std::vector<Candidate> out;
  for (std::size_t k = 0; k < frames; ++k) {
    Candidate c;
    c.header = index;
    c.slice.file = read.file;
    c.slice.frame = k;
    c.slice.frames = frames;
    c.slice.position_mm = exactly<3>(numbers(h.text(Tag::Position)));
    c.slice.orientation = exactly<6>(numbers(h.text(Tag::Orientation)));
    c.slice.pixel_mm = {spacing[1], spacing[0]};
    c.instance = std::isfinite(instance) && std::abs(instance) < 1e8 ? static_cast<int>(instance) : 0;
    const FrameHeader* frame = k < h.frames.size() ? &h.frames[k] : nullptr;
    if (frame != nullptr) {
      std::ranges::copy(frame->position_mm, c.slice.position_mm.begin());
      std::ranges::copy(frame->orientation, c.slice.orientation.begin());
      std::ranges::copy(frame->spacing_mm, c.slice.pixel_mm.begin());
      // Decoding applies the first frame's rescale to all: what turns its values into this frame's.
      const FrameHeader& first = h.frames.front();
      c.slice.slope = frame->slope / first.slope;
      c.slice.intercept = frame->intercept - first.intercept * c.slice.slope;
    } else if (frames > 1) {
      const Vec3 normal = normal_of(c.slice.orientation);
      for (std::size_t a = 0; a < 3; ++a) c.slice.position_mm[a] += static_cast<double>(k) * distance * normal[a];
    }
    if (frames > 1) c.instance = static_cast<int>(k) + 1;
    c.along_mm = along_normal(c.slice);
    set_tellers(c, h, frame);
    out.push_back(std::move(c));
  }
  return out;
}

template <typename A>
bool near(const A& a, const A& b, double tolerance) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (std::isfinite(a[i]) != std::isfinite(b[i]) || std::abs(a[i] - b[i]) > tolerance) return false;
  return true;
}

/// Adds a slice to the stack of its orientation and voxel size. Slices of one stack differ in the last digits.
void add_to_stacks(std::vector<Stack>& stacks, Candidate&& c) {
  const double scale = std::isfinite(c.slice.pixel_mm[0]) ? c.slice.pixel_mm[0] : 1;
  for (auto& s : stacks)
    if (near(s.orientation, c.slice.orientation, kSameDirection) &&
        near(s.pixel_mm, c.slice.pixel_mm, kSameSize * scale)) {
      s.slices.push_back(std::move(c));
      return;
    }
  stacks.push_back({c.slice.orientation, c.slice.pixel_mm, {}});
  stacks.back().slices.push_back(std::move(c));
}

/// The same object stored twice counts once. Bad anonymisers give every object one SOPInstanceUID: place, number and
/// what else tells slices apart must agree as well.
void drop_copies(std::vector<Candidate>& slices, const std::vector<ReadHeader>& headers) {
  std::set<std::string> seen;
  std::erase_if(slices, [&](const Candidate& c) {
    const std::string& sop = headers[c.header].header.text(Tag::SopInstance);
    std::string object = sop + "|" + std::to_string(c.along_mm) + "|" + std::to_string(c.instance);
    for (const auto& t : c.tellers) object += "|" + t;
    return !sop.empty() && !seen.insert(object).second;
  });
}

}  // namespace

Vec3 normal_of(const std::array<double, 6>& o) {
  return {o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5], o[0] * o[4] - o[1] * o[3]};
}

std::vector<double> numbers(const std::string& text) {
  std::vector<double> out;
  for (const auto& part : split_values(text)) {
    char* end = nullptr;
    const double v = std::strtod(part.c_str(), &end);
    if (end != part.c_str() && std::isfinite(v)) out.push_back(v);
  }
  return out;
}

double number(const Header& h, Tag tag) {
  const auto v = numbers(h.text(tag));
  return v.empty() ? kNone : v.front();
}

std::map<std::string, std::vector<Stack>> group_slices(const std::vector<ReadHeader>& headers) {
  std::map<std::string, std::vector<Stack>> groups;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const Header& h = headers[i].header;
    if (!(number(h, Tag::Rows) > 0)) continue;  // no image: a CD's DICOMDIR, a report, a presentation state
    auto& stacks = groups[series_of(h) + "|" + h.text(Tag::Rows) + "x" + h.text(Tag::Columns)];
    for (auto& c : candidates_of(headers[i], i)) add_to_stacks(stacks, std::move(c));
  }
  for (auto& [key, stacks] : groups)
    for (auto& stack : stacks) drop_copies(stack.slices, headers);
  return groups;
}

}  // namespace gliocast::dicom
