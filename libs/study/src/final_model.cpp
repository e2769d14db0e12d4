#include "final_model.hpp"

#include <gliocast/analysis/grade_model.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/pipeline/fused_grading.hpp>
#include <gliocast/stats/roc.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace gliocast::study {
namespace {

const learn::FeatureTable& radiomics_of(const GradedCohort& cohort, Sequence sequence) {
  return std::ranges::find(cohort.sequences, sequence, &SequenceTable::sequence)->table;
}

constexpr std::size_t kLeastRefits = 2;  ///< fewer give no interval

/// The cross-validated AUC of the same design.
std::string measured_of(const Studied& studied) {
  const auto& p = studied.predictions;
  const double auc = stats::auc(p.integrated.at(p.main).probability, p.truth);
  return "cross-validated AUC " + decimal(auc, 3) + " on " + std::to_string(p.truth.size()) + " patients" +
         (studied.predictions.networks.empty()
              ? ""
              : ", networks fitted anew in every fold; intervals of predictions hold the networks fixed");
}

analysis::GradeTrainingOptions training_options(const GradingOptions& o, Progress& progress) {
  analysis::GradeTrainingOptions training;
  training.name = "grading-study";
  training.label = "grade";
  training.chain = o.chain;
  training.refits = o.refits;
  training.seed = o.seed;
  training.threads = o.threads;
  training.on_fit = [&progress] { progress.advance(); };
  return training;
}

analysis::GradeTable grades_of(learn::FeatureTable features) {
  analysis::GradeTable table;
  table.features = std::move(features);
  table.positive = "HGG";
  table.negative = "LGG";
  table.id_column = "id";
  return table;
}

Json card_of(const GradedCohort& cohort, const Studied& studied, const GradingOptions& o) {
  const auto patients = std::to_string(cohort.cases.size());
  return {{"network", (o.deep ? "3-D ResNet18 with squeeze-and-excitation, radiomics, chain \""
                              : "radiomics of " + std::string(display_name(studied.sequence)) + ", chain \"") +
                          o.chain.name + "\""},
          {"trained_on", patients + " patients of the user's cohort" +
                             (o.permute_labels ? ", grades shuffled: a test, of no use for patients" : "")},
          {"measured", measured_of(studied)},
          {"limits", "patients like those of the cohort; not a medical device"}};
}

/// Of radiomics alone: a classifier that `grade predict` takes.
void write_radiomics_model(const GradedCohort& cohort, const Studied& studied, const GradingOptions& o) {
  Progress progress("Refitting the model for intervals", o.refits + 1);
  const auto& member = studied.members.front();
  auto trained = analysis::train_grade(grades_of(radiomics_of(cohort, studied.sequence).take(member.classifier_rows)),
                                       training_options(o, progress));
  trained.classifier.card.update(card_of(cohort, studied, o));
  learn::write_classifier(o.out / "model", trained.classifier);
}

}  // namespace

void write_final_model(const GradedCohort& cohort, const Studied& studied, const GradingOptions& o) {
  if (studied.members.empty()) {
    log_info("the paper's design gives no model for predict: its classifier is fitted on features that flatter it");
    return;
  }
  if (std::ranges::find(o.chain.steps, "combat", &learn::DeclaredStep::name) != o.chain.steps.end()) {
    log_warning("no model for predict is written: the step combat cannot harmonise a patient alone");
    return;
  }
  if (studied.members.front().network == nullptr) {
    write_radiomics_model(cohort, studied, o);
    return;
  }
  pipeline::FusedGrading fused;
  fused.sequence = studied.sequence;
  fused.demonstration = cohort.simulated;
  fused.bundle.name = "grading-study";
  fused.bundle.card = card_of(cohort, studied, o);
  fused.bundle.payload["radiomics"] = o.examine.radiomics;
  const auto& radiomics = radiomics_of(cohort, studied.sequence);
  Progress progress("Refitting the model for intervals", (o.refits + 1) * studied.members.size());
  for (const auto& member : studied.members) {
    const auto table = grades_of(radiomics.beside(deep_table(radiomics, *member.network)).take(member.classifier_rows));
    fused.members.push_back({pipeline::read_networks(member.network->bundle, models::Kind::Grading),
                             analysis::train_grade(table, training_options(o, progress)).classifier});
  }
  std::size_t refits = o.refits;
  for (const auto& member : fused.members) refits = std::min(refits, member.classifier.refits.size());
  for (auto& member : fused.members) member.classifier.refits.resize(refits);
  if (refits < kLeastRefits)
    log_warning("the model has " + std::to_string(refits) + " refits: predict states no grade without an interval");
  pipeline::write_fused_grading(o.out / "model", fused);
}

}  // namespace gliocast::study
