#pragma once
#include "study_patients.hpp"

#include <gliocast/core/batch.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/pipeline/clinical_outcomes.hpp>
#include <gliocast/pipeline/examine.hpp>
#include <gliocast/study/grading.hpp>
#include <gliocast/study/run.hpp>
#include <gliocast/study/signature.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace gliocast::study {

// The work of a study's stages, each of which writes to a folder of its own and returns what later ones depend on.

/// What all stages read.
struct StudyContext {
  StudyOptions options;  ///< without images their settings go without networks and raters
  StudyInputs inputs;
  std::shared_ptr<const pipeline::MeasuredRadiomics> measured;  ///< in place of images; null: there are images
  StudyPatients patients;
  std::vector<cohort::PatientFiles> graded,
      external;  ///< who is graded, and by whose model; external: the second cohort
  std::vector<cohort::PatientFiles> survival, survival_external;  ///< lower grades with a time and an event

  [[nodiscard]] const StudySettings& settings() const { return options.settings; }
  /// The folder of examined patients, of both cohorts.
  [[nodiscard]] std::filesystem::path patients_folder() const { return options.out / "patients"; }
  /// Whose radiomics there are, and what networks read.
  [[nodiscard]] std::vector<Sequence> sequences() const;
  /// How every patient is examined: all sequences, and the slice.
  [[nodiscard]] pipeline::ExamineOptions examine() const;
  /// The radiomic features that were measured, as the first patient's record or the tables name them; none before.
  [[nodiscard]] std::vector<std::string> feature_names() const;
  /// Every included patient of both cohorts.
  [[nodiscard]] std::vector<cohort::PatientFiles> everyone() const;
};

/// Who is studied in what: with the paper's design both cohorts are graded together.
[[nodiscard]] StudyContext study_context(const StudyInputs& inputs, const StudyOptions& options);

/// excluded.tsv, missing.tsv, clinical.tsv, flow.json.
Json write_patients(const StudyContext& context, const std::filesystem::path& folder);
/// Preprocesses, outlines and measures everybody; failures.tsv. The result is a checksum of what each patient's record
/// says that it was made from.
Json examine_patients(const StudyContext& context, const std::filesystem::path& folder);
/// The same of radiomics that were measured elsewhere: what tables they are; tables.tsv.
Json take_measured(const StudyContext& context, const std::filesystem::path& folder);
/// Agreement of raters, and of the outlines with each.
Json compare_raters(const StudyContext& context, const std::filesystem::path& folder);
/// Tables 1, 2 and S3.
Json grade_cohort(const StudyContext& context, const std::filesystem::path& folder);
/// The second cohort by the model of the first. `model`: that of the stage before.
Json grade_second_cohort(const StudyContext& context, const std::filesystem::path& model,
                         const std::filesystem::path& folder);
/// The signature, its groups, both nomograms, on held-out patients and on the second cohort.
Json evaluate_survival(const StudyContext& context, const std::filesystem::path& folder);
/// The signature of all patients as a model for predict; `work`: the folder of networks of the stage before.
Json train_survival(const StudyContext& context, const std::filesystem::path& work,
                    const std::filesystem::path& folder);
/// Table S2 and the comparison of the cohorts.
Json describe_cohorts(const StudyContext& context, const std::filesystem::path& folder);

/// The clinical rows of these patients as a file that signatures read. `unit` of the times.
[[nodiscard]] pipeline::ClinicalTable write_clinical(const std::filesystem::path& file,
                                                     const std::vector<cohort::PatientFiles>& patients,
                                                     const std::string& unit);

/// What the stages' results depend on beside other stages.
[[nodiscard]] Json inputs_of_patients(const StudyContext& context);
[[nodiscard]] Json inputs_of_examination(const StudyContext& context);
[[nodiscard]] Json inputs_of_grading(const StudyContext& context);
[[nodiscard]] Json inputs_of_signature(const StudyContext& context);

}  // namespace gliocast::study
