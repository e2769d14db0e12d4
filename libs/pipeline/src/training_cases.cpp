#include <gliocast/pipeline/training_cases.hpp>

#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/imageio/read_volume.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>

namespace gliocast::pipeline {
namespace {

/// Changes with the files' contents and with every setting that changes the case.
std::string cache_key(const cohort::PatientFiles& patient, const TrainingCaseOptions& o) {
  std::string text = "case-3 factor " + std::to_string(o.factor) + " margin " + std::to_string(o.preprocess.margin_mm) +
                     " mode " + std::to_string(static_cast<int>(o.preprocess.preprocessed));
  for (const Sequence s : o.channels) {
    text += " " + std::string(key_name(s)) + "=";
    if (const auto found = patient.sequences.find(s); found != patient.sequences.end())
      text += sha256_file(found->second);
  }
  text += " seg=" + sha256_file(*patient.segmentation) + " labels=" + std::to_string(static_cast<int>(patient.labels));
  return sha256(text).substr(0, 16);
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
  return c;
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

PreparedCohort prepare_cohort(const std::vector<cohort::PatientFiles>& patients, const TrainingCaseOptions& o,
                              const std::function<void()>& on_patient) {
  std::vector<std::optional<nn::TrainingCase>> cases(patients.size());
  std::vector<std::optional<Failure>> failures(patients.size());
  std::atomic<std::size_t> without_segmentation{0};
  PreparedCohort out;
  std::mutex guard;
  parallel_for(patients.size(), o.threads, [&](std::size_t i) {
    throw_if_interrupted();
    const auto& patient = patients[i];
    try {
      if (patient.failure) throw *patient.failure;
      if (!patient.segmentation) {
        ++without_segmentation;
        log_warning(patient.id + " is left out: has no segmentation", {{"patient", patient.id}});
      } else {
        cases[i] = load_or_prepare(patient, o);
      }
    } catch (const std::exception& e) {
      const auto* ours = dynamic_cast<const Error*>(&e);
      if (ours != nullptr && (ours->code() == ExitCode::Interrupted || ours->code() == ExitCode::CannotWrite)) throw;
      log_warning(patient.id + " is left out: " + e.what(), {{"patient", patient.id}});
      failures[i] = describe_failure(patient, e);
    }
    if (on_patient) {
      const std::lock_guard lock(guard);
      on_patient();
    }
  });
  for (auto& f : failures)
    if (f) out.failures.push_back(std::move(*f));
  out.without_segmentation = without_segmentation;
  for (auto& c : cases)
    if (c) out.cases.push_back(std::move(*c));
  return out;
}

}  // namespace gliocast::pipeline
