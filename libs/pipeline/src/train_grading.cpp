#include <gliocast/pipeline/train.hpp>

#include "folded_training.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/nn/grading_network.hpp>
#include <gliocast/pipeline/network_bundle.hpp>
#include <gliocast/stats/logistic_calibration.hpp>
#include <gliocast/stats/resampling.hpp>
#include <gliocast/stats/roc.hpp>

#include <algorithm>
#include <cmath>
#include <map>

namespace gliocast::pipeline {
namespace {

namespace fs = std::filesystem;

struct Scored {
  std::vector<std::string> ids, groups;
  std::vector<double> logit;
  std::vector<int> grade;
};

void score(const nn::ResnetOptions& network_options, const nn::TensorFile& weights,
           const std::vector<nn::TrainingCase>& cases, const nn::GradingTrainingOptions& o, Scored& out) {
  const nn::GradingNetwork network(network_options, weights, o.common.device);
  for (const auto& c : cases) {
    out.ids.push_back(c.id);
    out.groups.push_back(c.group);
    out.grade.push_back(c.grade);
    out.logit.push_back(network.predict(nn::grading_patch(c, o.patch_zyx, o.step)).logit);
  }
}

void write_scores(const fs::path& file, const Scored& s) {
  TextTable table{{"patient", "grade", "logit"}, {}};
  for (std::size_t i = 0; i < s.ids.size(); ++i)
    table.rows.push_back({s.ids[i], s.grade[i] == 1 ? "HGG" : "LGG", shortest(s.logit[i])});
  write_table(file, table);
}

/// Score of each patient by its centre alone: the share of high grade among the centre's other patients
/// (leave-one-out), the overall share where there is none.
std::vector<double> centre_scores(const Scored& s) {
  std::vector<double> out(s.ids.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    double high = 0, n = 0, all_high = 0, all = 0;
    for (std::size_t j = 0; j < out.size(); ++j) {
      if (i == j) continue;
      all_high += s.grade[j];
      ++all;
      if (s.groups[j] == s.groups[i]) {
        high += s.grade[j];
        ++n;
      }
    }
    out[i] = n > 0 ? high / n : all_high / all;
  }
  return out;
}

Json auc_json(const std::vector<double>& score, const std::vector<int>& grade) {
  const auto auc_of = [&](const stats::Rows& rows) {
    std::vector<double> x;
    std::vector<int> y;
    for (const auto i : rows) {
      x.push_back(score[i]);
      y.push_back(grade[i]);
    }
    return stats::auc(x, y);
  };
  const auto auc = stats::bootstrap_estimate(grade, auc_of, {.draws = 2000});
  return {{"auc", auc.value}, {"lower", auc.low}, {"upper", auc.high}};
}

/// Calibration of the cross-validated scores, and its bootstrap, which gives one patient's interval.
Json calibration_json(const Scored& s) {
  const auto fit = stats::fit_logistic_calibration(s.logit, s.grade);
  const auto fit_rows = [&](const stats::Rows& rows) {
    std::vector<double> x;
    std::vector<int> y;
    for (const auto i : rows) {
      x.push_back(s.logit[i]);
      y.push_back(s.grade[i]);
    }
    return stats::fit_logistic_calibration(x, y);
  };
  const stats::ResamplingOptions options{.draws = 200};
  std::vector<stats::LogisticCalibration> fits(options.draws);
  stats::for_each_draw(options, stats::bootstrap_strata(s.grade, options.seed),
                       [&](std::size_t draw, const stats::Rows& rows) { fits[draw] = fit_rows(rows); });
  Json draws = Json::array();
  for (const auto& f : fits) draws.push_back({std::round(f.intercept * 1e5) / 1e5, std::round(f.slope * 1e5) / 1e5});
  return {{"method", "Platt, on out-of-fold scores"},
          {"patients", s.ids.size()},
          {"intercept", fit.intercept},
          {"slope", fit.slope},
          {"bootstrap", draws}};
}

/// Patients with a known grade and a tumour; the others are told and left out.
void keep_graded(std::vector<nn::TrainingCase>& cases, const TrainCohortOptions& cohort) {
  const std::size_t before = cases.size();
  std::erase_if(cases, [](const nn::TrainingCase& c) {
    return (c.grade != 0 && c.grade != 1) ||
           std::ranges::count(c.label, 0) == static_cast<std::ptrdiff_t>(c.label.size());
  });
  if (cases.empty())
    throw unusable_input("no patient has a known grade (LGG or HGG) and a tumour", cohort.cohorts.front().string());
  if (cases.size() < before)
    log_info(std::to_string(before - cases.size()) + " patients without a known grade or tumour are left out");
}

/// How well the scores separate the grades, beside the centre alone; null without scores.
Json measure(const Scored& scored) {
  if (scored.ids.empty()) return nullptr;
  return {{"patients", scored.ids.size()},
          {"high_grade", std::ranges::count(scored.grade, 1)},
          {"network", auc_json(scored.logit, scored.grade)},
          {"centre_alone", auc_json(centre_scores(scored), scored.grade)}};
}

}  // namespace

TrainOutcome train_grading(const TrainCohortOptions& cohort, nn::GradingTrainingOptions training) {
  const auto initial = initial_weights(cohort.init, models::Kind::Grading);
  auto [cases, without_segmentation, failures, simulated] = load_training_cohorts(cohort);
  keep_graded(cases, cohort);
  training.network.in_channels = static_cast<std::int64_t>(cohort.cases.channels.size());
  // Cross-validation for honest scores and the calibration; then one network on all.
  Scored scored;
  FoldedTraining<Split> folded;
  folded.network = "grading";
  folded.score_name = "AUC";
  folded.split = [&](const TrainCohortOptions& part) { return split_cases(cases, part); };
  folded.train = [&](const Split& parts, const fs::path& folder, const nn::EpochCallback& on_epoch) {
    training.common.folder = folder;
    return nn::train_grading(parts.training, parts.validation, training, initial, on_epoch);
  };
  folded.score = [&](const Split& parts, const nn::TensorFile& weights, std::size_t) {
    score(training.network, weights, parts.validation, training, scored);
  };
  folded.write_scores = [&](const fs::path& file) { write_scores(file, scored); };
  const auto trained = train_in_folds(cohort, folded);
  models::Bundle bundle{.kind = models::Kind::Grading,
                        .name = cohort.name.empty() ? "grading" : cohort.name,
                        .payload = grading_payload(training, cohort.cases.channels, cases.front().input.spacing_mm)};
  const Json measured = measure(scored);
  if (!measured.is_null()) {
    write_json(cohort.out / "metrics.json", measured);
    bundle.payload["calibration"] = calibration_json(scored);
  }
  bundle.payload["training"] = training_record(training.common, cohort.training_data, trained.parts.training.size(),
                                               trained.result.curve.size());
  bundle.payload["validation"] = measured;
  mark_demonstration(bundle, simulated);
  write_networks(cohort.out / "bundle", std::move(bundle), {trained.result.weights});
  return {trained.finished, failures.size()};
}

}  // namespace gliocast::pipeline
