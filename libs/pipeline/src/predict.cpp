#include <gliocast/pipeline/predict.hpp>

#include "given_masks.hpp"
#include "locate.hpp"
#include "outputs.hpp"
#include "patient_batch.hpp"
#include "preparation_json.hpp"

#include <gliocast/cohort/dicom.hpp>
#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/run_key.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/image/components.hpp>
#include <gliocast/image/exam.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/nn/cropping.hpp>
#include <gliocast/pipeline/grade.hpp>
#include <gliocast/pipeline/measure.hpp>
#include <gliocast/pipeline/network_bundle.hpp>
#include <gliocast/pipeline/training_cases.hpp>
#include <gliocast/radiomics/discretise.hpp>
#include <gliocast/radiomics/extractor.hpp>
#include <gliocast/radiomics/shape.hpp>
#include <gliocast/stats/logistic_calibration.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>

namespace gliocast::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr double kWholeCoverage = 0.97;  ///< of the brain; a sequence that shows less is not whole

/// Everything that is passed from stage to stage of one patient.
struct Work {
  image::Exam exam;
  GivenMasks given;
  preprocess::PreparedExam prepared;
  nn::NetworkInput network_input;  ///< on the coarse grid
  Geometry coarse;
  Mask tumour, tumour_coarse, tumour_native;
  Json json;
};

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

Json feature_json(const radiomics::Features& features) {
  Json out = Json::array();
  for (const auto& f : features)
    out.push_back({{"name", f.name}, {"value", finite_or_null(f.value)}, {"unit", f.unit}});
  return out;
}

Json model_card(const models::Bundle& bundle) {
  const auto text = [&](const char* key) { return bundle.card.contains(key) ? bundle.card[key] : Json("not stated"); };
  return {{"name", bundle.name},
          {"network", text("network")},
          {"trained_on", text("trained_on")},
          {"measured", text("measured")},
          {"limits", text("limits")}};
}

}  // namespace

struct Predictor::Impl {
  PredictOptions o;
  NetworkBundle segmentation, grading;
  std::vector<nn::SegmentationNetwork> segmenters;
  std::vector<nn::GradingNetwork> graders;
  std::array<std::int64_t, 3> patch_zyx{48, 64, 48};
  double patch_step = 1;
  std::vector<stats::LogisticCalibration> calibration;  ///< bootstrap draws
  std::string models_key;

  explicit Impl(PredictOptions options) : o(std::move(options)) {
    segmentation = read_networks(models::find_bundle(o.models, o.segmentation_model), models::Kind::Segmentation);
    grading = read_networks(models::find_bundle(o.models, o.grading_model), models::Kind::Grading);
    try {
      for (const auto& w : segmentation.weights)
        segmenters.emplace_back(nn::UnetOptions::from_json(segmentation.bundle.payload.at("network")), w, o.device);
      for (const auto& w : grading.weights)
        graders.emplace_back(nn::ResnetOptions::from_json(grading.bundle.payload.at("network")), w, o.device);
      patch_zyx = grading.bundle.payload.at("patch_zyx").get<std::array<std::int64_t, 3>>();
      patch_step = grading.bundle.payload.at("patch_step").get<double>();
      if (grading.bundle.payload.contains("calibration"))
        for (const auto& draw : grading.bundle.payload["calibration"].at("bootstrap"))
          calibration.push_back({draw.at(0).get<double>(), draw.at(1).get<double>()});
    } catch (const Json::exception& e) {
      throw Error(ExitCode::MissingModel, std::string("model.json is damaged: ") + e.what(), grading.bundle.name);
    }
    if (grading.spacing_mm != segmentation.spacing_mm || grading.channels != segmentation.channels)
      throw Error(ExitCode::MissingModel, "the segmentation and grading models expect different spacings or channels");
    for (const auto n : patch_zyx)
      if (n < 16 || n > 512)
        throw Error(ExitCode::MissingModel, "the patch size in model.json is out of range", grading.bundle.name);
    models_key = sha256(segmentation.bundle.checksum + grading.bundle.checksum).substr(0, 16);
  }

  [[nodiscard]] std::size_t factor() const { return static_cast<std::size_t>(std::lround(segmentation.spacing_mm)); }

