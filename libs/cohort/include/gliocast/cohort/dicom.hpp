#pragma once
#include <gliocast/cohort/patient.hpp>
#include <gliocast/dicom/series.hpp>
#include <gliocast/dicom/series_names.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace gliocast::cohort {

/// What a user says of DICOM input.
struct DicomWishes {
  std::string study{};  ///< its number in the table of series, or a date (20200131, 2020-01-31); empty: there is one
  dicom::SeriesNames names = dicom::SeriesNames::built_in();  ///< what words in series' descriptions mean
  std::map<Sequence, std::string> series{};  ///< number ("8"), volume of it ("8:2"), description or SeriesInstanceUID
};

/// Which volumes of one patient are taken, and for every volume why it is or is not, in the order of the series.
struct DicomChoice {
  std::map<Sequence, std::size_t> taken;  ///< index into the series
  std::vector<std::string> reasons;       ///< plain words without any text of the header
  std::vector<std::string> remarks;       ///< on the choice as a whole, for the report
  std::vector<std::string> warnings;      ///< what the user asked for and may not have meant
};

/// Chooses among the volumes of one patient: as the user says, else by dicom::choose_series within one study.
/// Throws Error{UnusableInput} where the series are of several patients, or of several studies and none was asked for
/// (the place tells their dates, for the console alone), Error{WrongUse} where a wish fits none or several.
[[nodiscard]] DicomChoice choose_dicom(const std::vector<dicom::Series>& series, const DicomWishes& wishes,
                                       const std::filesystem::path& folder);

/// A dozen of the remarks on a choice in one text, for messages; how many more there are.
[[nodiscard]] std::string in_a_row(const std::vector<std::string>& remarks);

/// One patient's DICOM folder.
[[nodiscard]] PatientFiles dicom_patient(const std::filesystem::path& folder, const DicomWishes& wishes = {});

/// The one volume of an image series in a folder, or in one multi-frame file. Throws Error{UnusableInput} where there
/// are several, naming them.
[[nodiscard]] dicom::Series single_series(const std::filesystem::path& folder);

}  // namespace gliocast::cohort
