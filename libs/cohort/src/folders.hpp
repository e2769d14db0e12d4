#pragma once
#include <gliocast/cohort/patient.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::cohort {

/// What a folder holds, sorted by name; nothing where it cannot be opened.
[[nodiscard]] std::vector<std::filesystem::path> sorted_entries(const std::filesystem::path& folder);
/// As std::filesystem::is_directory, false also where the answer cannot be had.
[[nodiscard]] bool is_folder(const std::filesystem::path& path);

/// The entries of a cohort's folder that may be patients: folders, and links that lead nowhere. Hidden ones are none,
/// nor are BIDS' other folders (derivatives, sourcedata, code), the `truth` of simulated patients and what archives
/// leave.
[[nodiscard]] std::vector<std::filesystem::path> patient_places(const std::filesystem::path& folder);
/// Why nothing can be read in a place: a broken link, a folder that is empty or cannot be opened; empty where there is
/// something.
[[nodiscard]] std::string nothing_to_read(const std::filesystem::path& place);
/// A patient who cannot be put together but keeps the place in the cohort.
[[nodiscard]] PatientFiles failed_patient(const std::filesystem::path& place, const Error& error);

}  // namespace gliocast::cohort
