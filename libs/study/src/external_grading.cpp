#include "external_grading.hpp"

#include "cohort_tables.hpp"
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

}  // namespace

ExternalGrading grade_externally(const std::filesystem::path& model, pipeline::ExaminedCohort examined,
                                 const analysis::GradingStudyOptions& o, nn::Device device,
                                 const analysis::Harmonisation* reference) {
  const auto fused = pipeline::read_fused_grading(model);
  ExternalGrading out;
  examined.patients = with_sequence(std::move(examined.patients), fused.sequence, out.notes);
  if (examined.patients.empty()) throw unusable_input("no patient of the second cohort can be graded");
  auto radiomics = sequence_tables(examined.patients, examined.features, {fused.sequence}).front().table;
  require_both_grades(radiomics);
  if (reference != nullptr) radiomics = harmonised(radiomics, *reference);
  std::vector<nn::TrainingCase> cases;
  for (auto& p : examined.patients) cases.push_back(std::move(p.input));
  std::vector<double> probability(radiomics.rows(), 0);
  double threshold = 0;
  const double share = 1 / static_cast<double>(fused.members.size());
  for (const auto& member : fused.members) {
    const auto table = radiomics.beside(deep_table(radiomics, pipeline::read_patches(member.network, cases, device)));
    learn::refuse_fitted(member.classifier, table);
    const auto said = member.classifier.model->probability(table);
    for (std::size_t r = 0; r < said.size(); ++r) probability[r] += share * said[r];
    threshold += share * member.classifier.model->parts().threshold;
    for (const auto& w : learn::range_warnings(*member.classifier.model, table))
      if (const auto note = "warning: " + w.sentence; std::ranges::find(out.notes, note) == out.notes.end())
        out.notes.push_back(note);
  }
  auto& study = out.study;
  study.ids = radiomics.ids;
  study.truth = radiomics.classes();
  study.patient = radiomics.patient;
  study.integrated.push_back({kModelForUse, std::move(probability), {}, {}});
  for (const double p : study.integrated.front().probability)
    study.integrated.front().positive.push_back(p >= threshold ? 1 : 0);
  out.results = analysis::summarise_study(study, o);
  std::erase_if(out.results.figures,
                [](const auto& f) { return f.name == "figure_s3" || f.name == "roc_networks"; });  // of nothing
  out.audit = {{"tested", radiomics.ids}, {"threshold", threshold}};
  return out;
}

}  // namespace gliocast::study
