// Outer folds; in each, the sequence is chosen among the training patients, halves of whom fit network and signature in
// turn.
#include "signature_design.hpp"

#include "designs.hpp"
#include "fit_networks.hpp"
#include "network_variants.hpp"

#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/learn/evaluation.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/pipeline/fused_signature.hpp>
#include <gliocast/pipeline/prognosis_features.hpp>
#include <gliocast/pipeline/train.hpp>
#include <gliocast/signature/choose_table.hpp>
#include <gliocast/signature/signature_learner.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace gliocast::study {
namespace {

using learn::CrossedFold;
using learn::Rows;
using signature::SignatureLearner;
using signature::SurvivalTable;
using Models = std::vector<std::shared_ptr<const signature::SignatureModel>>;

std::vector<Rows> dealt(const SurvivalTable& table, const Rows& rows, std::size_t folds, std::uint64_t seed) {
  const auto fold = signature::folds_by_event(table, rows, folds, seed);
  std::vector<Rows> out(*std::ranges::max_element(fold) + 1);
  for (std::size_t i = 0; i < rows.size(); ++i) out[fold[i]].push_back(rows[i]);
  return out;
}

std::array<Rows, 2> halves_of(const SurvivalTable& table, const Rows& training, std::uint64_t seed) {
  auto halves = dealt(table, training, 2, seed);
  return {std::move(halves.at(0)), std::move(halves.at(1))};
}

nn::PrognosisLoss loss_of(const signature::SignatureSpecification& specification) {
  return specification.target == signature::Target::Cox ? nn::PrognosisLoss::Cox : nn::PrognosisLoss::Time;
}

/// The losses that the specifications need, each once, in their order.
std::vector<nn::PrognosisLoss> losses_of(const SignatureOptions& o) {
  std::vector<nn::PrognosisLoss> out;
  for (const auto& s : o.specifications)
    if (std::ranges::find(out, loss_of(s)) == out.end()) out.push_back(loss_of(s));
  return out;
}

struct NetworkTask {
  nn::PrognosisLoss loss;
  Rows training;
  std::string training_data;
};

/// Networks of a fold, loss by loss, first half and second; of the last fold those of the first specification alone.
std::vector<NetworkTask> tasks_of(const std::vector<CrossedFold>& folds, const SignatureOptions& o) {
  std::vector<NetworkTask> tasks;
  for (std::size_t f = 0; f < folds.size(); ++f)
    for (const auto loss : losses_of(o))
      for (const Rows& half : folds[f].halves) {
        if (folds[f].test.empty() && loss != loss_of(o.specifications.front())) continue;
        tasks.push_back({loss, half,
                         folds[f].test.empty() ? "half of the cohort's patients"
                                               : "half of the training patients of fold " + std::to_string(f + 1)});
      }
  return tasks;
}

std::vector<pipeline::DeepFeatures> fit_all(const SurvivalCohort& cohort, const std::vector<NetworkTask>& tasks,
                                            const SignatureOptions& o) {
  pipeline::PrognosisFeatureOptions shared;
  shared.training = o.network;
  shared.training.common.seed = o.seed;
  shared.training.common.keep_last = true;
  shared.initial = pipeline::published_start(o.imagenet, shared.training);
  shared.folder = o.out / "networks";
  shared.channels = pipeline::kPrognosisChannels;
  shared.simulated = cohort.simulated;
  for (const auto& c : cohort.cases) shared.contents.push_back(pipeline::case_contents(c.slice));
  return fit_networks("prognosis", tasks.size(), o.network.common.epochs, o.threads,
                      [&](std::size_t i, const nn::EpochCallback& on_epoch) {
                        auto options = shared;
                        options.training.loss = tasks[i].loss;
                        options.name = "prognosis, loss " + std::string(nn::loss_name(tasks[i].loss));
                        options.training_data = tasks[i].training_data;
                        return pipeline::fit_prognosis_features(cohort.cases, tasks[i].training, {}, options, on_epoch);
                      });
}

/// Which table prognosis is best from, among the fold's training patients.
std::size_t choose_sequence(const SurvivalCohort& cohort, const CrossedFold& fold, const SignatureOptions& o,
                            Json& audit) {
  if (cohort.tables.size() == 1) return 0;
  throw_if_interrupted();
  const auto choice = signature::choose_table(cohort.tables, fold.training, {fold.seed, o.threads});
  for (const auto& t : choice.tables) audit["auc_within"][t.name] = t.auc.value;
  return choice.chosen;
}

void put(TestedSignature& tested, const Rows& rows, const pipeline::MeanSignature& said) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    tested.risk[rows[i]] = -said.signature[i];
    tested.high_risk[rows[i]] = said.high_risk[i];
    tested.survival[rows[i]] = said.survival[i];
  }
}

