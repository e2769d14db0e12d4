// gliocast radiomics: PyRadiomics' features of image and mask, one case or a table of them.
#include "../cli.hpp"
#include "commands.hpp"
#include "radiomics_table.hpp"

#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/core/version.hpp>
#include <gliocast/imageio/nifti.hpp>
#include <gliocast/imageio/nrrd.hpp>
#include <gliocast/imageio/read_image.hpp>
#include <gliocast/radiomics/extractor.hpp>

#include <algorithm>
#include <iostream>
#include <limits>
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

radiomics::Parameters parameters_of(const Settings& s) {
  auto p = s.params.empty() ? radiomics::preset(s.preset) : radiomics::read_parameters(s.params);
  for (const auto& text : s.settings) radiomics::apply_setting(p, text);
  if (s.label) p.setting["label"] = *s.label;
  if (s.resample_mask) p.setting["correctMask"] = true;
  warn_once(radiomics::parameter_warnings(p));
  return p;
}

template <typename T>
std::string hash_of(const std::vector<T>& voxels) {
  return sha1(std::as_bytes(std::span(voxels)));
}

struct LoadedCase {
  radiomics::ScalarImage image;
  LabelVolume labels;
  int mask_dimensions = 3;
  std::string image_hash,
      mask_hash;  ///< SHA-1 of the voxels as the file's type holds them, of the mask as 32-bit labels
};

/// A file, with the reader's remarks told.
imageio::ImageFile read_and_warn(const fs::path& file, const imageio::ReadOptions& options) {
  auto image = imageio::read_image(file, options);
  for (auto& w : image.warnings) w.insert(0, file.string() + ": ");
  warn_once(image.warnings);
  return image;
}

void load_mask(LoadedCase& out, const fs::path& file, const radiomics::Settings& settings) {
  const auto image = read_and_warn(file, {.channel = settings.label_channel, .slice = true, .itk_values = true});
  auto found = imageio::find_labels(image.volume);
  const std::string others = found.others(), label = std::to_string(settings.label);
  const bool there = std::ranges::find(found.labels.voxels, settings.label) != found.labels.voxels.end();
  if (!there && !others.empty()) {
    const bool none = std::ranges::all_of(found.labels.voxels, [](std::uint32_t l) { return l == 0; });
    const std::string held = none ? "" : radiomics::labels_held(found.labels);
    throw unusable_input("label " + label + " is not in the mask" + held + "; " + others, file.string(),
                         none ? "is this an image, or a mask resampled with interpolation? Use nearest-neighbour "
                                "resampling"
                         : found.broken > 0 ? "was the mask resampled with interpolation? Use nearest-neighbour "
                                              "resampling"
                                            : "choose one of its labels by --label");
  }
  if (found.broken > 0) warn_once({file.string() + ": " + others + ": they are no part of label " + label});
  out.labels = std::move(found.labels);
  out.mask_dimensions = image.dimensions;
  if (settings.additional_info) out.mask_hash = hash_of(out.labels.voxels);
}

void load_image(LoadedCase& out, const fs::path& file, const radiomics::Settings& settings) {
  const auto image = read_and_warn(file, {.channel = {}, .slice = true, .itk_values = true});
  std::visit(
      [&](const auto& v) {
        using T = typename std::decay_t<decltype(v.voxels)>::value_type;
        using enum radiomics::PixelKind;
        out.image.kind = std::is_integral_v<T> ? Integer : sizeof(T) == 4 ? Float : Double;
        if constexpr (std::is_integral_v<T>) {
          out.image.least = static_cast<double>(std::numeric_limits<T>::min());
          out.image.most = static_cast<double>(std::numeric_limits<T>::max());
        }
        if (settings.additional_info) out.image_hash = hash_of(v.voxels);
      },
      image.volume);
  out.image.volume = imageio::to_double(image.volume);
  out.image.dimensions = image.dimensions;
}

/// Image and mask, read and hashed side by side.
LoadedCase load_case(const fs::path& image_file, const fs::path& mask_file, const radiomics::Settings& settings,
                     std::size_t threads) {
  LoadedCase out;
  parallel_for(2, threads, [&](std::size_t k) {
    if (k == 1)
      load_mask(out, mask_file, settings);
    else
      load_image(out, image_file, settings);
  });
  if (out.mask_dimensions != 0 && out.image.dimensions != out.mask_dimensions)
    throw unusable_input("the mask is " + std::to_string(out.mask_dimensions) + "-D, the image " +
                             std::to_string(out.image.dimensions) + "-D",
                         mask_file.string(), "save both as planes, or both as volumes (of one slice)");
  return out;
}

