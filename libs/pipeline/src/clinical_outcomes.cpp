#include <gliocast/pipeline/clinical_outcomes.hpp>

#include <gliocast/cohort/clinical.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/findings/clinical.hpp>

#include <cstddef>
#include <utility>

namespace gliocast::pipeline {
namespace {

/// 2, 3 or 4; 0 where it is not known.
int who_number(const std::string& text) {
  using findings::WhoGrade;
  const auto grade = findings::parse_who_grade(text);
  if (grade == WhoGrade::Two) return 2;
  if (grade == WhoGrade::Three) return 3;
  return grade == WhoGrade::Four ? 4 : 0;
}

}  // namespace

nn::PrognosisCase prognosis_case(nn::TrainingCase slice, const ClinicalOutcome& o) {
  const bool in_class = o.who_grade == 2 || o.who_grade == 3;
  return {.slice = std::move(slice),
          .who_grade = in_class ? o.who_grade - 2 : -1,
          .time = o.time > 0 ? o.time : std::numeric_limits<double>::quiet_NaN(),
          .event = o.event};
}

std::map<std::string, ClinicalOutcome> read_outcomes(const ClinicalTable& clinical) {
  const TextTable table = read_table(clinical.file);
  const std::string name = clinical.file.filename().string();
  const auto id = cohort::find_patient_column(table);
  if (!id)
    throw unusable_input("no column names the patients", clinical.file.string(),
                         "call it patient, as the cohort's folders are named");
  std::map<std::string, ClinicalOutcome> out;
  const auto grade = table.find_column(clinical.grade);
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const auto& row = table.rows[r];
    if (!out.emplace(row[*id], ClinicalOutcome{}).second)
      throw unusable_input("patient " + row[*id] + " has two rows",
                           clinical.file.string() + ", line " + std::to_string(table.line(r)));
    if (grade) out[row[*id]].who_grade = who_number(row[*grade]);
  }
  if (!grade) log_warning(name + " has no column \"" + clinical.grade + "\": no WHO grade is known");
  const auto frame = survival::make_survival_frame(stats::DataFrame(table, clinical.file.string()), clinical.outcome);
  for (const auto& note : frame.notes) log_info(name + ": " + note);
  for (std::size_t i = 0; i < frame.rows.size(); ++i) {
    if (!(frame.sample.time[i] > 0)) continue;
    auto& patient = out[table.rows[frame.rows[i]][*id]];
    patient.time = frame.sample.time[i];
    patient.event = frame.sample.event[i] != 0;
  }
  return out;
}

}  // namespace gliocast::pipeline
