// The little grammar of series' names: which word belongs to which.
#include "series_words.hpp"

#include <algorithm>

namespace gliocast::dicom {
namespace {

/// Reads what a text says of the contrast agent: "without" and the like belong to the agent that follows, "post" to the
/// operation that follows or, where none does, to the agent.
class AgentReader {
 public:
  AgentReader(const Letters& letters, const std::vector<Found>& found)
      : letters_(letters), found_(found), used_(found.size(), false) {}

  Agent read() {
    for (std::size_t i = 0; i < found_.size(); ++i) read_behind(i);
    for (std::size_t i = 0; i < found_.size(); ++i) read_word(i);
    for (std::size_t i = 0; i < found_.size(); ++i)
      if (is(i, Meaning::Contrast) && !used_[i]) after_ = true;
    return before_ ? (after_ ? Agent::Both : Agent::Before) : after_ ? Agent::After : Agent::Nothing;
  }

 private:
  [[nodiscard]] bool is(std::size_t i, Meaning m) const { return i < found_.size() && found_[i].meaning == m; }

  /// Words between two found ones that the table does not have.
  [[nodiscard]] std::size_t words_between(std::size_t a, std::size_t b) const {
    std::size_t words = 0;
    for (std::size_t i = found_[a].to; i < found_[b].from; ++i)
      if (!is_separator(letters_.folded[i]) && (i == found_[a].to || letters_.borders[i] != Border::None)) ++words;
    return words;
  }

  [[nodiscard]] bool follows(std::size_t i, std::size_t j, Meaning m, std::size_t most_words) const {
    return is(j, m) && words_between(i, j) <= most_words;
  }

  [[nodiscard]] bool precedes(std::size_t i, Meaning m, std::size_t most_words) const {
    return i > 0 && is(i - 1, m) && words_between(i - 1, i) <= most_words;
  }

  /// The next word found that is no plane.
  [[nodiscard]] std::size_t next(std::size_t i) const {
    do ++i;
    while (is(i, Meaning::Plane));
    return i;
  }

  /// Takes the agent's names from word j on; whether there is one within reach of word i. "+C" belongs to "w/o" only
  /// where it follows at once.
  bool take_agent(std::size_t i, std::size_t j) {
    const bool denied = (is(i, Meaning::Without) || is(i, Meaning::Not)) && follows(i, j, Meaning::ContrastGiven, 0);
    if (!denied && !follows(i, j, Meaning::Contrast, 3)) return false;
    used_[j] = true;
    while (follows(j, j + 1, Meaning::Contrast, 1)) used_[++j] = true;
    return true;
  }

  void read_behind(std::size_t i) {
    const bool before = is(i, Meaning::BeforeBehind), after = is(i, Meaning::AfterBehind);
    const bool plain = is(i, Meaning::NoContrast);
    if (!before && !after && !plain && !is(i, Meaning::NotBehind)) return;
    if (precedes(i, Meaning::Event, 1)) return;
    bool agent = false;
    const std::size_t reach = plain ? 0 : 1;
    for (std::size_t j = i; precedes(j, Meaning::Contrast, reach) || precedes(j, Meaning::ContrastGiven, 0); --j)
      used_[j - 1] = agent = true;
    if (after) after_ = true;
    if (before || (agent && !after)) before_ = true;
  }

  void read_negation(std::size_t i) {
    const std::size_t j = next(i);
    if (follows(i, j, Meaning::Event, 1) || follows(i, j, Meaning::Neutral, 0)) {
      used_[j] = true;
      if (!is(i, Meaning::Before) || is(j, Meaning::Event)) return;
    }
    const bool behind = !take_agent(i, j) && precedes(i, Meaning::Contrast, 0);  // "KM ohne"
    if (behind) used_[i - 1] = true;
    if (!is(i, Meaning::Not) || behind || (j < found_.size() && used_[j] && is(j, Meaning::Contrast))) before_ = true;
  }

  void read_after(std::size_t i) {
    const std::size_t j = next(i);
    if (follows(i, j, Meaning::Event, 2)) {
      used_[j] = true;
      return;
    }
    take_agent(i, j);
    after_ = true;
  }

  /// "with" says something only with the agent, at the end, before a plane or in "with and without".
  void read_with(std::size_t i) {
    const std::size_t j = i + 1;
    const bool letter = found_[i].to - found_[i].from <= 2 && !is_separator(letters_.folded[found_[i].from]);
    bool said = !letter && ((j == found_.size() && nothing_behind(i)) || follows(i, j, Meaning::Plane, 0));
    said = said || follows(i, j, Meaning::Without, 1);
    said = said || follows(i, j, Meaning::Not, 1) || take_agent(i, next(i));
    if (said) after_ = true;
  }

  [[nodiscard]] bool nothing_behind(std::size_t i) const {
    const auto rest = letters_.folded.begin() + static_cast<std::ptrdiff_t>(found_[i].to);
    return std::all_of(rest, letters_.folded.end(), is_separator);
  }

  void read_word(std::size_t i) {
    if (used_[i]) return;
    switch (found_[i].meaning) {
      case Meaning::Before:
      case Meaning::Without:
      case Meaning::Not:
        read_negation(i);
        break;
      case Meaning::After:
        read_after(i);
        break;
      case Meaning::With:
        read_with(i);
        break;
      case Meaning::ContrastGiven:
        after_ = true;
        break;
      case Meaning::NoContrast:
        before_ = true;
        break;
      default:
        break;
    }
  }

  const Letters& letters_;
  const std::vector<Found>& found_;
  std::vector<bool> used_;
  bool before_ = false, after_ = false;
};

/// Whether a text has numbers and all of them are 0: "0", "0.0 ml".
bool only_zeros(const std::u32string& text) {
  return std::ranges::any_of(text, is_digit) &&
         std::ranges::none_of(text, [](char32_t c) { return is_digit(c) && c != '0'; });
}

}  // namespace

bool Said::names_kind() const {
  return has(Meaning::T1) || has(Meaning::T2) || has(Meaning::Flair) || has(Meaning::Pd);
}

std::optional<Meaning> Said::other_image() const {
  for (auto m = static_cast<std::size_t>(Meaning::Localiser); m < kMeaningNames.size(); ++m) {
    if (static_cast<Meaning>(m) == Meaning::BodyPart && has(Meaning::Brain)) continue;
    if (meanings[m] || (weak_meanings[m] && !names_kind())) return static_cast<Meaning>(m);
  }
  return std::nullopt;
}

Said what_is_said(std::string_view text, const SeriesNames::Table& table) {
  Letters letters = letters_of(text);
  const auto found = find_words(letters, table);
  Said said;
  for (const auto& f : found) (f.weak ? said.weak_meanings : said.meanings).set(static_cast<std::size_t>(f.meaning));
  said.agent = AgentReader(letters, found).read();
  return said;
}

bool says_agent(std::string_view tag, const SeriesNames::Table& table) {
  const Said said = what_is_said(tag, table);
  for (const Meaning none : {Meaning::NoAgent, Meaning::Not, Meaning::Without, Meaning::NotBehind})
    if (said.has(none)) return false;
  if (said.agent == Agent::Before || said.agent == Agent::Both) return false;
  const auto text = letters_of(tag).folded;
  return std::ranges::any_of(text, [](char32_t c) { return !is_separator(c); }) && !only_zeros(text) &&
         (said.agent == Agent::After || !said.has(Meaning::Neutral));
}

}  // namespace gliocast::dicom
