#include "folders.hpp"

#include <gliocast/cohort/find_patients.hpp>

#include <algorithm>
#include <set>

namespace gliocast::cohort {

namespace fs = std::filesystem;

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    entries.push_back(it->path());
  std::ranges::sort(entries);
  return entries;
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

std::string folder_name(const fs::path& folder) {
  std::error_code error;
  const fs::path whole = fs::absolute(folder, error).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

std::vector<fs::path> patient_places(const fs::path& folder) {
  const std::set<std::string> others{"code", "derivatives", "sourcedata", "truth", "__MACOSX"};
  std::vector<fs::path> places;
  for (const auto& entry : sorted_entries(folder)) {
    const std::string name = entry.filename().string();
    if (name.starts_with('.') || others.contains(name)) continue;
    std::error_code error;
    const bool broken_link =
        fs::is_symlink(fs::symlink_status(entry, error)) && !fs::exists(entry, error) && !entry.has_extension();
    if (is_folder(entry) || broken_link) places.push_back(entry);
  }
  return places;
}

std::string nothing_to_read(const fs::path& place) {
  std::error_code error;
  if (!fs::exists(place, error)) return "is a link to a folder that is not there";
  const fs::directory_iterator first(place, error);
  if (error) return "the folder cannot be opened";
  return first == fs::directory_iterator() ? "the folder is empty" : "";
}

PatientFiles failed_patient(const fs::path& place, const Error& error) {
  PatientFiles p;
  p.id = folder_name(place);
  p.found_at = place.string();
  p.failure = error;
  return p;
}

}  // namespace gliocast::cohort
