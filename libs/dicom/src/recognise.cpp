#include "recognise.hpp"

#include "sequence_times.hpp"
#include "series_words.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace gliocast::dicom {
namespace {

/// Why a series with such a word or image type is passed over.
std::string_view reason_of(Meaning m) {
  switch (m) {
    case Meaning::Localiser:
      return "is a localiser";
    case Meaning::Calibration:
      return "is a calibration or reference scan";
    case Meaning::FieldMap:
      return "is a field map";
    case Meaning::Report:
      return "is a screen capture or report";
    case Meaning::PhaseImage:
      return "is a phase, real or imaginary image";
    case Meaning::Stir:
      return "is a STIR image";
    case Meaning::Diffusion:
      return "is a diffusion image or computed from some";
    case Meaning::Perfusion:
      return "is a perfusion or dynamic image";
    case Meaning::Angiography:
      return "is an angiography";
    case Meaning::PhaseContrast:
      return "is a phase contrast image";
    case Meaning::Susceptibility:
      return "is a susceptibility or T2* image";
    case Meaning::Map:
      return "is a map of computed values";
    case Meaning::Spectroscopy:
      return "is a spectroscopy";
    case Meaning::Functional:
      return "is a functional image";
    case Meaning::Balanced:
      return "is a balanced gradient echo image";
    case Meaning::Subtraction:
      return "is a subtraction";
    case Meaning::InversionPart:
      return "is one of the inversion images that another image is computed from";
    case Meaning::FatImage:
      return "is a fat or opposed-phase image";
    case Meaning::Derived:
      return "is a reformatted, projected or otherwise derived image";
    case Meaning::BodyPart:
      return "shows another part of the body than the whole brain";
    default:
      return "is another kind of image";
  }
}

std::string passed_over(Meaning m, std::string_view source) {
  return std::string(reason_of(m)) + " by its " + std::string(source);
}

/// Why a series is passed over for its ImageType; nothing where that says an image as it was acquired, or one derived
/// from it that looks the same (filtered, undistorted, water).
std::optional<std::string> by_image_type(const std::string& image_type, const SeriesNames::Table& table) {
  const auto values = split_values(image_type);
  const bool derived = values[0].starts_with("DERIVED");
  const bool secondary = values.size() > 1 && values[1].starts_with("SECONDARY");
  bool unknown = false;
  for (std::size_t i = 2; i < values.size(); ++i) {
    if (values[i].empty()) continue;
    const Pattern* p = find_image_type(values[i], table);
    if (p != nullptr && p->meanings[0] >= Meaning::Localiser) return passed_over(p->meanings[0], "image type");
    unknown = unknown || p == nullptr || (p->weak && secondary);
  }
  if (derived && unknown) return passed_over(Meaning::Derived, "image type");
  return std::nullopt;
}

/// What the names of a series say: the description's words, and the protocol's or the pulse sequence's where the
/// description has none.
struct Named {
  Said kind;  ///< the text that says what the image is
  Agent agent = Agent::Nothing;
  bool gradient_echo = false;
};

Named read_names(const HeaderText& text, const SeriesNames::Table& table) {
  const Said description = what_is_said(text.description, table), protocol = what_is_said(text.protocol, table);
  const Said pulse = what_is_said(text.sequence_name, table);
  const auto says = [](const Said& s) { return s.names_kind() || s.has(Meaning::GradientEcho) || s.other_image(); };
  Named named;
  named.kind = says(description) ? description : says(protocol) ? protocol : pulse;
  named.agent = description.agent;
  if (named.agent == Agent::Nothing && !says(description)) named.agent = protocol.agent;
  named.gradient_echo = named.kind.has(Meaning::GradientEcho) || pulse.has(Meaning::GradientEcho);
  return named;
}

/// Why a series is passed over before its weighting is asked for.
std::optional<std::string> no_sequence(const HeaderText& text, const Acquisition& a, const Named& named,
                                       const SeriesNames::Table& table) {
  const auto other = named.kind.other_image();
  if (other == Meaning::Localiser) return passed_over(*other, "name");
  if (is_phase(text.image_type)) return passed_over(Meaning::PhaseImage, "image type");
  if (auto reason = by_image_type(text.image_type, table)) return reason;
  if (a.slices < 8) return "has only " + std::to_string(a.slices) + " slices";
  if (other) return passed_over(*other, "name");
  const Said part = what_is_said(text.body_part, table);
  if (part.has(Meaning::BodyPart) && !part.has(Meaning::Brain) && !named.kind.has(Meaning::Brain))
    return passed_over(Meaning::BodyPart, "header");
  return std::nullopt;
}

struct Weighting {
  Judged judged;
  std::string said;  ///< "its name says T1"
  bool by_name = false;
};

/// T1 (before or after contrast agent), T2 or FLAIR.
Weighting weighting_of(const Named& named, const Times& times, std::optional<Sequence> by_time, PulseKind pulse,
                       bool three_d) {
  const Said& s = named.kind;
  const bool t1 = s.has(Meaning::T1), t2 = s.has(Meaning::T2), flair = s.has(Meaning::Flair), pd = s.has(Meaning::Pd);
  if (pulse.echo_planar && !flair) return {{std::nullopt, "is an echo-planar image"}, {}, true};
  if (int{t1} + int{t2} + int{pd} > 1) {  // two echoes, or fitted for both: the times tell
    if (by_time) return {{by_time, {}}, "its times say " + std::string(display_name(*by_time)), true};
    return {{std::nullopt, "its name says more than one weighting and its times do not tell which"}, {}, true};
  }
  if (flair) return {judge_flair(times, t1), t1 ? "its name says T1 with inversion" : "its name says FLAIR", true};
  if (t2) return {judge_t2(times, named.gradient_echo || pulse.gradient_echo), "its name says T2", true};
  if (t1) return {judge_t1(times), "its name says T1", true};
  if (pd) return {{std::nullopt, "is proton density weighted by its name"}, {}, true};
  // Localisers are quick gradient echoes of single slices; a T1 as quick as that is one of a volume.
  const bool quick = times.tr < 50 && !three_d;
  if (by_time && !quick && !(named.gradient_echo && times.te >= 10))
    return {{by_time, {}}, "its times say " + std::string(display_name(*by_time)), false};
  return {{std::nullopt, "neither its name nor its times say what it is"}, {}, false};
}

/// T1 or T1-Gd, with the words for it.
Recognised with_agent(Recognised r, Agent agent, bool tag) {
  r.contrast_certainty = agent == Agent::Before || agent == Agent::After ? 2 : tag ? 1 : 0;
  if (agent == Agent::Both && !tag) return {std::nullopt, "its name says both before and after contrast agent"};
  if (agent == Agent::Before) {
    r.reason += "; its name says before contrast agent";
  } else if (agent == Agent::After || tag) {
    r.sequence = Sequence::T1Gd;
    r.reason += agent == Agent::After ? "; its name says after contrast agent" : "; the header names a contrast agent";
  } else {
    r.reason += "; no contrast agent";
  }
  return r;
}

}  // namespace

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::vector<std::string> split_values(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find('\\', from), text.size());
    parts.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return parts;
}

