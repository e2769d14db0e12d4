#include "outputs.hpp"

#include <gliocast/core/files.hpp>
#include <gliocast/imageio/nifti.hpp>
#include <gliocast/report/patient_report.hpp>

#include <cctype>

namespace gliocast::pipeline {
namespace {

namespace fs = std::filesystem;

void write_mask(const fs::path& path, const Mask& mask) { imageio::write_nifti(path, Volume<std::uint8_t>(mask.geometry, mask.voxels)); }

}  // namespace

std::string bids_subject(const std::string& id) {
  std::string text = id.starts_with("sub-") ? id.substr(4) : id, label;
  for (const char c : text)
    if (std::isalnum(static_cast<unsigned char>(c))) label += c;
  return "sub-" + label;
}

fs::path prediction_file(const fs::path& out, const std::string& id) { return out / bids_subject(id) / "prediction.json"; }
fs::path report_file(const fs::path& out, const std::string& id) { return out / bids_subject(id) / "report.html"; }

void write_patient_images(const fs::path& out, const std::string& id, const preprocess::PreparedExam& exam, const Mask& tumour_native, const Mask& tumour_work) {
  const std::string subject = bids_subject(id);
  const fs::path anat = out / subject / "anat";
  write_mask(anat / (subject + "_space-orig_label-brain_mask.nii.gz"), exam.brain_native);
  write_mask(anat / (subject + "_space-orig_label-tumor_mask.nii.gz"), tumour_native);
  write_mask(anat / (subject + "_space-work_label-tumor_mask.nii.gz"), tumour_work);
  for (const auto& [s, z] : exam.zscores) {
    // BIDS entity order: ce- comes before space-.
    const std::string name = s == Sequence::T1Gd ? subject + "_ce-gadolinium_space-work_desc-preproc_T1w.nii.gz" : subject + "_space-work_desc-preproc_" + std::string(bids_name(s)) + ".nii.gz";
    imageio::write_nifti(anat / name, z);
  }
}

void write_patient_report(const fs::path& out, const std::string& id, const preprocess::PreparedExam& exam, const Mask& tumour_work, const Json& json) {
  report::PatientPictures pictures;
  pictures.sequences = exam.intensities;
  pictures.brain = exam.brain;
  pictures.tumour = tumour_work;
  write_text(report_file(out, id), report::patient_report_html(json, pictures));
  write_json(prediction_file(out, id), json);
}

void write_dataset_description(const fs::path& out, const std::string& version) {
  write_json(out / "dataset_description.json", {{"Name", "gliocast predictions"}, {"BIDSVersion", "1.8.0"}, {"DatasetType", "derivative"},
                                                {"GeneratedBy", Json::array({{{"Name", "gliocast"}, {"Version", version}}})}, {"SourceDatasets", Json::array()}});
}

}  // namespace gliocast::pipeline
