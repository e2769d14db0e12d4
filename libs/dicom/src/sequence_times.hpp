#pragma once
// What echo, repetition and inversion times say of an image's weighting.
#include <gliocast/dicom/series.hpp>

#include <optional>
#include <string>

namespace gliocast::dicom {

/// Milliseconds; NaN where a header has none or has 0.
struct Times {
  double te, tr, ti;
};

/// The kinds of pulse sequence that ScanningSequence tells.
struct PulseKind {
  bool gradient_echo = false;  ///< and no spin echo
  bool echo_planar = false;
};

/// A header's times. Seconds and microseconds are noticed where they can be nothing else; `named` says that the name
/// tells the weighting, which leaves less doubt.
[[nodiscard]] Times times_of(const Acquisition& acquisition, bool named);

/// "TE 14 ms, TR 500 ms"; empty where there are none.
[[nodiscard]] std::string described(const Times& times);

/// T1, T2 or FLAIR by the times alone.
[[nodiscard]] std::optional<Sequence> by_times(const Times& times, const Acquisition& acquisition, PulseKind pulse);

/// What an image named T1, T2 or FLAIR is, given its times: often just that.
struct Judged {
  std::optional<Sequence> sequence;
  std::string reason;  ///< why it is none of them; empty else
};
[[nodiscard]] Judged judge_t1(const Times& times);
[[nodiscard]] Judged judge_t2(const Times& times, bool gradient_echo);
[[nodiscard]] Judged judge_flair(const Times& times, bool named_t1);

}  // namespace gliocast::dicom
