// Searching a text for the words of the table.
#include "series_table.hpp"

#include <algorithm>
#include <optional>

namespace gliocast::dicom {
namespace {

/// Separators that may stand for a pattern's space; '+' and '*' are words of their own.
bool may_be_skipped(char32_t c) { return is_separator(c) && c != '+' && c != '*'; }

bool is_alphanumeric(const std::u32string& text, std::size_t i) { return i < text.size() && !is_separator(text[i]); }

bool is_plane(const Pattern& p) { return p.meanings.front() == Meaning::Plane; }

/// Where a pattern that begins at `from` ends, by its letters alone.
std::optional<std::size_t> end_of_match(const std::u32string& text, std::size_t from, const Pattern& p) {
  std::size_t i = from;
  for (std::size_t k = 0; k < p.text.size(); ++k) {
    const char32_t c = p.text[k];
    if (c == ' ') {
      while (i < text.size() && may_be_skipped(text[i]) && text[i] != p.text[k + 1]) ++i;
    } else if (i < text.size() && text[i] == c) {
      ++i;
    } else {
      return std::nullopt;
    }
  }
  return i;
}

bool begins_well(const Letters& letters, std::size_t i, const Pattern& p) {
  if (p.open_start) return true;
  if (is_separator(p.text.front())) return p.text.front() != '-' || i == 0 || !is_alphanumeric(letters.folded, i - 1);
  return letters.borders[i] >= (p.brief ? Border::Soft : Border::Plane);
}

bool ends_well(const Letters& letters, std::size_t i, const Pattern& p) {
  if (p.open_end) return true;
  if (is_separator(p.text.back())) return p.text.back() != '-' || !is_alphanumeric(letters.folded, i);
  if (p.brief && i < letters.folded.size() && is_digit(letters.folded[i])) return false;
  return letters.borders[i] >= (is_plane(p) ? Border::Plane : Border::Soft);
}

struct Match {
  const Pattern* pattern;
  std::size_t from, to, letters;
};

std::size_t letters_in(const std::u32string& text) {
  return text.size() - static_cast<std::size_t>(std::ranges::count(text, U' '));
}

/// A plane's name written together with the next word ends a word.
void mark_plane(Letters& letters, std::size_t from, const Pattern& p) {
  if (!is_plane(p) || !begins_well(letters, from, p)) return;
  const auto to = end_of_match(letters.folded, from, p);
  if (to && letters.borders[*to] == Border::None) letters.borders[*to] = Border::Plane;
}

std::vector<Match> matches_of(Letters& letters, const SeriesNames::Table& table) {
  std::vector<Match> matches;
  for (std::size_t i = 0; i < letters.folded.size(); ++i) {
    const auto patterns = table.words.find(letters.folded[i]);
    if (patterns == table.words.end()) continue;
    for (const std::size_t row : patterns->second) {
      const Pattern& p = table.patterns[row];
      mark_plane(letters, i, p);
      if (!begins_well(letters, i, p)) continue;
      const auto to = end_of_match(letters.folded, i, p);
      if (to && ends_well(letters, *to, p)) matches.push_back({&p, i, *to, letters_in(p.text)});
    }
  }
  return matches;
}

}  // namespace

std::vector<Found> find_words(Letters& letters, const SeriesNames::Table& table) {
  auto matches = matches_of(letters, table);
  std::ranges::stable_sort(matches, [](const Match& a, const Match& b) {
    if (a.pattern->table != b.pattern->table) return a.pattern->table > b.pattern->table;
    return a.letters > b.letters;
  });
  std::vector<bool> taken(letters.folded.size(), false);
  std::vector<Found> found;
  for (const auto& m : matches) {
    const auto first = taken.begin() + static_cast<std::ptrdiff_t>(m.from);
    const auto last = taken.begin() + static_cast<std::ptrdiff_t>(m.to);
    if (std::find(first, last, true) != last) continue;
    std::fill(first, last, true);
    for (const Meaning meaning : m.pattern->meanings) found.push_back({meaning, m.pattern->weak, m.from, m.to});
  }
  std::ranges::stable_sort(found, {}, &Found::from);
  return found;
}

const Pattern* find_image_type(std::string_view value, const SeriesNames::Table& table) {
  const Letters letters = letters_of(value);
  const Pattern* best = nullptr;
  for (const auto& p : table.patterns) {
    if (!p.image_type) continue;
    for (std::size_t i = 0; i <= (p.open_start ? letters.folded.size() : 0); ++i) {
      const auto to = end_of_match(letters.folded, i, p);
      if (!to || (!p.open_end && *to != letters.folded.size())) continue;
      if (best == nullptr || p.table > best->table || (p.table == best->table && p.text.size() >= best->text.size()))
        best = &p;
    }
  }
  return best;
}

}  // namespace gliocast::dicom
