#include "folders.hpp"

#include <gliocast/cohort/dicom.hpp>
#include <gliocast/cohort/find_patients.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/dicom/folder.hpp>

#include <algorithm>
#include <set>

namespace gliocast::cohort {
namespace {

namespace fs = std::filesystem;

std::size_t patients_in(const std::vector<dicom::Series>& series) {
  std::set<std::size_t> seen;
  for (const auto& s : series) seen.insert(s.patient);
  return seen.size();
}

PatientFiles from_series(const std::vector<dicom::Series>& series, const fs::path& folder, const DicomWishes& wishes,
                         std::size_t damaged) {
  const DicomChoice choice = choose_dicom(series, wishes, folder);
  PatientFiles patient;
  patient.warnings = choice.warnings;
  patient.id = folder_name(folder);
  patient.found_at = folder.string();
  if (damaged > 0)
    patient.remarks.push_back(std::to_string(damaged) + (damaged == 1 ? " file is" : " files are") +
                              " damaged and passed over");
  patient.remarks.insert(patient.remarks.end(), choice.remarks.begin(), choice.remarks.end());
  for (const auto& [sequence, i] : choice.taken) {
    patient.dicom[sequence] = series[i].slices;
    patient.acquisition[sequence] = series[i].acquisition;
  }
  if (patient.dicom.empty())
    throw unusable_input("no DICOM series could be recognised as T1, T1-Gd, T2 or FLAIR: " + in_a_row(patient.remarks),
                         folder.string(),
                         "name them: --t1 NUMBER --t1gd NUMBER --t2 NUMBER; `gliocast series FOLDER` lists them");
  return patient;
}

/// The entry of `folder` that a file below it lies in.
fs::path entry_of(const fs::path& file, const fs::path& folder) {
  return folder / *file.lexically_relative(folder).begin();
}

/// Whether the one patient who can be read lies in one of several folders, whole, and others hold nothing but damaged
/// files: those are patients too, not lost series of this one.
bool other_patients_are_damaged(const std::vector<dicom::Series>& series, const std::vector<fs::path>& damaged,
                                const fs::path& folder) {
  std::map<fs::path, std::set<Sequence>> readable;
  for (const auto& s : series) {
    auto& sequences = readable[entry_of(s.slices.front().file, folder)];
    if (s.sequence) sequences.insert(*s.sequence);
  }
  const bool whole = readable.size() == 1 && readable.begin()->second.size() > 1;
  return whole &&
         std::ranges::any_of(damaged, [&](const fs::path& file) { return !readable.contains(entry_of(file, folder)); });
}

}  // namespace

PatientFiles dicom_patient(const fs::path& folder, const DicomWishes& wishes) {
  const dicom::Folder files(folder);
  return from_series(files.series(wishes.names), folder, wishes, files.damaged().size());
}

std::vector<PatientFiles> find_dicom(const fs::path& folder, const DicomWishes& wishes) {
  const dicom::Folder files(folder);
  const auto& damaged = files.damaged();
  const auto all = files.series(wishes.names);
  const auto directly_in = [&](const dicom::Series& s) {
    const auto relative = s.slices.front().file.lexically_relative(folder);
    return std::distance(relative.begin(), relative.end()) < 2;
  };
  const bool one = patients_in(all) == 1 && !other_patients_are_damaged(all, damaged, folder);
  if (one || std::ranges::any_of(all, directly_in))
    return {from_series(all, folder, wishes, damaged.size())};  // says that two patients share a folder
  // A cohort: one patient in each folder. Each is put together by itself, so that files of equal UIDs in two folders
  // never make one series.
  std::vector<PatientFiles> out;
  for (const auto& place : patient_places(folder)) {
    try {
      if (const auto nothing = nothing_to_read(place); !nothing.empty()) throw unusable_input(nothing, place.string());
      const auto unread =
          std::ranges::count_if(damaged, [&](const fs::path& file) { return entry_of(file, folder) == place; });
      out.push_back(
          from_series(files.series_under(place, wishes.names), place, wishes, static_cast<std::size_t>(unread)));
    } catch (const Error& e) {
      if (e.code() == ExitCode::Interrupted) throw;
      out.push_back(failed_patient(place, e));
    }
  }
  return out;
}

dicom::Series single_series(const fs::path& folder) {
  auto series = dicom::scan_folder(folder);
  if (series.size() > 1) std::erase_if(series, [](const auto& s) { return s.acquisition.slices < 8; });
  auto recognised = series;
  std::erase_if(recognised, [](const auto& s) { return !s.sequence; });
  if (recognised.size() == 1) return recognised.front();
  if (series.size() == 1) return series.front();
  std::vector<std::string> names;
  for (const auto& s : series) names.push_back(s.name());
  throw unusable_input("holds " + std::to_string(series.size()) + " image series, one is needed", folder.string(),
                       "give the folder of one series, or the patient's folder and series numbers" +
                           (names.empty() ? "" : " (" + listed(names) + ")"));
}

}  // namespace gliocast::cohort
