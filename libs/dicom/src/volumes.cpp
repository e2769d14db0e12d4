#include "volumes.hpp"

#include <gliocast/core/quantile.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

namespace gliocast::dicom {
namespace {

constexpr double kSamePlaceMm = 0.01;
constexpr double kEvenShare = 0.3;  ///< of the common step: what a step may differ from it
constexpr std::size_t kMostRounds = 6;

constexpr std::array<const char*, kTellers> kWords{"kind of image",
                                                   "echo number",
                                                   "echo time",
                                                   "inversion time",
                                                   "b-value",
                                                   "temporal position",
                                                   "a dimension of the file",
                                                   "a dimension of the file",
                                                   "a dimension of the file",
                                                   "a dimension of the file",
                                                   "contrast agent",
                                                   "acquisition number",
                                                   "trigger time",
                                                   "flip angle",
                                                   "repetition time",
                                                   "pulse sequence",
                                                   "position in the plane"};

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

/// The common distance of neighbouring places, mm; 0 where all slices lie at one.
double common_step(const std::vector<Candidate>& slices) {
  const auto steps = steps_of(slices);
  std::vector<double> real;
  std::ranges::copy_if(steps, std::back_inserter(real), [](double s) { return s > kSamePlaceMm; });
  return real.empty() ? 0 : upper_median(real);
}

/// How many steps of an ordered stack are none, or are not the common one.
std::size_t disorder(const std::vector<Candidate>& slices) {
  const double common = common_step(slices);
  return static_cast<std::size_t>(
      std::ranges::count_if(steps_of(slices), [&](double s) { return !(std::abs(s - common) < kEvenShare * common); }));
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

/// What splitting a stack by one teller must leave. `Whole`: nearly all slices in parts that lie at nearly all places.
/// `Part`: parts of at least half the places on average, evenly spaced as the stack is. `Own`: parts that are volumes
/// by themselves, of their own spacing.
enum class Demand { Whole, Part, Own };

/// Steps between different places that are not the common one.
std::size_t gaps(const std::vector<Candidate>& slices, double common_mm) {
  return static_cast<std::size_t>(std::ranges::count_if(steps_of(slices), [&](double s) {
    return s > kSamePlaceMm && !(std::abs(s - common_mm) < kEvenShare * common_mm);
  }));
}

/// Whether the parts are slices of one volume in turn (interleaved): each steps over the places of the others.
bool are_combs(const Parts& parts, double step_mm) {
  const double first = common_step(parts.begin()->second);
  return std::ranges::all_of(parts, [&](const auto& p) {
    const double own = common_step(p.second);
    return own > 1.5 * step_mm && std::abs(own - first) < kEvenShare * first;
  });
}

bool are_volumes(const Parts& parts, const std::vector<Candidate>& stack, Demand demand) {
  const std::size_t places = places_of(stack).size();
  const double step = common_step(stack);
  if (parts.size() < 2 || 2 * stack.size() < parts.size() * places) return false;
  std::size_t in_whole = 0;
  for (const auto& [value, part] : parts) {
    const std::size_t own = places_of(part).size();
    if (10 * own >= 9 * places) in_whole += part.size();
    if (demand == Demand::Part && 10 * gaps(part, step) > own) return false;
    if (demand == Demand::Own && 10 * disorder(part) > part.size()) return false;
  }
  if (demand == Demand::Whole) return 10 * in_whole >= 8 * stack.size();
  return !are_combs(parts, step);
}

/// Whether the numbers of groups of slices do not reach into each other.
bool in_turn(const std::vector<std::vector<std::size_t>>& groups, const std::vector<Candidate>& slices) {
  std::vector<std::pair<int, int>> ranges;
  for (const auto& group : groups) {
    const auto [low, high] = std::ranges::minmax(group, {}, [&](std::size_t i) { return slices[i].instance; });
    ranges.emplace_back(slices[low].instance, slices[high].instance);
  }
  std::ranges::sort(ranges);
  for (std::size_t i = 1; i < ranges.size(); ++i)
    if (ranges[i].first <= ranges[i - 1].second) return false;
  return true;
}

/// Volumes by the order of their numbers, where every place has equally many slices, none has the number of another,
/// and they count on from volume to volume or from place to place.
std::vector<VolumePart> by_instance(const std::vector<Candidate>& slices) {
  const auto places = places_of(slices);
  std::vector<std::vector<std::size_t>> volumes(places.front().size());
  for (const auto& place : places) {
    if (place.size() != volumes.size()) return {};
    for (std::size_t k = 0; k < volumes.size(); ++k) {
      if (k > 0 && slices[place[k]].instance == slices[place[k - 1]].instance) return {};
      volumes[k].push_back(place[k]);
    }
  }
  if (volumes.size() < 2 || !(in_turn(volumes, slices) || in_turn(places, slices))) return {};
  std::vector<VolumePart> out(volumes.size());
  for (std::size_t k = 0; k < volumes.size(); ++k) {
    for (const std::size_t i : volumes[k]) out[k].slices.push_back(slices[i]);
    out[k].told_apart_by = "the order of instance numbers";
    out[k].over_time = true;
  }
  return out;
}

std::vector<VolumePart> split(std::vector<Candidate> slices, std::size_t rounds);

/// Split by the first teller that leaves volumes; nothing where none does.
std::vector<VolumePart> by_tellers(const std::vector<Candidate>& slices, Demand demand, std::size_t rounds) {
  for (std::size_t t = 0; t < kTellers && rounds > 0; ++t) {
    const auto teller = static_cast<Teller>(t);
    const Parts parts = parts_by(slices, teller);
    if (!are_volumes(parts, slices, demand)) continue;
    std::vector<VolumePart> out;
    for (const auto& [value, part] : parts)
      for (auto& volume : split(part, rounds - 1)) {
        volume.told_apart_by = kWords[t] + (volume.told_apart_by.empty() ? "" : " and " + volume.told_apart_by);
        volume.over_time = volume.over_time || is_over_time(teller);
        out.push_back(std::move(volume));
      }
    return out;
  }
  return {};
}

std::vector<VolumePart> split(std::vector<Candidate> slices, std::size_t rounds) {
  put_in_order(slices);
  const std::size_t places = places_of(slices).size();
  const bool repeated = places < slices.size();
  // A tenth of the slices missing, or twice where nothing tells them apart, is the reader's matter.
  const bool one = slices.size() < 3 || disorder(slices) * 10 <= slices.size();
  if (repeated)
    if (auto out = by_tellers(slices, Demand::Whole, rounds); !out.empty()) return out;
  if (one) return {{.slices = std::move(slices), .told_apart_by = {}}};
  if (auto out = by_instance(slices); !out.empty()) return out;
  for (const Demand demand : {Demand::Part, Demand::Own})
    if (auto out = by_tellers(slices, demand, rounds); !out.empty()) return out;
  const bool mixed = places * 10 < slices.size() * 9;
  return {{.slices = std::move(slices), .told_apart_by = {}, .mixed = mixed}};
}

}  // namespace

std::vector<VolumePart> split_volumes(std::vector<Candidate> slices) { return split(std::move(slices), kMostRounds); }

}  // namespace gliocast::dicom
