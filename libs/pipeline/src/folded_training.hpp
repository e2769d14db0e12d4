#pragma once
// The order of a training with folds, whatever the network.
#include "training_record.hpp"

#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/pipeline/train.hpp>
#include <gliocast/report/training_curve.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

namespace gliocast::pipeline {

/// What differs between networks. `Parts` holds cases in `training` and `validation`.
template <typename Parts>
struct FoldedTraining {
  std::string network, score_name;  ///< "grading", "AUC": for figures and what is told
  std::function<Parts(const TrainCohortOptions&)> split;
  /// Trains in a folder; with an empty second part the last epoch's weights are taken.
  std::function<nn::TrainingResult(const Parts&, const std::filesystem::path& folder, const nn::EpochCallback&)> train;
  /// Scores the validation part, by weights that did not see it.
  std::function<void(const Parts&, const nn::TensorFile& weights, std::size_t fold)> score;
  std::function<void(const std::filesystem::path& file)> write_scores;
};

template <typename Parts>
struct FoldedResult {
  Parts parts;  ///< of the network for use
  nn::TrainingResult result;
  bool finished = true;  ///< false: the time limit came before
};

/// With folds a network a fold, which scores the patients that it did not see (cross_validation.tsv), then one of all;
/// without, one network, judged by who was held out of it (validation.tsv).
template <typename Parts>
FoldedResult<Parts> train_in_folds(const TrainCohortOptions& cohort, const FoldedTraining<Parts>& t) {
  FoldedResult<Parts> out;
  TrainCohortOptions whole = cohort;
  for (std::size_t fold = 0; fold < cohort.folds; ++fold) {
    TrainCohortOptions part = cohort;
    part.fold = fold;
    part.out = cohort.out / ("fold" + std::to_string(fold));
    Parts parts = t.split(part);
    // The fold's own patients do not choose the epoch: no validation set, the last weights are taken.
    const auto result = t.train({std::move(parts.training), {}}, part.out,
                                tell_epochs("fold " + std::to_string(fold) + ", ", t.score_name));
    throw_if_interrupted();  // folds that were cut short calibrate nothing
    out.finished = out.finished && result.finished;
    t.score(parts, result.weights, fold);
  }
  if (cohort.folds > 0) {
    t.write_scores(cohort.out / "cross_validation.tsv");
    whole.folds = 0;
    whole.validation_fraction = 0;
  }
  out.parts = t.split(whole);
  out.result = t.train(out.parts, cohort.out / "all", tell_epochs("", t.score_name));
  out.finished = out.finished && out.result.finished;
  if (!report::draw_training_curve(cohort.out / "all" / "curve.tsv", cohort.out / "curve.svg",
                                   "Training of the " + t.network + " network", t.score_name))
    log_warning("gnuplot is not there: no figure of the curves");
  if (cohort.folds == 0 && !out.parts.validation.empty()) {
    t.score(out.parts, out.result.weights, 0);
    t.write_scores(cohort.out / "validation.tsv");
  }
  return out;
}

}  // namespace gliocast::pipeline