  void outline(Work& w, const cohort::PatientFiles& patient) const {
    w.network_input = to_training_case(w.prepared, segmentation.channels, factor()).input;
    w.coarse = image::coarser(w.prepared.brain.geometry, factor());
    if (w.given.tumour)
      take_given_tumour(w, patient);
    else
      segment(w);
    const LabelVolume labels(w.tumour.geometry,
                             std::vector<std::uint32_t>(w.tumour.voxels.begin(), w.tumour.voxels.end()));
    w.tumour_coarse = any_label(image::downsample_labels(labels, factor()));
  }

  /// The user's outline within the brain, in place of the network's.
  void take_given_tumour(Work& w, const cohort::PatientFiles& patient) const {
    const auto& given = *w.given.tumour;
    const Sequence carrier = preprocess::carrier_of(given, w.prepared);
    w.tumour = preprocess::mask_on(given, w.prepared, w.prepared.brain.geometry);
    const std::size_t drawn = count(w.tumour);
    for (std::size_t i = 0; i < w.tumour.voxels.size(); ++i)
      w.tumour.voxels[i] = w.tumour.voxels[i] && w.prepared.brain.voxels[i];
    const std::size_t kept = count(w.tumour);
    if (kept == 0)
      throw unusable_input("the tumour mask lies outside the brain", patient.tumour_mask->file.string(),
                           "was it drawn on another image? A brain mask of your own can be given with --brain-mask");
    w.tumour_native = preprocess::mask_on(given, w.prepared, w.prepared.brain_native.geometry);
    for (std::size_t i = 0; i < w.tumour_native.voxels.size(); ++i)
      w.tumour_native.voxels[i] = w.tumour_native.voxels[i] && w.prepared.brain_native.voxels[i];
    w.json["tumour_mask"] = describe_mask(*patient.tumour_mask, carrier);
    w.json["preprocessing"].push_back("The tumour's outline was given, on the grid of " +
                                      std::string(display_name(carrier)) + " (" +
                                      patient.tumour_mask->describe_labels() + "); the outlining network was not run.");
    if (kept * 100 < drawn * 99)
      w.json["warnings"].push_back(decimal(100 - 100 * static_cast<double>(kept) / static_cast<double>(drawn), 0) +
                                   " % of the given tumour mask lie outside the brain and are not measured");
  }

  void segment(Work& w) const {
    auto p = tumour_probability(w.network_input);
    const auto partial = partly_imaged(w.prepared);
    if (!partial.empty()) replace_where_not_imaged(w, partial, p);
    const auto fine =
        image::resample(Volume<float>(w.coarse, std::move(p)), w.prepared.brain.geometry, image::Interpolation::Linear);
    Mask mask(fine.geometry);
    for (std::size_t i = 0; i < mask.voxels.size(); ++i)
      mask.voxels[i] = w.prepared.brain.voxels[i] && fine.voxels[i] > 0.5F;
    w.tumour = image::keep_largest_components(mask);
    w.tumour_native = tumour_within(w.tumour, w.prepared.brain_native, {});
    for (const Sequence s : partial) tell_outline_beyond(w, s);
  }

  /// Mean of the networks.
  [[nodiscard]] std::vector<float> tumour_probability(const nn::NetworkInput& input) const {
    std::vector<float> p;
    for (const auto& network : segmenters) {
      const auto one = network.predict(input, {});
      p.resize(one.size());
      for (std::size_t i = 0; i < p.size(); ++i) p[i] += one[i] / static_cast<float>(segmenters.size());
    }
    return p;
  }

  /// The networks' sequences that show a part of the brain only.
  [[nodiscard]] std::vector<Sequence> partly_imaged(const preprocess::PreparedExam& prepared) const {
    std::vector<Sequence> out;
    const auto all = static_cast<double>(count(prepared.brain));
    for (const Sequence s : segmentation.channels)
      if (const auto part = prepared.parts.find(s); part != prepared.parts.end())
        if (static_cast<double>(count(part->second.imaged)) < kWholeCoverage * all) out.push_back(s);
    return out;
  }

