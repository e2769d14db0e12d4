#include <gliocast/cohort/find_patients.hpp>

#include <gliocast/cohort/clinical.hpp>
#include <gliocast/core/error.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace gliocast::cohort {
namespace {

namespace fs = std::filesystem;

struct Ending {
  const char* text;
  std::optional<Sequence> sequence;  ///< nothing: the segmentation
  bool old_name;
};
constexpr std::array<Ending, 10> kBratsEndings{{{"_t1", Sequence::T1, true},
                                                {"_t1ce", Sequence::T1Gd, true},
                                                {"_t2", Sequence::T2, true},
                                                {"_flair", Sequence::Flair, true},
                                                {"_seg", std::nullopt, true},
                                                {"-t1n", Sequence::T1, false},
                                                {"-t1c", Sequence::T1Gd, false},
                                                {"-t2w", Sequence::T2, false},
                                                {"-t2f", Sequence::Flair, false},
                                                {"-seg", std::nullopt, false}}};

/// File name without .nii or .nii.gz; empty for other files.
std::string nifti_stem(const fs::path& file) {
  std::string name = file.filename().string();
  for (const std::string ending : {".nii.gz", ".nii"})
    if (name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
  return {};
}

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) entries.push_back(entry.path());
  std::ranges::sort(entries);
  return entries;
}

/// One patient in BraTS names directly in a folder.
std::optional<PatientFiles> brats_patient(const fs::path& folder) {
  PatientFiles patient;
  for (const auto& file : sorted_entries(folder)) {
    const std::string stem = nifti_stem(file);
    for (const auto& e : kBratsEndings) {
      if (stem.empty() || !stem.ends_with(e.text)) continue;
      const std::string id = stem.substr(0, stem.size() - std::string(e.text).size());
      if (!patient.id.empty() && patient.id != id) throw unusable_input("files of two patients in one folder: " + patient.id + " and " + id, folder.string(), "give each patient a folder of its own");
      patient.id = id;
      if (e.sequence)
        patient.sequences[*e.sequence] = file;
      else
        patient.segmentation = file;
      patient.labels = e.old_name ? LabelConvention::Brats2020 : LabelConvention::Brats2023;
      break;
    }
  }
  if (patient.sequences.empty()) return std::nullopt;
  return patient;
}

/// Grades and centres from the tables that lie beside BraTS folders.
void add_grades(const fs::path& folder, std::vector<PatientFiles>& patients) {
  for (const char* name : {"cases.tsv", "clinical.tsv", "participants.tsv", "name_mapping.csv"}) {
    if (!fs::exists(folder / name)) continue;
    const auto grades = read_grades(folder / name);
    for (auto& p : patients)
      if (const auto found = grades.find(p.id); found != grades.end() && !p.grade) p.grade = found->second;
  }
}

/// The collection a BraTS name comes from, as far as the name says: the part after the release ("TCIA02", "2013", "CBICA"), else the release.
std::string brats_centre(const std::string& id) {
  const auto first = id.find('_');
  if (first == std::string::npos) return id.substr(0, id.find('-', id.find('-') == std::string::npos ? 0 : id.find('-') + 1));
  const auto second = id.find('_', first + 1);
  if (second == std::string::npos) return id.substr(0, first);
  std::string centre = id.substr(first + 1, second - first - 1);
  return centre.starts_with("TCIA") ? "TCIA" : centre;
}

bool is_bids_subject(const fs::path& p) { return fs::is_directory(p) && p.filename().string().starts_with("sub-"); }

std::optional<Sequence> bids_sequence(const std::string& stem) {
  if (stem.ends_with("_T1w")) return stem.find("_ce-") != std::string::npos ? Sequence::T1Gd : Sequence::T1;
  if (stem.ends_with("_T2w")) return Sequence::T2;
  if (stem.ends_with("_FLAIR")) return Sequence::Flair;
  return std::nullopt;
}

void add_bids_anat(const fs::path& anat, PatientFiles& patient) {
  for (const auto& file : sorted_entries(anat)) {
    const std::string stem = nifti_stem(file);
    if (stem.empty()) continue;
    const auto s = bids_sequence(stem);
    if (!s) continue;
    if (patient.sequences.contains(*s))
      throw unusable_input("two " + std::string(display_name(*s)) + " images: " + patient.sequences[*s].filename().string() + " and " + file.filename().string(), patient.id,
                           "name the one you mean with --t1, --t1gd or --t2, or in a manifest");
    patient.sequences[*s] = file;
  }
}

}  // namespace

std::vector<PatientFiles> find_brats(const fs::path& folder) {
  std::vector<PatientFiles> out;
  if (auto single = brats_patient(folder)) {
    out.push_back(std::move(*single));
    add_grades(folder.parent_path(), out);
  } else {
    for (const auto& entry : sorted_entries(folder))
      if (fs::is_directory(entry))
        if (auto patient = brats_patient(entry)) out.push_back(std::move(*patient));
    add_grades(folder, out);
  }
  for (auto& p : out) p.centre = brats_centre(p.id);
  return out;
}

std::vector<PatientFiles> find_bids(const fs::path& folder) {
  std::vector<PatientFiles> out;
  std::vector<fs::path> subjects;
  if (is_bids_subject(folder))
    subjects.push_back(folder);
  else
    for (const auto& entry : sorted_entries(folder))
      if (is_bids_subject(entry)) subjects.push_back(entry);
  for (const auto& subject : subjects) {
    std::vector<std::pair<std::string, fs::path>> anats;
    if (fs::is_directory(subject / "anat")) anats.emplace_back("", subject / "anat");
    for (const auto& session : sorted_entries(subject))
      if (session.filename().string().starts_with("ses-") && fs::is_directory(session / "anat")) anats.emplace_back("_" + session.filename().string(), session / "anat");
    for (const auto& [suffix, anat] : anats) {
      PatientFiles patient;
      patient.id = subject.filename().string() + suffix;
      add_bids_anat(anat, patient);
      const fs::path truth = folder / "derivatives" / "truth" / subject.filename() / "anat" / (subject.filename().string() + "_desc-true_dseg.nii.gz");
      if (fs::exists(truth)) patient.segmentation = truth;
      if (!patient.sequences.empty()) out.push_back(std::move(patient));
    }
  }
  add_grades(folder, out);
  return out;
}

std::vector<PatientFiles> find_patients(const fs::path& input) {
  std::error_code error;
  if (!fs::exists(input, error)) throw unusable_input("no such file or folder", input.string());
  if (!fs::is_directory(input, error)) return read_manifest(input);
  auto found = find_bids(input);
  if (found.empty()) found = find_brats(input);
  if (found.empty() && image::has_dicom(input)) found = find_dicom(input);
  if (found.empty())
    throw unusable_input("no patient found", input.string(),
                         "looked for BraTS names (X_t1.nii.gz, X_t1ce.nii.gz, X_t2.nii.gz or X-t1n, X-t1c, X-t2w) in it and in its folders, for BIDS (sub-*/anat/*_T1w.nii.gz) and for DICOM files; "
                         "for other names use --t1, --t1gd, --t2 or a manifest table");
  return found;
}

}  // namespace gliocast::cohort