/// One case: its diagnostics, then its features.
CaseRow extract_case(const fs::path& image_file, const fs::path& mask_file, const radiomics::Parameters& p,
                     std::size_t threads) {
  const auto settings = radiomics::read_settings(p.setting);
  const LoadedCase loaded = load_case(image_file, mask_file, settings, threads);
  const auto extraction = radiomics::extract(loaded.image, loaded.labels, p, threads);
  CaseRow row;
  for (const auto& f : extraction.features) row.features.push_back({f.name(), f.feature.unit, f.feature.value});
  for (const auto& w : extraction.warnings) warn_once({image_file.string() + ": " + w});
  if (!settings.additional_info) return row;
  row.diagnostics = {{"diagnostics_Versions_PyRadiomics", "v3.0.1"},
                     {"diagnostics_Versions_Numpy", "not used"},
                     {"diagnostics_Versions_SimpleITK", "not used"},
                     {"diagnostics_Versions_PyWavelet", "not used"},
                     {"diagnostics_Versions_Python", "not used"},
                     {"diagnostics_Versions_gliocast", version()},
                     {"diagnostics_Configuration_Settings", radiomics::reported_settings(p)}};
  Json types = Json::object();
  for (const auto& [name, own] : p.image_types) types[name] = own;
  row.diagnostics["diagnostics_Configuration_EnabledImageTypes"] = types;
  row.diagnostics["diagnostics_Image-original_Hash"] = loaded.image_hash;
  row.diagnostics["diagnostics_Image-original_Dimensionality"] = std::to_string(loaded.image.dimensions) + "D";
  for (const auto& [key, value] : extraction.diagnostics.items()) {
    if (key == "diagnostics_Mask-original_Spacing")
      row.diagnostics["diagnostics_Mask-original_Hash"] = loaded.mask_hash;
    row.diagnostics[key] = value;
  }
  return row;
}

int run_single(const Settings& s) {
  const auto p = parameters_of(s);
  CaseRow row = extract_case(s.image, s.mask, p, resolve_threads(s.common.threads));
  row.inputs = {{"Image", s.image.string()}, {"Mask", s.mask.string()}};
  const RowFormat format = s.tidy ? RowFormat::Tidy : format_of(s.out);
  if (s.out.empty()) {
    std::cout << format_rows({row}, format) << std::flush;
    if (!std::cout) throw Error(ExitCode::CannotWrite, "standard output cannot be written");
  } else {
    write_rows(s.out, {row}, format);
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
  const auto p = parameters_of(s);
  const std::size_t threads = resolve_threads(s.common.threads);
  const LoadedCase loaded = load_case(s.image, s.mask, radiomics::read_settings(p.setting), threads);
  std::vector<std::string> warnings;
  const auto maps = radiomics::extract_maps(loaded.image, loaded.labels, p, threads, &warnings);
  for (const auto& w : warnings) warn_once({s.image.string() + ": " + w});
  fs::create_directories(s.out, error);
  if (error) throw Error(ExitCode::CannotWrite, "the folder cannot be made: " + error.message(), s.out.string());
  const bool nifti = s.map_format == "nifti";
  Progress progress("Writing maps", maps.size());
  parallel_for(maps.size(), threads, [&](std::size_t k) {
    throw_if_interrupted();
    const fs::path file = s.out / (maps[k].name + (nifti ? ".nii.gz" : ".nrrd"));
    if (nifti)
      imageio::write_nifti(file, maps[k].volume);
    else
      imageio::write_nrrd(file, maps[k].volume);
    progress.advance();
  });
  TextTable dictionary{{"file", "feature", "unit"}, {}};
  for (const auto& m : maps) dictionary.rows.push_back({m.name + (nifti ? ".nii.gz" : ".nrrd"), m.name, m.unit});
  write_table(s.out / "maps.tsv", dictionary);
  log_info(std::to_string(maps.size()) + " maps in " + s.out.string());
  return 0;
}

/// Changes with everything that a case's numbers come from.
std::string case_key(const std::vector<std::pair<std::string, std::string>>& inputs, const fs::path& image,
                     const fs::path& mask, const radiomics::Parameters& p) {
  std::string text = std::string(version()) + radiomics::reported_settings(p).dump();
  for (const auto& [name, own] : p.image_types) text += name + own.dump();
  for (const auto& [name, list] : p.feature_classes) text += name + Json(list).dump();
  for (const auto& [column, cell] : inputs) text += column + "=" + cell + ";";
  for (const auto& file : {image, mask}) {
    std::error_code error;
    text += std::to_string(fs::file_size(file, error)) + ":" +
            std::to_string(fs::last_write_time(file, error).time_since_epoch().count()) + ";";
  }
  return sha256(text);
}

int run_batch(const Settings& s) {
  if (s.out.empty()) throw Error(ExitCode::WrongUse, "--batch needs --out FILE");
  const auto base = parameters_of(s);
  const BatchTable table = read_batch(s.batch);
  warn_once(table.warnings);
  std::error_code error;
  if (fs::exists(s.out, error) && !s.existing.overwrite && !s.existing.resume)
    throw Error(ExitCode::WrongUse, "the output exists already", s.out.string(),
                "add --resume to go on with what is there, or --overwrite to replace it");
  const fs::path parts = s.out.string() + ".cases";  // a finished case each, until all are done
  const std::size_t threads = resolve_threads(s.common.threads),
                    jobs = std::max<std::size_t>(1, std::min(table.cases.size(), s.jobs > 0 ? s.jobs : threads));
  std::vector<std::optional<CaseRow>> rows(table.cases.size());
  std::vector<std::string> failures(table.cases.size());
  std::mutex guard;
  Progress progress("Extracting features", table.cases.size());
  parallel_for(table.cases.size(), jobs, [&](std::size_t i) {
    throw_if_interrupted();
    const BatchCase& one = table.cases[i];
    try {
      if (!one.problem.empty()) throw unusable_input(one.problem);
      auto p = base;
      if (one.label) p.setting["label"] = *one.label;
      if (one.label_channel) p.setting["label_channel"] = *one.label_channel;
      const fs::path part = parts / (case_key(one.inputs, one.image, one.mask, p) + ".json");
      if (s.existing.resume && fs::exists(part)) {
        rows[i] = row_from_json(read_json(part));
      } else {
        rows[i] = extract_case(one.image, one.mask, p, std::max<std::size_t>(1, threads / jobs));
        rows[i]->inputs = one.inputs;
        write_json(part, row_to_json(*rows[i]));
      }
    } catch (const Error& e) {
      if (e.code() == ExitCode::Interrupted || e.code() == ExitCode::CannotWrite) throw;
      failures[i] = e.what();
      const std::string image = one.problem.empty() ? ", " + one.image.string() : "";  // else it may have none
      log_error("line " + std::to_string(one.line) + image + ": " + e.what());
    }
    const std::lock_guard lock(guard);
    progress.advance();
  });
  std::vector<CaseRow> done;
  TextTable failed{{"line", "image", "mask", "reason"}, {}};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i])
      done.push_back(std::move(*rows[i]));
    else
      failed.rows.push_back({std::to_string(table.cases[i].line), table.cases[i].image.string(),
                             table.cases[i].mask.string(), failures[i]});
  }
  write_rows(s.out, done, s.tidy ? RowFormat::Tidy : format_of(s.out));
  const fs::path failures_file = s.out.string() + ".failures.tsv";
  if (failed.rows.empty()) {
    fs::remove(failures_file, error);
    fs::remove_all(parts, error);
    return 0;
  }
  write_table(failures_file, failed);
  log_warning(std::to_string(failed.rows.size()) + " of " + std::to_string(rows.size()) + " cases failed, see " +
              failures_file.string());
  return static_cast<int>(ExitCode::SomeCasesFailed);
}

}  // namespace

