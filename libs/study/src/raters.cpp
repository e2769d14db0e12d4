#include <gliocast/study/raters.hpp>

#include <gliocast/cohort/label.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/imageio/read_volume.hpp>
#include <gliocast/nn/training.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace gliocast::study {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Outlines of one reading, by patient; empty where there is none.
using Outlines = std::vector<std::filesystem::path>;

/// The patients whose agreement can be told; who else has one rater's mask is told.
std::vector<cohort::PatientFiles> with_both_raters(const std::vector<cohort::PatientFiles>& patients,
                                                   std::vector<std::string>& notes) {
  std::vector<cohort::PatientFiles> both;
  std::size_t one = 0;
  for (const auto& p : patients) {
    if (p.failure) continue;
    if (p.raters[0] && p.raters[1])
      both.push_back(p);
    else
      one += p.raters[0].has_value() || p.raters[1].has_value();
  }
  if (one > 0) notes.push_back("warning: patients with one rater's mask alone: " + std::to_string(one));
  if (both.empty())
    notes.emplace_back(
        "no patient has both raters' masks (X_rater1.nii.gz and X_rater2.nii.gz beside the images, or a "
        "manifest's columns rater1 and rater2)");
  return both;
}

/// Puts one cohort's examination into the reading: a row a patient.
void take_examined(pipeline::ExaminedCohort examined, const std::vector<Sequence>& sequences, std::size_t reading,
                   analysis::RaterReadings& out, Outlines& outlines) {
  auto& into = out.readings.at(reading);
  if (out.features.empty()) out.features = examined.features;
  if (!examined.features.empty() && examined.features != out.features)
    throw Error(ExitCode::InternalFault, "readings have different radiomic features");
  std::map<std::string, std::size_t> row_of;
  for (std::size_t r = 0; r < out.ids.size(); ++r) row_of[out.ids[r]] = r;
  outlines.assign(out.ids.size(), {});
  if (examined.patients.empty()) return;
  for (const Sequence s : sequences) {
    auto& values = into.radiomics[s];
    values = stats::Matrix(out.ids.size(), examined.features.size());
    std::ranges::fill(values.values, kNaN);
  }
  for (const auto& p : examined.patients) {
    const std::size_t row = row_of.at(p.input.id);
    outlines[row] = p.tumour_mask;
    for (const Sequence s : sequences)
      for (std::size_t c = 0; c < examined.features.size(); ++c) into.radiomics[s](row, c) = p.radiomics.at(s).at(c);
  }
}

/// What fails in every reading for the same reason is told once.
void add_failures(const std::string& whose, std::vector<Failure> failures, std::vector<Failure>& all) {
  for (auto& f : failures) {
    if (std::ranges::any_of(all, [&](const Failure& a) { return a.id == f.id && a.reason == f.reason; })) continue;
    f.stage = f.stage.empty() ? whose : whose + ": " + f.stage;
    all.push_back(std::move(f));
  }
}

/// Examines within one rater's outlines, or as the options say; no patient's images are kept.
void read_cohort(const std::vector<cohort::PatientFiles>& patients, const RaterOptions& o, std::size_t reading,
                 analysis::RaterReadings& readings, Outlines& outlines, RaterAgreement& out) {
  auto examine = o.examine;
  auto examined_patients = patients;
  if (reading < 2) {
    examine.out = o.out / ("rater" + std::to_string(reading + 1));
    examine.expert_outlines = false;
    examine.slice_yx.reset();
    for (auto& p : examined_patients) p.tumour_mask = p.raters.at(reading);
  }
  log_info("agreement of raters: outlines of " + readings.readings.at(reading).name);
  auto examined = pipeline::examine_cohort(examined_patients, examine);
  if (reading == 2) {
    out.json["outlined_by"] = examined.outlined_by;
    out.json["simulated"] = examined.simulated;
  }
  add_failures(readings.readings.at(reading).name, std::move(examined.failures), out.failures);
  take_examined(std::move(examined), examine.sequences, reading, readings, outlines);
}

double dice_of(const std::filesystem::path& a, const std::filesystem::path& b) {
  const auto first = any_label(imageio::read_labels(a)), second = any_label(imageio::read_labels(b));
  if (!same_grid(first.geometry, second.geometry))
    throw Error(ExitCode::InternalFault,
                "outlines of one patient lie on two grids: " + describe_difference(first.geometry, second.geometry));
  return nn::dice(first.voxels, second.voxels);
}

/// Dice of every pair of which both outlines are there.
void add_dice(const std::vector<cohort::PatientFiles>& patients, const std::array<Outlines, 3>& outlines,
              std::size_t jobs, analysis::RaterReadings& readings, std::vector<Failure>& failures) {
  for (auto& of_pair : readings.dice) of_pair.assign(patients.size(), kNaN);
  BatchWork batch{.count = patients.size(), .work = {}, .describe = {}};
  batch.work = [&](std::size_t i, StageTimer& timer) {
    for (std::size_t p = 0; p < analysis::kRaterPairs.size(); ++p) {
      const auto& first = outlines[analysis::kRaterPairs[p][0]][i];
      const auto& second = outlines[analysis::kRaterPairs[p][1]][i];
      if (!first.empty() && !second.empty())
        readings.dice[p][i] = timer.time("dice", [&] { return dice_of(first, second); });
    }
  };
  batch.describe = [&](std::size_t i, const std::string& stage, const std::exception& e) {
    log_warning(patients[i].id + ": no Dice: " + e.what(), {{"patient", patients[i].id}});
    return pipeline::describe_failure(patients[i], stage, e);
  };
  for (auto& f : run_batch(batch, {.title = "", .jobs = jobs})) failures.push_back(std::move(f));
}

/// A mask that the user gives in place of the network's outline is not the network's.
void tell_given_outlines(const std::vector<cohort::PatientFiles>& patients, const RaterOptions& o,
                         std::vector<std::string>& notes) {
  const auto given = std::ranges::count_if(patients, [](const auto& p) { return p.tumour_mask.has_value(); });
  if (!o.examine.expert_outlines && given > 0)
    notes.push_back("warning: patients whose tumour_mask stands as the network's outline: " + std::to_string(given));
}

}  // namespace

RaterAgreement rater_agreement(const std::vector<cohort::PatientFiles>& patients, const RaterOptions& o) {
  RaterAgreement out;
  const auto both = with_both_raters(patients, out.notes);
  out.patients = both.size();
  out.json = {{"patients", both.size()}};
  if (both.empty()) return out;
  cohort::check_labels(both);
  tell_given_outlines(both, o, out.notes);
  analysis::RaterReadings readings;
  for (const auto& p : both) readings.ids.push_back(p.id);
  readings.readings[0].name = "rater 1";
  readings.readings[1].name = "rater 2";
  readings.readings[2].name = o.examine.expert_outlines ? "expert" : "network";
  std::array<Outlines, 3> outlines;
  for (std::size_t r = 0; r < outlines.size(); ++r) read_cohort(both, o, r, readings, outlines[r], out);
  add_dice(both, outlines, o.examine.jobs, readings, out.failures);
  auto results = analysis::rater_agreement(readings, o.level, o.threads);
  results.json.update(out.json);
  results.notes.insert(results.notes.begin(), out.notes.begin(), out.notes.end());
  static_cast<analysis::RaterAgreementResults&>(out) = std::move(results);
  return out;
}

}  // namespace gliocast::study
