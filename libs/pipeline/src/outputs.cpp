#include "outputs.hpp"

#include <gliocast/cohort/label.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/core/version.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/imageio/nifti.hpp>
#include <gliocast/report/patient_report.hpp>
#include <gliocast/report/slices.hpp>
#include <gliocast/report/wording.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace gliocast::pipeline {
namespace {

namespace fs = std::filesystem;

/// Whose grid an image is on, as BIDS' SpatialReference says it.
constexpr const char *kOwnGrid = "orig", *kWorkGrid = "grid of 1 mm in the coordinates of the reference sequence";

/// An image, and beside it what BIDS wants to be said of a derivative.
template <class T>
void write_image(const fs::path& path, const Volume<T>& image, const char* grid, const std::string& description,
                 Json more = Json::object()) {
  imageio::write_nifti(path, image);
  more["Description"] = description;
  more["SpatialReference"] = grid;
  write_json(fs::path(path).replace_extension().replace_extension(".json"), more);
}

void write_brain(const fs::path& path, const Mask& mask, const char* grid) {
  write_image(path, Volume<std::uint8_t>(mask.geometry, mask.voxels), grid, "Outline of the brain",
              {{"Type", "Brain"}});
}

void write_tumour(const fs::path& path, const Mask& mask, const char* grid) {
  write_image(path, Volume<std::uint8_t>(mask.geometry, mask.voxels), grid, "Outline of the whole tumour",
              {{"Type", "Lesion"}});
}

/// The last part of a BIDS file name.
std::string bids_suffix(Sequence s) { return std::string(bids_name(s == Sequence::T1Gd ? Sequence::T1 : s)); }

/// Name of a sequence's own space in BIDS' space- entity.
std::string own_space(Sequence s) { return s == Sequence::T1Gd ? "T1wGdOrig" : std::string(bids_name(s)) + "Orig"; }

/// Reference and sequence, each stretched to 0 … 1 over the brain, in turn in cubes of 20 mm.
Volume<float> checkerboard(const preprocess::PreparedExam& exam, Sequence s) {
  const auto &a = exam.intensities.at(exam.reference), &b = exam.intensities.at(s);
  const auto wa = report::window_of(a, exam.brain), wb = report::window_of(b, exam.brain);
  Volume<float> out(a.geometry);
  const Size3& n = a.geometry.size;
  std::size_t i = 0;
  for (std::size_t z = 0; z < n[2]; ++z)
    for (std::size_t y = 0; y < n[1]; ++y)
      for (std::size_t x = 0; x < n[0]; ++x, ++i) {
        if (!exam.brain.voxels[i]) continue;
        const bool second = (x / 20 + y / 20 + z / 20) % 2 == 1;
        const auto& w = second ? wb : wa;
        const double v = static_cast<double>(second ? b.voxels[i] : a.voxels[i]);
        out.voxels[i] = static_cast<float>(std::clamp((v - w[0]) / std::max(w[1] - w[0], 1e-9), 0.0, 1.0));
      }
  return out;
}

report::PatientPictures pictures_of(const preprocess::PreparedExam& exam) {
  report::PatientPictures p;
  p.sequences = exam.intensities;
  p.brain = exam.brain;
  p.tumour = Mask(exam.brain.geometry);
  p.heads = exam.heads;
  for (const auto& [s, part] : exam.parts) {
    if (part.registration) p.checkerboards[s] = checkerboard(exam, s);
    if (!part.bias_field.voxels.empty())
      p.bias_fields[s] =
          image::resample(part.bias_field, exam.brain.geometry, image::Interpolation::Linear, 1, part.from_reference);
  }
  return p;
}

}  // namespace

fs::path prediction_file(const fs::path& out, const std::string& id) {
  return out / cohort::subject_label(id) / "prediction.json";
}
fs::path report_file(const fs::path& out, const std::string& id) {
  return out / cohort::subject_label(id) / "report.html";
}

