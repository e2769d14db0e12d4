#include <gliocast/pipeline/examine.hpp>

#include "chain_radiomics.hpp"
#include "describe_preparation.hpp"
#include "outline.hpp"
#include "outputs.hpp"
#include "patient_features.hpp"

#include <gliocast/cohort/label.hpp>
#include <gliocast/cohort/simulated.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/run_key.hpp>
#include <gliocast/pipeline/examined_files.hpp>
#include <gliocast/pipeline/train.hpp>
#include <gliocast/pipeline/training_cases.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace gliocast::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

using Raters = std::array<std::optional<RaterOutline>, 2>;

/// What the files of a patient hold.
struct Examination {
  std::optional<Examined> patient;  ///< none where no tumour was found
  std::vector<std::string> features{};
  Raters raters{};
};

/// The cohort's segmentation as an outline of the user: every label of it.
cohort::MaskFile expert_outline(const cohort::PatientFiles& patient) {
  if (!patient.segmentation) throw unusable_input("has no segmentation", "", "let the network outline the tumours");
  return {*patient.segmentation, {}};
}

/// What makes a sequence's radiomics doubtful.
void tell_doubts(const PatientWork& w, Sequence s, const ChainRadiomics& found, Json& warnings) {
  constexpr std::size_t kLeastGreyLevels = 16;
  const std::string name(display_name(s));
  if (found.grey_levels < kLeastGreyLevels)
    warnings.push_back("the tumour has " + std::to_string(found.grey_levels) + " grey levels on " + name +
                       ": texture says little");
  const auto shown = static_cast<double>(count(found.seen)), whole = static_cast<double>(count(w.tumour));
  if (shown < kShownWhole * whole)
    warnings.push_back(name + " shows " + decimal(100 * shown / whole, 0) +
                       " % of the tumour: radiomics are of that part");
}

/// Voxels and their size of each sequence as it was read, along the image's own axes.
Json geometry_of(const image::Exam& exam) {
  Json json = Json::object();
  for (const auto& [s, volume] : exam.sequences)
    json[std::string(key_name(s))] = {{"size", volume.geometry.size}, {"spacing_mm", volume.geometry.spacing_mm}};
  return json;
}

NetworkBundle segmentation_networks(const ExamineOptions& o) {
  return read_networks(models::find_bundle(o.models, o.segmentation_model), models::Kind::Segmentation);
}

/// Who the patient is, for those who learn.
void take_outcome(const cohort::PatientFiles& patient, nn::TrainingCase& c) {
  c.grade = patient.grade ? static_cast<int>(*patient.grade) : -1;
  c.group = patient.centre;
}

/// What outlines the patients, each bundle read once.
class Outliners {
 public:
  Outliners(const ExamineOptions& o, const std::vector<cohort::PatientFiles>& patients) : of_(o.segmentation_of) {
    if (of_.empty()) {
      all_.try_emplace({}, segmentation_networks(o), o.device);
      return;
    }
    for (const auto& p : patients)
      if (const auto& bundle = bundle_of(p); !all_.contains(bundle))
        all_.try_emplace(bundle, read_networks(bundle, models::Kind::Segmentation), o.device);
  }

  [[nodiscard]] const Outliner& of(const cohort::PatientFiles& patient) const { return all_.at(bundle_of(patient)); }
  [[nodiscard]] std::string name() const {
    return of_.empty() ? all_.begin()->second.networks().bundle.name : std::string(kOwnNetworks);
  }

 private:
  [[nodiscard]] fs::path bundle_of(const cohort::PatientFiles& patient) const {
    if (of_.empty()) return {};
    const auto found = of_.find(patient.id);
    if (found == of_.end()) throw Error(ExitCode::InternalFault, "a patient has no network that outlines him");
    return found->second;
  }

  std::map<std::string, fs::path> of_;
  std::map<fs::path, Outliner> all_;
};

/// Works on one patient; shared by all.
class Examiner {
 public:
  Examiner(const ExamineOptions& options, const std::vector<cohort::PatientFiles>& patients)
      : o_(options), outliners_(options, patients), parameters_(radiomics::preset(o_.radiomics)) {}

  [[nodiscard]] std::string outlined_by() const { return o_.expert_outlines ? "experts" : outliners_.name(); }