/// The fold's two networks of a loss.
using Pair = std::array<const pipeline::DeepFeatures*, 2>;

Json audit_of(const std::string& name, const Models& models, const Pair* networks) {
  Json members = Json::array();
  for (std::size_t h = 0; h < models.size(); ++h) {
    Json member{{"features", models[h]->parts().features}, {"notes", models[h]->parts().notes}};
    if (networks != nullptr) {
      member["network"] = networks->at(h)->network;
      member["network_fitted_on"] = h == 0 ? "half_1" : "half_2";
      member["signature_fitted_on"] = h == 0 ? "half_2" : "half_1";
    }
    members.push_back(std::move(member));
  }
  return {{"model", name}, {"members", std::move(members)}};
}

class CrossedStudy {
 public:
  CrossedStudy(const SurvivalCohort& cohort, const std::vector<CrossedFold>& folds, const SignatureOptions& options)
      : cohort_(cohort), folds_(folds), o_(options), losses_(losses_of(options)) {
    const std::size_t n = cohort_.any().rows();
    out_.fold.assign(n, 0);
    for (const bool deep : {true, false})
      for (const auto& s : o_.specifications)
        if (!deep || o_.deep) {
          tested_.push_back({s.name + (deep ? ": radiomics and deep features" : ": radiomics"), {}, {}, {}});
          tested_.back().risk.resize(n);
          tested_.back().high_risk.resize(n);
          tested_.back().survival.resize(n);
        }
    if (!o_.deep) return;
    for (const auto loss : losses_)
      tested_.push_back({"network alone, loss " + std::string(nn::loss_name(loss)), std::vector<double>(n), {}, {}});
  }

  StudiedSignatures run() {
    choose_sequences();
    if (o_.deep) out_.networks = fit_all(cohort_, tasks_of(folds_, o_), o_);
    Progress progress("Signatures", folds_.size() - 1);
    for (std::size_t f = 0; f + 1 < folds_.size(); ++f) {
      for (const std::size_t r : folds_[f].test) out_.fold[r] = static_cast<int>(f);
      test_fold(f);
      progress.advance();
    }
    out_.table = chosen_.back();
    if (o_.deep)
      for (std::size_t h = 0; h < 2; ++h)
        out_.members.push_back({pair_of(folds_.size() - 1, 0)[h], folds_.back().halves[1 - h]});
    out_.tested = std::move(tested_);
    return std::move(out_);
  }

 private:
  void choose_sequences() {
    Progress progress("Radiomics of each sequence", folds_.size());
    for (const auto& fold : folds_) {
      const auto& table = cohort_.any().features;
      Json audit{{"tested", ids_of(table, fold.test)},
                 {"half_1", ids_of(table, fold.halves[0])},
                 {"half_2", ids_of(table, fold.halves[1])}};
      chosen_.push_back(choose_sequence(cohort_, fold, o_, audit));
      audit["sequence"] = key_name(cohort_.sequences[chosen_.back()]);
      audit["models"] = Json::array();
      out_.audit.push_back(std::move(audit));
      progress.advance();
    }
  }

  [[nodiscard]] Pair pair_of(std::size_t fold, std::size_t loss) const {
    const std::size_t first = (fold * losses_.size() + loss) * 2;
    return {&out_.networks[first], &out_.networks[first + 1]};
  }

