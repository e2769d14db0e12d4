#include <gliocast/pipeline/predict.hpp>

#include "cohort_table.hpp"
#include "describe_preparation.hpp"
#include "grading_model.hpp"
#include "measure.hpp"
#include "outline.hpp"
#include "outputs.hpp"
#include "patient_batch.hpp"
#include "signature.hpp"
#include "survival.hpp"

#include <gliocast/cohort/dicom.hpp>
#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/run_key.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/image/exam.hpp>
#include <gliocast/report/wording.hpp>

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace gliocast::pipeline {
namespace {

namespace fs = std::filesystem;
using findings::Remark;

/// Two of T1, T1-Gd and T2; the error tells how DICOM series were chosen and passed over.
void require_sequences(const image::Exam& exam, const cohort::PatientFiles& patient) {
  try {
    image::require_two_core(exam);
  } catch (const Error& e) {
    if (patient.remarks.empty()) throw;
    throw unusable_input(e.problem() + ". Of the DICOM series: " + cohort::in_a_row(patient.remarks), patient.found_at,
                         "`gliocast series FOLDER` lists them; name them with --t1, --t1gd, --t2");
  }
}

findings::ModelCard card_of(const models::Bundle& bundle) {
  const auto text = [&](const char* key) { return bundle.card.value(key, std::string("not stated")); };
  return {bundle.name, text("network"), text("trained_on"), text("measured"), text("limits"), is_demonstration(bundle)};
}

constexpr const char* kShippedSignature = "signature-demonstration";

/// Where the signature's model lies; nothing where none is asked for, or none is named and the shipped one is not
/// there.
std::optional<fs::path> signature_folder(const PredictOptions& o) {
  if (o.signature_model == "none") return std::nullopt;
  if (!o.signature_model.empty()) return models::find_bundle(o.models, o.signature_model);
  std::error_code error;
  if (!o.models.empty() && !fs::exists(o.models / kShippedSignature, error)) return std::nullopt;
  try {
    return models::find_bundle(o.models, kShippedSignature);
  } catch (const Error&) {
    return std::nullopt;
  }
}

void write_cohort_table(const fs::path& file, const std::vector<cohort::PatientFiles>& patients,
                        const std::map<std::string, std::vector<std::string>>& rows) {
  TextTable table{cohort_columns(), {}};
  for (const auto& patient : patients)
    if (const auto row = rows.find(patient.id); row != rows.end()) table.rows.push_back(row->second);
  write_table(file, table);
  write_json(fs::path(file).replace_extension(".json"), cohort_dictionary());
}

}  // namespace

struct Predictor::Impl {
  PredictOptions o;
  Outliner outliner;
  std::unique_ptr<const GradingModel> grader;
  std::optional<SurvivalEstimator> survival;
  std::optional<SignatureEstimator> signature;
  std::string models_key;

  explicit Impl(PredictOptions options)
      : o(std::move(options)),
        outliner(read_networks(models::find_bundle(o.models, o.segmentation_model), models::Kind::Segmentation),
                 o.device),
        grader(read_grading_model(models::find_bundle(o.models, o.grading_model), o.device)) {
    const auto& outlining = outliner.networks();
    if (grader->networks().spacing_mm != outlining.spacing_mm)
      throw Error(ExitCode::MissingModel, "the segmentation and grading models expect different spacings");
    std::string checksums = outlining.bundle.checksum + grader->bundle().checksum;
    if (!o.survival_model.empty())
      checksums +=
          survival.emplace(read_survival_bundle(o.models, o.survival_model), o.survival_unit).bundle().checksum;
    if (const auto folder = signature_folder(o))
      checksums += signature.emplace(read_fused_signature(*folder), o.signature_unit, o.device).bundle().checksum;
    models_key = sha256(checksums).substr(0, 16);
  }

  /// What is known before anything is computed: what is missing, and what this verb does not do.
  void begin(PatientWork& w, const cohort::PatientFiles& patient) const {
    auto& found = w.found;
    found.preparation = describe_preparation(w.exam, w.prepared, patient);
    found.outline_is_demonstration = !w.given.tumour && is_demonstration(outliner.networks().bundle);
    found.grade_is_demonstration = grader->demonstration();
    auto& warnings = found.preparation.warnings;
    for (const Sequence s : outliner.networks().channels)
      if (!w.exam.has(s)) {
        found.missing_sequences.push_back(s);
        found.not_computed.push_back(
            {.kind = Remark::Kind::RanWithoutSequence, .sequence = s, .left_out = w.exam.left_out.contains(s)});
        warnings.push_back({.kind = Remark::Kind::LessCertain, .sequence = s});
      }
    found.clinical = patient.clinical;
    if (!found.clinical) found.not_computed.push_back({.kind = Remark::Kind::NoSurvival});
    if (!signature && o.signature_model != "none") found.not_computed.push_back({.kind = Remark::Kind::NoSignature});
    found.not_computed.push_back({.kind = Remark::Kind::NoFilteredFeatures});
    if (grader->bundle().kind != models::Kind::FusedGrading)
      found.not_computed.push_back({.kind = Remark::Kind::NoTableModel});
    for (const auto& warning : w.given.warnings) warnings.push_back(Remark::told(warning));
  }

  /// Changes with the inputs' checksums, the models, every setting that changes a result, and (its number) with what a
  /// result holds.
  [[nodiscard]] std::string run_key(const std::map<Sequence, std::string>& checksums,
                                    const cohort::PatientFiles& patient) const {
    RunKey key("predict", 9);
    key.add("models", models_key)
        .add("radiomics", key_name(o.radiomics_sequence))
        .add("survival unit", o.survival_unit)
        .add("signature unit", o.signature_unit);
    add_preparation(key, checksums, o.preprocess);
    add_masks(key, patient);
    if (survival && patient.clinical) survival->add_to(key, *patient.clinical);
    if (signature && patient.clinical) signature->add_to(key, *patient.clinical);
    return key.sha256();
  }

  /// An earlier result for the same inputs, models and settings; nothing where there is none.
  [[nodiscard]] std::optional<findings::Prediction> earlier(const cohort::PatientFiles& patient) const {
    if (!o.resume) return std::nullopt;
    const auto json = earlier_result(prediction_file(o.out, patient.id),
                                     run_key(image::input_checksums(patient.sequences, patient.dicom), patient));
    if (!json) return std::nullopt;
    return findings::prediction_from_json(*json);
  }

  void prepare(PatientWork& w, const cohort::PatientFiles& patient, StageTimer& timer) const {
    w.exam = timer.time("read", [&] { return image::read_exam(patient.sequences, patient.dicom); });
    require_sequences(w.exam, patient);
    preprocess_patient(w, patient, o.preprocess, timer);
    require_sequences(w.exam, patient);
  }

  void add_provenance(PatientWork& w, const cohort::PatientFiles& patient) const {
    const auto &outlining = outliner.networks().bundle, &grading = grader->bundle();
    if (!w.given.tumour) w.found.models.push_back(card_of(outlining));
    w.found.models.push_back(card_of(grading));
    if (tells_survival(w)) w.found.models.push_back(survival->card());
    if (tells_signature(w)) w.found.models.push_back(signature->card());
    w.found.preparation.run_key = run_key(w.exam.checksums, patient);  // hashed once, when they were read
    auto& made = w.found.preparation.provenance;
    made = provenance_of(nn::backend_name(o.device), o.threads);
    made.models = {{"segmentation", outlining.name}, {"grading", grading.name}};
    if (tells_survival(w)) made.models.emplace_back("survival", survival->bundle().name);
    if (signature) made.models.emplace_back("signature", signature->bundle().name);
    made.models_key = models_key;
  }

  [[nodiscard]] bool tells_survival(const PatientWork& w) const { return survival && w.found.clinical; }

  /// Whether a number of the signature's model stands: of itself, or of one of its nomograms.
  [[nodiscard]] static bool tells_signature(const PatientWork& w) {
    const auto& f = w.found;
    return (f.signature && std::holds_alternative<findings::SignatureEstimate>(f.signature->result)) ||
           std::ranges::any_of(f.survival, [](const auto& s) {
             return s.role != findings::SurvivalRole::Clinical &&
                    std::holds_alternative<findings::SurvivalEstimate>(s.result);
           });
  }

  void estimate_survival(PatientWork& w, const cohort::PatientFiles& patient, StageTimer& timer) const {
    if (tells_survival(w))
      timer.time("survival", [&] { w.found.survival.push_back(survival->estimate(*w.found.clinical, w.found.grade)); });
    if (signature) timer.time("signature", [&] { signature->estimate(w, patient, o.threads); });
    const auto refused = [](const auto& f) { return std::holds_alternative<findings::NoSurvival>(f.result); };
    if (std::ranges::any_of(w.found.survival, refused))
      w.found.not_computed.push_back({.kind = Remark::Kind::NoSurvival});
    for (auto& sentence : report::extrapolations_of(w.found))
      w.found.preparation.warnings.push_back(Remark::told(std::move(sentence)));
  }

  [[nodiscard]] findings::Prediction run(const cohort::PatientFiles& patient, StageTimer& timer) const {
    nn::set_network_threads(o.threads);  // libtorch keeps this per thread
    PatientWork w;
    prepare(w, patient, timer);
    begin(w, patient);
    throw_if_interrupted();
    timer.time("outline", [&] { outliner.outline(w, patient); });
    timer.time("measure and radiomics", [&] {
      measure_tumour(w,
                     {.atlas = o.preprocess.atlas, .radiomics_sequence = o.radiomics_sequence, .threads = o.threads});
    });
    throw_if_interrupted();
    timer.time("grade", [&] { grader->grade(w, patient, o.threads); });
    timer.time("activation map", [&] { map_activation(w, *grader); });
    estimate_survival(w, patient, timer);
    add_provenance(w, patient);
    timer.time("write images", [&] {
      write_prepared_images(o.out, patient.id, w.prepared);
      write_acquisition(o.out, patient);
      write_tumour_masks(o.out, patient.id, w.prepared, w.tumour_native, w.tumour);
      if (w.activation) write_activation(o.out, patient.id, *w.activation);
      if (tells_survival(w)) survival->write(o.out, patient.id, w);
      if (signature) signature->write(o.out, patient.id, w);
    });
    w.found.preparation.timings_s = timer.seconds();
    // prediction.json last: it says that the patient is done
    write_patient_report(o.out, patient.id, w);
    return std::move(w.found);
  }
};

Predictor::Predictor(PredictOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Predictor::~Predictor() = default;

findings::Prediction Predictor::predict(const cohort::PatientFiles& patient, StageTimer& timer) const {
  if (patient.failure) throw *patient.failure;
  if (auto found = impl_->earlier(patient)) {
    log_info(patient.id + ": done before, nothing has changed", {{"patient", patient.id}});
    return *found;
  }
  std::error_code error;
  if (fs::exists(prediction_file(impl_->o.out, patient.id), error)) remove_results(impl_->o.out, patient.id);
  return impl_->run(patient, timer);
}

std::vector<Failure> Predictor::predict_all(const std::vector<cohort::PatientFiles>& patients) const {
  const PredictOptions& o = impl_->o;
  const fs::path table = o.out / name_of_part("predictions", o.batch.shard, ".tsv");
  clear_older_results(o.out, patients, o.batch.shard, o.resume);
  fs::remove(table);
  std::once_flag described;
  std::mutex adding;
  std::map<std::string, std::vector<std::string>> rows;  // by id
  auto failures = run_patients(o.out, patients, o.batch, [&](const cohort::PatientFiles& patient, StageTimer& timer) {
    const auto found = predict(patient, timer);
    std::call_once(described, [&] { write_dataset_description(o.out); });
    log_patient_done(patient, report_file(o.out, patient.id), found.preparation, &found);
    const std::lock_guard lock(adding);
    rows[patient.id] = cohort_row(found);
  });
  if (patients.size() > 1 && !rows.empty()) write_cohort_table(table, patients, rows);
  return failures;
}

}  // namespace gliocast::pipeline