  /// The patient's files of an earlier run, where they are whole, else made now; what they hold.
  [[nodiscard]] Examination examine(cohort::PatientFiles patient, StageTimer& timer) const {
    if (o_.expert_outlines) patient.tumour_mask = expert_outline(patient);
    const std::string key = run_key(patient);
    if (done_before(record(patient), key)) {
      try {
        return read(patient);
      } catch (const Json::exception&) {
      } catch (const std::out_of_range&) {
      } catch (const Error&) {
      }
      log_warning(patient.id + ": what an earlier run left is damaged and made again", {{"patient", patient.id}});
    }
    make(patient, key, timer);
    return read(patient);
  }

 private:
  void make(const cohort::PatientFiles& patient, const std::string& key, StageTimer& timer) const {
    fs::remove(record(patient));
    nn::set_network_threads(1);
    PatientWork w;
    w.exam = timer.time("read", [&] { return image::read_exam(patient.sequences, patient.dicom); });
    image::require_two_core(w.exam);
    preprocess_patient(w, patient, o_.preprocess, timer);
    image::require_two_core(w.exam);
    timer.time("outline", [&] { outliners_.of(patient).outline(w, patient); });
    const bool found = count(w.tumour_coarse) > 0;
    Json measured = found ? timer.time("radiomics", [&] { return measure(w); }) : Json{{"tumour_cm3", 0}};
    measured["run_key"] = key;
    if (found) timer.time("write", [&] { write_inputs(w, patient); });
    if (o_.raters) measured["raters"] = timer.time("raters", [&] { return measure_raters(w, patient); });
    write_json(record(patient), measured);  // last: it says that the patient is done
  }

  void write_inputs(const PatientWork& w, const cohort::PatientFiles& patient) const {
    nn::write_training_case(case_file(patient), case_of(w, patient));
    if (o_.slice_yx) nn::write_training_case(slice_file(patient), slice_of(w, patient));
    write_tumour_masks(o_.out, patient.id, w.prepared, w.tumour_native, w.tumour);
  }

  /// Radiomics within each rater's mask; the masks go to files. Takes the place of the outline in `w`.
  [[nodiscard]] Json measure_raters(PatientWork& w, const cohort::PatientFiles& patient) const {
    Json all = Json::array({nullptr, nullptr});
    for (std::size_t r = 0; r < patient.raters.size(); ++r) {
      if (!patient.raters[r]) continue;
      cohort::PatientFiles by_rater = patient;
      by_rater.tumour_mask = patient.raters[r];
      by_rater.brain_mask.reset();
      try {
        w.given.tumour = read_masks(by_rater, w.exam).tumour;
        outliners_.of(patient).take_given_tumour(w, by_rater);
        all[r] = radiomics_of(w);
        write_rater_mask(o_.out, patient.id, r + 1, w.tumour);
      } catch (const Error& e) {
        if (e.code() != ExitCode::UnusableInput) throw;
        all[r] = {{"failure", describe_failure(by_rater, "", e).reason}};
      }
    }
    return all;
  }

  /// What make() left.
  [[nodiscard]] Examination read(const cohort::PatientFiles& patient) const {
    const Json json = read_json(record(patient));
    Examination out;
    if (o_.raters) out.raters = read_raters(json.at("raters"), patient);
    if (json.at("tumour_cm3").get<double>() == 0) return out;
    auto& e = out.patient.emplace();
    e.input = read_case(case_file(patient), patient);
    if (o_.slice_yx) e.slice = read_case(slice_file(patient), patient);
    e.tumour_cm3 = json.at("tumour_cm3").get<double>();
    e.tumour_mask = existing(work_tumour_file(o_.out, patient.id));
    out.features = json.at("features").get<std::vector<std::string>>();
    e.radiomics = values_in(json);
    e.warnings = json.at("warnings").get<std::vector<std::string>>();
    return out;
  }

  [[nodiscard]] Raters read_raters(const Json& json, const cohort::PatientFiles& patient) const {
    Raters out;
    for (std::size_t r = 0; r < out.size(); ++r) {
      if (json.at(r).is_null()) continue;
      auto& rater = out[r].emplace();
      rater.failure = json[r].value("failure", "");
      if (!rater.failure.empty()) continue;
      rater.radiomics = values_in(json[r]);
      rater.tumour_mask = existing(rater_mask_file(o_.out, patient.id, r + 1));
    }
    return out;
  }

