#include <gliocast/analysis/radiomics_case.hpp>

#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/core/version.hpp>
#include <gliocast/imageio/nifti.hpp>
#include <gliocast/imageio/nrrd.hpp>
#include <gliocast/imageio/read_image.hpp>

#include <algorithm>
#include <limits>
#include <type_traits>

namespace gliocast::analysis {
namespace {

namespace fs = std::filesystem;

template <typename T>
std::string hash_of(const std::vector<T>& voxels) {
  return sha1(std::as_bytes(std::span(voxels)));
}

void add_warnings(std::vector<std::string>& to, const fs::path& file, const std::vector<std::string>& warnings) {
  for (const auto& w : warnings) to.push_back(file.string() + ": " + w);
}

struct LoadedMask {
  LabelVolume labels;
  int dimensions = 3;
  std::string hash;
  std::vector<std::string> warnings;
};

LoadedMask load_mask(const fs::path& file, const radiomics::Settings& settings) {
  const auto image = imageio::read_image(file, {.channel = settings.label_channel, .slice = true, .itk_values = true});
  LoadedMask out;
  add_warnings(out.warnings, file, image.warnings);
  auto found = imageio::find_labels(image.volume);
  try {
    if (const std::string remark = check_label(found, settings.label); !remark.empty())
      add_warnings(out.warnings, file, {remark});
  } catch (const Error& e) {
    throw e.within(file.string());
  }
  out.labels = std::move(found.labels);
  out.dimensions = image.dimensions;
  if (settings.additional_info) out.hash = hash_of(out.labels.voxels);
  return out;
}

void load_image(LoadedCase& out, const fs::path& file, const radiomics::Settings& settings) {
  const auto image = imageio::read_image(file, {.channel = {}, .slice = true, .itk_values = true});
  add_warnings(out.warnings, file, image.warnings);
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

}  // namespace

std::string check_label(const imageio::FoundLabels& found, std::uint32_t label) {
  const std::string others = found.others(), wanted = std::to_string(label);
  const bool there = std::ranges::find(found.labels.voxels, label) != found.labels.voxels.end();
  if (!there && !others.empty()) {
    const bool none = std::ranges::all_of(found.labels.voxels, [](std::uint32_t l) { return l == 0; });
    const std::string held = none ? "" : radiomics::labels_held(found.labels);
    throw unusable_input(
        "label " + wanted + " is not in the mask" + held + "; " + others, {},
        none ? "is this an image, or a mask resampled with interpolation? Labels are whole numbers: use "
               "nearest-neighbour resampling"
        : found.broken > 0
            ? "was the mask resampled with interpolation? Labels are whole numbers: use nearest-neighbour resampling"
            : "choose one of its labels by --label");
  }
  return found.broken > 0 ? others + ": they are no part of label " + wanted : "";
}

LoadedCase load_case(const fs::path& image_file, const fs::path& mask_file, const radiomics::Settings& settings,
                     std::size_t threads) {
  LoadedCase out;
  LoadedMask mask;
  parallel_for(2, threads, [&](std::size_t k) {
    if (k == 1)
      mask = load_mask(mask_file, settings);
    else
      load_image(out, image_file, settings);
  });
  if (mask.dimensions != 0 && out.image.dimensions != mask.dimensions)
    throw unusable_input("the mask is " + std::to_string(mask.dimensions) + "-D, the image " +
                             std::to_string(out.image.dimensions) + "-D",
                         mask_file.string(), "save both as planes, or both as volumes (of one slice)");
  out.labels = std::move(mask.labels);
  out.mask_hash = std::move(mask.hash);
  out.warnings.insert(out.warnings.end(), mask.warnings.begin(), mask.warnings.end());
  return out;
}

Json case_diagnostics(const radiomics::Parameters& p, const Json& versions, const std::string& image_hash,
                      const std::string& mask_hash, int dimensions, const Json& engine) {
  Json out{{"diagnostics_Versions_PyRadiomics", "v3.0.1"}};
  for (const char* name : {"Numpy", "SimpleITK", "PyWavelet", "Python"})
    out[std::string("diagnostics_Versions_") + name] = versions.value(name, "not used");
  out["diagnostics_Versions_gliocast"] = version();
  out["diagnostics_Configuration_Settings"] = radiomics::reported_settings(p);
  Json types = Json::object();
  for (const auto& [name, own] : p.image_types) types[name] = own;
  out["diagnostics_Configuration_EnabledImageTypes"] = types;
  out["diagnostics_Image-original_Hash"] = image_hash;
  out["diagnostics_Image-original_Dimensionality"] = std::to_string(dimensions) + "D";
  for (const auto& [key, value] : engine.items()) {
    if (key == "diagnostics_Mask-original_Spacing") out["diagnostics_Mask-original_Hash"] = mask_hash;
    out[key] = value;
  }
  return out;
}

CaseRow extract_case(const fs::path& image_file, const fs::path& mask_file, const radiomics::Parameters& p,
                     std::size_t threads) {
  const auto settings = radiomics::read_settings(p.setting);
  const LoadedCase loaded = load_case(image_file, mask_file, settings, threads);
  const auto extraction = radiomics::extract(loaded.image, loaded.labels, p, threads);
  CaseRow row;
  row.warnings = loaded.warnings;
  add_warnings(row.warnings, image_file, extraction.warnings);
  for (const auto& f : extraction.features) row.features.push_back({f.name(), f.feature.unit, f.feature.value});
  if (settings.additional_info)
    row.diagnostics = case_diagnostics(p, Json::object(), loaded.image_hash, loaded.mask_hash, loaded.image.dimensions,
                                       extraction.diagnostics);
  return row;
}

std::size_t write_case_maps(const fs::path& image, const fs::path& mask, const radiomics::Parameters& p,
                            const fs::path& folder, bool nifti, std::size_t threads,
                            std::vector<std::string>& warnings) {
  const LoadedCase loaded = load_case(image, mask, radiomics::read_settings(p.setting), threads);
  warnings = loaded.warnings;
  std::vector<std::string> left_out;
  const auto maps = radiomics::extract_maps(loaded.image, loaded.labels, p, threads, &left_out);
  add_warnings(warnings, image, left_out);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(ExitCode::CannotWrite, "the folder cannot be made: " + error.message(), folder.string());
  const auto name_of = [&](const radiomics::FeatureMap& map) { return map.name + (nifti ? ".nii.gz" : ".nrrd"); };
  Progress progress("Writing maps", maps.size());
  parallel_for(maps.size(), threads, [&](std::size_t k) {
    throw_if_interrupted();
    if (nifti)
      imageio::write_nifti(folder / name_of(maps[k]), maps[k].volume);
    else
      imageio::write_nrrd(folder / name_of(maps[k]), maps[k].volume);
    progress.advance();
  });
  TextTable dictionary{{"file", "feature", "unit"}, {}};
  for (const auto& m : maps) dictionary.rows.push_back({name_of(m), m.name, m.unit});
  write_table(folder / "maps.tsv", dictionary);
  return maps.size();
}

}  // namespace gliocast::analysis
