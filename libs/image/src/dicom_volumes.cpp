#include "dicom_volumes.hpp"

#include <gliocast/core/order_statistics.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

namespace gliocast::image {
namespace {

constexpr double kSamePlaceMm = 0.01;
constexpr std::size_t kMostRounds = 6;

constexpr std::array<const char*, kTellers> kWords{
    "kind of image",           "echo number",             "echo time",
    "inversion time",          "b-value",                 "temporal position",
    "a dimension of the file", "a dimension of the file", "a dimension of the file",
    "a dimension of the file", "contrast agent",          "acquisition number",
    "trigger time",            "flip angle",              "repetition time",
    "pulse sequence",          "position in the plane"};

bool is_over_time(Teller t) {
  return t == Teller::Temporal || (t >= Teller::Dimension1 && t <= Teller::Dimension4) || t == Teller::Acquisition ||
         t == Teller::Trigger;
}

void put_in_order(std::vector<Candidate>& slices) {
  std::ranges::stable_sort(slices, [](const Candidate& a, const Candidate& b) {
    const bool placed = std::isfinite(a.along_mm) && std::isfinite(b.along_mm);
    if (placed && std::abs(a.along_mm - b.along_mm) > kSamePlaceMm) return a.along_mm < b.along_mm;
    return a.instance < b.instance;
  });
}

std::vector<double> steps_of(const std::vector<Candidate>& slices) {
  std::vector<double> steps;
  for (std::size_t i = 1; i < slices.size(); ++i) steps.push_back(slices[i].along_mm - slices[i - 1].along_mm);
  return steps;
}

/// How many steps of an ordered stack are none, or are not the common one.
std::size_t disorder(const std::vector<Candidate>& slices) {
  const auto steps = steps_of(slices);
  std::vector<double> real;
  std::ranges::copy_if(steps, std::back_inserter(real), [](double s) { return s > kSamePlaceMm; });
  if (real.empty()) return steps.size();
  const double common = upper_median(real);
  return static_cast<std::size_t>(
      std::ranges::count_if(steps, [&](double s) { return !(std::abs(s - common) < 0.3 * common); }));
}

/// The places of an ordered stack.
std::vector<std::vector<std::size_t>> places_of(const std::vector<Candidate>& slices) {
  std::vector<std::vector<std::size_t>> places;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const bool same = i > 0 && std::abs(slices[i].along_mm - slices[i - 1].along_mm) <= kSamePlaceMm;
    if (!same) places.emplace_back();
    places.back().push_back(i);
  }
  return places;
}

/// A value's order: numbers by size, texts after them.
struct Value {
  double number;
  std::string text;
  explicit Value(const std::string& from) : number(1e300), text(from) {
    char* end = nullptr;
    const double v = std::strtod(from.c_str(), &end);
    if (end != from.c_str() && std::isfinite(v)) number = v;
  }
  bool operator<(const Value& b) const { return number != b.number ? number < b.number : text < b.text; }
};

using Parts = std::map<Value, std::vector<Candidate>>;

Parts parts_by(const std::vector<Candidate>& slices, Teller teller) {
  Parts parts;
  for (const auto& s : slices) parts[Value(s.tellers[static_cast<std::size_t>(teller)])].push_back(s);
  return parts;
}

/// Whether parts are volumes, each about as long as the stack has places: not single slices, each with its own value.
bool are_volumes(const Parts& parts, std::size_t slices, std::size_t places) {
  return parts.size() > 1 && 2 * slices >= parts.size() * places;
}

std::size_t disorder(const Parts& parts) {
  std::size_t sum = 0;
  for (const auto& [value, part] : parts) sum += disorder(part);
  return sum;
}

/// Volumes by the order of their numbers, where every place has equally many slices and none has the number of another.
std::vector<VolumePart> by_instance(const std::vector<Candidate>& slices) {
  const auto places = places_of(slices);
  const std::size_t volumes = places.front().size();
  std::vector<VolumePart> out(volumes);
  for (const auto& place : places) {
    if (place.size() != volumes) return {};
    for (std::size_t k = 0; k < volumes; ++k) {
      if (k > 0 && slices[place[k]].instance == slices[place[k - 1]].instance) return {};
      out[k].slices.push_back(slices[place[k]]);
    }
  }
  for (auto& part : out) part.told_apart_by = "the order of instance numbers", part.over_time = true;
  return out;
}

std::vector<VolumePart> split(std::vector<Candidate> slices, std::size_t rounds) {
  put_in_order(slices);
  const std::size_t places = places_of(slices).size(), now = disorder(slices);
  // A tenth of the slices missing or twice is the reader's matter.
  if (slices.size() < 3 || now * 10 <= slices.size()) return {{.slices = std::move(slices), .told_apart_by = {}}};
  for (std::size_t t = 0; t < kTellers && rounds > 0; ++t) {
    const auto teller = static_cast<Teller>(t);
    const Parts parts = parts_by(slices, teller);
    if (!are_volumes(parts, slices.size(), places) || 2 * disorder(parts) > now) continue;
    std::vector<VolumePart> out;
    for (const auto& [value, part] : parts)
      for (auto& volume : split(part, rounds - 1)) {
        volume.told_apart_by = kWords[t] + (volume.told_apart_by.empty() ? "" : " and " + volume.told_apart_by);
        volume.over_time = volume.over_time || is_over_time(teller);
        out.push_back(std::move(volume));
      }
    return out;
  }
  if (auto out = by_instance(slices); out.size() > 1) return out;
  const bool repeated = places * 10 < slices.size() * 9;
  return {{.slices = std::move(slices), .told_apart_by = {}, .mixed = repeated}};
}

}  // namespace

std::vector<VolumePart> split_volumes(std::vector<Candidate> slices) { return split(std::move(slices), kMostRounds); }

}  // namespace gliocast::image
