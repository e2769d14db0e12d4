#include "study_cost.hpp"

#include "network_variants.hpp"
#include "segmentation_networks.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/pipeline/examined_files.hpp>
#include <gliocast/pipeline/train.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <set>

namespace gliocast::study {
namespace {

// Seconds of one core, megabytes of a file: docs/benchmarks.md, "A study".
constexpr double kExamineSeconds = 5, kDicomSeconds = 40, kRaterSeconds = 1.7;
constexpr double kPrepareSeconds = 2, kCaseMegabytes = 0.6;  ///< of what a segmentation network learns from
constexpr double kPatientMegabytes = 1.0, kRaterMegabytes = 0.1;
/// Of an optimiser step, a sample of the input: rises with the network's width.
constexpr double kStepSeconds = 1.8e-7, kStepSecondsOfWidth = 4.1e-8;
/// Bytes of a 3-D or 2-D ResNet18's weights, its first stage one channel wide.
constexpr double kVolumeWeightsMegabytes = 8.3 / 256, kSliceWeightsMegabytes = 2.8 / 256;
/// The same of the U-Net that outlines, a sample of its window, by the channels of its first level; and of its weights.
constexpr double kUnetSeconds = 1e-6, kUnetSecondsOfWidth = 4e-7, kUnetWeightsMegabytes = 7e-4;
/// Of a fit of selection and classifier, a cell of its table.
constexpr double kFitSeconds = 6e-7;
constexpr double kColumns = 800;  ///< radiomic features of the largest preset and deep ones, roughly
// A run without patients, and what each adds: docs/benchmarks.md.
constexpr double kBaseGigabytes = 0.5, kPatientGigabytes = 0.8;

std::size_t examined_before(const StudyContext& c) {
  return static_cast<std::size_t>(std::ranges::count_if(c.everyone(), [&](const cohort::PatientFiles& p) {
    return std::filesystem::exists(pipeline::examination_file(c.patients_folder(), p.id));
  }));
}

StageCost of_examination(const StudyContext& c) {
  const auto everyone = c.everyone();
  const std::size_t left = everyone.size() - examined_before(c);
  double seconds = 0, megabytes = 0;
  for (const auto& p : everyone) {
    seconds += p.dicom.empty() ? kExamineSeconds : kDicomSeconds;
    megabytes += kPatientMegabytes;
    if (!c.settings().outlines.raters) continue;
    for (const auto& rater : p.raters) {
      if (!rater) continue;
      seconds += kRaterSeconds;
      megabytes += kRaterMegabytes;
    }
  }
  const double share = everyone.empty() ? 0 : static_cast<double>(left) / static_cast<double>(everyone.size());
  const auto at_a_time = static_cast<double>(std::min(std::max<std::size_t>(left, 1), patients_at_a_time(c.options)));
  return {std::to_string(left) + " of " + std::to_string(everyone.size()) + " patients", share * seconds / at_a_time,
          share * megabytes};
}

/// Seconds of one core for a network that is fitted on so many patients.
double seconds_of_network(const NetworkSettings& s, double samples, double patients) {
  const auto batch = static_cast<double>(s.batch);
  const double steps = s.steps_per_epoch > 0 ? static_cast<double>(s.steps_per_epoch) : std::ceil(patients / batch);
  const double of_sample = kStepSeconds + kStepSecondsOfWidth * static_cast<double>(s.base_width);
  return static_cast<double>(s.epochs) * steps * std::min(batch, patients) * samples * of_sample;
}

StageCost of_networks(double networks, double seconds, double megabytes, double fits, double rows,
                      const StudyContext& c) {
  const double all = networks * seconds + fits * rows * kColumns * kFitSeconds;
  return {networks > 0 ? shortest(networks) + " networks" : "",
          all / static_cast<double>(resolve_threads(c.options.threads)), networks * megabytes};
}

double sequences_of(const StudyContext& c) { return static_cast<double>(c.sequences().size()); }

StageCost of_segmentation(const StudyContext& c) {
  const auto& s = c.settings().outlines.network;
  const auto widths = outline_training(c).network.widths;
  const double mean = static_cast<double>(std::accumulate(widths.begin(), widths.end(), std::int64_t{0})) /
                      static_cast<double>(widths.size());
  const auto& patch = s.patch_zyx;
  const double of_window = static_cast<double>(patch[0] * patch[1] * patch[2]) *
                           (kUnetSeconds + kUnetSecondsOfWidth * static_cast<double>(s.base_width));
  const auto plan = outline_plan(c);
  double seconds = 0, networks = 0;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    if (std::filesystem::exists(outline_network_record(c.options.out, i))) continue;
    const auto fitted = static_cast<double>(plan[i].training.size()), batch = static_cast<double>(s.batch);
    const double steps = s.steps_per_epoch > 0 ? static_cast<double>(s.steps_per_epoch) : std::ceil(fitted / batch);
    seconds += static_cast<double>(s.epochs) * steps * batch * of_window;
    ++networks;
  }
  const auto patients = static_cast<double>(c.everyone().size());
  const double all = seconds / std::clamp(networks, 1.0, static_cast<double>(resolve_threads(c.options.threads))) +
                     patients * kPrepareSeconds / static_cast<double>(patients_at_a_time(c.options));
  const auto of_all = std::to_string(plan.size()) + (plan.size() == 1 ? " network" : " networks");
  const bool none_yet = networks == static_cast<double>(plan.size());
  return {none_yet ? of_all : shortest(networks) + " of " + of_all, all,
          networks * kUnetWeightsMegabytes * mean * mean + patients * kCaseMegabytes};
}

StageCost of_grading(const StudyContext& c) {
  const auto& s = c.settings().grading;
  const bool paper = s.design == "paper";
  const auto n = static_cast<double>(c.graded.size()), outer = static_cast<double>(s.outer);
  const double fitted = paper ? 0.6 * n : n * (outer - 1) / outer / 2;
  const auto variants = static_cast<double>(kVariants.size());
  const double networks = !s.deep ? 0 : paper ? variants : outer * variants * 2 + 2;
  const auto& patch = s.patch_zyx;
  const auto samples = static_cast<double>(patch[0] * patch[1] * patch[2]);
  const auto width = static_cast<double>(s.network.base_width);
  const double fits = networks + sequences_of(c) * (paper ? 1 : outer) + static_cast<double>(s.refits);
  return of_networks(networks, seconds_of_network(s.network, samples, fitted), kVolumeWeightsMegabytes * width * width,
                     fits, fitted, c);
}

StageCost of_signature(const StudyContext& c) {
  const auto& s = c.settings().signature;
  std::set<std::string> ways(s.against.begin(), s.against.end());
  ways.insert(s.way);
  const auto n = static_cast<double>(c.survival.size()), outer = static_cast<double>(s.outer);
  const double fitted = n * (outer - 1) / outer / 2;
  const double networks =
      s.deep ? (outer * static_cast<double>(s.repeats) + 1) * 2 * static_cast<double>(ways.size()) : 0;
  const double samples = static_cast<double>(pipeline::kPrognosisSlice[0] * pipeline::kPrognosisSlice[1]);
  const auto width = static_cast<double>(s.network.base_width);
  const double fits =
      (outer * static_cast<double>(s.repeats) + 1) * 2 * static_cast<double>(ways.size()) * sequences_of(c);
  return of_networks(networks, seconds_of_network(s.network, samples, fitted), kSliceWeightsMegabytes * width * width,
                     fits, fitted, c);
}

}  // namespace

StageCost cost_of(const std::string& stage, const StudyContext& c) {
  if (stage == "segmentation") return of_segmentation(c);
  if (stage == "examination" && !c.measured) return of_examination(c);
  if (stage == "grading") return of_grading(c);
  if (stage == "signature") return of_signature(c);
  return {{}, 1, 1};  // tables and figures of what is there
}

std::size_t patients_at_a_time(const StudyOptions& o) {
  std::size_t n = resolve_threads(o.jobs > 0 ? o.jobs : o.threads);
  if (o.memory_gb <= 0) return n;
  const double fit = (o.memory_gb - kBaseGigabytes) / kPatientGigabytes;
  if (fit < 1)
    throw Error(ExitCode::WrongUse, "too little memory for one patient", "--memory " + shortest(o.memory_gb),
                "one patient at a time needs " + shortest(kBaseGigabytes + kPatientGigabytes) + " GB");
  return std::min(n, static_cast<std::size_t>(fit));
}

}  // namespace gliocast::study
