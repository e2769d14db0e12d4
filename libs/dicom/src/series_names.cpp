// Reading the table of series' names.
#include "series_table.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/dicom/series_names.hpp>

#include <algorithm>

namespace gliocast::dicom {

/// The text of share/series_names.tsv, put into the library when it is built.
std::string_view embedded_series_names();

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto from = text.find_first_not_of(kSpace);
  if (from == text.npos) return {};
  return text.substr(from, text.find_last_not_of(kSpace) - from + 1);
}

std::vector<std::string_view> columns_of(std::string_view line) {
  std::vector<std::string_view> columns;
  for (std::size_t from = 0; from <= line.size();) {
    const auto to = std::min(line.find('\t', from), line.size());
    columns.push_back(trimmed(line.substr(from, to - from)));
    from = to + 1;
  }
  while (!columns.empty() && columns.back().empty()) columns.pop_back();
  return columns;
}

std::string known_meanings() { return listed({kMeaningNames.begin(), kMeaningNames.end()}); }

/// One meaning, or several with commas between.
std::vector<Meaning> meanings_of(std::string_view text, const std::string& place) {
  std::vector<Meaning> meanings;
  for (std::size_t from = 0; from <= text.size();) {
    const auto to = std::min(text.find(',', from), text.size());
    const auto found = std::ranges::find(kMeaningNames, trimmed(text.substr(from, to - from)));
    if (found == kMeaningNames.end())
      throw unusable_input("a series name has an unknown meaning", place, "the meanings are " + known_meanings());
    meanings.push_back(static_cast<Meaning>(found - kMeaningNames.begin()));
    from = to + 1;
  }
  return meanings;
}

/// Separators that a word may hold as they are.
constexpr std::u32string_view kSymbols = U"+*-/()";

/// Folded letters; runs of other separators as one space, "\*" as a star.
std::u32string pattern_text(std::string_view word) {
  std::string plain;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] == '\\' && i + 1 < word.size()) ++i;
    plain += word[i];
  }
  std::u32string text;
  for (const char32_t c : letters_of(plain).folded) {
    if (!is_separator(c) || kSymbols.find(c) != kSymbols.npos)
      text += c;
    else if (!text.empty() && text.back() != ' ')
      text += U' ';
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

Pattern pattern_of(std::string_view line, std::size_t table, const std::string& place) {
  const auto columns = columns_of(line);
  if (columns.size() != 3 || columns[0].empty() || columns[2].empty())
    throw unusable_input("a line of series names does not have three columns", place,
                         "give word, language and meaning with a tabulator between each");
  Pattern p;
  std::string_view word = columns[0], meaning = columns[2];
  p.table = table;
  p.image_type = columns[1] == "type";
  if (meaning.ends_with('?')) {
    p.weak = true;
    meaning.remove_suffix(1);
  }
  p.meanings = meanings_of(meaning, place);
  if (word.starts_with('*')) {
    p.open_start = true;
    word.remove_prefix(1);
  }
  if (word.ends_with('*') && !word.ends_with("\\*")) {
    p.open_end = true;
    word.remove_suffix(1);
  }
  for (std::size_t i = 0; i < word.size(); ++i)
    if (word[i] == '*' && (i == 0 || word[i - 1] != '\\'))
      throw unusable_input("a series name has a * within", place,
                           "a * may stand at an end; a star itself is written \\*");
  p.text = pattern_text(word);
  const auto is_word = [](char32_t c) { return !is_separator(c); };
  if (std::ranges::none_of(p.text, is_word) && p.text != U"+")
    throw unusable_input("a series name holds no letter", place, "give a word, or words with spaces between them");
  const auto digits = std::ranges::count_if(p.text, is_digit);
  constexpr char32_t kFirstUnspaced = 0x2E80;
  p.brief = digits == 0 && std::ranges::count_if(p.text, is_word) <= 2 && p.text[0] < kFirstUnspaced;
  return p;
}

void read_rows(SeriesNames::Table& table, std::string_view text, std::size_t number, const std::string& name) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::size_t line_number = 0;
  for (std::size_t from = 0; from < text.size();) {
    const auto to = std::min(text.find('\n', from), text.size());
    const auto line = text.substr(from, to - from);
    from = to + 1;
    ++line_number;
    if (trimmed(line).empty() || trimmed(line).starts_with('#')) continue;
    Pattern p = pattern_of(line, number, name + ", line " + std::to_string(line_number));
    if (!p.image_type) table.words[p.text.front()].push_back(table.patterns.size());
    table.patterns.push_back(std::move(p));
  }
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto [value, length] = first_code_point(text);
    if (value == kNoCodePoint) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace

std::string_view SeriesNames::built_in_text() { return embedded_series_names(); }

const SeriesNames& SeriesNames::built_in() {
  static const SeriesNames names = [] {
    auto table = std::make_shared<Table>();
    read_rows(*table, built_in_text(), 0, "series_names.tsv");
    return SeriesNames(std::move(table));
  }();
  return names;
}

SeriesNames SeriesNames::extended_by(const std::filesystem::path& file) const {
  const std::string text = read_text(file);
  if (!is_utf8(text)) throw unusable_input("the table of series names is not UTF-8", file.string(), "save it as UTF-8");
  auto table = std::make_shared<Table>(*table_);
  std::size_t last = 0;
  for (const auto& p : table->patterns) last = std::max(last, p.table);
  read_rows(*table, text, last + 1, file.string());
  return SeriesNames(std::move(table));
}

}  // namespace gliocast::dicom
