// gliocast simulate: a cohort of simulated patients with known truth.
#include "../cli.hpp"
#include "../verbs.hpp"
#include "commands.hpp"

#include <gliocast/core/files.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/simulation/simulate_cohort.hpp>

#include <memory>

namespace gliocast::cli {
namespace {

struct Settings {
  Common common;
  Existing existing;
  simulation::CohortOptions simulation;
  std::string form = "brats", layout = "brats";
  std::string only;
  bool no_flair = false, no_raters = false, no_texture_term = false;
};

int run_simulate(Settings& s) {
  apply(s.common);
  auto& o = s.simulation;
  o.threads = s.common.threads;
  o.form = s.form == "raw" ? simulation::Form::Raw : simulation::Form::BratsLike;
  o.layout = s.layout == "bids" ? simulation::Layout::Bids : simulation::Layout::Brats;
  o.flair = !s.no_flair;
  o.raters = !s.no_raters;
  if (!s.only.empty()) o.only_sequence = sequence_of_key(s.only);
  o.texture_term = !s.no_texture_term;
  prepare_output(o.out, s.existing);
  if (s.existing.overwrite) std::filesystem::remove_all(o.out / "truth");
  Progress progress("Simulating patients", o.patients);
  simulation::simulate_cohort(o, [&] { progress.advance(); });
  log_info(std::to_string(o.patients) + " simulated patients are in " + o.out.string());
  return 0;
}

}  // namespace

void add_simulate(CLI::App& app, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(app, "simulate");
  auto& o = s->simulation;
  verb->add_option("--out,-o", o.out, "Folder to write")->required();
  verb->add_option("--patients,-n", o.patients, "How many")->check(CLI::Range(1, 100000))->capture_default_str();
  verb->add_option("--first", o.first, "Number of the first patient, to make a cohort in parts")->capture_default_str();
  verb->add_option("--seed", o.seed, "Seed of everything drawn at random")->capture_default_str();
  verb->add_option("--centres", o.centres, "Number of simulated scanners")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb->add_option("--high-grade", o.high_grade_fraction, "Part of the patients with a high-grade tumour")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  verb->add_option("--form", s->form,
                   "brats: skull-stripped, aligned, 1 mm; raw: with skull, misaligned, each sequence on its own grid")
      ->check(CLI::IsMember({"brats", "raw"}))
      ->capture_default_str();
  verb->add_option("--spacing", o.spacing_mm,
                   "Grid that --form brats is drawn on, mm: 2 is for studies of many patients, some 8 times faster")
      ->check(CLI::IsMember({1.0, 2.0}))
      ->capture_default_str();
  verb->add_option("--layout", s->layout, "File names and tables")
      ->check(CLI::IsMember({"brats", "bids"}))
      ->capture_default_str();
  verb->add_option(
      "--atlas", o.atlas,
      "Folder with ch2.nii.gz, ch2bet.nii.gz and aal.nii.gz (default: $GLIOCAST_ATLAS, then mricron-data's)");
  verb->add_flag("--no-flair", s->no_flair, "T1, T1-Gd and T2 only");
  verb->add_option("--only", s->only, "This sequence alone, e.g. for radiomics of many patients")
      ->check(CLI::IsMember({"t1", "t1gd", "t2", "flair"}))
      ->excludes("--no-flair");
  verb->add_flag("--no-raters", s->no_raters, "No raters' masks");
  verb->add_option("--outcome-seed", o.outcome_seed, "Seed of times and events alone; default: --seed");
  verb->add_flag("--no-texture-term", s->no_texture_term,
                 "Leave the tumour's texture out of the hazard; images are the same");
  add_existing_options(*verb, s->existing);
  add_common_options(*verb, s->common);
  verb->callback([s, &result] { result = run_simulate(*s); });
}

}  // namespace gliocast::cli
