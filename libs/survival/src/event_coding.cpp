#include "event_coding.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace gliocast::survival {
namespace {

using Values = std::vector<stats::ColumnSource::Value>;
using Words = std::set<std::string>;

enum class Meaning { Event, Censored, Missing };

const std::array<Words, 3> kSynonyms{Words{"dead", "deceased", "death", "died"}, {"true", "t"}, {"yes", "y"}};
const Words kEvent{"true", "t", "dead", "deceased", "death", "died", "yes", "y", "event"};
const Words kNone{"false", "f", "alive", "living", "censored", "no", "n", "none", "no event"};

/// Two words for the same event.
bool are_synonyms(const std::string& a, const std::string& b) {
  return std::ranges::any_of(kSynonyms, [&](const Words& words) { return words.contains(a) && words.contains(b); });
}

/// Words for a missing value; "none" says that there was no event.
bool is_unknown(const std::string& folded_text) {
  return folded_text != "none" && stats::may_mean_missing(folded_text);
}

/// Case folded, without blanks around it and with single ones within.
std::string folded(std::string_view text) {
  std::string result;
  for (const char c : fold_case(plain_blanks(trimmed(text)))) {
    if (c == ' ' && result.ends_with(' ')) continue;
    result += c;
  }
  return result;
}

/// cBioPortal's "1:DECEASED": the number before the colon and the word behind it; empty where there is none.
std::pair<std::string, std::string> code_and_word(const std::string& folded_text) {
  const auto colon = folded_text.find(':');
  if (colon == std::string::npos || colon == 0 || !parse_number(folded_text.substr(0, colon))) return {};
  return {folded_text.substr(0, colon), folded(folded_text.substr(colon + 1))};
}

/// The word of "1:DECEASED", else the text itself.
std::string word_of(const std::string& folded_text) {
  const auto [code, word] = code_and_word(folded_text);
  return code.empty() ? folded_text : word;
}

bool same_value(const std::string& text, const std::string& wanted) {
  const std::string a = folded(text), b = folded(wanted);
  if (a == b) return true;
  const auto x = parse_number(a), y = parse_number(b);
  if (x && y) return *x == *y;
  const auto [code, word] = code_and_word(a);
  return !code.empty() && (word == b || (y && parse_number(code) == y));
}

/// Distinct values of all rows of the table the column comes from.
Values values_of(const stats::Column& column) {
  if (column.source && !column.source->values.empty()) return column.source->values;
  std::map<std::string, stats::ColumnSource::Value> values;
  for (std::size_t r = 0; r < column.rows(); ++r) {
    if (column.missing(r)) continue;
    auto& v = values[column.text(r)];
    if (v.rows++ == 0) v.text = column.text(r);
  }
  Values result;
  for (auto& [text, v] : values) result.push_back(std::move(v));
  return result;
}

std::string counted(const stats::ColumnSource::Value& v) {
  return '"' + v.text + "\" (" + std::to_string(v.rows) + (v.rows == 1 ? " row)" : " rows)");
}

/// Finds the meaning of each value of a column.
class Judge {
 public:
  Judge(const stats::Column& column, const std::string& event_value, const std::string& known,
        const std::string& origin)
      : column_(column), event_value_(event_value), known_(known), origin_(origin), values_(values_of(column)) {
    if (!event_value.empty())
      by_event_value();
    else if (!column.is_factor)
      by_numbers();
    else
      by_words();
  }

  CodedEvents coded() const {
    CodedEvents result;
    for (std::size_t r = 0; r < column_.rows(); ++r)
      result.event.push_back(static_cast<signed char>(column_.missing(r) ? -1 : code(meaning_.at(column_.text(r)))));
    result.note = note();
    result.coding = coding_;
    return result;
  }

 private:
  static int code(Meaning m) { return m == Meaning::Event ? 1 : m == Meaning::Censored ? 0 : -1; }

  [[nodiscard]] Error wrong(const std::string& what) const {
    std::string list;
    for (const auto& v : values_)
      if (list.size() < 200) list += (list.empty() ? "" : ", ") + counted(v);
    return unusable_input("column \"" + column_.name + "\" " + what + "; its values: " + list, origin_,
                          "say which value means an event: --event-value; and which mean that it is not known: --na");
  }

  void by_event_value() {
    const bool any = std::ranges::any_of(values_, [&](const auto& v) { return same_value(v.text, event_value_); });
    if (!any) throw wrong("does not hold \"" + event_value_ + "\"");
    const std::string wanted = folded(event_value_);
    std::size_t spellings = 0;
    for (const auto& v : values_) {
      const std::string text = folded(v.text);
      if (same_value(v.text, event_value_)) {
        set(v, Meaning::Event, spellings++ > 0);
      } else if (is_unknown(word_of(text))) {
        set(v, Meaning::Missing, true);
      } else if (are_synonyms(word_of(text), word_of(wanted))) {
        set(v, Meaning::Event, true);
      } else {
        set(v, Meaning::Censored, false);
      }
    }
    judge_others();
  }

