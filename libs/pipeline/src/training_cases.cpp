#include <gliocast/pipeline/training_cases.hpp>

#include "describe_preparation.hpp"

#include <gliocast/cohort/simulated.hpp>
#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/run_key.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/imageio/read_volume.hpp>
#include <gliocast/nn/tumour_slice.hpp>

#include <algorithm>
#include <atomic>

namespace gliocast::pipeline {
namespace {

/// Changes with the files' contents and with every setting that changes the case.
std::string cache_key(const cohort::PatientFiles& patient, const TrainingCaseOptions& o) {
  RunKey key("training case", 5);
  key.add("factor", o.factor);
  if (o.slice_yx) key.add("slice", Json(*o.slice_yx));
  add_preparation(key, {}, o.preprocess);
  for (const Sequence s : o.channels) {
    const auto found = patient.sequences.find(s);
    key.add(key_name(s), found != patient.sequences.end() ? sha256_file(found->second) : "");
  }
  key.add("segmentation", sha256_file(*patient.segmentation)).add("labels", static_cast<int>(patient.labels));
  return key.sha256().substr(0, 16);
}

/// A patient with a broken image is no example to learn from.
void refuse_left_out(const std::map<Sequence, std::string>& left_out) {
  if (!left_out.empty())
    throw unusable_input(left_out.begin()->second, std::string(display_name(left_out.begin()->first)));
}

nn::TrainingCase prepare(const cohort::PatientFiles& patient, const TrainingCaseOptions& o) {
  std::map<Sequence, std::filesystem::path> files;
  for (const Sequence s : o.channels)
    if (const auto found = patient.sequences.find(s); found != patient.sequences.end()) files.insert(*found);
  const auto exam = image::read_exam(files);
  refuse_left_out(exam.left_out);
  image::require_two_core(exam);
  const auto labels = read_segmentation(*patient.segmentation, patient.labels);
  if (const auto difference = describe_difference(labels.geometry, exam.sequences.at(exam.reference()).geometry);
      !difference.empty())
    throw unusable_input("segmentation and images lie on different grids: " + difference,
                         patient.segmentation->string());
  const auto prepared = preprocess::preprocess(exam, o.preprocess);
  refuse_left_out(prepared.left_out);
  nn::TrainingCase c = to_training_case(prepared, o.channels, o.factor);
  const auto coarse = image::downsample_labels(image::resample_labels(labels, prepared.brain.geometry), o.factor);
  for (std::size_t i = 0; i < c.label.size(); ++i) c.label[i] = static_cast<std::uint8_t>(coarse.voxels[i]);
  return o.slice_yx ? nn::tumour_slice(c, *o.slice_yx) : c;
}

/// A patient's case from the cache, or made and put there.
nn::TrainingCase load_or_prepare(const cohort::PatientFiles& patient, const TrainingCaseOptions& o) {
  const auto file = o.cache / (patient.id + "-" + cache_key(patient, o) + ".safetensors");
  if (!std::filesystem::exists(file)) {
    nn::TrainingCase made = prepare(patient, o);
    made.id = patient.id;
    nn::write_training_case(file, made);
  }
  auto c = nn::read_training_case(file);
  c.grade = patient.grade ? static_cast<int>(*patient.grade) : -1;
  c.group = patient.centre;
  return c;
}

}  // namespace

LabelVolume read_segmentation(const std::filesystem::path& path, cohort::LabelConvention convention) {
  LabelVolume labels = imageio::read_labels(path);
  for (auto& l : labels.voxels) {
    if (convention == cohort::LabelConvention::Brats2023 && l == 3) l = 4;
    if (l > 4 || (convention == cohort::LabelConvention::Brats2020 && l == 3))
      throw unusable_input("label " + std::to_string(l) + " is not one of BraTS (1, 2 and 4; from 2023 on 1, 2 and 3)",
                           path.string());
  }
  return labels;
}

nn::TrainingCase to_training_case(const preprocess::PreparedExam& exam, const std::vector<Sequence>& channels,
                                  std::size_t factor) {
  nn::TrainingCase c;
  c.input.channels = static_cast<std::int64_t>(channels.size());
  for (const Sequence s : channels) {
    const auto found = exam.zscores.find(s);
    c.present.push_back(found != exam.zscores.end());
    auto coarse = image::downsample_mean(
        found != exam.zscores.end() ? found->second : Volume<float>(exam.brain.geometry), factor);
    const Size3& n = coarse.geometry.size;
    c.input.size_zyx = {static_cast<std::int64_t>(n[2]), static_cast<std::int64_t>(n[1]),
                        static_cast<std::int64_t>(n[0])};
    c.input.spacing_mm = coarse.geometry.spacing_mm[0];
    for (const float v : coarse.voxels) c.input.values.push_back(std::clamp(v, -nn::kClip, nn::kClip));
  }
  c.label.assign(static_cast<std::size_t>(c.input.voxels()), 0);
  return c;
}

PreparedCohort prepare_cohort(const std::vector<cohort::PatientFiles>& patients, const TrainingCaseOptions& o) {
  std::vector<std::optional<nn::TrainingCase>> cases(patients.size());
  std::atomic<std::size_t> without_segmentation{0};
  BatchWork batch{.count = patients.size(), .work = {}, .describe = {}};
  batch.work = [&](std::size_t i, StageTimer& timer) {
    const auto& patient = patients[i];
    if (patient.failure) throw *patient.failure;
    if (patient.segmentation) {
      timer.time("prepare", [&] { cases[i] = load_or_prepare(patient, o); });
    } else {
      ++without_segmentation;
      log_warning(patient.id + " is left out: has no segmentation", {{"patient", patient.id}});
    }
  };
  batch.describe = [&](std::size_t i, const std::string& stage, const std::exception& e) {
    log_warning(patients[i].id + " is left out: " + e.what(), {{"patient", patients[i].id}});
    return describe_failure(patients[i], stage, e);
  };
  PreparedCohort out;
  out.simulated = std::ranges::any_of(patients, cohort::is_simulated);
  out.failures = run_batch(batch, {.title = "Preparing patients", .jobs = o.threads});
  out.without_segmentation = without_segmentation;
  for (auto& c : cases)
    if (c) out.cases.push_back(std::move(*c));
  return out;
}

}  // namespace gliocast::pipeline
