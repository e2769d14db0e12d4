#include "cohort_tables.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/learn/evaluation.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

namespace gliocast::study {
namespace {

using pipeline::Examined;

SequenceTable table_of(const std::vector<Examined>& patients, const std::vector<std::string>& features, Sequence s) {
  SequenceTable out{s, {}};
  auto& t = out.table;
  t.features = features;
  t.values = stats::Matrix(patients.size(), features.size());
  for (std::size_t r = 0; r < patients.size(); ++r) {
    const auto& p = patients[r];
    for (std::size_t c = 0; c < features.size(); ++c) t.values(r, c) = p.radiomics.at(s).at(c);
    t.ids.push_back(p.input.id);
    t.patient.push_back(static_cast<int>(r));
    t.centre.push_back(p.input.group);
    t.outcome.push_back(p.input.grade);
  }
  return out;
}

bool measured(const SequenceTable& s) {
  return std::ranges::any_of(s.table.values.values, [](double v) { return std::isfinite(v); });
}

}  // namespace

void require_of_each(std::size_t low_grade, std::size_t high_grade, std::size_t least) {
  if (std::min(low_grade, high_grade) >= least) return;
  const std::string grades =
      "grades come from clinical.tsv, cases.tsv or name_mapping.csv beside the patients (columns "
      "patient and grade), or a manifest's column grade";
  if (low_grade + high_grade == 0) throw unusable_input("no patient has a grade", "", grades);
  throw unusable_input("the study needs " + std::to_string(least) + " patients of each grade, there are " +
                           std::to_string(low_grade) + " of low and " + std::to_string(high_grade) + " of high grade",
                       "", "fewer folds (--outer, --inner) need fewer patients; " + grades);
}

std::vector<SequenceTable> sequence_tables(const std::vector<Examined>& patients,
                                           const std::vector<std::string>& features,
                                           const std::vector<Sequence>& sequences) {
  std::vector<SequenceTable> out;
  for (const Sequence s : sequences)
    if (auto table = table_of(patients, features, s); measured(table)) out.push_back(std::move(table));
  if (out.empty()) throw unusable_input("no patient has radiomics of any sequence");
  return out;
}

GradedCohort graded_cohort(pipeline::ExaminedCohort examined, const std::vector<Sequence>& sequences, bool permute,
                           std::uint64_t seed, std::size_t least) {
  auto& patients = examined.patients;
  GradedCohort out;
  out.simulated = examined.simulated;
  out.sequences = sequence_tables(patients, examined.features, sequences);
  if (permute) {
    const auto outcome = learn::with_permuted_classes(out.any(), seed).outcome;
    for (auto& s : out.sequences) s.table.outcome = outcome;
    for (std::size_t r = 0; r < outcome.size(); ++r) patients[r].input.grade = static_cast<int>(outcome[r]);
  }
  const auto high = static_cast<std::size_t>(std::ranges::count(out.any().outcome, 1.0));
  require_of_each(out.any().rows() - high, high, least);
  for (auto& p : patients) out.cases.push_back(std::move(p.input));
  return out;
}

learn::FeatureTable deep_table(const learn::FeatureTable& cohort, const pipeline::DeepFeatures& deep) {
  learn::FeatureTable t = cohort.select({});
  t.features = deep.names;
  t.values = stats::Matrix(cohort.rows(), deep.names.size());
  for (std::size_t r = 0; r < cohort.rows(); ++r)
    for (std::size_t c = 0; c < deep.names.size(); ++c) t.values(r, c) = static_cast<double>(deep.features.at(r).at(c));
  t.second_rater = {};
  t.origins.assign(deep.names.size(),
                   std::make_shared<learn::ColumnOrigin>(learn::ColumnOrigin{deep.network, deep.fitted_on}));
  return t;
}

}  // namespace gliocast::study
