#include <gliocast/core/text.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace gliocast {
namespace {

bool between(std::uint32_t c, std::uint32_t first, std::uint32_t last) { return c >= first && c <= last; }

/// Capitals and small letters that stand in turn: the capital at even or at odd code points.
bool is_even_capital(std::uint32_t c) {
  return c % 2 == 0 && (between(c, 0x100, 0x12E) || between(c, 0x132, 0x136) || between(c, 0x14A, 0x176) ||
                        between(c, 0x1DE, 0x1EE) || between(c, 0x1F8, 0x21E) || between(c, 0x222, 0x232) ||
                        between(c, 0x460, 0x480) || between(c, 0x48A, 0x4BE) || between(c, 0x4D0, 0x52E) ||
                        between(c, 0x1E00, 0x1E94) || between(c, 0x1EA0, 0x1EFE));
}
bool is_odd_capital(std::uint32_t c) {
  return c % 2 == 1 &&
         (between(c, 0x139, 0x147) || between(c, 0x179, 0x17D) || between(c, 0x1CD, 0x1DB) || between(c, 0x4C1, 0x4CD));
}

std::uint32_t lower_latin(std::uint32_t c) {
  if (between(c, 'A', 'Z') || (between(c, 0xC0, 0xDE) && c != 0xD7)) return c + 0x20;
  if (c == 0x178) return 0xFF;
  if (c == 0x17F) return 's';
  return is_even_capital(c) || is_odd_capital(c) ? c + 1 : c;
}

std::uint32_t lower_greek(std::uint32_t c) {
  if (c == 0xB5) return 0x3BC;   // the micro sign
  if (c == 0x3C2) return 0x3C3;  // sigma at the end of a word
  if (c == 0x386) return 0x3AC;
  if (between(c, 0x388, 0x38A)) return c + 0x25;
  if (c == 0x38C) return 0x3CC;
  if (between(c, 0x38E, 0x38F)) return c + 0x3F;
  return between(c, 0x391, 0x3AB) && c != 0x3A2 ? c + 0x20 : c;
}

std::uint32_t lower_cyrillic(std::uint32_t c) {
  if (between(c, 0x400, 0x40F)) return c + 0x50;
  if (between(c, 0x410, 0x42F)) return c + 0x20;
  return c == 0x4C0 ? 0x4CF : c;
}

std::uint32_t lower(std::uint32_t c) { return lower_cyrillic(lower_greek(lower_latin(c))); }

struct Compositions {
  std::uint32_t mark;
  std::u32string_view bases, composed;
};

/// The canonical compositions of UnicodeData.txt for small letters.
constexpr std::array kCompositions{
    Compositions{0x300, U"aeinouеи", U"àèìǹòùѐѝ"},
    Compositions{0x301, U"acegilnorsuyzαεηιουωгк", U"áćéǵíĺńóŕśúýźάέήίόύώѓќ"},
    Compositions{0x302, U"aceghijosuwy", U"âĉêĝĥîĵôŝûŵŷ"},
    Compositions{0x303, U"ainou", U"ãĩñõũ"},
    Compositions{0x304, U"aeiouyиу", U"āēīōūȳӣӯ"},
    Compositions{0x306, U"aegiouаежиу", U"ăĕğĭŏŭӑӗӂйў"},
    Compositions{0x307, U"acegoz", U"ȧċėġȯż"},
    Compositions{0x308, U"aeiouyιυаежзиоучыэі", U"äëïöüÿϊϋӓёӝӟӥӧӱӵӹӭї"},
    Compositions{0x30A, U"au", U"åů"},
    Compositions{0x30B, U"ouу", U"őűӳ"},
    Compositions{0x30C, U"acdeghijklnorstuz", U"ǎčďěǧȟǐǰǩľňǒřšťǔž"},
    Compositions{0x327, U"cegklnrst", U"çȩģķļņŗşţ"},
    Compositions{0x328, U"aeiou", U"ąęįǫų"},
};

std::optional<std::uint32_t> compose(std::uint32_t base, std::uint32_t mark) {
  for (const auto& c : kCompositions) {
    if (c.mark != mark) continue;
    const auto at = c.bases.find(static_cast<char32_t>(base));
    if (at != std::u32string_view::npos) return c.composed[at];
  }
  return std::nullopt;
}

}  // namespace

std::string fold_case(std::string_view text) {
  std::string result;
  if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
    for (const char c : text) result += static_cast<char>(lower(static_cast<unsigned char>(c)));
    return result;
  }
  result.reserve(text.size());
  std::uint32_t last = kNoCodePoint;  // a letter that a combining mark may follow
  const auto flush = [&] {
    if (last != kNoCodePoint) append_utf8(result, last);
    last = kNoCodePoint;
  };
  while (!text.empty()) {
    const auto [value, length] = first_code_point(text);
    if (const auto joined = last == kNoCodePoint ? std::nullopt : compose(last, value)) {
      last = *joined;
    } else if (flush(); value == kNoCodePoint) {
      result += text[0];
    } else if (value == 0xDF || value == 0x1E9E) {
      result += "ss";
    } else if (value == 0x130) {  // I with a dot, of Turkish
      result += "i\u0307";
    } else {
      last = lower(value);
    }
    text.remove_prefix(length);
  }
  flush();
  return result;
}

}  // namespace gliocast
