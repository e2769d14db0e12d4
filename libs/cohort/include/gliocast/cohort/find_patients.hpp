#pragma once
#include <gliocast/cohort/dicom.hpp>
#include <gliocast/cohort/patient.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::cohort {

/// Finds the patients in INPUT, in the order of their folders' names or of the table's lines:
/// - a folder with one patient in BraTS names, old (`X_t1.nii.gz`, `_t1ce`, `_t2`, `_flair`, `_seg`) or new
///   (`X-t1n.nii.gz`, `-t1c`, `-t2w`, `-t2f`, `-seg`), two raters' outlines beside them (`_rater1`, `_rater2` or
///   `-rater1`, `-rater2`);
/// - a folder of such folders, with grades from `cases.tsv`, `clinical.tsv` or `name_mapping.csv` beside them;
/// - a BIDS dataset (`sub-*/[ses-*/]anat/*_T1w.nii.gz`, `*_ce-*_T1w.nii.gz`, `*_T2w.nii.gz`, `*_FLAIR.nii.gz`), true
///   and raters' outlines in `derivatives/truth/sub-*/anat` (`*_desc-true_dseg`, `*_desc-rater1_label-tumor_mask`);
/// - a folder of DICOM files, of one patient, or of one patient in each of its folders;
/// - a manifest: TSV or CSV with columns id, t1, t1gd, t2 and, if there, flair, seg, brain_mask, tumour_mask, rater1,
///   rater2 (FILE or FILE:LABELS), grade (LGG/HGG), centre; paths relative to the table.
///
/// A patient of several who cannot be put together (files of two patients in one folder, a
/// sequence twice, damaged DICOM files, an empty folder, a broken link) is there with `failure` set and keeps the
/// place; one who is alone is thrown. Throws Error{UnusableInput} saying what was looked for where nothing is found,
/// and for a manifest that contradicts itself; Error{WrongUse} on an image, and on wishes for series where the input is
/// no folder of one patient's DICOM files.
[[nodiscard]] std::vector<PatientFiles> find_patients(const std::filesystem::path& input,
                                                      const DicomWishes& wishes = {});

/// A folder's own name, also with a slash at the end or for ".".
[[nodiscard]] std::string folder_name(const std::filesystem::path& folder);

/// The patients of one layout only; empty where it is not that layout.
[[nodiscard]] std::vector<PatientFiles> find_brats(const std::filesystem::path& folder);
[[nodiscard]] std::vector<PatientFiles> find_bids(const std::filesystem::path& folder);
/// One patient for the folder, or, where its files are of several (by PatientID, by study where that is empty), one for
/// each folder in it. Two patients' files directly in the folder are an Error{UnusableInput}; in one of several folders
/// they are that patient's failure.
[[nodiscard]] std::vector<PatientFiles> find_dicom(const std::filesystem::path& folder, const DicomWishes& wishes = {});
/// The patients of a manifest, in the order of its lines; errors name the line.
[[nodiscard]] std::vector<PatientFiles> read_manifest(const std::filesystem::path& table);

}  // namespace gliocast::cohort
