#include <gliocast/pipeline/failure.hpp>

#include <gliocast/core/sequence.hpp>

#include <algorithm>
#include <new>

namespace gliocast::pipeline {
namespace {

namespace fs = std::filesystem;

/// The sequence an error's place starts with ("T1-Gd: …"), in its display name; empty where there is none.
std::string sequence_of(const std::string& where) {
  for (const Sequence s : kAllSequences) {
    const std::string name(display_name(s));
    if (where == name || where.starts_with(name + ":")) return name;
  }
  return {};
}

/// Paths and names of a patient's files, and their folders' paths, each with what may stand for it; longest first.
std::vector<std::pair<std::string, std::string>> names_of(const cohort::PatientFiles& patient) {
  std::vector<std::pair<std::string, std::string>> names;
  // Short names and plain words ("t1", "image") may be what our own texts say.
  const auto add_name = [&](const std::string& name, const std::string& instead) {
    const bool a_word = std::ranges::all_of(name, [](char c) { return c >= 'a' && c <= 'z'; });
    if (name.size() > 3 && !a_word) names.emplace_back(name, instead);
  };
  const auto add = [&](const fs::path& file, const std::string& instead) {
    const std::string name = file.filename().string();
    names.emplace_back(file.string(), instead);
    add_name(name, instead);
    add_name(name.substr(0, name.find('.')), instead);
    for (fs::path folder = file.parent_path(); folder.has_relative_path(); folder = folder.parent_path())
      if (folder.string().find('/') != std::string::npos) names.emplace_back(folder.string(), "…");
  };
  for (const auto& [s, file] : patient.sequences) add(file, std::string(display_name(s)));
  for (const auto& [s, slices] : patient.dicom)
    for (std::size_t i = 0; i < slices.size(); ++i)
      if (i == 0 || slices[i].file != slices[i - 1].file) add(slices[i].file, std::string(display_name(s)));
  if (patient.brain_mask) add(patient.brain_mask->file, "brain mask");
  if (patient.tumour_mask) add(patient.tumour_mask->file, "tumour mask");
  for (const auto& rater : patient.raters)
    if (rater) add(rater->file, "rater's mask");
  if (patient.segmentation) add(*patient.segmentation, "segmentation");
  if (!patient.found_at.empty() && !patient.own_name) add(patient.found_at, "…");
  std::ranges::sort(names, [](const auto& a, const auto& b) {
    return a.first.size() != b.first.size() ? a.first.size() > b.first.size() : a < b;
  });
  return names;
}

std::string without_names(std::string text, const cohort::PatientFiles& patient) {
  for (const auto& [name, instead] : names_of(patient))
    for (std::size_t at = 0; !name.empty() && (at = text.find(name, at)) != std::string::npos; at += instead.size())
      text.replace(at, name.size(), instead);
  return text;
}

}  // namespace

Failure describe_failure(const cohort::PatientFiles& patient, const std::string& stage, const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr)
    return {patient.id, stage, "out of memory; give fewer --jobs", ExitCode::InternalFault};
  const auto* ours = dynamic_cast<const Error*>(&error);
  if (ours == nullptr) return {patient.id, stage, "internal fault; the console says which", ExitCode::InternalFault};
  const std::string sequence = sequence_of(ours->where());
  std::string reason = sequence.empty() ? "" : sequence + ": ";
  reason += without_names(ours->problem() + (ours->hint().empty() ? "" : "; " + ours->hint()), patient);
  return {patient.id, stage, reason, ours->code()};
}

}  // namespace gliocast::pipeline
