#include <gliocast/pipeline/measured_radiomics.hpp>

#include <gliocast/analysis/feature_columns.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/stats/data_frame.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <numeric>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace gliocast::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostNamed = 5;  // names in a sentence

/// Words of file names, as BraTS, BIDS and daily work have them.
std::optional<Sequence> sequence_of_word(const std::string& word) {
  struct Known {
    std::string_view word;
    Sequence sequence;
  };
  constexpr auto kKnown = std::to_array<Known>({{"t1gd", Sequence::T1Gd},
                                                {"t1ce", Sequence::T1Gd},
                                                {"t1c", Sequence::T1Gd},
                                                {"t1gad", Sequence::T1Gd},
                                                {"t1n", Sequence::T1},
                                                {"t1w", Sequence::T1},
                                                {"t1", Sequence::T1},
                                                {"t2w", Sequence::T2},
                                                {"t2", Sequence::T2},
                                                {"t2f", Sequence::Flair},
                                                {"flair", Sequence::Flair}});
  const auto found = std::ranges::find(kKnown, word, &Known::word);
  return found == kKnown.end() ? std::nullopt : std::optional(found->sequence);
}

std::set<Sequence> sequences_named(const std::string& stem) {
  std::set<Sequence> out;
  std::string word;
  for (const char c : fold_case(stem) + " ") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      word += c;
      continue;
    }
    if (const auto s = sequence_of_word(word)) out.insert(*s);
    word.clear();
  }
  return out;
}

std::vector<std::string> sequence_keys() {
  std::vector<std::string> keys;
  for (const Sequence s : kAllSequences) keys.emplace_back(key_name(s));
  return keys;
}

/// Columns of the table that are no features by what they are called.
std::vector<std::string> not_features(const TextTable& table, const std::vector<std::string>& others) {
  std::vector<std::string> out;
  for (const auto& name : table.columns) {
    const auto same = [&](const std::string& other) { return fold_case(other) == fold_case(name); };
    if (std::ranges::any_of(others, same) || analysis::sounds_clinical(name) || analysis::sounds_like_outcome(name))
      out.push_back(name);
  }
  return out;
}

learn::FeatureTable read_one(const FeatureFile& f, const std::string& id, const std::vector<std::string>& others,
                             std::vector<std::string>& notes) {
  const TextTable text = read_table(f.file);
  analysis::FeatureColumns columns;
  columns.without_ids = true;
  if (!id.empty() && text.find_column(id)) columns.id = id;
  columns.drop = not_features(text, others);
  std::erase(columns.drop, columns.id);
  const stats::DataFrame frame(text, f.file.string());
  if (analysis::id_column_of(frame, columns).empty())
    throw unusable_input("no column names the patients", f.file.string(),
                         "call it patient, or name it: --column patient=NAME");
  stats::Rows rows(frame.rows());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  auto read = analysis::read_feature_rows(frame, rows, columns, analysis::read_data_dictionary(f.file));
  if (std::ranges::any_of(read.features.origins, [](const auto& origin) { return origin != nullptr; }))
    throw unusable_input("holds features of a network that was fitted on patients", f.file.string(),
                         "leave these columns out: who fitted the network would judge it");
  if (!columns.drop.empty())
    notes.push_back(f.file.string() + ": no features by their names: " + listed(columns.drop, kMostNamed));
  for (auto& note : read.notes)
    if (std::ranges::find(notes, note) == notes.end()) notes.push_back(std::move(note));
  return std::move(read.features);
}

/// Features that are in this table too.
void keep_shared(const learn::FeatureTable& table, std::vector<std::string>& features, std::set<std::string>& left) {
  const std::set<std::string> here(table.features.begin(), table.features.end());
  for (const auto& f : features)
    if (!here.contains(f)) left.insert(f);
  for (const auto& f : here)
    if (std::ranges::find(features, f) == features.end()) left.insert(f);
  std::erase_if(features, [&](const std::string& f) { return !here.contains(f); });
}

