#include "final_model.hpp"

#include <gliocast/analysis/grade_model.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/pipeline/fused_grading.hpp>

#include <algorithm>
#include <utility>

namespace gliocast::study {
namespace {

const learn::FeatureTable& radiomics_of(const GradedCohort& cohort, Sequence sequence) {
  return std::ranges::find(cohort.sequences, sequence, &SequenceTable::sequence)->table;
}

Json card_of(const GradedCohort& cohort, const GradingOptions& o) {
  const auto patients = std::to_string(cohort.cases.size());
  return {
      {"network", std::string("3-D ResNet18 with squeeze-and-excitation, radiomics, chain \"") + o.chain.name + "\""},
      {"trained_on", patients + " patients of the user's cohort" +
                         (o.permute_labels ? ", grades shuffled: a test, of no use for patients" : "")},
      {"measured", "see table_1.tsv of the study"},
      {"limits", "patients like those of the cohort; not a medical device"}};
}

}  // namespace

void write_final_model(const GradedCohort& cohort, const Studied& studied, const GradingOptions& o) {
  pipeline::FusedGrading fused;
  fused.sequence = studied.sequence;
  fused.demonstration = cohort.simulated;
  fused.bundle.name = "grading-study";
  fused.bundle.card = card_of(cohort, o);
  fused.bundle.payload["radiomics"] = o.examine.radiomics;
  const auto& radiomics = radiomics_of(cohort, studied.sequence);
  Progress progress("Refitting the model for intervals", (o.refits + 1) * studied.members.size());
  for (const auto& member : studied.members) {
    analysis::GradeTable table;
    table.features = radiomics.beside(deep_table(radiomics, *member.network)).take(member.classifier_rows);
    table.positive = "HGG";
    table.negative = "LGG";
    table.id_column = "id";
    analysis::GradeTrainingOptions training;
    training.name = "grading-study";
    training.label = "grade";
    training.chain = o.chain;
    training.refits = o.refits;
    training.seed = o.seed;
    training.threads = o.threads;
    training.on_fit = [&] { progress.advance(); };
    fused.members.push_back({pipeline::read_networks(member.network->bundle, models::Kind::Grading),
                             analysis::train_grade(table, training).classifier});
  }
  pipeline::write_fused_grading(o.out / "model", fused);
}

}  // namespace gliocast::study