fs::path preprocessing_file(const fs::path& out, const std::string& id) {
  return out / cohort::subject_label(id) / "preprocessing.json";
}

void write_prepared_images(const fs::path& out, const std::string& id, const preprocess::PreparedExam& exam) {
  const std::string subject = cohort::subject_label(id);
  const fs::path anat = out / subject / "anat";
  write_brain(anat / (subject + "_space-orig_label-brain_mask.nii.gz"), exam.brain_native, kOwnGrid);
  write_brain(anat / (subject + "_space-work_label-brain_mask.nii.gz"), exam.brain, kWorkGrid);
  for (const auto& [s, z] : exam.zscores) {
    // BIDS entity order: ce- comes before space-.
    const std::string name = subject + (s == Sequence::T1Gd ? "_ce-gadolinium" : "") + "_space-work_desc-preproc_" +
                             bids_suffix(s) + ".nii.gz";
    write_image(anat / name, z, kWorkGrid, "z-scores over the brain", {{"SkullStripped", true}});
  }
  for (const auto& [s, part] : exam.parts) {
    if (s != exam.reference && (exam.extraction || part.registration))
      write_brain(anat / (subject + "_space-" + own_space(s) + "_label-brain_mask.nii.gz"), part.brain, kOwnGrid);
    if (!part.bias_field.voxels.empty())
      write_image(anat / (subject + "_space-" + own_space(s) + "_desc-biasfield_" + bids_suffix(s) + ".nii.gz"),
                  part.bias_field, kOwnGrid, "Bias field by which the image was divided", {{"SkullStripped", false}});
    if (!part.registration) continue;
    // As ITK names transforms: this one takes points of the working space to the sequence's, and so resamples the
    // sequence into it.
    const std::string stem = subject + "_from-" + own_space(s) + "_to-work_mode-image_xfm";
    write_text(out / subject / "xfm" / (stem + ".txt"), image::itk_transform_text(part.from_reference));
    write_json(out / subject / "xfm" / (stem + ".json"), {{"Description", "work to sequence, RAS mm, 4x4 row major"},
                                                          {"matrix_ras_mm", image::ras_matrix(part.from_reference)}});
  }
  if (exam.extraction) {
    const std::string stem = subject + "_from-MNI_to-work_mode-image_xfm";
    write_text(out / subject / "xfm" / (stem + ".txt"), image::itk_transform_text(exam.extraction->to_atlas));
    write_json(out / subject / "xfm" / (stem + ".json"),
               {{"Description", "work to MNI (ch2), RAS mm, 4x4 row major"},
                {"matrix_ras_mm", image::ras_matrix(exam.extraction->to_atlas)}});
  }
}

void write_acquisition(const fs::path& out, const cohort::PatientFiles& patient) {
  if (patient.acquisition.empty()) return;
  const auto number = [](double v) { return std::isfinite(v) ? general_number(v, 6) : std::string("n/a"); };
  TextTable table{{"sequence", "series_number", "te_ms", "tr_ms", "ti_ms", "flip_degrees", "field_tesla",
                   "slice_thickness_mm", "slice_distance_mm", "slices", "three_d", "contrast_agent", "manufacturer"},
                  {}};
  for (const auto& [s, a] : patient.acquisition)
    table.rows.push_back({std::string(key_name(s)), std::to_string(a.series_number), number(a.te_ms), number(a.tr_ms),
                          number(a.ti_ms), number(a.flip_degrees), number(a.field_tesla), number(a.slice_thickness_mm),
                          number(a.slice_distance_mm), std::to_string(a.slices), a.three_d ? "yes" : "no",
                          a.contrast_agent ? "yes" : "no", a.manufacturer.empty() ? "n/a" : a.manufacturer});
  const fs::path file = out / cohort::subject_label(patient.id) / "acquisition.tsv";
  write_table(file, table);
  write_json(fs::path(file).replace_extension(".json"),
             {{"te_ms", {{"Description", "echo time"}, {"Units", "ms"}}},
              {"tr_ms", {{"Description", "repetition time"}, {"Units", "ms"}}},
              {"ti_ms", {{"Description", "inversion time"}, {"Units", "ms"}}},
              {"flip_degrees", {{"Description", "flip angle"}, {"Units", "degrees"}}},
              {"field_tesla", {{"Description", "magnetic field strength"}, {"Units", "T"}}},
              {"slice_thickness_mm", {{"Description", "nominal slice thickness"}, {"Units", "mm"}}},
              {"slice_distance_mm", {{"Description", "median distance of slice centres"}, {"Units", "mm"}}},
              {"contrast_agent", {{"Description", "whether the header names a contrast agent"}}},
              {"manufacturer", {{"Description", "of the scanner, from a fixed list"}}}});
}

