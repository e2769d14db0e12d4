#include <gliocast/simulation/simulate_cohort.hpp>

#include "write_patient.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/simulated.hpp>
#include <gliocast/core/table.hpp>

#include <algorithm>
#include <mutex>
#include <set>

namespace gliocast::simulation {
namespace {

/// Writes a table of patients; a cohort made in parts keeps the rows of patients who are not of this part. `key`: the
/// column that names the patient.
void write_part(const std::filesystem::path& path, const TextTable& fresh, std::size_t key) {
  TextTable all = fresh;
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    const TextTable before = read_table(path);
    std::set<std::string> now;
    for (const auto& row : fresh.rows) now.insert(row[key]);
    if (before.columns == fresh.columns)
      for (const auto& row : before.rows)
        if (!now.contains(row[key])) all.rows.push_back(row);
    std::ranges::sort(all.rows, {}, [&](const auto& row) { return row[key]; });
  }
  write_table(path, all);
}

TextTable clinical_table(const std::vector<ClinicalRow>& rows) {
  TextTable t{{"patient", "age", "sex", "grade", "who_grade", "histology", "location", "laterality", "enhancement",
               "centre", "time", "event", "treated_before", "quality"},
              {}};
  for (const auto& r : rows)
    t.rows.push_back({r.id, shortest(r.age), r.sex, r.grade, std::to_string(r.who_grade), r.histology, r.location,
                      r.laterality, r.enhancing ? "yes" : "no", r.centre, shortest(r.time_months), r.event ? "1" : "0",
                      r.treated_before ? "yes" : "no", r.poor_quality ? "poor" : "good"});
  return t;
}

Json clinical_dictionary() {
  return {{"patient", {{"Description", "identifier of the simulated patient"}}},
          {"age", {{"Description", "age at diagnosis"}, {"Units", "years"}}},
          {"sex", {{"Description", "sex"}, {"Levels", {{"M", "male"}, {"F", "female"}}}}},
          {"grade", {{"Description", "LGG = WHO II and III, HGG = WHO IV"}}},
          {"who_grade", {{"Description", "WHO grade, 2 to 4"}}},
          {"histology", {{"Description", "A astrocytoma, O oligodendroglioma, OA oligoastrocytoma, GBM glioblastoma"}}},
          {"location", {{"Description", "lobe of the tumour's centre"}}},
          {"laterality", {{"Description", "side of the tumour's centre"}}},
          {"enhancement", {{"Description", "at least 0.5 cm³ of enhancing tumour"}}},
          {"centre", {{"Description", "simulated scanner"}}},
          {"time", {{"Description", "overall survival or time to the last visit"}, {"Units", "months"}}},
          {"event", {{"Description", "1 died, 0 censored"}}},
          {"treated_before", {{"Description", "treated before the MRI (by chance: the images do not show it)"}}},
          {"quality", {{"Description", "poor: not of diagnostic quality (by chance: the images do not show it)"}}}};
}

void write_brats_tables(const CohortOptions& o, const std::vector<ClinicalRow>& rows) {
  TextTable survival{{"Brats20ID", "Age", "Survival_days", "Extent_of_Resection"}, {}},
      mapping{{"Grade", "BraTS_2020_subject_ID"}, {}};
  for (const auto& r : rows) {
    if (r.grade == "HGG" && r.event)
      survival.rows.push_back(
          {r.id, shortest(r.age), std::to_string(static_cast<long>(r.time_months * 30.4375)), "NA"});
    mapping.rows.push_back({r.grade, r.id});
  }
  write_part(o.out / "survival_info.csv", survival, 0);
  write_part(o.out / "name_mapping.csv", mapping, 1);
}

void write_bids_tables(const CohortOptions& o, const std::vector<ClinicalRow>& rows) {
  TextTable participants = clinical_table(rows);
  participants.columns[0] = "participant_id";
  for (auto& row : participants.rows) {
    std::string plain = "sub-";
    for (const char c : row[0])
      if (c != '-') plain += c;
    row[0] = plain;
  }
  write_part(o.out / "participants.tsv", participants, 0);
  write_json(o.out / "derivatives" / "truth" / "dataset_description.json",
             {{"Name", "True outlines"},
              {"BIDSVersion", "1.8.0"},
              {"DatasetType", "derivative"},
              {"GeneratedBy", Json::array({{{"Name", kSimulator}}})}});
}

}  // namespace

void simulate_cohort(const CohortOptions& o, const std::function<void()>& on_patient) {
  if (o.spacing_mm != 1 && (o.spacing_mm != 2 || o.form == Form::Raw))
    throw Error(ExitCode::WrongUse, "stripped images are drawn on 1 or 2 mm, raw ones from a head of 1 mm",
                "spacing of " + shortest(o.spacing_mm) + " mm");
  Anatomy loaded;
  std::once_flag once;
  const auto atlas = [&]() -> const Anatomy& {  // patients who are there need none
    std::call_once(once, [&] {
      loaded = load_anatomy(o.atlas);
      if (o.spacing_mm == 2) loaded = halve(loaded);
    });
    return loaded;
  };
  std::vector<ClinicalRow> rows(o.patients);
  std::mutex guard;
  parallel_for(o.patients, o.threads, [&](std::size_t i) {
    throw_if_interrupted();
    rows[i] = write_patient(atlas, o, o.first + i);
    if (on_patient) {
      const std::lock_guard lock(guard);
      on_patient();
    }
  });
  // Of every layout: it says that these patients are none (cohort::is_simulated).
  write_json(o.out / "dataset_description.json", {{"Name", "Simulated glioma patients"},
                                                  {"BIDSVersion", "1.8.0"},
                                                  {"DatasetType", "raw"},
                                                  {"GeneratedBy", Json::array({{{"Name", kSimulator}}})}});
  write_part(o.out / "clinical.tsv", clinical_table(rows), 0);
  write_json(o.out / "clinical.json", clinical_dictionary());
  if (o.layout == Layout::Brats)
    write_brats_tables(o, rows);
  else
    write_bids_tables(o, rows);
}

}  // namespace gliocast::simulation
