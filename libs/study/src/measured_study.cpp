#include "measured_study.hpp"

#include "study_patients.hpp"
#include "study_stages.hpp"

#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/simulated.hpp>
#include <gliocast/report/table_file.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;
using pipeline::FeatureFile;

std::vector<FeatureFile> parsed(const std::vector<std::string>& texts) {
  std::vector<FeatureFile> out;
  for (const auto& text : texts) out.push_back(pipeline::parse_feature_file(text));
  return out;
}

}  // namespace

std::vector<std::vector<FeatureFile>> feature_files(const StudyInputs& in) {
  std::vector<std::vector<FeatureFile>> out;
  if (!in.features.empty()) out.push_back(parsed(in.features));
  if (!in.validation_features.empty()) out.push_back(parsed(in.validation_features));
  return out;
}

std::shared_ptr<const pipeline::MeasuredRadiomics> measured_radiomics(const StudyInputs& in) {
  if (in.features.empty()) {
    if (!in.validation_features.empty())
      throw Error(ExitCode::WrongUse, "a second cohort's features need those of the first", "--validation-features",
                  "--features names their tables");
    return nullptr;
  }
  if (!in.cohort.empty() || !in.validation.empty())
    throw Error(ExitCode::WrongUse, "a study is of images or of tables of features", "--features",
                "leave the cohorts' folders out, or the tables");
  std::vector<std::string> others = study_columns();
  for (const auto& [ours, theirs] : in.columns) others.push_back(theirs);
  const auto id = in.columns.find("patient");
  const auto files = feature_files(in);
  auto out = pipeline::read_measured_radiomics(files, id == in.columns.end() ? std::string() : id->second, others);
  out.simulated = std::ranges::any_of(in.clinical, in_simulated_cohort);
  for (const auto& cohort : files)
    for (const auto& f : cohort) out.simulated = out.simulated || in_simulated_cohort(f.file);
  return std::make_shared<const pipeline::MeasuredRadiomics>(std::move(out));
}

std::vector<cohort::PatientFiles> patients_of_tables(const StudyInputs& in, const pipeline::MeasuredRadiomics& measured,
                                                     std::size_t cohort) {
  std::vector<cohort::PatientFiles> out;
  const auto files = feature_files(in).at(cohort);
  for (const auto& id : measured.ids.at(cohort)) {
    auto& p = out.emplace_back();
    p.id = id;
    p.own_name = true;
    p.found_at = files.front().file.string();
    const auto& radiomics = measured.of_patient.at(id);
    for (const auto& f : files)
      if (std::ranges::any_of(radiomics.at(f.sequence), [](double v) { return std::isfinite(v); }))
        p.sequences.emplace(f.sequence, f.file);
  }
  return out;
}

StudySettings without_images(StudySettings s) {
  s.outlines.raters = false;
  if (s.outlines.by == "trained") s.outlines.by = "network";  // there is nothing to outline
  s.grading.deep = false;
  s.signature.deep = false;
  return s;
}

Json take_measured(const StudyContext& c, const fs::path& folder) {
  TextTable table{{"cohort", "sequence", "file", "patients", "features", "sha256"}, {}};
  const auto files = feature_files(c.inputs);
  for (std::size_t i = 0; i < files.size(); ++i)
    for (const auto& f : files[i]) {
      const auto& cohort = i == 0 ? c.patients.training : c.patients.validation;
      const auto rows = std::ranges::count_if(
          cohort.included, [&](const cohort::PatientFiles& p) { return p.sequences.contains(f.sequence); });
      table.rows.push_back({cohort.name, std::string(display_name(f.sequence)), f.file.filename().string(),
                            std::to_string(rows), std::to_string(c.measured->features.size()), sha256_file(f.file)});
    }
  report::write_table_file(folder / "tables.tsv", table);
  return {{"examined", c.everyone().size()},
          {"failures", Json::array()},
          {"outlined_by", ""},
          {"simulated", c.measured->simulated},
          {"features", c.measured->features.size()}};
}

}  // namespace gliocast::study