bool is_phase(const std::string& image_type) {
  return std::ranges::any_of(split_values(image_type), [](const std::string& part) {
    return part == "P" || part.starts_with("P_") || part.starts_with("PHASE");
  });
}

bool names_contrast_agent(const std::string& tag, const SeriesNames& names) { return says_agent(tag, names.table()); }

Recognised recognise_sequence(const HeaderText& text, const Acquisition& a, const SeriesNames& names) {
  const Named named = read_names(text, names.table());
  if (auto reason = no_sequence(text, a, named, names.table())) return {std::nullopt, *reason};
  const auto has = [&](const char* value) {
    const auto values = split_values(text.scanning_sequence);
    return std::ranges::find(values, value) != values.end();
  };
  const PulseKind pulse{.gradient_echo = has("GR") && !has("SE"), .echo_planar = has("EP")};
  const Times times = times_of(a, named.kind.names_kind());
  const auto by_time = by_times(times, a, pulse);
  const Weighting w = weighting_of(named, times, by_time, pulse, a.three_d);
  const std::string all_times = described(times);
  const std::string in_brackets = all_times.empty() ? "" : " (" + all_times + ")";
  if (!w.judged.sequence) return {std::nullopt, w.judged.reason + in_brackets};
  Recognised r{w.judged.sequence, w.said, !w.by_name ? 1 : by_time == w.judged.sequence ? 3 : 2};
  const std::string weighting(display_name(*r.sequence));
  if (w.by_name && !w.said.ends_with(weighting))
    r.reason += ", its times" + in_brackets + " " + weighting;
  else if (!all_times.empty())
    r.reason += "; " + all_times;
  return r.sequence == Sequence::T1 ? with_agent(std::move(r), named.agent, a.contrast_agent) : r;
}

}  // namespace gliocast::dicom