  /// With one value beside the event that is censoring; of several, those that do not say so are doubtful.
  void judge_others() {
    std::size_t censored = 0;
    for (const auto& [text, m] : meaning_) censored += m == Meaning::Censored;
    if (censored < 2) return;
    for (const auto& [text, m] : meaning_) {
      const std::string value = folded(text);
      const bool plain = kNone.contains(word_of(value)) || value == "0" || code_and_word(value).first == "0";
      if (m != Meaning::Censored || plain) continue;
      doubtful_ = true;
      others_.insert(text);
    }
  }

  void by_numbers() {
    Words texts;
    for (const auto& v : values_) texts.insert(v.text);
    const bool known_values =
        std::ranges::all_of(texts, [](const std::string& t) { return t == "0" || t == "1" || t == "2"; });
    if (!known_values || (texts.contains("2") && texts.contains("0"))) throw wrong("is neither 0/1 nor 1/2");
    const bool one_two = texts.contains("2") || (known_ == "1/2" && !texts.contains("0"));
    for (const auto& v : values_) set(v, v.text == (one_two ? "2" : "1") ? Meaning::Event : Meaning::Censored, false);
    doubtful_ = texts.size() == 1 && !texts.contains("0") && known_.empty();
    if (doubtful_) remark_ = ": there is no other value, so every row is taken as an event";
    if (texts.size() > 1 || texts.contains("2") || known_ == "1/2") coding_ = one_two ? "1/2" : "0/1";
  }

  void by_words() {
    bool other_none = false;
    for (const auto& v : values_) {
      const std::string text = folded(v.text);
      const auto [number, word] = code_and_word(text);
      if ((number == "0" && kEvent.contains(word)) || (number == "1" && kNone.contains(word)))
        throw wrong("has the value \"" + v.text + "\", whose number and word contradict each other");
      if (number == "0" || number == "1") {
        set(v, number == "1" ? Meaning::Event : Meaning::Censored, false);
      } else if (kEvent.contains(text)) {
        set(v, Meaning::Event, false);
      } else if (kNone.contains(text)) {
        set(v, Meaning::Censored, false);
        other_none = other_none || text != "none";
      } else if (is_unknown(text)) {
        set(v, Meaning::Missing, true);
      } else {
        throw wrong("has the value \"" + v.text + "\", which is not known to mean an event or none");
      }
    }
    for (const auto& [text, m] : meaning_)
      if (other_none && folded(text) == "none") {
        doubtful_ = true;
        others_.insert(text);
      }
  }

  void set(const stats::ColumnSource::Value& v, Meaning m, bool doubtful) {
    meaning_[v.text] = m;
    doubtful_ = doubtful_ || doubtful;
  }

  [[nodiscard]] std::string list(Meaning m) const {
    std::string text;
    std::size_t n = 0;
    for (const auto& v : values_)
      if (meaning_.at(v.text) == m && ++n <= 20) text += (text.empty() ? "" : ", ") + counted(v);
    return n > 20 ? text + ", ..." : text;
  }

  [[nodiscard]] std::string note() const {
    std::string text = (doubtful_ ? "warning: column \"" : "column \"") + column_.name + "\"";
    const char* between = ": ";
    for (const auto& [m, name] :
         {std::pair{Meaning::Event, "event"}, {Meaning::Censored, "censored"}, {Meaning::Missing, "missing"}})
      if (const auto values = list(m); !values.empty()) {
        text += between + std::string(name) + " = " + values;
        between = "; ";
      }
    if (!others_.empty()) {
      text += "; if ";
      for (const auto& o : others_) text += (o == *others_.begin() ? "\"" : ", \"") + o + '"';
      text += std::string(others_.size() == 1 ? " means" : " mean") + " that it is not known: --na";
    }
    return text + remark_;
  }

  const stats::Column& column_;
  const std::string &event_value_, &known_, &origin_;
  Values values_;
  std::map<std::string, Meaning> meaning_;
  Words others_;  ///< taken as censored without saying so
  bool doubtful_ = false;
  std::string remark_, coding_;
};

}  // namespace

CodedEvents read_events(const stats::Column& column, const std::string& event_value, const std::string& known_coding,
                        const std::string& origin) {
  return Judge(column, event_value, known_coding, origin).coded();
}

}  // namespace gliocast::survival
