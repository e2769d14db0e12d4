#pragma once
#include <gliocast/cohort/mask_file.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/sequence.hpp>
#include <gliocast/dicom/series.hpp>
#include <gliocast/findings/clinical.hpp>

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::cohort {

enum class Grade { Low = 0, High = 1 };

/// How the labels of a segmentation file are to be read: which one is enhancing tumour.
enum class LabelConvention { Brats2020, Brats2023 };  ///< enhancing = 4, or 3 (from 2023 on)

/// One patient's files, before anything is read.
struct PatientFiles {
  std::string id;
  bool own_name = false;  ///< the id is a BIDS name or a manifest's, meant for the output; else it comes from a path
  std::string found_at;   ///< folder, or table and line; for the console, never for outputs
  std::optional<Error> failure;  ///< why the files could not be put together; such a patient is reported
  std::map<Sequence, std::filesystem::path> sequences;
  std::map<Sequence, std::vector<dicom::Slice>> dicom;  ///< DICOM slices of a sequence, in place of an image file
  std::optional<std::filesystem::path> segmentation;
  std::optional<MaskFile> brain_mask, tumour_mask;  ///< the user's outlines, taken in place of ours
  std::array<std::optional<MaskFile>, 2> raters{};  ///< outlines of two raters, for their agreement alone
  LabelConvention labels = LabelConvention::Brats2020;
  std::optional<Grade> grade;
  std::optional<findings::ClinicalRecord> clinical{};  ///< what the user says of the patient
  std::string centre;                                  ///< source or centre; may be empty
  std::map<Sequence, dicom::Acquisition> acquisition;  ///< of DICOM input
  std::vector<std::string> warnings{};                 ///< doubts about the choice of files, plain words
  std::vector<std::string> remarks;                    ///< how DICOM series were chosen, plain words
};

}  // namespace gliocast::cohort
