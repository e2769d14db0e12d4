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
#include <set>
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

/// A reading's numbers of every patient, none yet.
void clear(analysis::RaterReadings& readings, const std::vector<Sequence>& sequences) {
  for (auto& reading : readings.readings)
    for (const Sequence s : sequences) {
      auto& values = reading.radiomics[s];
      values = stats::Matrix(readings.ids.size(), readings.features.size());
      std::ranges::fill(values.values, kNaN);
    }
}

/// A patient's row of a reading.
void take_row(const pipeline::SequenceRadiomics& radiomics, std::size_t row, analysis::RaterReading& into) {
  for (const auto& [s, values] : radiomics)
    for (std::size_t c = 0; c < std::min(values.size(), into.radiomics.at(s).columns); ++c)
      into.radiomics.at(s)(row, c) = values[c];
}

/// What fails in every reading for the same reason is told once.
void add_failures(const std::string& whose, std::vector<Failure> failures, std::vector<Failure>& all) {
  for (auto& f : failures) {
    if (std::ranges::any_of(all, [&](const Failure& a) { return a.id == f.id && a.reason == f.reason; })) continue;
    f.stage = f.stage.empty() ? whose : whose + ": " + f.stage;
    all.push_back(std::move(f));
  }
}

/// Examines the patients within the three outlines of each, and keeps the files of these.
pipeline::ExaminedCohort read_cohort(const std::vector<cohort::PatientFiles>& patients, const RaterOptions& o,
                                     analysis::RaterReadings& readings, std::array<Outlines, 3>& outlines,
                                     RaterAgreement& out) {
  auto examine = o.examine;
  examine.raters = true;
  auto examined = pipeline::examine_cohort(patients, examine);
  readings.features = examined.features;
  clear(readings, examine.sequences);
  std::map<std::string, std::size_t> row_of;
  for (std::size_t r = 0; r < readings.ids.size(); ++r) row_of[readings.ids[r]] = r;
  for (auto& of_reading : outlines) of_reading.assign(patients.size(), {});
  for (const auto& p : examined.patients) {
    const std::size_t row = row_of.at(p.input.id);
    outlines[2][row] = p.tumour_mask;
    take_row(p.radiomics, row, readings.readings[2]);
  }
  add_failures(readings.readings[2].name, std::move(examined.failures), out.failures);
  for (const auto& [id, raters] : examined.raters)
    for (std::size_t r = 0; r < raters.size(); ++r) {
      if (!raters[r]) continue;
      if (!raters[r]->failure.empty()) {
        log_warning(id + ": " + readings.readings[r].name + ": " + raters[r]->failure, {{"patient", id}});
        add_failures(readings.readings[r].name, {{id, "", raters[r]->failure, ExitCode::UnusableInput}}, out.failures);
        continue;
      }
      outlines[r][row_of.at(id)] = raters[r]->tumour_mask;
      take_row(raters[r]->radiomics, row_of.at(id), readings.readings[r]);
    }
  return examined;
}

double dice_of(const std::filesystem::path& a, const std::filesystem::path& b) {
  const auto first = any_label(imageio::read_labels(a)), second = any_label(imageio::read_labels(b));
  if (!same_grid(first.geometry, second.geometry))
    throw Error(ExitCode::InternalFault,
                "outlines of one patient lie on two grids: " + describe_difference(first.geometry, second.geometry));
  return nn::dice(first.voxels, second.voxels);
}

/// Dice of every pair of which both outlines are there; 0 where the network found no tumour.
void add_dice(const std::vector<cohort::PatientFiles>& patients, const std::array<Outlines, 3>& outlines,
              const std::set<std::string>& without_tumour, std::size_t jobs, analysis::RaterReadings& readings,
              std::vector<Failure>& failures) {
  for (auto& of_pair : readings.dice) of_pair.assign(patients.size(), kNaN);
  BatchWork batch{.count = patients.size(), .work = {}, .describe = {}};
  batch.work = [&](std::size_t i, StageTimer& timer) {
    for (std::size_t p = 0; p < analysis::kRaterPairs.size(); ++p) {
      const auto& first = outlines[analysis::kRaterPairs[p][0]][i];
      const auto& second = outlines[analysis::kRaterPairs[p][1]][i];
      if (analysis::kRaterPairs[p][0] == 2 && !second.empty() && without_tumour.contains(patients[i].id))
        readings.dice[p][i] = 0;
      else if (!first.empty() && !second.empty())
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
  const auto examined = read_cohort(both, o, readings, outlines, out);
  out.json["outlined_by"] = examined.outlined_by;
  out.json["simulated"] = examined.simulated;
  add_dice(both, outlines, examined.without_tumour, o.examine.jobs, readings, out.failures);
  if (!examined.without_tumour.empty())
    out.notes.push_back("warning: patients in whom no tumour was found, whose Dice is 0: " +
                        std::to_string(examined.without_tumour.size()));
  out.ids = readings.ids;
  out.dice_of_pair = readings.dice;
  out.outlines = std::move(outlines);
  auto results = analysis::rater_agreement(readings, o.level, o.threads);
  results.json.update(out.json);
  results.notes.insert(results.notes.begin(), out.notes.begin(), out.notes.end());
  static_cast<analysis::RaterAgreementResults&>(out) = std::move(results);
  return out;
}

}  // namespace gliocast::study