  void test_fold(std::size_t f) {
    const auto& fold = folds_[f];
    const auto& radiomics = cohort_.tables[chosen_[f]].second;
    std::size_t way = 0;
    if (o_.deep)
      for (const auto& s : o_.specifications) {
        const auto loss = static_cast<std::size_t>(std::ranges::find(losses_, loss_of(s)) - losses_.begin());
        test_crossed(s, pair_of(f, loss), radiomics, f, tested_[way++]);
      }
    for (const auto& s : o_.specifications) {
      throw_if_interrupted();
      const Models models{SignatureLearner(s).fit(radiomics, fold.training, {fold.seed, o_.threads}).model};
      put(tested_[way], fold.test, pipeline::mean_signature(models, {radiomics.features.take(fold.test)}, o_.times));
      out_.audit[f]["models"].push_back(audit_of(tested_[way++].name, models, nullptr));
    }
    if (!o_.deep) return;
    for (std::size_t loss = 0; loss < losses_.size(); ++loss, ++way)
      for (const auto* network : pair_of(f, loss))
        for (const std::size_t r : fold.test) tested_[way].risk[r] += network->score[r] / 2;
  }

  /// Each half's signature with the features of the network that the other half fitted, and the mean of the two.
  void test_crossed(const signature::SignatureSpecification& s, const Pair& networks, const SurvivalTable& radiomics,
                    std::size_t f, TestedSignature& tested) {
    const auto& fold = folds_[f];
    const FittedNetworks fitter(radiomics.features, {fold.halves[0], fold.halves[1]}, {networks[0], networks[1]});
    const auto tables = learn::crossed_tables(radiomics.features, fitter, fold.halves);
    const SignatureLearner learner(s);
    Models models;
    std::vector<learn::FeatureTable> test;
    for (std::size_t h = 0; h < 2; ++h) {
      throw_if_interrupted();
      models.push_back(learner.fit({tables[h], radiomics.outcome}, fold.halves[1 - h], {fold.seed, o_.threads}).model);
      tables[h].refuse_fitted(fold.test);
      test.push_back(tables[h].take(fold.test));
    }
    put(tested, fold.test, pipeline::mean_signature(models, test, o_.times));
    out_.audit[f]["models"].push_back(audit_of(tested.name, models, &networks));
  }

  const SurvivalCohort& cohort_;
  const std::vector<CrossedFold>& folds_;
  const SignatureOptions& o_;
  std::vector<nn::PrognosisLoss> losses_;
  std::vector<std::size_t> chosen_;  ///< table of each fold
  std::vector<TestedSignature> tested_;
  StudiedSignatures out_;
};

}  // namespace

std::vector<CrossedFold> signature_folds(const SurvivalCohort& cohort, const SignatureOptions& o) {
  const auto& table = cohort.any();
  learn::EvaluationOptions evaluation;
  evaluation.seed = o.seed;
  const auto seed = learn::seed_of_repeat(evaluation, 0);
  std::vector<CrossedFold> folds;
  auto tests = dealt(table, learn::all_rows(table.features), o.folds, seed);
  if (tests.size() < o.folds)
    log_warning(std::to_string(tests.size()) + " folds in place of " + std::to_string(o.folds) +
                ": no more patients have an event");
  tests.emplace_back();
  for (auto& test : tests) {
    CrossedFold fold;
    fold.training = learn::rows_without(table.features, test);
    fold.test = std::move(test);
    fold.seed = seed;
    fold.halves = halves_of(table, fold.training, seed);
    for (const auto& s : o.specifications)
      for (const Rows& half : fold.halves) SignatureLearner(s).require_patients(table, o.deep ? half : fold.training);
    folds.push_back(std::move(fold));
  }
  return folds;
}

StudiedSignatures run_crossed_signatures(const SurvivalCohort& cohort, const std::vector<CrossedFold>& folds,
                                         const SignatureOptions& o) {
  return CrossedStudy(cohort, folds, o).run();
}

}  // namespace gliocast::study
