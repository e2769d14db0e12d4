#include "folders.hpp"

#include <gliocast/cohort/find_patients.hpp>
#include <gliocast/core/error.hpp>

#include <algorithm>
#include <set>

namespace gliocast::cohort {
namespace {

namespace fs = std::filesystem;

std::size_t patients_in(const std::vector<image::DicomSeries>& series) {
  std::set<std::size_t> seen;
  for (const auto& s : series) seen.insert(s.patient);
  return seen.size();
}

std::string series_name(const image::DicomSeries& s) { return "series " + std::to_string(s.acquisition.series_number) + " (" + std::to_string(s.acquisition.slices) + " slices)"; }

void take(PatientFiles& patient, Sequence sequence, const image::DicomSeries& s) {
  patient.dicom[sequence] = s.slices;
  patient.acquisition[sequence] = s.acquisition;
}

/// Examinations among the series that were recognised.
std::size_t studies_in(const std::vector<image::DicomSeries>& series) {
  std::set<std::size_t> seen;
  for (const auto& s : series)
    if (s.sequence) seen.insert(s.study);
  return seen.size();
}

PatientFiles from_series(const std::vector<image::DicomSeries>& series, const fs::path& folder,
                         const std::map<Sequence, int>& wanted, std::size_t damaged) {
  if (patients_in(series) > 1)
    throw unusable_input("holds DICOM series of " + std::to_string(patients_in(series)) +
                             " patients (by PatientID, by study where that is empty)",
                         folder.string(), "give each patient a folder of their own");
  if (studies_in(series) > 1)
    throw unusable_input("holds DICOM series of " + std::to_string(studies_in(series)) +
                             " studies (by StudyInstanceUID, by StudyDate where that is empty), which are never mixed: "
                             "another examination, or another patient under the same PatientID",
                         folder.string(), "give the folder of one study");
  PatientFiles patient;
  if (damaged > 0)
    patient.remarks.push_back(std::to_string(damaged) + (damaged == 1 ? " file is" : " files are") +
                              " damaged and passed over");
  patient.id = folder_name(folder);
  patient.found_at = folder.string();
  std::set<const image::DicomSeries*> taken;
  for (const auto& [sequence, number] : wanted) {
    const auto has_number = [n = number](const image::DicomSeries& s) { return s.acquisition.series_number == n; };
    const auto found = std::ranges::find_if(series, has_number);
    if (found == series.end()) throw Error(ExitCode::WrongUse, "there is no series number " + std::to_string(number) + " for " + std::string(display_name(sequence)), folder.string());
    take(patient, sequence, *found);
    taken.insert(&*found);
    patient.remarks.push_back(std::string(display_name(sequence)) + ": " + series_name(*found) + ", as you said");
  }
  std::vector<image::DicomSeries> rest;
  for (const auto& s : series)
    if (!taken.contains(&s)) rest.push_back(s);
  for (const auto& [sequence, s] : image::choose_series(rest, patient.remarks)) {
    if (wanted.contains(sequence)) continue;
    take(patient, sequence, *s);
    patient.remarks.push_back(std::string(display_name(sequence)) + ": " + series_name(*s) + ", because " + s->reason);
  }
  for (const auto& s : rest)
    if (!s.sequence) patient.remarks.push_back(series_name(s) + " passed over: " + s.reason);
  if (patient.dicom.empty()) {
    std::string why;
    for (const auto& r : patient.remarks) why += (why.empty() ? "" : "; ") + r;
    throw unusable_input("no DICOM series could be recognised as T1, T1-Gd, T2 or FLAIR: " + why, folder.string(), "name them: --t1 NUMBER --t1gd NUMBER --t2 NUMBER");
  }
  return patient;
}

/// The entry of `folder` that a file below it lies in.
fs::path entry_of(const fs::path& file, const fs::path& folder) {
  return folder / *file.lexically_relative(folder).begin();
}

/// Whether the one patient who can be read lies in one of several folders, whole, and others hold nothing but damaged
/// files: those are patients too, not lost series of this one.
bool other_patients_are_damaged(const std::vector<image::DicomSeries>& series, const std::vector<fs::path>& damaged,
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

PatientFiles dicom_patient(const fs::path& folder, const std::map<Sequence, int>& series_numbers) {
  std::vector<fs::path> damaged;
  const auto series = image::scan_dicom(folder, &damaged);
  return from_series(series, folder, series_numbers, damaged.size());
}

std::vector<PatientFiles> find_dicom(const fs::path& folder) {
  std::vector<fs::path> damaged;
  const auto all = image::scan_dicom(folder, &damaged);
  const auto directly_in = [&](const image::DicomSeries& s) {
    const auto relative = s.slices.front().file.lexically_relative(folder);
    return std::distance(relative.begin(), relative.end()) < 2;
  };
  const bool one = patients_in(all) == 1 && !other_patients_are_damaged(all, damaged, folder);
  if (one || std::ranges::any_of(all, directly_in))
    return {from_series(all, folder, {}, damaged.size())};  // says that two patients share a folder
  // A cohort: one patient in each folder. Each is scanned by itself, so that files of equal UIDs in two folders never
  // make one series.
  std::vector<PatientFiles> out;
  for (const auto& place : patient_places(folder)) {
    try {
      if (const auto nothing = nothing_to_read(place); !nothing.empty()) throw unusable_input(nothing, place.string());
      std::vector<fs::path> unread;
      const auto series = image::scan_dicom(place, &unread);
      out.push_back(from_series(series, place, {}, unread.size()));
    } catch (const Error& e) {
      if (e.code() == ExitCode::Interrupted) throw;
      out.push_back(failed_patient(place, e));
    }
  }
  return out;
}

image::DicomSeries single_series(const fs::path& folder) {
  auto series = image::scan_dicom(folder);
  std::erase_if(series, [](const image::DicomSeries& s) { return s.acquisition.slices < 8; });
  if (series.size() != 1)
    throw unusable_input("holds " + std::to_string(series.size()) + " image series, one is needed", folder.string(), "give the folder of one series, or the patient's folder and series numbers");
  return series.front();
}

}  // namespace gliocast::cohort
