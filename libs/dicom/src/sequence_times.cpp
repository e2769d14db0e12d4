#include "sequence_times.hpp"

#include <gliocast/core/text.hpp>

#include <cmath>
#include <cstdio>
#include <limits>
#include <vector>

namespace gliocast::dicom {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double or_none(double v) { return std::isfinite(v) && v > 0 ? v : kNone; }

/// Comparisons with NaN are false: a missing time meets none of these.
bool within(double v, double least, double most) { return v >= least && v <= most; }

/// Inversion that nulls fat, not fluid: 0.2 to 7 T.
bool nulls_fat(const Times& t) { return within(t.ti, 80, 280) && t.tr > 1000 && !(t.te < 8); }

const char* const kFatNulled = "is a STIR image by its inversion time";
const char* const kDensity = "is proton density weighted by its times";
const char* const kStar = "is a gradient echo image (T2*) by its times";
const char* const kContradicted = "its name and its times contradict each other";

}  // namespace

Times times_of(const Acquisition& a, bool named) {
  Times t{or_none(a.te_ms), or_none(a.tr_ms), or_none(a.ti_ms)};
  if (t.te > 1000 && t.tr > 60000) {  // microseconds
    t.te /= 1000;
    t.tr /= 1000;
    if (t.ti > 20000) t.ti /= 1000;
    return t;
  }
  // In milliseconds no echo comes this early but those of bone images, whose TR is as short, and none after the next
  // excitation.
  const bool seconds = (t.te < (named || t.ti < 10 ? 0.8 : 0.25) && !(t.tr > 20)) || t.te <= 0.03;
  if (seconds) t.te *= 1000;
  if ((seconds || t.te > t.tr) && t.tr <= 20) t.tr *= 1000;
  if (t.ti < 20) t.ti *= 1000;
  return t;
}

std::string described(const Times& t) {
  char text[64];
  std::vector<std::string> times;
  const auto add = [&](const char* form, double v) {
    if (!std::isfinite(v)) return;
    std::snprintf(text, sizeof text, form, v);
    times.emplace_back(text);
  };
  add("TE %.3g ms", t.te);
  add("TR %.4g ms", t.tr);
  add("TI %.4g ms", t.ti);
  return listed(times);
}

std::optional<Sequence> by_times(const Times& t, const Acquisition& a, PulseKind pulse) {
  if (!std::isfinite(t.te) || !std::isfinite(t.tr) || pulse.echo_planar || nulls_fat(t)) return std::nullopt;
  if (t.te >= 60 && t.tr >= 1800) {
    if (t.ti >= 1300) return Sequence::Flair;
    return t.ti > 280 ? std::nullopt : std::optional(Sequence::T2);
  }
  const bool small_flip = a.flip_degrees > 0 && a.flip_degrees < 40;  // false where it is missing
  if (t.te >= 10 && (pulse.gradient_echo || small_flip || t.tr < 100)) return std::nullopt;  // T2*
  if (a.flip_degrees >= 35 && t.tr < 15 && t.te > 0.4 * t.tr) return std::nullopt;           // balanced
  if (t.te < 1) return std::nullopt;                                                         // reference scans
  if (t.te < 31 && (t.tr < 1300 || within(t.ti, 280, 1400))) return Sequence::T1;
  return std::nullopt;
}

Judged judge_t1(const Times& t) {
  if (nulls_fat(t)) return {std::nullopt, kFatNulled};
  if (t.te >= 50 && !(t.tr < 1300)) return {std::nullopt, kContradicted};
  if (t.te >= 8 && t.tr > 2600 && !within(t.ti, 280, 1500)) return {std::nullopt, kDensity};
  return {Sequence::T1, {}};
}

Judged judge_t2(const Times& t, bool gradient_echo) {
  if (nulls_fat(t)) return {std::nullopt, kFatNulled};
  if (gradient_echo) return {std::nullopt, "is a gradient echo image (T2*)"};
  if (t.te < 50) {
    if (t.ti >= 280) return {std::nullopt, kContradicted};
    return {std::nullopt, t.tr < 1300 ? kStar : kDensity};
  }
  if (t.tr < 600) return {std::nullopt, kStar};  // single shots report their echo train's length, which is longer
  if (t.te >= 60 && t.ti >= 1300 && !(t.tr < 3500)) return {Sequence::Flair, {}};
  if (within(t.ti, 280, 1300) && t.te >= 50) return {std::nullopt, kContradicted};
  return {Sequence::T2, {}};
}

Judged judge_flair(const Times& t, bool named_t1) {
  if (nulls_fat(t)) return {std::nullopt, kFatNulled};
  const bool long_echo = t.te >= 50;
  if (long_echo) {
    if (t.ti < 800 || t.tr < 1300) return {std::nullopt, kContradicted};
    return {Sequence::Flair, {}};  // also where the name says T1: its times are those of no T1
  }
  const bool early_inversion = t.ti < 1400, short_wait = t.tr < 3500;
  if (early_inversion || (short_wait && t.te < 50)) {
    if (t.tr < 1300 && !named_t1) return {std::nullopt, kContradicted};
    return {Sequence::T1, {}};
  }
  return {named_t1 && !(t.ti >= 1400) && !(t.tr > 5000) ? Sequence::T1 : Sequence::Flair, {}};
}

}  // namespace gliocast::dicom
