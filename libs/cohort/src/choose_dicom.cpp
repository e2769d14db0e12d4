// Which series of a DICOM folder stand for which sequence.
#include <gliocast/cohort/dicom.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/dicom/choose_series.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string_view>

namespace gliocast::cohort {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAsSaid = "as you said";
constexpr const char* kSeeSeries = "`gliocast series FOLDER` lists them";

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The studies among the volumes, each with its date.
std::map<std::size_t, std::string> studies_of(const std::vector<dicom::Series>& series, bool recognised_alone) {
  std::map<std::size_t, std::string> out;
  for (const auto& s : series)
    if (s.sequence || !recognised_alone) {
      auto& date = out[s.study];
      if (date.empty()) date = s.label.study_date;
    }
  return out;
}

/// "FOLDER (study 1: 2019-01-01, study 2: 2020-03-01)", for an error's place.
std::string with_studies(const fs::path& folder, const std::map<std::size_t, std::string>& studies) {
  std::vector<std::string> list;
  for (const auto& [number, date] : studies)
    list.push_back("study " + std::to_string(number) + ": " + (date.empty() ? "without date" : date));
  return folder.string() + " (" + listed(list) + ")";
}

/// The study that was asked for.
std::size_t wanted_study(const std::vector<dicom::Series>& series, const std::string& wish, const fs::path& folder) {
  const auto studies = studies_of(series, false);
  std::string digits = wish;
  std::erase(digits, '-');
  std::vector<std::size_t> found;
  for (const auto& [number, date] : studies) {
    std::string day = date;
    std::erase(day, '-');
    if (wish == std::to_string(number) || (digits.size() == 8 && digits == day)) found.push_back(number);
  }
  if (found.size() == 1) return found.front();
  throw Error(ExitCode::WrongUse,
              found.empty() ? "there is no study of that number or date" : "there are several studies of that date",
              with_studies(folder, studies),
              "--study takes a number or a date (2020-01-31); " + std::string(kSeeSeries));
}

/// The study whose volumes may be taken.
std::size_t study_of(const std::vector<dicom::Series>& series, const DicomWishes& wishes, const fs::path& folder) {
  if (!wishes.study.empty()) return wanted_study(series, wishes.study, folder);
  const auto studies = studies_of(series, true);
  if (studies.size() > 1)
    throw unusable_input("holds DICOM series of " + std::to_string(studies.size()) +
                             " studies (by StudyInstanceUID and StudyDate), which are never mixed: "
                             "another examination, or another patient under the same PatientID",
                         with_studies(folder, studies),
                         "say which one: --study NUMBER or --study DATE; if its folders are different patients, give "
                         "one folder at a time");
  return studies.empty() ? series.front().study : studies.begin()->first;
}

bool has_number(const dicom::Series& s, const std::string& wish) {
  const auto colon = wish.find(':');
  const auto number = whole_number(std::string_view(wish).substr(0, colon));
  if (!number || s.acquisition.series_number != *number) return false;
  if (colon == std::string::npos) return true;
  const auto volume = whole_number(std::string_view(wish).substr(colon + 1));
  return volume && *volume == static_cast<int>(s.volume);
}

/// The volumes of a study that a wish means: by number, else by description, else by UID.
std::vector<std::size_t> meant_by(const std::string& wish, const std::vector<dicom::Series>& series,
                                  std::size_t study) {
  const auto matching = [&](auto fits) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < series.size(); ++i)
      if (series[i].study == study && fits(series[i])) out.push_back(i);
    return out;
  };
  const std::string folded = fold_case(trimmed(wish));
  auto found = matching([&](const dicom::Series& s) { return has_number(s, wish); });
  if (found.empty())
    found = matching([&](const dicom::Series& s) { return fold_case(trimmed(s.label.description)) == folded; });
  if (found.empty()) found = matching([&](const dicom::Series& s) { return s.label.series_uid == wish; });
  return found;
}

std::size_t wanted_series(Sequence sequence, const std::string& wish, const std::vector<dicom::Series>& series,
                          std::size_t study, const fs::path& folder) {
  auto found = meant_by(wish, series, study);
  // Of magnitude and phase, of several echoes: the one that can be used. Of time points only the user knows which.
  if (found.size() > 1) {
    std::vector<std::size_t> recognised;
    for (const std::size_t i : found)
      if (series[i].sequence) recognised.push_back(i);
    if (recognised.size() == 1 && !series[recognised.front()].over_time) found = recognised;
  }
  const std::string name(display_name(sequence));
  if (found.empty())
    throw Error(ExitCode::WrongUse,
                "there is no series number " + wish + ", nor one of that description or UID, for " + name,
                folder.string(), kSeeSeries);
  if (found.size() == 1) return found.front();
  std::vector<std::string> names;
  for (const std::size_t i : found) names.push_back(series[i].name());
  throw Error(ExitCode::WrongUse, "'" + wish + "' for " + name + " means several volumes: " + listed(names),
              folder.string(),
              "say one of them by its number, as in 3:2 for the second volume of series 3; " + std::string(kSeeSeries));
}

/// Where a series holds several volumes at the same places: which this is.
std::string which_volume(const dicom::Series& s) {
  if (s.volumes < 2 || s.told_apart_by.empty()) return {};
  return "one of " + std::to_string(s.volumes) + " volumes of its series, told apart by " + s.told_apart_by;
}