  [[nodiscard]] static fs::path existing(fs::path file) {
    if (!fs::exists(file)) throw unusable_input("is not there", file.string());
    return file;
  }

  /// The radiomics of each sequence in a record, NaN for what it lacks.
  [[nodiscard]] SequenceRadiomics values_in(const Json& json) const {
    SequenceRadiomics out;
    const std::size_t n = json.at("features").size();
    for (const Sequence s : o_.sequences) {
      auto& values = out[s];
      values.assign(n, kNaN);
      const Json& of_sequence = json.at("radiomics").value(std::string(key_name(s)), Json::array());
      for (std::size_t i = 0; i < of_sequence.size(); ++i)
        if (of_sequence[i].is_number()) values.at(i) = of_sequence[i].get<double>();
    }
    return out;
  }

  [[nodiscard]] static nn::TrainingCase read_case(const fs::path& file, const cohort::PatientFiles& patient) {
    auto c = nn::read_training_case(file);
    c.id = patient.id;
    take_outcome(patient, c);
    return c;
  }

  [[nodiscard]] fs::path folder(const cohort::PatientFiles& p) const { return o_.out / cohort::subject_label(p.id); }
  [[nodiscard]] fs::path record(const cohort::PatientFiles& p) const { return examination_file(o_.out, p.id); }
  [[nodiscard]] fs::path case_file(const cohort::PatientFiles& p) const {
    return folder(p) / "network_input.safetensors";
  }
  [[nodiscard]] fs::path slice_file(const cohort::PatientFiles& p) const { return tumour_slice_file(o_.out, p.id); }

  [[nodiscard]] std::string run_key(const cohort::PatientFiles& patient) const {
    RunKey key("examination", 4);
    const auto& networks = outliners_.of(patient).networks();
    key.add("spacing_mm", networks.spacing_mm);
    key.add("outlines", o_.expert_outlines ? "experts" : networks.bundle.checksum);
    key.add("radiomics", o_.radiomics);
    if (o_.slice_yx) key.add("slice", Json(*o_.slice_yx));
    for (const Sequence s : o_.sequences) key.add("sequence", key_name(s));
    add_preparation(key, image::input_checksums(patient.sequences, patient.dicom), o_.preprocess);
    add_masks(key, patient);
    if (o_.raters)
      for (std::size_t r = 0; r < patient.raters.size(); ++r)
        if (patient.raters[r]) add_mask(key, "rater " + std::to_string(r + 1), *patient.raters[r]);
    return key.sha256();
  }

  [[nodiscard]] Json measure(const PatientWork& w) const {
    Json json = radiomics_of(w);
    json["tumour_cm3"] = static_cast<double>(count(w.tumour)) * w.tumour.geometry.voxel_volume_mm3() / 1000;
    Json warnings = w.exam.warnings;
    for (const auto& warning : w.prepared.warnings) warnings.push_back(warning);
    for (const auto& warning : w.given.warnings) warnings.push_back(warning);
    for (const auto& doubt : json["warnings"]) warnings.push_back(doubt);
    json["warnings"] = std::move(warnings);
    json["geometry"] = geometry_of(w.exam);
    return json;
  }

  /// Features of the outline on each sequence that shows it, and what makes them doubtful. Throws Error{UnusableInput}
  /// where none does.
  [[nodiscard]] Json radiomics_of(const PatientWork& w) const {
    Json json{{"features", Json::array()},
              {"radiomics", Json::object()},
              {"grey_levels", Json::object()},
              {"warnings", Json::array()}};
    for (const Sequence s : o_.sequences) {
      if (!w.prepared.zscores.contains(s)) continue;
      const auto found = chain_radiomics(w.prepared, w.tumour, s, parameters_, 1);
      if (found.features.empty()) continue;
      Json names = Json::array(), values = Json::array();
      for (const auto& f : found.features) {
        names.push_back(f.name());
        values.push_back(std::isfinite(f.feature.value) ? Json(f.feature.value) : Json());
      }
      json["features"] = std::move(names);
      json["radiomics"][std::string(key_name(s))] = std::move(values);
      json["grey_levels"][std::string(key_name(s))] = found.grey_levels;
      tell_doubts(w, s, found, json["warnings"]);
    }
    if (json["features"].empty()) throw unusable_input("no sequence shows the outlined tumour");
    return json;
  }