  /// The networks know a sequence that is missing, not one that ends within the brain: beyond its end they are asked as
  /// if it were missing. Where fewer than two sequences are left nothing is outlined.
  void replace_where_not_imaged(const Work& w, const std::vector<Sequence>& partial, std::vector<float>& p) const {
    auto input = w.network_input;
    const auto n = static_cast<std::size_t>(input.voxels());
    std::size_t left = 0;
    Volume<float> seen(w.prepared.brain.geometry, std::vector<float>(w.prepared.brain.voxels.size(), 1.0F));
    for (std::size_t c = 0; c < segmentation.channels.size(); ++c) {
      const Sequence s = segmentation.channels[c];
      if (std::ranges::find(partial, s) == partial.end()) {
        left += w.prepared.parts.contains(s);
        continue;
      }
      std::fill_n(input.values.begin() + static_cast<std::ptrdiff_t>(c * n), n, 0.0F);
      const Mask& imaged = w.prepared.parts.at(s).imaged;
      for (std::size_t i = 0; i < seen.voxels.size(); ++i)
        if (w.prepared.brain.voxels[i] && !imaged.voxels[i]) seen.voxels[i] = 0;
    }
    const auto without = left < 2 ? std::vector<float>(p.size(), 0.0F) : tumour_probability(input);
    const auto share = image::downsample_mean(seen, factor());
    for (std::size_t i = 0; i < p.size(); ++i) p[i] = share.voxels[i] * p[i] + (1 - share.voxels[i]) * without[i];
  }

  static void tell_outline_beyond(Work& w, Sequence s) {
    const Mask& imaged = w.prepared.parts.at(s).imaged;
    std::size_t beyond = 0;
    for (std::size_t i = 0; i < w.tumour.voxels.size(); ++i) beyond += w.tumour.voxels[i] && !imaged.voxels[i];
    const double share = static_cast<double>(beyond) / std::max(1.0, static_cast<double>(count(w.tumour)));
    if (share > 0.01)
      w.json["warnings"].push_back(decimal(100 * share, 0) + " % of the outline lie where " +
                                   std::string(display_name(s)) +
                                   " was not imaged; there it was drawn without it and is less certain");
  }

  void measure_tumour(Work& w) const {
    const bool found = count(w.tumour) > 0;
    Json t{{"found", found}, {"outlined_by", w.given.tumour ? "user" : "network"}};
    if (found) {
      const Side side = tumour_side(w.tumour, w.prepared.brain);
      const auto shape = radiomics::shape_3d(w.tumour);
      const auto diameter = std::ranges::find(shape, "Maximum3DDiameter", &radiomics::Feature::name);
      t.update({{"volume_cm3", static_cast<double>(count(w.tumour)) * w.tumour.geometry.voxel_volume_mm3() / 1000},
                {"components", image::component_sizes(w.tumour).size()},
                {"largest_diameter_mm", diameter->value},
                {"side", side.name},
                {"left_fraction", side.left_fraction}});
      w.json["radiomics"] = radiomics_json(w, shape);
    } else {
      t["reason"] = "the network marked nothing larger than 0.2 cm³";
      w.json["radiomics"] = nullptr;
      w.json["not_computed"].push_back("Radiomics, patch, deep features and grade: no tumour was found.");
    }
    if (found) {
      try {
        t["location"] = locate_tumour(w.tumour, w.prepared, o.preprocess.atlas);
      } catch (const Error& e) {
        if (e.code() != ExitCode::MissingModel) throw;
        w.json["not_computed"].push_back("Lobe: " + e.problem() + "; " + e.hint() + ".");
      }
    }
    w.json["tumour"] = t;
    const Enhancement e = measure_enhancement(w.prepared, w.tumour);
    w.json["enhancement"] = {
        {"verdict", e.verdict}, {"volume_cm3", e.volume_cm3}, {"fraction", e.fraction}, {"measurement", e.measurement}};
    if (e.verdict == "not measurable") w.json["not_computed"].push_back("Contrast enhancement: " + e.measurement + ".");
  }