Mask tumour_within(const Mask& work, const Mask& brain, const image::AffineMap& map) {
  Mask out = image::resample_mask_linear(work, brain.geometry, map);
  keep_common(out, brain);
  return out;
}

fs::path work_tumour_file(const fs::path& out, const std::string& id) {
  const std::string subject = cohort::subject_label(id);
  return out / subject / "anat" / (subject + "_space-work_label-tumor_mask.nii.gz");
}

fs::path rater_mask_file(const fs::path& out, const std::string& id, std::size_t rater) {
  const std::string subject = cohort::subject_label(id);
  return out / subject / "anat" / (subject + "_space-work_desc-rater" + std::to_string(rater) + "_mask.nii.gz");
}

void write_rater_mask(const fs::path& out, const std::string& id, std::size_t rater, const Mask& work) {
  write_tumour(rater_mask_file(out, id, rater), work, kWorkGrid);
}

void write_tumour_masks(const fs::path& out, const std::string& id, const preprocess::PreparedExam& prepared,
                        const Mask& native, const Mask& work) {
  const std::string subject = cohort::subject_label(id);
  const fs::path anat = out / subject / "anat";
  write_tumour(anat / (subject + "_space-orig_label-tumor_mask.nii.gz"), native, kOwnGrid);
  write_tumour(work_tumour_file(out, id), work, kWorkGrid);
  for (const auto& [s, part] : prepared.parts) {
    if (s == prepared.reference || !(prepared.extraction || part.registration)) continue;
    write_tumour(anat / (subject + "_space-" + own_space(s) + "_label-tumor_mask.nii.gz"),
                 tumour_within(work, part.brain, image::inverse(part.from_reference)), kOwnGrid);
  }
}

void write_preprocessing_report(const fs::path& out, const std::string& id, const preprocess::PreparedExam& exam,
                                const findings::Preparation& found) {
  write_text(out / cohort::subject_label(id) / "preprocessing.html",
             report::preprocessing_report_html(found, pictures_of(exam)));
  write_json(preprocessing_file(out, id), findings::to_json(found, report::EnglishWording()));
}

void write_activation(const fs::path& out, const std::string& id, const Volume<float>& map) {
  const std::string subject = cohort::subject_label(id);
  write_image(out / subject / "anat" / (subject + "_space-work_desc-gradcam_map.nii.gz"), map, kWorkGrid,
              "Where the networks saw the grade (Grad-CAM)");
}

void write_patient_report(const fs::path& out, const std::string& id, const PatientWork& w) {
  report::PatientPictures pictures = pictures_of(w.prepared);
  pictures.tumour = w.tumour;
  pictures.reference = w.prepared.reference;
  if (w.activation) pictures.activation = *w.activation;
  pictures.survival = w.survival_pictures;
  pictures.signature = w.signature_picture;
  write_text(report_file(out, id), report::patient_report_html(w.found, pictures));
  write_json(prediction_file(out, id), findings::to_json(w.found, report::EnglishWording()));
}

