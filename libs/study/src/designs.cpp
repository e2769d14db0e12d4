#include "designs.hpp"

#include <gliocast/stats/logistic_calibration.hpp>
#include <gliocast/stats/threshold.hpp>

#include <algorithm>
#include <utility>

namespace gliocast::study {
namespace {

analysis::StudyPredictions empty_predictions(const std::string& name, std::size_t rows) {
  return {name, std::vector<double>(rows), std::vector<int>(rows), std::vector<std::size_t>(rows)};
}

}  // namespace

analysis::GradingStudy empty_study(const GradedCohort& cohort, const learn::Rows& tested, bool deep) {
  const auto table = cohort.any().take(tested);
  analysis::GradingStudy study;
  study.ids = table.ids;
  study.truth = table.classes();
  study.patient = table.patient;
  study.deep = deep;
  if (deep) {
    study.main = kMainVariant;
    for (const auto& v : kVariants) {
      study.integrated.push_back(empty_predictions(v.name, tested.size()));
      study.networks.push_back(empty_predictions(v.name, tested.size()));
    }
  } else {
    study.integrated.push_back(empty_predictions(kRadiomicsAlone, tested.size()));
  }
  for (const auto& s : cohort.sequences)
    study.sequences.push_back(empty_predictions(std::string(display_name(s.sequence)), tested.size()));
  return study;
}

void record(analysis::StudyPredictions& of, const learn::Rows& places, std::size_t fold,
            const std::vector<double>& probability, double threshold) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    of.probability[places[i]] = probability[i];
    of.positive[places[i]] = probability[i] >= threshold ? 1 : 0;
    of.fold[places[i]] = fold;
  }
}

void take_sequence(analysis::GradingStudy& study, std::size_t sequence, const learn::Rows& places) {
  const auto& from = study.sequences.at(sequence);
  auto& to = study.integrated.at(study.main);
  for (const std::size_t i : places) {
    to.probability[i] = from.probability[i];
    to.positive[i] = from.positive[i];
    to.fold[i] = from.fold[i];
  }
}

std::size_t best_sequence(const std::vector<std::shared_ptr<const learn::ChainModel>>& models) {
  const auto best = std::ranges::max_element(models, {}, [](const auto& model) { return model->parts().inner_auc; });
  return static_cast<std::size_t>(best - models.begin());
}

std::vector<std::string> ids_of(const learn::FeatureTable& table, const learn::Rows& rows) {
  std::vector<std::string> ids;
  for (const std::size_t r : rows) ids.push_back(table.ids[r]);
  return ids;
}

NetworkAlone network_alone(const pipeline::DeepFeatures& network, const learn::FeatureTable& table,
                           const learn::Rows& rows) {
  const auto classes = table.take(rows).classes();
  std::vector<double> logit;
  for (const std::size_t r : rows) logit.push_back(network.score[r]);
  auto calibration = stats::fit_logistic_calibration(logit, classes);
  if (calibration.slope <= 0)
    calibration = stats::fit_logistic_calibration(std::vector<double>(logit.size(), 0.0), classes);
  NetworkAlone out;
  for (const double score : network.score) out.probability.push_back(calibration.probability(score));
  std::vector<double> p;
  for (const std::size_t r : rows) p.push_back(out.probability[r]);
  out.threshold = stats::choose_threshold({}, p, classes);
  return out;
}

}  // namespace gliocast::study
