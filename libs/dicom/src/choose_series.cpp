// Which of several series of one sequence is taken.
#include <gliocast/dicom/choose_series.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::dicom {
namespace {

constexpr double kClearlyFiner = 1.34;  ///< ratio of the longest voxel edges

double or_large(double v) { return std::isfinite(v) && v > 0 ? v : 100; }

double longest_edge(const Series& s) {
  const auto& a = s.acquisition;
  return std::max({or_large(a.slice_distance_mm), or_large(a.pixel_mm[0]), or_large(a.pixel_mm[1])});
}

double voxel_mm3(const Series& s) {
  const auto& a = s.acquisition;
  return or_large(a.slice_distance_mm) * or_large(a.pixel_mm[0]) * or_large(a.pixel_mm[1]);
}

/// The plane of most of the exam's recognised series; empty where two are equally common.
std::string common_plane(const std::vector<Series>& series) {
  std::map<std::string, int> count;
  for (const auto& s : series)
    if (s.sequence && s.spans_head()) ++count[s.acquisition.plane];
  std::string best;
  int most = 0;
  for (const auto& [plane, n] : count) {
    if (n == most) best.clear();
    if (n > most) {
      best = plane;
      most = n;
    }
  }
  return best;
}

/// Why `a` fits better than `b`; empty where it does not.
std::string better(const Series& a, const Series& b, const std::string& plane) {
  if (a.certainty != b.certainty) return a.certainty > b.certainty ? "the surest by name and times" : "";
  if (a.spans_head() != b.spans_head()) return a.spans_head() ? "it spans the head" : "";
  if (a.derived != b.derived) return b.derived ? "it is original, not derived" : "";
  if ((a.volumes > 1) != (b.volumes > 1)) return b.volumes > 1 ? "it is the only volume of its series" : "";
  const double finer = longest_edge(b) / longest_edge(a);
  if (finer > kClearlyFiner) return "it is clearly finer";
  if (finer < 1 / kClearlyFiner) return "";
  const bool a_in = a.acquisition.plane == plane, b_in = b.acquisition.plane == plane;
  if (!plane.empty() && a_in != b_in) return a_in ? "it lies in the plane of most of the exam" : "";
  const double size = voxel_mm3(b) / voxel_mm3(a);
  if (size > 1.05) return "it has the smaller voxels";
  if (size < 1 / 1.05) return "";
  return a.sequence == Sequence::T1Gd ? "it is the last of equals" : "";
}

}  // namespace

std::map<Sequence, ChosenSeries> choose_series(const std::vector<Series>& series) {
  const std::string plane = common_plane(series);
  std::map<Sequence, std::vector<const Series*>> candidates;
  for (const auto& s : series)
    if (s.sequence) candidates[*s.sequence].push_back(&s);
  std::map<Sequence, ChosenSeries> chosen;
  for (const auto& [sequence, all] : candidates) {
    const Series* best = all.front();
    std::string why = "it is the first of equals";
    for (const Series* s : all) {
      if (s == best) continue;
      if (const auto reason = better(*s, *best, plane); !reason.empty()) {
        best = s;
        why = reason;
      } else if (const auto kept = better(*best, *s, plane); !kept.empty())
        why = kept;
    }
    chosen[sequence].series = best;
    if (all.size() > 1)
      chosen[sequence].remark = std::to_string(all.size()) + " series look like " +
                                std::string(display_name(sequence)) + "; " + best->name() + " is taken: " + why;
  }
  return chosen;
}

}  // namespace gliocast::dicom
