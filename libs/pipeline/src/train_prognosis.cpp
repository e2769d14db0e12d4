#include "folded_training.hpp"

#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/nn/prognosis_network.hpp>
#include <gliocast/pipeline/network_bundle.hpp>
#include <gliocast/pipeline/train.hpp>
#include <gliocast/survival/concordance.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::pipeline {
namespace {

namespace fs = std::filesystem;

using Cases = std::vector<nn::PrognosisCase>;

/// Patients who were held out, with their risks.
struct Scored {
  std::vector<std::string> ids;
  survival::SurvivalSample sample;
  std::vector<double> risk, grade_logit;
  std::vector<int> grade, fold;
};

/// Patients with something to learn from; the others are told and left out.
Cases with_outcomes(std::vector<nn::TrainingCase> slices, const std::map<std::string, ClinicalOutcome>& outcomes) {
  Cases out;
  std::size_t no_row = 0, nothing = 0, other_grade = 0;
  for (auto& slice : slices) {
    const auto found = outcomes.find(slice.id);
    if (found == outcomes.end()) {
      ++no_row;
      continue;
    }
    auto c = prognosis_case(std::move(slice), found->second);
    other_grade += found->second.who_grade == 4;
    if (c.who_grade < 0 && std::isnan(c.time)) {
      ++nothing;
      continue;
    }
    out.push_back(std::move(c));
  }
  const auto tell = [](std::size_t n, const char* what) {
    if (n > 0) log_warning(std::to_string(n) + " patients " + what);
  };
  tell(no_row, "are left out: the clinical table does not name them");
  tell(nothing, "are left out: neither WHO II or III nor a time is known");
  tell(other_grade, "of WHO IV train the survival alone: the grade's task tells II from III");
  return out;
}

void score(const nn::PrognosisTrainingOptions& o, const nn::TensorFile& weights, const Cases& cases, int fold,
           Scored& out) {
  const nn::PrognosisNetwork network(o.network, weights, o.common.device);
  for (const auto& c : cases) {
    const auto said = network.predict(c.slice.input);
    out.ids.push_back(c.slice.id);
    out.risk.push_back(nn::risk_of(said, o.loss));
    out.grade_logit.push_back(said.grade_logit);
    out.grade.push_back(c.who_grade);
    out.sample.time.push_back(c.time);
    out.sample.event.push_back(c.event ? 1 : 0);
    out.fold.push_back(fold);
  }
}

void write_scores(const fs::path& file, const Scored& s) {
  TextTable table{{"patient", "time", "event", "risk", "who_grade", "grade_logit"}, {}};
  for (std::size_t i = 0; i < s.ids.size(); ++i) {
    const bool timed = !std::isnan(s.sample.time[i]);
    table.rows.push_back({s.ids[i], timed ? shortest(s.sample.time[i]) : "",
                          timed ? std::to_string(int{s.sample.event[i]}) : "", shortest(s.risk[i]),
                          s.grade[i] < 0    ? ""
                          : s.grade[i] == 0 ? "II"
                                            : "III",
                          shortest(s.grade_logit[i])});
  }
  write_table(file, table);
}

/// Harrell's C of those who were held out, within the folds whose networks judged them; null without any.
Json measure(const Scored& s) {
  std::vector<std::size_t> timed;
  for (std::size_t i = 0; i < s.ids.size(); ++i)
    if (!std::isnan(s.sample.time[i])) timed.push_back(i);
  if (timed.empty()) return nullptr;
  std::vector<double> risk;
  std::vector<int> fold;
  for (const std::size_t i : timed) {
    risk.push_back(s.risk[i]);
    fold.push_back(s.fold[i]);
  }
  const auto sample = survival::take(s.sample, timed);
  const auto c = survival::concordance(sample, risk, {}, fold);
  return {{"patients", timed.size()},
          {"events", std::ranges::count(sample.event, 1)},
          {"concordance",
           {{"value", finite_or_null(c.value)}, {"lower", finite_or_null(c.low)}, {"upper", finite_or_null(c.high)}}}};
}

struct Parts {
  Cases training, validation;
};

/// Held out alike among those who died and who did not.
Parts split(const Cases& cases, const TrainCohortOptions& o) {
  std::vector<std::string> ids;
  std::vector<int> died;
  for (const auto& c : cases) {
    ids.push_back(c.slice.id);
    died.push_back(c.event ? 1 : 0);
  }
  const auto held = held_out(ids, died, o);
  Parts out;
  for (std::size_t i = 0; i < cases.size(); ++i) (held[i] ? out.validation : out.training).push_back(cases[i]);
  return out;
}

/// Weights to start from, and their name in `training`.
nn::TensorFile start_of(const TrainCohortOptions& cohort, const fs::path& imagenet,
                        nn::PrognosisTrainingOptions& training) {
  if (cohort.init.empty()) return published_start(imagenet, training);
  training.start = "another training";
  return initial_weights(cohort.init, models::Kind::Prognosis);
}

void write_model(const Parts& parts, const TrainCohortOptions& cohort, const nn::PrognosisTrainingOptions& training,
                 const nn::TrainingResult& result, const Json& measured, bool simulated) {
  const auto& slice = parts.training.front().slice.input;
  models::Bundle bundle{.kind = models::Kind::Prognosis,
                        .name = cohort.name.empty() ? "prognosis" : cohort.name,
                        .payload = prognosis_payload(training, cohort.cases.channels, slice)};
  bundle.payload["training"] =
      training_record(training.common, cohort.training_data, parts.training.size(), result.curve.size());
  bundle.payload["validation"] = measured;
  add_prognosis_card(bundle.card, training);
  mark_demonstration(bundle, simulated);
  write_networks(cohort.out / "bundle", std::move(bundle), {result.weights});
}

}  // namespace

