#include "external_grading.hpp"

#include "cohort_tables.hpp"
#include "designs.hpp"
#include "frozen_harmonisation.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/pipeline/fused_grading.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace gliocast::study {
namespace {

/// Patients without the sequence of the model's radiomics are told and left out.
std::vector<pipeline::Examined> with_sequence(std::vector<pipeline::Examined> patients, Sequence s,
                                              std::vector<std::string>& notes) {
  std::erase_if(patients, [&](const pipeline::Examined& p) {
    const auto& values = p.radiomics.at(s);
    const bool lacks = std::ranges::none_of(values, [](double v) { return std::isfinite(v); });
    if (lacks)
      notes.push_back("warning: " + p.input.id + " is not graded: " + std::string(display_name(s)) + " is missing");
    return lacks;
  });
  return patients;
}

void require_both_grades(const learn::FeatureTable& table) {
  const auto high = std::ranges::count(table.outcome, 1.0);
  if (high == 0 || static_cast<std::size_t>(high) == table.rows())
    throw unusable_input("the second cohort has patients of one grade only: nothing can be told of the grading");
}

/// Probability and threshold, the mean of the members.
struct Mean {
  std::vector<double> probability;
  double threshold = 0;
};

void add(const learn::TrainedClassifier& classifier, const learn::FeatureTable& table, double share, Mean& mean,
         std::vector<std::string>& notes) {
  learn::refuse_fitted(classifier, table);
  const auto said = classifier.model->probability(table);
  mean.probability.resize(said.size(), 0);
  for (std::size_t r = 0; r < said.size(); ++r) mean.probability[r] += share * said[r];
  mean.threshold += share * classifier.model->parts().threshold;
  for (const auto& w : learn::range_warnings(*classifier.model, table))
    if (const auto note = "warning: " + w.sentence; std::ranges::find(notes, note) == notes.end())
      notes.push_back(note);
}

/// The patients' radiomics of this sequence; who lacks it is told and left out.
learn::FeatureTable radiomics_of(pipeline::ExaminedCohort& examined, Sequence sequence,
                                 std::vector<std::string>& notes) {
  examined.patients = with_sequence(std::move(examined.patients), sequence, notes);
  if (examined.patients.empty()) throw unusable_input("no patient of the second cohort can be graded");
  auto radiomics = sequence_tables(examined.patients, examined.features, {sequence}).front().table;
  require_both_grades(radiomics);
  return radiomics;
}

void judge(const learn::FeatureTable& radiomics, const std::string& name, Mean mean,
           const analysis::GradingStudyOptions& o, ExternalGrading& out) {
  auto& study = out.study;
  study.ids = radiomics.ids;
  study.truth = radiomics.classes();
  study.patient = radiomics.patient;
  study.integrated.push_back({name, std::move(mean.probability), {}, {}});
  for (const double p : study.integrated.front().probability)
    study.integrated.front().positive.push_back(p >= mean.threshold ? 1 : 0);
  out.results = analysis::summarise_study(study, o);
  out.audit = {{"tested", radiomics.ids}, {"threshold", mean.threshold}};
}

}  // namespace

ExternalGrading grade_externally(const std::filesystem::path& model, pipeline::ExaminedCohort examined,
                                 const analysis::GradingStudyOptions& o, nn::Device device,
                                 const analysis::Harmonisation* reference) {
  const auto fused = pipeline::read_fused_grading(model);
  ExternalGrading out;
  auto radiomics = radiomics_of(examined, fused.sequence, out.notes);
  if (reference != nullptr) radiomics = harmonised(radiomics, *reference);
  std::vector<nn::TrainingCase> cases;
  for (auto& p : examined.patients) cases.push_back(std::move(p.input));
  Mean mean;
  for (const auto& member : fused.members)
    add(member.classifier,
        radiomics.beside(deep_table(radiomics, pipeline::read_patches(member.network, cases, device))),
        1 / static_cast<double>(fused.members.size()), mean, out.notes);
  judge(radiomics, kModelForUse, std::move(mean), o, out);
  return out;
}

ExternalGrading grade_by_radiomics(const std::filesystem::path& model, Sequence sequence,
                                   pipeline::ExaminedCohort examined, const analysis::GradingStudyOptions& o) {
  ExternalGrading out;
  const auto radiomics = radiomics_of(examined, sequence, out.notes);
  Mean mean;
  add(learn::read_classifier_bundle(model), radiomics, 1, mean, out.notes);
  out.study.deep = false;
  judge(radiomics, kRadiomicsAlone, std::move(mean), o, out);
  return out;
}

}  // namespace gliocast::study
