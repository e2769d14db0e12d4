#pragma once
#include "patient_model.hpp"

#include <gliocast/simulation/simulate_cohort.hpp>

#include <functional>

namespace gliocast::simulation {

/// One line of clinical.tsv.
struct ClinicalRow {
  std::string id, sex, grade, histology, centre, location, laterality;
  double age = 0, time_months = 0;
  int who_grade = 0;
  bool event = false, enhancing = false;
  bool treated_before = false, poor_quality = false;  ///< what studies exclude
};

/// Simulates one patient and writes its files. A patient whose truth/ID.json is there already is only read back, with
/// another outcome where the options ask for one.
[[nodiscard]] ClinicalRow write_patient(const std::function<const Anatomy&()>& atlas, const CohortOptions& options,
                                        std::size_t number);

/// Folder of a patient's images, by layout.
[[nodiscard]] std::filesystem::path image_folder(const CohortOptions& options, const std::string& id);

}  // namespace gliocast::simulation
