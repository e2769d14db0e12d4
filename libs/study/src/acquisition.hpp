#pragma once
#include <gliocast/cohort/patient.hpp>
#include <gliocast/core/table.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::study {

/// How one sequence of one patient was acquired, as far as that is known.
struct AcquiredSequence {
  std::string centre;  ///< of the row: the patient's, or the cohort's name
  Sequence sequence = Sequence::T1Gd;
  std::optional<dicom::Acquisition> header{};  ///< of DICOM, or of a JSON file beside the image
  std::string model{};                         ///< of the scanner; empty where not known
  std::vector<double> size{}, spacing_mm{};    ///< three each, along the image's axes; empty where not known
};

/// The JSON file beside an image, of the same name, as BIDS and dcm2niix write it (times in seconds there); nothing
/// where there is none that can be read. Of it EchoTime, RepetitionTime, InversionTime, FlipAngle,
/// MagneticFieldStrength, SliceThickness, Manufacturer, ManufacturersModelName, ContrastBolusIngredient or
/// ContrastBolusAgent.
struct Sidecar {
  dicom::Acquisition acquisition{};
  std::string model;  ///< as it stands there, of letters, digits and " .-+/" alone: other text may be somebody's words
};
[[nodiscard]] std::optional<Sidecar> read_sidecar(const std::filesystem::path& image);

/// Of every sequence of these patients: headers, and the geometry that the records of their examination hold. `cohort`
/// stands for centres that are not named.
[[nodiscard]] std::vector<AcquiredSequence> acquired_sequences(const std::vector<cohort::PatientFiles>& patients,
                                                               const std::string& cohort,
                                                               const std::filesystem::path& examined);

/// A row a centre and sequence: number of images, and median (range) of what is known, "not known" where it is known of
/// no image of the row; what is known of no image at all has no column and stands in `unknown`.
struct AcquisitionTable {
  TextTable table;
  std::vector<std::string> unknown;
};
[[nodiscard]] AcquisitionTable acquisition_table(const std::vector<AcquiredSequence>& images);

}  // namespace gliocast::study
