#include "dicom_recognise.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <set>
#include <string_view>

namespace gliocast::image {
namespace {

/// Words of a text: runs of letters and digits, '+' and '*'; "t1w_mprage+c" gives t1w, mprage, +, c.
std::set<std::string> words_of(const std::string& text) {
  std::set<std::string> words;
  std::string word;
  const auto end = [&] {
    if (!word.empty()) words.insert(word);
    word.clear();
  };
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '*') {
      word += c;
    } else {
      end();
      if (c == '+') words.insert("+");
    }
  }
  end();
  return words;
}

template <std::size_t N>
bool any_part(const std::string& text, const std::array<std::string_view, N>& parts) {
  return std::ranges::any_of(parts, [&](std::string_view p) { return text.find(p) != std::string::npos; });
}

template <std::size_t N>
bool any_word(const std::set<std::string>& words, const std::array<std::string_view, N>& wanted) {
  return std::ranges::any_of(wanted, [&](std::string_view w) { return words.contains(std::string(w)); });
}

constexpr std::array<std::string_view, 26> kOther{"dwi",   "diff",    "adc",  "trace", "dti",       "tensor",   "swi",   "suscept", "perf",   "dsc",     "dce",  "asl",   "tof",
                                                  "angio", "spectro", "fmri", "bold",  "field_map", "fieldmap", "b0map", "t2*",     "t2star", "t2_star", "hemo", "relax", "phase"};
constexpr std::array<std::string_view, 9> kOtherWords{"mra", "mrs", "mrv", "pd", "cbf", "cbv", "mip", "mtt", "csi"};
constexpr std::array<std::string_view, 8> kLocaliser{"local", "scout", "survey", "loc_", "3plane", "3-plane", "smartbrain", "calib"};
constexpr std::array<std::string_view, 5> kFlair{"flair", "tirm", "dark fluid", "darkfluid", "dark-fluid"};
constexpr std::array<std::string_view, 7> kT1Names{"mprage", "mp-rage", "bravo", "spgr", "tfl", "t1", "mp2rage"};
constexpr std::array<std::string_view, 13> kContrastParts{"gado", "contrast", "kontrast", "contraste", "contrasto", "postgd", "post-gd", "post gd", "post_gd", "t1gd", "t1ce", "t1c+", "enhanced"};
constexpr std::array<std::string_view, 13> kContrastWords{"gd", "gad", "post", "ce", "km", "mdc", "inj", "+", "iv", "t1c", "t1kc", "kc", "civ"};
constexpr std::array<std::string_view, 10> kPlainWords{"pre", "nativ", "native", "plain", "sans", "ohne", "senza", "sin", "without", "nocontrast"};
constexpr std::array<std::string_view, 9> kDerivedTypes{"ADC", "TRACEW", "FA", "TENSOR", "PROJECTION IMAGE", "LOCALIZER", "SUBTRACT", "MIP", "MPR"};

std::string timing(const Acquisition& a) {
  char text[96];
  std::string out;
  if (std::isfinite(a.te_ms)) out += (std::snprintf(text, sizeof text, "TE %.3g ms", a.te_ms), text);
  if (std::isfinite(a.tr_ms)) out += (std::snprintf(text, sizeof text, "%sTR %.4g ms", out.empty() ? "" : ", ", a.tr_ms), text);
  if (std::isfinite(a.ti_ms) && a.ti_ms > 0) out += (std::snprintf(text, sizeof text, "%sTI %.4g ms", out.empty() ? "" : ", ", a.ti_ms), text);
  return out;
}

/// T1, T2 or FLAIR by echo, repetition and inversion times.
std::optional<Sequence> by_timing(const Acquisition& a) {
  if (!std::isfinite(a.te_ms) || !std::isfinite(a.tr_ms)) return std::nullopt;
  const bool inversion = std::isfinite(a.ti_ms) && a.ti_ms > 0;
  if (a.te_ms >= 60 && a.tr_ms >= 1800) return inversion && a.ti_ms > 1500 ? Sequence::Flair : Sequence::T2;
  if (a.te_ms < 30 && (a.tr_ms < 1300 || (inversion && a.ti_ms < 1400))) return Sequence::T1;
  return std::nullopt;
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
    return part == "P" || part.starts_with("P_") || part.find("PHASE") != std::string::npos;
  });
}

Recognised recognise_sequence(const HeaderText& header, const Acquisition& a) {
  const std::string name = lower_case(header.description + " " + header.protocol + " " + header.sequence_name);
  const auto words = words_of(name);
  if (any_part(name, kLocaliser) || words.contains("loc")) return {std::nullopt, "is a localiser by its name"};
  for (const auto& part : split_values(header.image_type))
    if (std::ranges::find(kDerivedTypes, part) != kDerivedTypes.end()) return {std::nullopt, "is a derived map or localiser by its image type"};
  if (is_phase(header.image_type)) return {std::nullopt, "is a phase image by its image type"};
  if (a.slices < 8) return {std::nullopt, "has only " + std::to_string(a.slices) + " slices"};
  if (any_part(name, kOther) || any_word(words, kOtherWords)) return {std::nullopt, "is another kind of image (diffusion, perfusion, angiography or the like) by its name"};
  std::optional<Sequence> by_name;
  if (any_part(name, kFlair))
    by_name = Sequence::Flair;
  else if (name.find("t2") != std::string::npos && name.find("t1") == std::string::npos)
    by_name = Sequence::T2;
  else if (any_part(name, kT1Names))
    by_name = Sequence::T1;
  const auto by_time = by_timing(a);
  const auto found = by_name ? by_name : by_time;
  const std::string times = timing(a);
  if (!found) return {std::nullopt, "neither its name nor its times say what it is" + (times.empty() ? std::string() : " (" + times + ")")};
  std::string reason = by_name ? "its name says " + std::string(display_name(*by_name)) : std::string("its times say ") + std::string(display_name(*found));
  if (!times.empty()) reason += by_name && by_time && *by_name != *by_time ? "; its times (" + times + ") would say " + std::string(display_name(*by_time)) : "; " + times;
  const int certainty = !by_name ? 1 : by_time == by_name ? 3 : 2;
  if (*found != Sequence::T1) return {found, reason, certainty};
  const bool plain = any_word(words, kPlainWords) || name.find("w/o") != std::string::npos;
  const bool named = !plain && (any_part(name, kContrastParts) || any_word(words, kContrastWords));
  if (plain) return {Sequence::T1, reason + "; its name says before contrast agent", certainty};
  if (named) return {Sequence::T1Gd, reason + "; its name says after contrast agent", certainty};
  if (a.contrast_agent) return {Sequence::T1Gd, reason + "; the header names a contrast agent", certainty};
  return {Sequence::T1, reason + "; no contrast agent", certainty};
}

}  // namespace gliocast::image