  /// Intensities as the `chain` preset of radiomics takes them: z-score × 100, bin width 5, shift 300.
  [[nodiscard]] Json radiomics_json(const Work& w, const radiomics::Features& shape) const {
    Sequence s = o.radiomics_sequence;
    if (!w.prepared.zscores.contains(s)) s = w.prepared.reference;
    Mask seen = seen_by(w.prepared, w.tumour, {s});
    if (count(seen) == 0) s = w.prepared.reference, seen = seen_by(w.prepared, w.tumour, {s});
    const auto& z = w.prepared.zscores.at(s);
    Volume<double> scaled(z.geometry);
    for (std::size_t i = 0; i < z.voxels.size(); ++i) scaled.voxels[i] = 100 * static_cast<double>(z.voxels[i]);
    const auto levels = radiomics::discretise_width(values_inside(scaled, seen), 5).levels;
    auto chain = radiomics::preset("chain");
    chain.setting.erase("normalize");  // the z-scores over the brain are the normalisation
    chain.setting.erase("normalizeScale");
    std::erase_if(chain.feature_classes, [](const auto& c) { return c.first == "shape"; });
    const LabelVolume labels(seen.geometry, std::vector<std::uint32_t>(seen.voxels.begin(), seen.voxels.end()));
    Json first = Json::array(), texture = Json::array();
    for (const auto& f :
         radiomics::extract({std::move(scaled), radiomics::PixelKind::Double}, labels, chain, o.threads).features) {
      const bool plain = f.feature.feature_class == "firstorder";
      Json one = feature_json({f.feature})[0];
      if (!plain) one["name"] = f.feature.feature_class + "_" + f.feature.name;
      (plain ? first : texture).push_back(one);
    }
    std::string note =
        "PyRadiomics' definitions and names, on the 1 mm working grid; " + std::to_string(levels) + " grey levels.";
    if (const std::size_t all = count(w.tumour), part = count(seen); part < all)
      note += " Intensities and texture are of the " +
              std::to_string(std::lround(100 * static_cast<double>(part) / static_cast<double>(all))) +
              " % of the tumour that " + std::string(display_name(s)) + " shows.";
    if (levels < 16) note += " Fewer than 16 grey levels: intensity features say little.";
    return {{"sequence", display_name(s)}, {"grey_levels", levels}, {"shape", feature_json(shape)},
            {"first_order", first},        {"texture", texture},    {"note", note}};
  }

  /// Deep features and, where it can be stated, the grade. The features are measurements like radiomics and are written
  /// with a refusal as well.
  void grade(Work& w, const cohort::PatientFiles& patient) const {
    if (count(w.tumour_coarse) == 0) {
      w.json["grade"] = describe_grade({});
      w.json["deep_features"] = nullptr;
      return;
    }
    const auto plan = nn::plan_patch(w.tumour_coarse, {patch_zyx, patch_step});
    const auto patch = nn::cut_patch(w.network_input, plan);
    double logit = 0;
    std::vector<double> deep;
    for (const auto& network : graders) {
      const auto out = network.predict(patch);
      logit += out.logit / static_cast<double>(graders.size());
      if (deep.empty()) deep.assign(out.features.begin(), out.features.end());
    }
    const Vec3 centre_mm = w.coarse.index_to_lps_mm(plan.centre_xyz);
    w.json["patch"] = {{"size_zyx", patch_zyx},
                       {"spacing_mm", plan.step_xyz[0] * segmentation.spacing_mm},
                       {"centre_lps_mm", centre_mm},
                       {"shrunk_to_fit", plan.shrunk}};
    w.json["deep_features"] = deep;
    GradeEvidence evidence{.logit = logit,
                           .probabilities = {},
                           .calibration_patients = 0,
                           .thickest_slice_mm = thickest_slice_mm(w.exam, patient.acquisition)};
    for (const auto& draw : calibration) evidence.probabilities.push_back(draw.probability(logit));
    if (!calibration.empty())
      evidence.calibration_patients = grading.bundle.payload["calibration"].value("patients", std::size_t{0});
    w.json["grade"] = describe_grade(evidence);
    if (w.json["grade"]["status"] != "estimated")
      w.json["not_computed"].push_back("Grade: " + w.json["grade"]["reason"].get<std::string>() + ".");
  }

  void start_json(Work& w, const cohort::PatientFiles& patient) const {
    w.json = start_description("gliocast-prediction-1", patient.id, w.exam, w.prepared);
    Json missing = Json::array();
    w.json["not_computed"] = Json::array();
    for (const Sequence s : segmentation.channels)
      if (!w.exam.has(s)) {
        missing.push_back(key_name(s));
        const bool given = w.exam.left_out.contains(s);
        w.json["not_computed"].push_back(
            std::string(display_name(s)) + (given ? " was left out" : " is missing") +
            ": the networks ran without it, which they were trained for, with less certainty.");
      }
    w.json["missing_sequences"] = missing;
    w.json["not_computed"].push_back(
        "Survival: it takes clinical columns, which images do not hold; `gliocast survival` fits, validates and draws "
        "models and nomograms from a table.");
    w.json["not_computed"].push_back(
        "Features of filtered images (wavelet, LoG and others): `gliocast radiomics` computes them from the written "
        "images.");
    describe_preparation(w.json, w.exam, w.prepared, patient);
    for (const Sequence s : segmentation.channels)
      if (!w.exam.has(s))
        w.json["warnings"].push_back(std::string(display_name(s)) +
                                     " is missing: outline and grade were made without it and are less certain");
    for (const auto& warning : w.given.warnings) w.json["warnings"].push_back(warning);
  }

