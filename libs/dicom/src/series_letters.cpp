#include "series_letters.hpp"

#include <gliocast/core/text.hpp>

#include <algorithm>
#include <array>

namespace gliocast::dicom {
namespace {

constexpr std::size_t kMostLetters = 512;

bool between(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

struct Plain {
  std::u32string_view letters, plain;
};

/// Letters with diacritics, after case folding, and what they are compared as.
constexpr std::array kPlain{
    Plain{U"àáâãäåāăąǎạảấầẩẫậắằẳẵặ", U"a"},
    Plain{U"æ", U"ae"},
    Plain{U"çćĉċč", U"c"},
    Plain{U"ďđð", U"d"},
    Plain{U"èéêëēĕėęěẹẻẽếềểễệ", U"e"},
    Plain{U"ĝğġģ", U"g"},
    Plain{U"ĥħ", U"h"},
    Plain{U"ìíîïĩīĭįıİǐỉị", U"i"},
    Plain{U"ĵ", U"j"},
    Plain{U"ķ", U"k"},
    Plain{U"ĺļľŀł", U"l"},
    Plain{U"ñńņňŋ", U"n"},
    Plain{U"òóôõöøōŏőơǒọỏốồổỗộớờởỡợ", U"o"},
    Plain{U"œ", U"oe"},
    Plain{U"ŕŗř", U"r"},
    Plain{U"śŝşšș", U"s"},
    Plain{U"ß", U"ss"},
    Plain{U"ţťŧț", U"t"},
    Plain{U"þ", U"th"},
    Plain{U"ùúûüũūŭůűųưǔụủứừửữự", U"u"},
    Plain{U"ŵ", U"w"},
    Plain{U"ýÿŷỳỵỷỹ", U"y"},
    Plain{U"źżž", U"z"},
    Plain{U"ά", U"α"},
    Plain{U"έ", U"ε"},
    Plain{U"ή", U"η"},
    Plain{U"ίϊΐ", U"ι"},
    Plain{U"ό", U"ο"},
    Plain{U"ύϋΰ", U"υ"},
    Plain{U"ώ", U"ω"},
    Plain{U"ё", U"е"},
    Plain{U"й", U"и"},
    Plain{U"ї", U"і"},
    Plain{U"ґ", U"г"},
    Plain{U"أإآٱ", U"ا"},
    Plain{U"ى", U"ي"},
    Plain{U"ة", U"ه"},
    Plain{U"ک", U"ك"},
    Plain{U"ی", U"ي"},
    Plain{U"⁰₀", U"0"},
    Plain{U"¹₁", U"1"},
    Plain{U"²₂", U"2"},
    Plain{U"³₃", U"3"},
};

/// Half-width katakana U+FF66 to U+FF9D as full-width letters.
constexpr std::u32string_view kHalfWidth =
    U"ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン";

/// Marks that are dropped: combining ones, Hebrew points, Arabic vowels and the stroke that lengthens a word.
bool is_mark(char32_t c) {
  return between(c, 0x300, 0x36F) || between(c, 0x591, 0x5C7) || between(c, 0x64B, 0x65F) || c == 0x670 || c == 0x640 ||
         between(c, 0x200B, 0x200F) || c == 0xFEFF || c == 0xAD;
}

/// Scripts written without spaces, or whose words carry particles.
bool is_unspaced(char32_t c) {
  return between(c, 0x0E00, 0x0E7F) || between(c, 0x1100, 0x11FF) || between(c, 0x3005, 0x3007) ||
         between(c, 0x3040, 0x30FF) || between(c, 0x3400, 0x9FFF) || between(c, 0xAC00, 0xD7AF) ||
         between(c, 0xF900, 0xFAFF) || between(c, 0x20000, 0x3FFFF);
}

bool is_letter(char32_t c) {
  if (c < 0x80) return between(c, 'a', 'z') || between(c, 'A', 'Z');
  if (is_unspaced(c)) return true;
  return c >= 0xC0 && c != 0xD7 && c != 0xF7 && !between(c, 0x2000, 0x2BFF) && !between(c, 0x3000, 0x303F) &&
         !between(c, 0xFE10, 0xFE6F) && !between(c, 0xFF00, 0xFF65) && !between(c, 0xE000, 0xF8FF) && c < 0x110000;
}

/// Full-width Latin, Eastern digits and half-width katakana as the usual ones.
char32_t usual_width(char32_t c) {
  if (between(c, 0xFF01, 0xFF5E)) return c - 0xFEE0;
  if (between(c, 0x660, 0x669)) return c - 0x660 + '0';
  if (between(c, 0x6F0, 0x6F9)) return c - 0x6F0 + '0';
  if (between(c, 0xFF66, 0xFF9D)) return kHalfWidth[c - 0xFF66];
  return c;
}

/// A kana with the sound mark that follows it as a character of its own.
void add_sound_mark(std::u32string& folded, char32_t mark) {
  if (folded.empty()) return;
  char32_t& last = folded.back();
  const bool voiced = mark == 0xFF9E || mark == 0x3099 || mark == 0x309B;
  if (last == U'ウ' && voiced)
    last = U'ヴ';
  else if (between(last, U'カ', U'ホ'))
    last += voiced ? 1 : 2;
}

struct Folded {
  std::u32string letters;
  bool capital;
};

Folded fold(char32_t c) {
  std::string one;
  append_utf8(one, c);
  const std::string small = fold_case(one);
  Folded out{{}, small != one || c == U'İ'};
  for (std::string_view rest = small; !rest.empty();) {
    const auto [value, length] = first_code_point(rest);
    rest.remove_prefix(length);
    const auto found = std::ranges::find_if(
        kPlain, [value](const Plain& p) { return p.letters.find(static_cast<char32_t>(value)) != p.letters.npos; });
    if (found != kPlain.end())
      out.letters += found->plain;
    else if (!is_mark(value))
      out.letters += static_cast<char32_t>(value);
  }
  return out;
}

enum class Kind : std::uint8_t { Separator, Digit, Small, Capital, Unspaced };

Kind kind_of(char32_t c, bool capital) {
  if (is_digit(c)) return Kind::Digit;
  if (is_separator(c)) return Kind::Separator;
  return is_unspaced(c) ? Kind::Unspaced : capital ? Kind::Capital : Kind::Small;
}

bool is_spaced_letter(Kind k) { return k == Kind::Small || k == Kind::Capital; }

/// The border between neighbours; a change from capitals to small letters is seen to by the caller.
Border between_kinds(Kind a, Kind b) {
  if (a == Kind::Separator || b == Kind::Separator) return Border::Hard;
  if (a == Kind::Unspaced || b == Kind::Unspaced) return Border::Soft;
  if (is_spaced_letter(a) != is_spaced_letter(b)) return Border::Soft;
  return a == Kind::Small && b == Kind::Capital ? Border::Soft : Border::None;
}

std::vector<Border> borders_of(const std::u32string& text, const std::vector<Kind>& kinds) {
  const std::size_t n = text.size();
  std::vector<Border> borders(n + 1, Border::Hard);
  for (std::size_t i = 1; i < n; ++i) borders[i] = between_kinds(kinds[i - 1], kinds[i]);
  const auto soften = [&](std::size_t i) { borders[i] = std::max(borders[i], Border::Soft); };
  for (std::size_t i = 2; i < n; ++i) {
    // "POSTcontrast" or "FSPost": the word may begin at the last capital or after it.
    if (kinds[i] == Kind::Small && kinds[i - 1] == Kind::Capital && kinds[i - 2] == Kind::Capital) {
      soften(i - 1);
      soften(i);
    }
    // "3dflair"
    const bool alone = i < 3 || kinds[i - 3] != Kind::Digit;
    if (alone && (text[i - 2] == '2' || text[i - 2] == '3') && text[i - 1] == 'd') soften(i);
  }
  return borders;
}

}  // namespace

bool is_digit(char32_t c) { return between(c, '0', '9'); }

bool is_separator(char32_t c) { return !is_digit(c) && !is_letter(c); }

Letters letters_of(std::string_view text) {
  Letters letters;
  std::vector<Kind> kinds;
  while (!text.empty() && letters.folded.size() < kMostLetters) {
    const auto [value, length] = first_code_point(text);
    text.remove_prefix(length);
    const char32_t c = value == kNoCodePoint ? U' ' : usual_width(static_cast<char32_t>(value));
    if (c == 0xFF9E || c == 0xFF9F || between(c, 0x3099, 0x309C)) {
      add_sound_mark(letters.folded, c);
      continue;
    }
    if (is_mark(c)) continue;
    const auto [folded, capital] = fold(c);
    for (const char32_t f : folded) {
      letters.folded += f;
      kinds.push_back(kind_of(f, capital));
    }
  }
  letters.borders = borders_of(letters.folded, kinds);
  return letters;
}

}  // namespace gliocast::dicom