nn::TensorFile published_start(const fs::path& imagenet, nn::PrognosisTrainingOptions& training) {
  if (imagenet.empty()) {
    log_info("transfer learning is not used: no published weights are given (--imagenet)");
    return {};
  }
  training.start = "ImageNet, file with SHA-256 " + sha256_file(imagenet).substr(0, 16);
  return nn::weights_on_published(training.network, training.common.seed, nn::read_safetensors(imagenet));
}

TrainOutcome train_prognosis(const TrainCohortOptions& given, const ClinicalTable& clinical, const fs::path& imagenet,
                             nn::PrognosisTrainingOptions training) {
  TrainCohortOptions cohort = given;
  cohort.cases.channels = kPrognosisChannels;
  cohort.cases.factor = 1;
  if (!cohort.cases.slice_yx) cohort.cases.slice_yx = kPrognosisSlice;
  training.network.in_channels = static_cast<std::int64_t>(kPrognosisChannels.size());
  const auto initial = start_of(cohort, imagenet, training);
  const auto outcomes = read_outcomes(clinical);
  auto [slices, without_segmentation, failures, simulated] = load_training_cohorts(cohort);
  const Cases cases = with_outcomes(std::move(slices), outcomes);
  if (cases.empty()) throw unusable_input("no patient of the cohort has an outcome", clinical.file.string());
  Scored scored;
  FoldedTraining<Parts> folded;
  folded.network = "prognosis";
  folded.score_name = "C";
  folded.split = [&](const TrainCohortOptions& part) { return split(cases, part); };
  folded.train = [&](const Parts& parts, const fs::path& folder, const nn::EpochCallback& on_epoch) {
    training.common.folder = folder;
    return nn::train_prognosis(parts.training, parts.validation, training, initial, on_epoch);
  };
  folded.score = [&](const Parts& parts, const nn::TensorFile& weights, std::size_t fold) {
    score(training, weights, parts.validation, static_cast<int>(fold), scored);
  };
  folded.write_scores = [&](const fs::path& file) { write_scores(file, scored); };
  const auto trained = train_in_folds(cohort, folded);
  const Json measured = measure(scored);
  if (!measured.is_null()) write_json(cohort.out / "metrics.json", measured);
  write_model(trained.parts, cohort, training, trained.result, measured, simulated);
  return {trained.finished, failures.size()};
}

}  // namespace gliocast::pipeline
