// gliocast radiomics: PyRadiomics' features of image and mask, one case or a table of them.
#include "../cli.hpp"
#include "../verbs.hpp"
#include "commands.hpp"

#include <gliocast/analysis/radiomics_batch.hpp>
#include <gliocast/analysis/radiomics_case.hpp>
#include <gliocast/analysis/radiomics_table.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/parallel.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

namespace gliocast::cli {
namespace {

namespace fs = std::filesystem;

struct Settings {
  Common common;
  Existing existing;
  fs::path image, mask, params, out, batch;
  std::string preset = "default";
  std::vector<std::string> settings;
  std::optional<std::uint32_t> label;
  std::size_t jobs = 0;
  std::string shard = "1/1";
  std::string map_format = "nrrd";
  bool resample_mask = false, tidy = false, voxel_based = false;
};

/// Each warning once: cases of a table share images, and all cases the parameters.
void warn_once(const std::vector<std::string>& warnings) {
  static std::mutex guard;
  static std::set<std::string> told;
  for (const auto& w : warnings) {
    const std::lock_guard lock(guard);
    if (told.insert(w).second) log_warning(w);
  }
}

analysis::RowFormat format_of(const Settings& s) {
  return s.tidy ? analysis::RowFormat::Tidy : analysis::format_of(s.out);
}

radiomics::Parameters parameters_of(const Settings& s) {
  auto p = s.params.empty() ? radiomics::preset(s.preset) : radiomics::read_parameters(s.params);
  for (const auto& text : s.settings) radiomics::apply_setting(p, text);
  if (s.label) p.setting["label"] = *s.label;
  if (s.resample_mask) p.setting["correctMask"] = true;
  warn_once(radiomics::parameter_warnings(p));
  return p;
}

int run_single(const Settings& s) {
  const auto p = parameters_of(s);
  analysis::CaseRow row = analysis::extract_case(s.image, s.mask, p, resolve_threads(s.common.threads));
  warn_once(row.warnings);
  row.inputs = {{"Image", s.image.string()}, {"Mask", s.mask.string()}};
  const auto format = format_of(s);
  if (s.out.empty()) {
    std::cout << analysis::format_rows({row}, format) << std::flush;
    if (!std::cout) throw Error(ExitCode::CannotWrite, "standard output cannot be written");
  } else {
    analysis::write_rows(s.out, {row}, format);
  }
  return 0;
}

/// Maps into a folder, a file a feature.
int run_maps(const Settings& s) {
  if (s.out.empty()) throw Error(ExitCode::WrongUse, "--voxel-based needs --out FOLDER");
  std::error_code error;
  if (fs::exists(s.out, error) && !fs::is_directory(s.out, error))
    throw Error(ExitCode::WrongUse, "is a file; maps go into a folder", s.out.string());
  if (fs::exists(s.out, error) && !fs::is_empty(s.out, error) && !s.existing.overwrite)
    throw Error(ExitCode::WrongUse, "the folder exists already", s.out.string(), "add --overwrite to write into it");
  std::vector<std::string> warnings;
  const std::size_t maps = analysis::write_case_maps(s.image, s.mask, parameters_of(s), s.out, s.map_format == "nifti",
                                                     resolve_threads(s.common.threads), warnings);
  warn_once(warnings);
  log_info(std::to_string(maps) + " maps in " + s.out.string());
  return 0;
}

int run_batch(const Settings& s) {
  if (s.out.empty()) throw Error(ExitCode::WrongUse, "--batch needs --out FILE");
  const Shard shard = parse_shard(s.shard);
  const auto parameters = parameters_of(s);
  const auto table = analysis::read_batch(s.batch);
  warn_once(table.warnings);
  std::error_code error;
  if (fs::exists(s.out, error) && !s.existing.overwrite && !s.existing.resume)
    throw Error(ExitCode::WrongUse, "the output exists already", s.out.string(),
                "add --resume to go on with what is there, or --overwrite to replace it");
  const std::size_t threads = resolve_threads(s.common.threads);
  const std::size_t jobs = std::max<std::size_t>(1, std::min(table.cases.size(), s.jobs > 0 ? s.jobs : threads));
  const auto result =
      analysis::extract_batch(table, {.parameters = parameters,
                                      .out = s.out,
                                      .format = format_of(s),
                                      .batch = {.title = "Extracting features", .jobs = jobs, .shard = shard},
                                      .threads = std::max<std::size_t>(1, threads / jobs),
                                      .resume = s.existing.resume || !shard.whole()});
  warn_once(result.warnings);
  if (!shard.whole())
    log_info("the cases of this part are done; when all are, the same command with --resume in place of --shard " +
             std::string("writes ") + s.out.string());
  if (result.failures.empty()) return 0;
  log_warning(std::to_string(result.failures.size()) + " of " + std::to_string(table.cases.size()) +
              " cases failed, see " + result.failures_file.string());
  return static_cast<int>(ExitCode::SomeCasesFailed);
}

}  // namespace

void add_radiomics(CLI::App& app, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(app, "radiomics");
  verb->add_option("IMAGE", s->image, "Image (NIfTI, NRRD, MetaImage)");
  verb->add_option("MASK", s->mask,
                   "Mask with whole-numbered labels, on the image's grid; of several values a voxel, label_channel "
                   "(from 0) is taken");
  auto* params = verb->add_option("--params,-p", s->params, "Parameter file as PyRadiomics': YAML or JSON");
  verb->add_option("--preset", s->preset,
                   "default; all image types; the study's 788 features; or the chain of the glioma study")
      ->check(CLI::IsMember({"default", "all", "paper788", "chain"}))
      ->capture_default_str()
      ->excludes(params);
  verb->add_option("--setting,-s", s->settings, "A setting on top, KEY:VALUE, e.g. binWidth:5; may be repeated");
  verb->add_option("--label,-l", s->label, "Label of the region in the mask (default: 1)")
      ->check(CLI::Range(std::uint32_t{1}, std::uint32_t{4294967295U}));
  verb->add_option("--out,-o", s->out, "Output by its ending: .csv, .tsv or .json (default: CSV on standard output)");
  verb->add_option("--batch", s->batch,
                   "Table of cases (CSV/TSV: Image, Mask, optionally Label and Label_channel; ID and other columns are "
                   "carried over)");
  verb->add_option("--jobs,-j", s->jobs, "Cases at a time with --batch; 0 = as threads allow")->capture_default_str();
  verb->add_option("--shard", s->shard,
                   "Part of the cases of --batch, PART/PARTS: 1/8 to 8/8, on as many machines; then once --resume")
      ->capture_default_str();
  verb->add_flag("--resample-mask", s->resample_mask,
                 "Bring a mask on another grid to the image's grid (nearest neighbour)");
  verb->add_flag("--tidy", s->tidy,
                 "One row a feature: case, image type, class, feature, value, unit; with a data dictionary beside it");
  verb->add_flag("--voxel-based", s->voxel_based,
                 "Maps instead of numbers: each feature of every voxel's neighbourhood (kernelRadius, maskedKernel, "
                 "initValue), written into the folder --out");
  verb->add_option("--map-format", s->map_format, "nrrd (as PyRadiomics) or nifti")
      ->check(CLI::IsMember({"nrrd", "nifti"}))
      ->capture_default_str();
  add_existing_options(*verb, s->existing);
  add_common_options(*verb, s->common);
  verb->callback([s, &result] {
    apply(s->common);
    if (!s->batch.empty() && !s->image.empty())
      throw Error(ExitCode::WrongUse, "give IMAGE and MASK, or --batch, not both");
    if (s->batch.empty() && s->mask.empty())
      throw Error(ExitCode::WrongUse, "IMAGE and MASK are needed", {},
                  "or --batch CASES.csv; see gliocast radiomics --help");
    if (s->batch.empty() && (s->existing.resume || s->shard != "1/1"))
      throw Error(ExitCode::WrongUse, "--resume and --shard are for --batch");
    if (s->voxel_based && !s->batch.empty())
      throw Error(ExitCode::WrongUse, "--voxel-based takes one case, not --batch");
    result = s->voxel_based ? run_maps(*s) : s->batch.empty() ? run_single(*s) : run_batch(*s);
  });
}

}  // namespace gliocast::cli
