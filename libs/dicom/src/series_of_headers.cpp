#include "series_of_headers.hpp"

#include "describe.hpp"

#include <gliocast/core/quantile.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace gliocast::dicom {
namespace {

constexpr std::size_t kManyVolumes = 5;  ///< taken over time: a dynamic series
constexpr double kSameEchoMs = 0.5;

/// A volume before its exam is known as a whole.
struct Draft {
  Series series;
  HeaderText text;
  std::string patient, study, modality, stack;
  bool mixed = false, enhanced = false;
};

Draft draft_of(const VolumePart& part, const std::vector<ReadHeader>& headers, const SeriesNames& names) {
  const Candidate& first = part.slices.front();
  const Header& h = headers[first.header].header;
  Draft d;
  d.mixed = part.mixed;
  d.enhanced = !h.frames.empty();
  d.series.over_time = part.over_time;
  d.text = text_of(h, first.slice.frame);
  d.patient = h.text(Tag::PatientId);
  // Anonymised files of several patients often have no PatientID.
  if (d.patient.empty()) d.patient = "study " + h.text(Tag::Study);
  d.study = h.text(Tag::Study);
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

/// Careless anonymisers give all examinations of a patient one StudyInstanceUID, or none: dates tell them apart.
void part_studies_by_date(std::vector<Draft>& drafts) {
  std::map<std::string, std::set<std::string>> dates;
  for (const auto& d : drafts)
    if (!d.series.label.study_date.empty()) dates[d.study].insert(d.series.label.study_date);
  for (auto& d : drafts)
    if (const auto found = dates.find(d.study); found != dates.end() && found->second.size() > 1)
      d.study += "|" + d.series.label.study_date;
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
  else if (d.series.slices.front().frames == 1 && d.text.image_type.find("MOSAIC") != std::string::npos && !d.enhanced)
    r.reason = "is a mosaic, of many slices in one image";
  else if (d.mixed)
    r.reason = "holds several volumes at the same places that nothing in their headers tells apart";
  else if (d.series.slices.size() > 1 && !std::isfinite(d.series.acquisition.slice_distance_mm))
    r.reason = "its header does not say where its slices lie";
  else
    r = recognise_sequence(d.text, d.series.acquisition, names);
  d.series.sequence = r.sequence;
  d.series.reason = r.reason;
  d.series.certainty = r.certainty;
  d.series.contrast_certainty = r.contrast_certainty;
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

/// Where every series of a study names an agent, as some scanners fill the tag for the whole exam, and one is T1-Gd by
/// its name, the tag of the others tells nothing.
void forget_agents_of_the_exam(std::vector<Draft>& drafts) {
  std::set<std::string> some_without, named;
  for (const auto& d : drafts) {
    if (!d.series.sequence) continue;
    if (!d.series.acquisition.contrast_agent) some_without.insert(d.study);
    if (d.series.sequence == Sequence::T1Gd && d.series.contrast_certainty == 2) named.insert(d.study);
  }
  for (auto& d : drafts) {
    const bool by_tag = d.series.sequence == Sequence::T1Gd && d.series.contrast_certainty == 1;
    if (!by_tag || some_without.contains(d.study) || !named.contains(d.study)) continue;
    d.series.sequence = Sequence::T1;
    d.series.contrast_certainty = 0;
    d.series.reason += ", as those of all series do, which tells nothing";
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
        d.series.volume = v + 1;
        d.series.volumes = parts.size();
      }
    }
  return drafts;
}

/// Stacks of one series (a localiser's three planes), and series of one number, are numbered on, so that a name means
/// one volume.
void number_volumes(std::vector<Draft>& drafts) {
  std::map<std::string, std::vector<Draft*>> series;
  for (auto& d : drafts) series[d.study + "|" + std::to_string(d.series.acquisition.series_number)].push_back(&d);
  for (auto& [key, members] : series)
    for (std::size_t i = 0; i < members.size(); ++i) {
      members[i]->series.volume = i + 1;
      members[i]->series.volumes = members.size();
    }
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

std::vector<Series> series_of_headers(const std::vector<ReadHeader>& headers, const SeriesNames& names) {
  auto drafts = drafts_of(headers, names);
  part_studies_by_date(drafts);
  clear_exam_names(drafts);
  number_volumes(drafts);
  number_patients_and_studies(drafts);
  std::map<std::string, std::vector<Draft*>> stacks;
  for (auto& d : drafts) {
    recognise(d, names);
    stacks[d.stack].push_back(&d);
  }
  forget_agents_of_the_exam(drafts);
  for (const auto& [key, stack] : stacks) choose_volumes(stack);
  std::vector<Series> out;
  for (auto& d : drafts) out.push_back(std::move(d.series));
  std::ranges::stable_sort(out, {}, [](const Series& s) { return s.acquisition.series_number; });
  return out;
}

}  // namespace gliocast::dicom