void require_alike(const std::vector<std::vector<FeatureFile>>& cohorts) {
  std::set<Sequence> first;
  for (std::size_t c = 0; c < cohorts.size(); ++c) {
    std::set<Sequence> here;
    for (const auto& f : cohorts[c])
      if (!here.insert(f.sequence).second)
        throw unusable_input("is the second table of " + std::string(display_name(f.sequence)) + " in one cohort",
                             f.file.string(), "a sequence has one table, with a row a patient");
    if (c == 0) first = here;
    if (c > 0 && here != first)
      throw unusable_input("the cohorts have tables of different sequences", cohorts[c].front().file.string(),
                           "measure both on the same sequences");
  }
}

/// The rows of a table as the patients' values.
void take_rows(const learn::FeatureTable& table, Sequence sequence, std::vector<std::string>& ids,
               MeasuredRadiomics& out) {
  std::map<std::string, std::size_t> column;
  for (std::size_t c = 0; c < table.features.size(); ++c) column.emplace(table.features[c], c);
  std::set<std::string> known(ids.begin(), ids.end());
  for (std::size_t r = 0; r < table.rows(); ++r) {
    const auto& id = table.ids[r];
    if (known.insert(id).second) ids.push_back(id);
    auto& values = out.of_patient[id][sequence];
    values.clear();
    for (const auto& f : out.features) values.push_back(table.values(r, column.at(f)));
  }
}

/// Sequences without a row of a patient are not measured.
void fill_missing(MeasuredRadiomics& out) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  for (auto& [id, radiomics] : out.of_patient)
    for (const Sequence s : out.sequences)
      if (!radiomics.contains(s)) radiomics[s].assign(out.features.size(), kNaN);
}

}  // namespace

FeatureFile parse_feature_file(const std::string& text) {
  if (const auto equals = text.find('='); equals != std::string::npos && !fs::exists(text)) {
    const auto key = text.substr(0, equals);
    const auto sequence = sequence_of_key(key);
    if (!sequence)
      throw Error(ExitCode::WrongUse, "\"" + key + "\" is no sequence", "--features " + text,
                  suggestion(key, sequence_keys(), "it is one of"));
    return {*sequence, text.substr(equals + 1)};
  }
  const auto named = sequences_named(fs::path(text).stem().string());
  if (named.size() != 1)
    throw Error(ExitCode::WrongUse,
                named.empty() ? "the file's name does not say which sequence its features are of"
                              : "the file's name names several sequences",
                "--features " + text, "say it: t1gd=" + text);
  return {*named.begin(), text};
}

MeasuredRadiomics read_measured_radiomics(const std::vector<std::vector<FeatureFile>>& cohorts, const std::string& id,
                                          const std::vector<std::string>& others) {
  require_alike(cohorts);
  MeasuredRadiomics out;
  std::vector<std::vector<learn::FeatureTable>> tables;
  std::set<std::string> left;
  for (const auto& files : cohorts) {
    tables.emplace_back();
    for (const auto& f : files) {
      auto table = read_one(f, id, others, out.notes);
      if (tables.size() == 1 && tables.front().empty()) out.features = table.features;
      keep_shared(table, out.features, left);
      tables.back().push_back(std::move(table));
    }
  }
  if (out.features.empty())
    throw unusable_input("the tables share no feature", cohorts.front().front().file.string(),
                         "measure all sequences and cohorts with the same settings");
  if (!left.empty())
    out.notes.push_back("warning: features that are not in every table are left out, " + std::to_string(left.size()) +
                        ": " + listed({left.begin(), left.end()}, kMostNamed));
  for (const Sequence s : kAllSequences)
    if (std::ranges::any_of(cohorts.front(), [s](const FeatureFile& f) { return f.sequence == s; }))
      out.sequences.push_back(s);
  for (std::size_t c = 0; c < cohorts.size(); ++c) {
    out.ids.emplace_back();
    for (std::size_t f = 0; f < cohorts[c].size(); ++f)
      take_rows(tables[c][f], cohorts[c][f].sequence, out.ids.back(), out);
  }
  fill_missing(out);
  return out;
}

}  // namespace gliocast::pipeline