std::string described(const dicom::Series& s) {
  const std::string which = which_volume(s);
  return s.name() + " (" + std::to_string(s.acquisition.slices) + " slices" + (which.empty() ? "" : "; " + which) + ")";
}

std::size_t patients_in(const std::vector<dicom::Series>& series) {
  std::set<std::size_t> seen;
  for (const auto& s : series) seen.insert(s.patient);
  return seen.size();
}

/// Takes the best of each sequence that nobody asked for, and notes why the others are not taken.
void choose_the_rest(const std::vector<dicom::Series>& series, std::size_t study, DicomChoice& choice) {
  std::vector<dicom::Series> rest;
  std::vector<std::size_t> place;
  std::set<std::size_t> said;
  for (const auto& [sequence, i] : choice.taken) said.insert(i);
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (said.contains(i)) continue;
    if (series[i].study != study) {
      choice.reasons[i] = "is of another study";
      continue;
    }
    choice.reasons[i] = series[i].reason;
    if (series[i].sequence && choice.taken.contains(*series[i].sequence)) {
      choice.reasons[i] = "another one was asked for; " + series[i].reason;
      continue;
    }
    rest.push_back(series[i]);
    place.push_back(i);
  }
  const auto chosen = dicom::choose_series(rest);
  for (const auto& [sequence, best] : chosen)
    if (!best.remark.empty()) choice.remarks.push_back(best.remark);
  for (std::size_t k = 0; k < rest.size(); ++k) {
    if (!rest[k].sequence) continue;
    const auto& best = chosen.at(*rest[k].sequence);
    if (best.series == &rest[k])
      choice.taken[*rest[k].sequence] = place[k];
    else
      choice.reasons[place[k]] = "not taken, " + best.remark + "; " + rest[k].reason;
  }
}

/// Several T1 of which nothing says whether contrast agent was given, and no T1-Gd: what a person may know.
void tell_unmarked_contrast(const std::vector<dicom::Series>& series, std::size_t study, DicomChoice& choice) {
  if (choice.taken.contains(Sequence::T1Gd)) return;
  std::vector<std::string> names;
  for (const auto& s : series)
    if (s.study == study && s.sequence == Sequence::T1 && s.contrast_certainty == 0) names.push_back(s.name());
  if (names.size() > 1)
    choice.remarks.push_back("no series says that contrast agent was given, and " + listed(names) +
                             " do not say that none was: if one of them is T1-Gd, name it with --t1gd");
}

}  // namespace

std::string in_a_row(const std::vector<std::string>& sentences) {
  constexpr std::size_t kMost = 12;
  std::string out;
  for (std::size_t i = 0; i < std::min(kMost, sentences.size()); ++i) out += (i == 0 ? "" : "; ") + sentences[i];
  if (sentences.size() > kMost) out += "; and " + std::to_string(sentences.size() - kMost) + " more";
  return out;
}

DicomChoice choose_dicom(const std::vector<dicom::Series>& series, const DicomWishes& wishes, const fs::path& folder) {
  if (patients_in(series) > 1)
    throw unusable_input("holds DICOM series of " + std::to_string(patients_in(series)) +
                             " patients (by PatientID, by study where that is empty)",
                         folder.string(), "give each patient a folder of their own");
  const std::size_t study = study_of(series, wishes, folder);
  DicomChoice choice;
  choice.reasons.resize(series.size());
  std::set<std::size_t> said;
  for (const auto& [sequence, wish] : wishes.series) {
    const std::size_t i = wanted_series(sequence, wish, series, study, folder);
    if (!said.insert(i).second)
      throw Error(ExitCode::WrongUse, series[i].name() + " was asked for as two sequences", folder.string(),
                  kSeeSeries);
    choice.taken[sequence] = i;
    choice.reasons[i] = kAsSaid;
    if (series[i].sequence && series[i].sequence != sequence)
      choice.reasons[i] += ", though it looks like " + std::string(display_name(*series[i].sequence));
    else if (!series[i].sequence)
      choice.reasons[i] += ", though it " + series[i].reason;
    if (series[i].sequence != sequence)
      choice.warnings.push_back(std::string(display_name(sequence)) + ": " + series[i].name() + " is taken " +
                                choice.reasons[i]);
  }
  choose_the_rest(series, study, choice);
  tell_unmarked_contrast(series, study, choice);
  std::vector<std::string> remarks;
  const auto all = studies_of(series, false);
  if (all.size() > 1)
    remarks.push_back("study " + std::to_string(study) + " of " + std::to_string(all.size()) + " is taken");
  std::set<std::size_t> taken;
  for (const auto& [sequence, i] : choice.taken) {
    const std::string why = (wishes.series.contains(sequence) ? ", " : ", because ") + choice.reasons[i];
    remarks.push_back(std::string(display_name(sequence)) + ": " + described(series[i]) + why);
    taken.insert(i);
  }
  remarks.insert(remarks.end(), choice.remarks.begin(), choice.remarks.end());
  for (std::size_t i = 0; i < series.size(); ++i)
    if (!taken.contains(i) && series[i].study == study && !series[i].sequence)
      remarks.push_back(described(series[i]) + " passed over: " + choice.reasons[i]);
  choice.remarks = std::move(remarks);
  return choice;
}

}  // namespace gliocast::cohort
