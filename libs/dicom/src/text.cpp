// The character sets of DICOM (PS3.3 C.12.1.1.2, PS3.5 6.1), by iconv.
#include "text.hpp"

#include <iconv.h>
#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <vector>

namespace gliocast::dicom {
namespace {

/// A character set of DICOM by its registration number.
struct CharacterSet {
  int number;  ///< ISO_IR, or 0
  const char* iconv_name;
  bool two_bytes;           ///< of its characters beyond ASCII
  std::string_view escape;  ///< that puts it in place of G1, or of G0
};

constexpr std::array kSets{
    CharacterSet{100, "ISO-8859-1", false, "-A"}, CharacterSet{101, "ISO-8859-2", false, "-B"},
    CharacterSet{109, "ISO-8859-3", false, "-C"}, CharacterSet{110, "ISO-8859-4", false, "-D"},
    CharacterSet{144, "ISO-8859-5", false, "-L"}, CharacterSet{127, "ISO-8859-6", false, "-G"},
    CharacterSet{126, "ISO-8859-7", false, "-F"}, CharacterSet{138, "ISO-8859-8", false, "-H"},
    CharacterSet{148, "ISO-8859-9", false, "-M"}, CharacterSet{203, "ISO-8859-15", false, "-b"},
    CharacterSet{166, "TIS-620", false, "-T"},    CharacterSet{13, "EUC-JP", false, ")I"},
    CharacterSet{149, "EUC-KR", true, "$)C"},     CharacterSet{58, "GB18030", true, "$)A"},
    CharacterSet{87, "EUC-JP", true, "$B"},       CharacterSet{159, "EUC-JP", true, "$(D"},
};
constexpr int kKatakana = 13, kKanji = 87, kMoreKanji = 159;
constexpr char kEscape = '\x1B';

std::optional<std::string> convert(std::string_view bytes, const char* from) {
  const iconv_t converter = iconv_open("UTF-8", from);
  if (converter == reinterpret_cast<iconv_t>(-1)) return std::nullopt;
  std::string out(4 * bytes.size() + 16, '\0'), in(bytes);
  char *read = in.data(), *write = out.data();
  std::size_t left = in.size(), room = out.size();
  const bool failed = iconv(converter, &read, &left, &write, &room) == static_cast<std::size_t>(-1);
  iconv_close(converter);
  if (failed) return std::nullopt;
  out.resize(out.size() - room);
  return out;
}

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return (static_cast<unsigned char>(c) & 0x80U) != 0; });
}

std::string guessed(std::string_view bytes) {
  if (auto text = convert(bytes, "UTF-8")) return *text;
  return convert(bytes, "ISO-8859-1").value_or(std::string(bytes));
}

/// One value of SpecificCharacterSet: capital letters and digits of "ISO_IR 100", "ISO 2022 IR 100" and what resembles
/// them.
struct Named {
  std::string letters;
  int number = 0;
};

Named named(std::string_view value) {
  Named n;
  for (const char c : value)
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      n.letters += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  auto digits = n.letters;
  const auto at = digits.rfind("IR");
  digits = at == digits.npos ? "" : digits.substr(at + 2);
  if (!digits.empty() && digits.size() <= 3 && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; }))
    n.number = std::stoi(digits);
  return n;
}

const CharacterSet* by_number(int number) {
  const auto found = std::ranges::find(kSets, number, &CharacterSet::number);
  return found == kSets.end() ? nullptr : &*found;
}

/// Text with escapes between character sets.
class ExtendedText {
 public:
  ExtendedText(std::string_view bytes, const CharacterSet* first, const CharacterSet* likely)
      : bytes_(bytes), first_(first), likely_(likely), g1_(first) {}

  std::optional<std::string> read() {
    while (at_ < bytes_.size())
      if (!(bytes_[at_] == kEscape ? read_escape() : read_character())) return std::nullopt;
    return out_;
  }

 private:
  bool read_escape() {
    const auto rest = bytes_.substr(at_ + 1);
    for (const std::string_view ascii : {"(B", "(J"})
      if (rest.starts_with(ascii)) {
        g0_ = nullptr;
        at_ += 1 + ascii.size();
        return true;
      }
    for (const auto& set : kSets) {
      if (!rest.starts_with(set.escape)) continue;
      (set.number == kKanji || set.number == kMoreKanji ? g0_ : g1_) = &set;
      at_ += 1 + set.escape.size();
      return true;
    }
    return false;
  }

  bool read_character() {
    const bool high = (static_cast<unsigned char>(bytes_[at_]) & 0x80U) != 0;
    const CharacterSet* set = high ? (g1_ != nullptr ? g1_ : likely_) : g0_;
    const bool control = !high && static_cast<unsigned char>(bytes_[at_]) <= ' ';
    if (set == nullptr || control) {
      if (high) return false;
      if (bytes_[at_] == '\\' || bytes_[at_] == '\n' || bytes_[at_] == '\r') {
        g0_ = nullptr;
        g1_ = first_;
      }
      out_ += bytes_[at_++];
      return true;
    }
    if (at_ + (set->two_bytes ? 2 : 1) > bytes_.size()) return false;
    std::string one;
    if (set->number == kKatakana) one = '\x8E';
    if (set->number == kMoreKanji) one = '\x8F';
    for (int i = 0; i < (set->two_bytes ? 2 : 1); ++i)
      one += static_cast<char>(static_cast<unsigned char>(bytes_[at_++]) | (set->two_bytes ? 0x80U : 0U));
    const auto text = convert(one, set->iconv_name);
    if (text) out_ += *text;
    return text.has_value();
  }

  std::string_view bytes_;
  const CharacterSet *first_, *likely_, *g0_ = nullptr, *g1_;
  std::size_t at_ = 0;
  std::string out_;
};

std::optional<std::string> by_character_set(std::string_view bytes, const std::vector<Named>& values) {
  const auto& letters = values.front().letters;
  if (letters == "GB18030" || letters == "GBK" || letters == "GB2312") return convert(bytes, "GB18030");
  if (letters.starts_with("UTF") || values.front().number == 192) return convert(bytes, "UTF-8");
  const bool escapes = bytes.find(kEscape) != bytes.npos;
  // Text that can be read as UTF-8 beyond ASCII is hardly ever anything else.
  if (!escapes)
    if (auto text = convert(bytes, "UTF-8")) return text;
  const CharacterSet* likely = nullptr;  // some writers forget the escape before the first character
  for (const auto& value : values)
    if (const auto* set = by_number(value.number); set != nullptr && set->number != kKanji && set->number != kMoreKanji)
      likely = set;
  if (auto text = ExtendedText(bytes, by_number(values.front().number), likely).read()) return text;
  const auto is_japanese = [](const Named& n) {
    return n.number == kKatakana || n.number == kKanji || n.number == kMoreKanji;
  };
  if (escapes || std::ranges::none_of(values, is_japanese)) return std::nullopt;
  return convert(bytes, "SHIFT_JIS");  // what some Japanese writers mean by them
}

}  // namespace

std::string to_utf8(std::string_view bytes, std::string_view character_set) {
  if (is_ascii(bytes) && bytes.find(kEscape) == bytes.npos) return std::string(bytes);
  std::vector<Named> values;
  for (std::size_t from = 0; from <= character_set.size();) {
    const auto to = std::min(character_set.find('\\', from), character_set.size());
    values.push_back(named(character_set.substr(from, to - from)));
    from = to + 1;
  }
  if (auto text = by_character_set(bytes, values)) return *text;
  return guessed(bytes);
}

}  // namespace gliocast::dicom