  /// Changes with the inputs' checksums, the models, every setting that changes a result, and (its number) with what a
  /// result holds.
  [[nodiscard]] std::string run_key(const std::map<Sequence, std::string>& checksums,
                                    const cohort::PatientFiles& patient) const {
    RunKey key("predict", 5);
    key.add("version", o.version).add("models", models_key).add("radiomics", key_name(o.radiomics_sequence));
    add_preparation(key, checksums, o.preprocess);
    add_masks(key, patient);
    return key.sha256();
  }

  /// An earlier result for the same inputs, models and settings; nothing where there is none.
  [[nodiscard]] std::optional<Json> earlier(const cohort::PatientFiles& patient) const {
    const fs::path file = prediction_file(o.out, patient.id);
    if (!o.resume || !done_before(file, run_key(image::input_checksums(patient.sequences, patient.dicom), patient)))
      return std::nullopt;
    return read_json(file);
  }

  [[nodiscard]] Json run(const cohort::PatientFiles& patient, StageTimer& timer) const {
    nn::set_network_threads(o.threads);  // libtorch keeps this per thread
    Work w;
    w.exam = timer.time("read", [&] { return image::read_exam(patient.sequences, patient.dicom); });
    require_sequences(w.exam, patient);
    w.given = read_masks(patient, w.exam);
    w.prepared = timer.time("preprocess", [&] {
      return preprocess::preprocess(w.exam, o.preprocess, w.given.brain ? &*w.given.brain : nullptr);
    });
    forget_left_out(w.exam, w.prepared);
    require_sequences(w.exam, patient);
    for (const auto& [stage, seconds] : w.prepared.timings_s) timer.add("preprocess: " + stage, seconds);
    start_json(w, patient);
    throw_if_interrupted();
    timer.time("outline", [&] { outline(w, patient); });
    timer.time("measure and radiomics", [&] { measure_tumour(w); });
    throw_if_interrupted();
    timer.time("grade", [&] { grade(w, patient); });
    w.json["models"] = Json::array();
    if (!w.given.tumour) w.json["models"].push_back(model_card(segmentation.bundle));
    w.json["models"].push_back(model_card(grading.bundle));
    w.json["run_key"] = run_key(w.exam.checksums, patient);  // hashed once, when they were read
    w.json["provenance"] = {{"program", "gliocast " + o.version},
                            {"version", o.version},
                            {"backend", nn::backend_name(o.device)},
                            {"threads", resolve_threads(o.threads)},
                            {"models", {{"segmentation", segmentation.bundle.name}, {"grading", grading.bundle.name}}},
                            {"models_key", models_key},
                            {"created", utc_now()}};
    timer.time("write images", [&] {
      write_prepared_images(o.out, patient.id, w.prepared);
      write_acquisition(o.out, patient);
      write_tumour_masks(o.out, patient.id, w.prepared, w.tumour_native, w.tumour);
    });
    w.json["timings_s"] = timer.json();
    write_patient_report(o.out, patient.id, w.prepared, w.tumour,
                         w.json);  // prediction.json last: it says that the patient is done
    return w.json;
  }
};

Predictor::Predictor(PredictOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Predictor::~Predictor() = default;

Json Predictor::predict(const cohort::PatientFiles& patient, StageTimer& timer) const {
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
  clear_older_results(o.out, patients, o.batch.shard, o.resume);
  std::once_flag described;
  return run_patients(o.out, patients, o.batch, [&](const cohort::PatientFiles& patient, StageTimer& timer) {
    const Json json = predict(patient, timer);
    std::call_once(described, [&] { write_dataset_description(o.out, o.version); });
    log_patient_done(patient, report_file(o.out, patient.id), json);
  });
}

}  // namespace gliocast::pipeline