namespace {

constexpr std::array<const char*, 16> kResultPages{"report.html",
                                                   "prediction.json",
                                                   "preprocessing.html",
                                                   "preprocessing.json",
                                                   "acquisition.tsv",
                                                   "acquisition.json",
                                                   "nomogram.html",
                                                   "nomogram.svg",
                                                   "survival.svg",
                                                   "nomogram_clinical.html",
                                                   "nomogram_clinical.svg",
                                                   "survival_clinical.svg",
                                                   "nomogram_integrated.html",
                                                   "nomogram_integrated.svg",
                                                   "survival_integrated.svg",
                                                   "signature.svg"};

/// Whether a file in anat/ or xfm/ has one of our names. The folder may be a user's own BIDS dataset.
bool is_ours(const std::string& name) {
  constexpr std::array<const char*, 5> kParts{"_space-work_", "_label-brain_mask.", "_label-tumor_mask.",
                                              "_desc-biasfield_", "_to-work_mode-image_xfm."};
  return std::ranges::any_of(kParts, [&](const char* part) { return name.find(part) != std::string::npos; });
}

}  // namespace

void remove_results(const fs::path& out, const std::string& id) {
  const fs::path subject = out / cohort::subject_label(id);
  std::error_code ignored;
  for (const char* name : kResultPages) {
    fs::remove(subject / name, ignored);
    fs::remove(subject / (std::string("outdated_") + name), ignored);
  }
  for (const fs::path& folder : {subject / "anat", subject / "xfm"}) {
    std::vector<fs::path> files;
    for (fs::directory_iterator it(folder, ignored), end; !ignored && it != end; it.increment(ignored))
      if (is_ours(it->path().filename().string())) files.push_back(it->path());
    for (const auto& file : files) fs::remove(file, ignored);
    fs::remove(folder, ignored);  // only where it is empty
  }
  fs::remove(subject, ignored);
}

void clear_older_results(const fs::path& out, const std::vector<cohort::PatientFiles>& patients, const Shard& shard,
                         bool resume) {
  std::set<std::string> labels;
  for (std::size_t i = 0; i < patients.size(); ++i) {
    labels.insert(cohort::subject_label(patients[i].id));
    if (!resume && shard.has(i)) remove_results(out, patients[i].id);
  }
  std::vector<std::string> others;
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator it(out, error), end; !error && it != end; it.increment(error))
    names.push_back(it->path().filename().string());
  std::ranges::sort(names);
  for (const auto& name : names) {
    const bool result =
        fs::exists(out / name / "prediction.json", error) || fs::exists(out / name / "preprocessing.json", error);
    if (!name.starts_with("sub-") || labels.contains(name) || !result) continue;
    if (!resume) remove_results(out, name);
    others.push_back(name);
  }
  if (resume && !others.empty())
    log_warning("the output folder also holds results of an earlier run that belong to no patient of this one: " +
                listed(others));
}

void set_results_aside(const fs::path& out, const std::string& id) {
  const fs::path subject = out / cohort::subject_label(id);
  std::error_code ignored;
  for (const char* name : kResultPages)
    if (fs::exists(subject / name, ignored))
      fs::rename(subject / name, subject / (std::string("outdated_") + name), ignored);
}

void write_dataset_description(const fs::path& out) {
  write_json(out / "dataset_description.json",
             {{"Name", "gliocast predictions"},
              {"BIDSVersion", "1.8.0"},
              {"DatasetType", "derivative"},
              {"GeneratedBy", Json::array({{{"Name", "gliocast"}, {"Version", version()}}})},
              {"SourceDatasets", Json::array()}});
  // Reports, transforms, tables and logs have no names in BIDS: validators are told to pass over them.
  const fs::path ignored = out / ".bidsignore";
  if (!fs::exists(ignored))
    write_text(ignored,
               "log*.jsonl\nfailures*.tsv\npredictions*\ngroup\nsub-*/*.html\nsub-*/*.json\nsub-*/*.svg\n"
               "sub-*/acquisition.tsv\nsub-*/xfm\nsub-*/anat/*_map.nii.gz\nsub-*/anat/*_map.json\n");
}

}  // namespace gliocast::pipeline