  [[nodiscard]] nn::TrainingCase case_of(const PatientWork& w, const cohort::PatientFiles& patient) const {
    const double spacing_mm = outliners_.of(patient).networks().spacing_mm;
    auto c = to_training_case(w.prepared, o_.sequences, static_cast<std::size_t>(std::lround(spacing_mm)));
    c.id = patient.id;
    for (std::size_t i = 0; i < c.label.size(); ++i) c.label[i] = w.tumour_coarse.voxels[i] != 0 ? 1 : 0;
    return c;
  }

  [[nodiscard]] nn::TrainingCase slice_of(const PatientWork& w, const cohort::PatientFiles& patient) const {
    auto c = slice_of_patient(w, kPrognosisChannels, *o_.slice_yx);
    c.id = patient.id;
    return c;
  }

  ExamineOptions o_;
  Outliners outliners_;
  radiomics::Parameters parameters_;
};

/// Patients whose radiomics were measured elsewhere: what networks would read of them is empty.
ExaminedCohort given_cohort(const std::vector<cohort::PatientFiles>& patients, const MeasuredRadiomics& given) {
  ExaminedCohort out;
  out.features = given.features;
  out.simulated = given.simulated;
  for (const auto& p : patients) {
    auto& e = out.patients.emplace_back();
    e.input.id = p.id;
    take_outcome(p, e.input);
    e.radiomics = given.of_patient.at(p.id);
  }
  return out;
}

}  // namespace

fs::path examination_file(const fs::path& out, const std::string& id) {
  return out / cohort::subject_label(id) / "examination.json";
}

std::optional<Json> examination_of(const fs::path& out, const std::string& id) {
  const fs::path file = examination_file(out, id);
  if (!fs::exists(file)) return std::nullopt;
  Json record = read_json(file);
  return record.contains("radiomics") ? std::optional(std::move(record)) : std::nullopt;
}

void require_segmentation_model(const ExamineOptions& options) { (void)segmentation_networks(options); }

ExaminedCohort examine_cohort(const std::vector<cohort::PatientFiles>& patients, const ExamineOptions& options) {
  if (options.measured) return given_cohort(patients, *options.measured);
  cohort::check_labels(patients);
  const Examiner examiner(options, patients);
  std::vector<std::optional<Examination>> done(patients.size());
  BatchWork batch{.count = patients.size(), .work = {}, .describe = {}};
  batch.work = [&](std::size_t i, StageTimer& timer) {
    if (patients[i].failure) throw *patients[i].failure;
    done[i] = examiner.examine(patients[i], timer);
    timer.time("outline", [&] {
      if (!done[i]->patient)
        throw unusable_input("no tumour was found", "", "look at the images, or give an outline in a manifest");
    });
    for (const auto& warning : done[i]->patient->warnings)
      log_warning(patients[i].id + ": " + warning, {{"patient", patients[i].id}});
  };
  batch.describe = [&](std::size_t i, const std::string& stage, const std::exception& e) {
    log_warning(patients[i].id + " is left out: " + e.what(), {{"patient", patients[i].id}});
    return describe_failure(patients[i], stage, e);
  };
  ExaminedCohort out;
  out.simulated = std::ranges::any_of(patients, cohort::is_simulated);
  out.outlined_by = examiner.outlined_by();
  out.failures = run_batch(batch, {.title = "Examining patients", .jobs = options.jobs});
  for (std::size_t i = 0; i < patients.size(); ++i) {
    if (!done[i]) continue;
    if (options.raters) out.raters[patients[i].id] = std::move(done[i]->raters);
    if (!done[i]->patient) {
      out.without_tumour.insert(patients[i].id);
      continue;
    }
    if (!out.features.empty() && out.features != done[i]->features)
      throw Error(ExitCode::InternalFault, "patients have different radiomic features");
    out.features = done[i]->features;
    out.patients.push_back(std::move(*done[i]->patient));
  }
  return out;
}

}  // namespace gliocast::pipeline
