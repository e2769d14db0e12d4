#pragma once
#include <gliocast/cohort/patient.hpp>
#include <gliocast/pipeline/measured_radiomics.hpp>
#include <gliocast/study/run.hpp>

#include <memory>
#include <string>
#include <vector>

namespace gliocast::study {

// A study of tables of features, measured by any tool, in place of images.

/// The tables of each cohort, as the inputs name them.
[[nodiscard]] std::vector<std::vector<pipeline::FeatureFile>> feature_files(const StudyInputs& inputs);
/// Their radiomics; null where the inputs are images. Throws as pipeline::read_measured_radiomics(), and
/// Error{WrongUse} where both are given.
[[nodiscard]] std::shared_ptr<const pipeline::MeasuredRadiomics> measured_radiomics(const StudyInputs& inputs);
/// The patients of one cohort's tables, each with the tables in which he has a row.
[[nodiscard]] std::vector<cohort::PatientFiles> patients_of_tables(const StudyInputs& inputs,
                                                                   const pipeline::MeasuredRadiomics& measured,
                                                                   std::size_t cohort);
/// Without networks and raters, which read images.
[[nodiscard]] StudySettings without_images(StudySettings settings);

}  // namespace gliocast::study