void add_radiomics(CLI::App& app, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = app.add_subcommand(
      "radiomics", "Radiomic features of an image and a mask, with PyRadiomics' parameters, names and numbers");
  verb->description(
      "Features of a region by PyRadiomics' definitions: first order, shape, GLCM, GLRLM, GLSZM, GLDM, NGTDM; of the "
      "original, wavelet, LoG, square, square root, logarithm, exponential, gradient and "
      "local binary pattern images.\n"
      "Takes PyRadiomics' parameter files and writes its CSV.");
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
  verb->footer(
      "Examples:\n  gliocast radiomics image.nrrd mask.nrrd --params Params.yaml --out features.csv\n  gliocast "
      "radiomics t1gd.nii.gz seg.nii.gz --preset paper788 --label 4 --setting binWidth:10\n"
      "  gliocast radiomics --batch cases.csv --preset all --out features.csv --jobs 4\n"
      "  gliocast radiomics image.nrrd mask.nrrd --voxel-based --params Voxel.yaml --out maps");
  verb->callback([s, &result] {
    apply(s->common);
    if (!s->batch.empty() && !s->image.empty())
      throw Error(ExitCode::WrongUse, "give IMAGE and MASK, or --batch, not both");
    if (s->batch.empty() && s->mask.empty())
      throw Error(ExitCode::WrongUse, "IMAGE and MASK are needed", {},
                  "or --batch CASES.csv; see gliocast radiomics --help");
    if (s->voxel_based && !s->batch.empty())
      throw Error(ExitCode::WrongUse, "--voxel-based takes one case, not --batch");
    result = s->voxel_based ? run_maps(*s) : s->batch.empty() ? run_single(*s) : run_batch(*s);
  });
}

}  // namespace gliocast::cli
