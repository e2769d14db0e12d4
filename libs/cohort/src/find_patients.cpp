#include <gliocast/cohort/find_patients.hpp>

#include "folders.hpp"

#include <gliocast/cohort/clinical.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/dicom/folder.hpp>
#include <gliocast/imageio/read_image.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace gliocast::cohort {
namespace {

namespace fs = std::filesystem;

struct Ending {
  const char* text;
  std::optional<Sequence> sequence;  ///< nothing: an outline
  bool old_name;
  std::size_t rater = 0;  ///< whose outline, from 1; 0: the segmentation
};
constexpr std::array<Ending, 14> kBratsEndings{{{"_t1", Sequence::T1, true},
                                                {"_t1ce", Sequence::T1Gd, true},
                                                {"_t2", Sequence::T2, true},
                                                {"_flair", Sequence::Flair, true},
                                                {"_seg", std::nullopt, true},
                                                {"_rater1", std::nullopt, true, 1},
                                                {"_rater2", std::nullopt, true, 2},
                                                {"-t1n", Sequence::T1, false},
                                                {"-t1c", Sequence::T1Gd, false},
                                                {"-t2w", Sequence::T2, false},
                                                {"-t2f", Sequence::Flair, false},
                                                {"-seg", std::nullopt, false},
                                                {"-rater1", std::nullopt, false, 1},
                                                {"-rater2", std::nullopt, false, 2}}};

/// File name without .nii or .nii.gz; empty for other files.
std::string nifti_stem(const fs::path& file) {
  std::string name = file.filename().string();
  for (const std::string ending : {".nii.gz", ".nii"})
    if (name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
  return {};
}

/// Takes a file as what its ending says; what was there already, empty where nothing was.
std::string take_file(PatientFiles& patient, const Ending& e, const fs::path& file) {
  if (e.rater > 0) {
    auto& mask = patient.raters.at(e.rater - 1);
    if (mask) return "masks of rater " + std::to_string(e.rater);
    mask = MaskFile{file, {}, {}};
    return {};
  }
  // Raters' masks do not say which labels a segmentation has.
  patient.labels = e.old_name ? LabelConvention::Brats2020 : LabelConvention::Brats2023;
  if (e.sequence)
    return patient.sequences.emplace(*e.sequence, file).second ? ""
                                                               : std::string(display_name(*e.sequence)) + " images";
  if (patient.segmentation) return "segmentations";
  patient.segmentation = file;
  return {};
}

/// One patient in BraTS names directly in a folder; nothing where no file has such a name. Files of two patients are
/// the patient's failure.
std::optional<PatientFiles> brats_patient(const fs::path& folder) {
  PatientFiles patient;
  patient.found_at = folder.string();
  for (const auto& file : sorted_entries(folder)) {
    const std::string stem = nifti_stem(file);
    for (const auto& e : kBratsEndings) {
      if (stem.empty() || !stem.ends_with(e.text)) continue;
      const std::string id = stem.substr(0, stem.size() - std::string(e.text).size());
      if (!patient.id.empty() && patient.id != id)
        return failed_patient(folder, unusable_input("the folder holds files of two patients",
                                                     folder.string() + " (" + patient.id + ", " + id + ")",
                                                     "give each patient a folder of its own"));
      patient.id = id;
      if (const std::string twice = take_file(patient, e, file); !twice.empty())
        return failed_patient(folder, unusable_input("there are two " + twice, file.string(),
                                                     "leave one of them in the folder, or use a manifest table"));
      break;
    }
  }
  if (patient.sequences.empty() && !patient.segmentation) return std::nullopt;
  return patient;
}

/// Why a folder among BraTS patients is one of them who cannot be found; nothing where it seems to be something else, a
/// folder of tables for one.
std::optional<Error> missing_brats_patient(const fs::path& place) {
  if (const auto nothing = nothing_to_read(place); !nothing.empty()) return unusable_input(nothing, place.string());
  // Also what an interrupted copy leaves: X_t1.nii.gz.part.
  const auto like_an_image = [](const fs::path& file) {
    return imageio::has_known_ending(file) || file.filename().string().find(".nii") != std::string::npos;
  };
  const bool images = std::ranges::any_of(sorted_entries(place), like_an_image);
  if (!images && !dicom::has_dicom(place)) return std::nullopt;
  return unusable_input("holds images, but none in BraTS names as the other folders do", place.string(),
                        "rename them (X_t1.nii.gz, X_t1ce.nii.gz, X_t2.nii.gz), or use a manifest table");
}

/// Grades from the tables that lie beside the patients. A table that cannot be read is told: few verbs need grades.
void add_grades(const fs::path& folder, std::vector<PatientFiles>& patients) {
  for (const char* name : {"cases.tsv", "clinical.tsv", "participants.tsv", "name_mapping.csv"}) {
    std::error_code error;
    if (!fs::exists(folder / name, error)) continue;
    try {
      const auto grades = read_grades(folder / name);
      for (auto& p : patients)
        if (const auto found = grades.find(p.id); found != grades.end() && !p.grade) p.grade = found->second;
    } catch (const Error& e) {
      log_warning(std::string("no grades are taken from ") + name + ": " + e.what());
    }
  }
}

/// The collection a BraTS name comes from, as far as the name says: the part after the release ("TCIA02", "2013",
/// "CBICA"), else the release.
std::string brats_centre(const std::string& id) {
  const auto first = id.find('_');
  if (first == std::string::npos)
    return id.substr(0, id.find('-', id.find('-') == std::string::npos ? 0 : id.find('-') + 1));
  const auto second = id.find('_', first + 1);
  if (second == std::string::npos) return id.substr(0, first);
  std::string centre = id.substr(first + 1, second - first - 1);
  return centre.starts_with("TCIA") ? "TCIA" : centre;
}

/// The BIDS subjects in a folder, or the folder itself where it is one.
std::vector<fs::path> bids_subjects(const fs::path& folder) {
  if (folder_name(folder).starts_with("sub-")) return {folder};
  auto places = patient_places(folder);
  std::erase_if(places, [](const fs::path& p) { return !p.filename().string().starts_with("sub-"); });
  return places;
}

std::optional<Sequence> bids_sequence(const std::string& stem) {
  if (stem.ends_with("_T1w")) return stem.find("_ce-") != std::string::npos ? Sequence::T1Gd : Sequence::T1;
  if (stem.ends_with("_T2w")) return Sequence::T2;
  if (stem.ends_with("_FLAIR")) return Sequence::Flair;
  return std::nullopt;
}

/// The images in a folder `anat`. A sequence that is there twice is the patient's failure.
void add_bids_anat(const fs::path& anat, PatientFiles& patient) {
  for (const auto& file : sorted_entries(anat)) {
    const std::string stem = nifti_stem(file);
    if (stem.empty()) continue;
    const auto s = bids_sequence(stem);
    if (!s) continue;
    if (patient.sequences.contains(*s)) {
      patient.failure = unusable_input(
          "there are two " + std::string(display_name(*s)) + " images",
          anat.string() + " (" + patient.sequences[*s].filename().string() + ", " + file.filename().string() + ")",
          "name the one you mean with --t1, --t1gd or --t2, or in a manifest");
      return;
    }
    patient.sequences[*s] = file;
  }
}

/// The true and the raters' outlines of a subject, as `gliocast simulate` names them.
void add_bids_outlines(const fs::path& dataset, const std::string& subject, PatientFiles& patient) {
  const auto outline = [&](const std::string& what) -> std::optional<fs::path> {
    const fs::path folder = dataset / "derivatives" / "truth" / subject / "anat";
    std::error_code error;
    for (const char* ending : {".nii.gz", ".nii"})
      if (const fs::path file = folder / (subject + "_desc-" + what + ending); fs::exists(file, error)) return file;
    return std::nullopt;
  };
  patient.segmentation = outline("true_dseg");
  for (std::size_t r = 0; r < patient.raters.size(); ++r)
    if (const auto file = outline("rater" + std::to_string(r + 1) + "_label-tumor_mask"))
      patient.raters[r] = MaskFile{*file, {}, {}};
}

/// A subject's patients: one for its folder anat, one for each session that has one.
std::vector<PatientFiles> bids_patients(const fs::path& dataset, const fs::path& subject) {
  const std::string name = folder_name(subject);
  std::vector<std::pair<std::string, fs::path>> anats;
  if (is_folder(subject / "anat")) anats.emplace_back("", subject / "anat");
  for (const auto& session : sorted_entries(subject))
    if (session.filename().string().starts_with("ses-") && is_folder(session / "anat"))
      anats.emplace_back("_" + session.filename().string(), session / "anat");
  std::vector<PatientFiles> out;
  for (const auto& [suffix, anat] : anats) {
    PatientFiles patient;
    patient.id = name + suffix;
    patient.found_at = anat.string();
    add_bids_anat(anat, patient);
    add_bids_outlines(dataset, name, patient);
    if (patient.sequences.empty())
      patient.failure = unusable_input("no T1, T1-Gd, T2 or FLAIR image in BIDS names is there", anat.string());
    out.push_back(std::move(patient));
  }
  if (out.empty()) {
    const auto nothing = nothing_to_read(subject);
    out.push_back(failed_patient(
        subject, unusable_input(nothing.empty() ? "no folder anat is there" : nothing, subject.string())));
  }
  return out;
}

}  // namespace

std::vector<PatientFiles> find_brats(const fs::path& folder) {
  std::vector<PatientFiles> out;
  if (auto single = brats_patient(folder)) {
    out.push_back(std::move(*single));
    add_grades(folder.parent_path(), out);
  } else {
    bool any = false;
    for (const auto& place : patient_places(folder)) {
      if (auto patient = brats_patient(place)) {
        out.push_back(std::move(*patient));
        any = true;
      } else if (const auto missing = missing_brats_patient(place)) {
        out.push_back(failed_patient(place, *missing));
      } else {
        log_apart(LogLevel::Warning, place.string() + " holds no image: passed over",
                  "a folder beside the patients holds no image: passed over");
      }
    }
    if (!any) return {};
    add_grades(folder, out);
  }
  for (auto& p : out) p.centre = brats_centre(p.id);
  return out;
}

std::vector<PatientFiles> find_bids(const fs::path& folder) {
  std::vector<PatientFiles> out;
  for (const auto& subject : bids_subjects(folder))
    for (auto& patient : bids_patients(folder, subject)) out.push_back(std::move(patient));
  // Folders called sub-… may hold something else, DICOM files for one.
  if (std::ranges::all_of(out, [](const PatientFiles& p) { return p.sequences.empty(); })) return {};
  for (auto& p : out) p.own_name = true;
  add_grades(folder, out);
  return out;
}

std::vector<PatientFiles> find_patients(const fs::path& input, const DicomWishes& wishes) {
  std::error_code error;
  if (!fs::exists(input, error)) throw unusable_input("no such file or folder", input.string());
  if (!is_folder(input) && imageio::has_known_ending(input))
    throw Error(ExitCode::WrongUse, "is an image, a folder or table of patients is needed", input.string(),
                "give a patient's images with --t1, --t1gd and --t2");
  if (!is_folder(input) && dicom::has_dicom(input))
    throw Error(ExitCode::WrongUse, "is a DICOM file", input.string(), "give the folder of the exam");
  if (constexpr std::array<const char*, 7> kPacked{".zip", ".tar", ".tgz", ".7z", ".rar", ".iso", ".bz2"};
      !is_folder(input) && std::ranges::find(kPacked, input.extension().string()) != kPacked.end())
    throw Error(ExitCode::WrongUse, "is a packed file", input.string(), "unpack it and give the folder");
  if (!is_folder(input)) return read_manifest(input);
  if (!wishes.series.empty()) return {dicom_patient(input, wishes)};
  auto found = find_bids(input);
  if (found.empty()) found = find_brats(input);
  if (found.empty() && dicom::has_dicom(input))
    found = find_dicom(input, wishes);
  else if (!wishes.study.empty())
    throw Error(ExitCode::WrongUse, "--study chooses among DICOM studies, and these are no DICOM files",
                input.string());
  if (found.empty())
    throw unusable_input("no patient found", input.string(),
                         "looked for BraTS names (X_t1.nii.gz, X_t1ce.nii.gz, X_t2.nii.gz or X-t1n, X-t1c, X-t2w) in "
                         "it and in its folders, for BIDS (sub-*/anat/*_T1w.nii.gz) and for DICOM files; "
                         "for other names use --t1, --t1gd, --t2 or a manifest table");
  if (found.size() == 1 && found.front().failure) throw *found.front().failure;
  return found;
}

}  // namespace gliocast::cohort
