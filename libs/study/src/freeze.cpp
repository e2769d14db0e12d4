#include "external_grading.hpp"
#include "frozen_bundle.hpp"
#include "frozen_harmonisation.hpp"
#include "home_performance.hpp"
#include "segmentation_networks.hpp"

#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/folder_lock.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/core/version.hpp>
#include <gliocast/models/bundle.hpp>
#include <gliocast/pipeline/examined_files.hpp>
#include <gliocast/pipeline/fused_grading.hpp>
#include <gliocast/pipeline/fused_signature.hpp>
#include <gliocast/study/frozen.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;

constexpr const char* kGoOn = "run the study to its end: gliocast study run";

/// A finished study, as its folder says.
struct Finished {
  fs::path folder;
  Json study;
  StudySettings settings;

  [[nodiscard]] fs::path stage(const std::string& name) const { return folder / "stages" / name; }
  [[nodiscard]] bool has(const std::string& name) const {
    return std::ranges::any_of(study.at("stages"), [&](const Json& s) { return s.at("stage") == name; });
  }
};

/// Of a stage: done, and with the results that the study's report is of.
void check_stage(const Finished& f, const Json& stage, bool needed) {
  const auto name = stage.at("stage").get<std::string>();
  if (stage.at("state") == "refused") {
    if (!needed) return;
    throw unusable_input("the stage " + name + " could not be done: " + stage.at("reason").get<std::string>(),
                         f.folder.string(),
                         "a study is frozen with all of its models: mend what is missing, or turn "
                         "that part off (grading.run, signature.run)");
  }
  const fs::path record = f.stage(name) / "stage.json";
  if (!fs::exists(record) || read_json(record).at("run_key") != stage.at("run_key"))
    throw unusable_input("the stage " + name + " is not the one that the study's report is of", f.folder.string(),
                         kGoOn);
}

Finished finished_study(const fs::path& folder) {
  if (FolderLock::held(folder))
    throw Error(ExitCode::WrongUse, "a run works in the study's folder", folder.string(), "wait until it is over");
  if (!fs::exists(folder / "study.json") || !study_status(folder).json.at("over").get<bool>())
    throw unusable_input("the study is not finished", folder.string(), kGoOn);
  Finished f{folder, read_json(folder / "study.json"), {}};
  try {
    f.settings = parse_settings(read_text(folder / "settings.yaml"), (folder / "settings.yaml").string());
    if (settings_to_json(f.settings) != f.study.at("settings"))
      throw unusable_input("settings.yaml is not the one that the study's report is of", folder.string(), kGoOn);
    if (f.study.at("permuted").get<bool>())
      throw unusable_input("grades and survival of the study were shuffled (--permute): its models say nothing",
                           folder.string(), "freeze a study without --permute");
    for (const auto& s : f.study.at("stages")) {
      static const std::set<std::string> kNeeded{"patients", "segmentation", "examination",
                                                 "grading",  "signature",    "signature_model"};
      check_stage(f, s, kNeeded.contains(s.at("stage").get<std::string>()));
    }
  } catch (const Json::exception&) {
    throw unusable_input("study.json is damaged", folder.string(), kGoOn);
  }
  return f;
}

/// Networks are known by their checksums; who fitted them stays at home.
learn::ColumnOrigins without_patients(const learn::ColumnOrigins& origins) {
  std::map<const learn::ColumnOrigin*, std::shared_ptr<const learn::ColumnOrigin>> bare;
  learn::ColumnOrigins out;
  for (const auto& [column, origin] : origins) {
    if (!origin) continue;
    auto& without = bare[origin.get()];
    if (!without) without = std::make_shared<const learn::ColumnOrigin>(learn::ColumnOrigin{origin->network, {}});
    out.emplace(column, without);
  }
  return out;
}

/// Radiomics of the patients, as they were examined; the others could not be, or have no tumour.
learn::FeatureTable training_radiomics(const Finished& f, const std::vector<std::string>& ids, Sequence sequence) {
  learn::FeatureTable table;
  std::vector<std::vector<double>> rows;
  for (const auto& id : ids) {
    const auto examined = pipeline::examination_of(f.folder / "patients", id);
    if (!examined) continue;
    const Json& radiomics = examined->at("radiomics");
    if (!radiomics.contains(key_name(sequence))) continue;
    if (table.features.empty()) table.features = examined->at("features").get<std::vector<std::string>>();
    rows.emplace_back();
    for (const auto& v : radiomics.at(std::string(key_name(sequence)))) rows.back().push_back(number_or_nan(v));
    table.ids.push_back(id);
  }
  table.values = stats::Matrix(rows.size(), table.features.size());
  for (std::size_t r = 0; r < rows.size(); ++r)
    for (std::size_t c = 0; c < table.features.size(); ++c) table.values(r, c) = rows[r].at(c);
  return table;
}

std::vector<std::string> column_of(const fs::path& file, const std::string& name) {
  const auto table = read_table(file);
  std::vector<std::string> out;
  if (const auto c = table.find_column(name))
    for (const auto& row : table.rows) out.push_back(row[*c]);
  return out;
}

/// Writes the reference of ComBat; where it cannot be made the bundle goes without.
void freeze_reference(const Finished& f, const std::vector<std::string>& ids, Sequence sequence,
                      const std::string& model, const fs::path& out, FrozenStudy& frozen) {
  try {
    const auto reference = frozen_reference(training_radiomics(f, ids, sequence));
    analysis::write_harmonisation(out / "harmonisation" / model, reference);
  } catch (const Error& e) {
    if (e.code() != ExitCode::UnusableInput) throw;
    frozen.notes.push_back("the bundle has no reference of ComBat for the " + model + ": " + e.problem());
  }
}

/// A frozen study is applied to images.
void require_networks(const Finished& f) {
  if (fs::exists(f.stage("examination") / "tables.tsv"))
    throw unusable_input("the study was made of tables of features, without images", f.folder.string(),
                         "its models are applied to another hospital's tables by gliocast grade predict (" +
                             (f.stage("grading") / "model").string() + ") and gliocast signature predict (" +
                             (f.stage("signature_model") / "model" / "signature_0").string() + ")");
  if (f.settings.grading.run && !f.settings.grading.deep)
    throw unusable_input("the grading of this study is of radiomics alone (grading.deep)", f.folder.string(),
                         "set grading.deep=true, or grading.run=false");
}

Json freeze_grading(const Finished& f, const fs::path& out, FrozenStudy& frozen) {
  const fs::path from = f.stage("grading") / "model";
  if (!fs::exists(from))
    throw unusable_input("the grading of this study gives no model for use", f.folder.string(),
                         "the paper's design and chains with combat give none: set grading.design=crossed, or "
                         "grading.run=false");
  auto fused = pipeline::read_fused_grading(from);
  Json members = Json::array();
  for (auto& m : fused.members) {
    m.classifier.origins = without_patients(m.classifier.origins);
    members.push_back({{"network_patients", m.network.bundle.payload.at("training").at("patients")},
                       {"classifier_patients", m.classifier.rows},
                       {"classifier", m.classifier.model->parts().classifier.name}});
  }
  pipeline::write_fused_grading(out / "grading", fused);
  const auto ids = column_of(f.stage("grading") / "predictions.tsv", "id");
  freeze_reference(f, ids, fused.sequence, "grading", out, frozen);
  return {{"patients", ids.size()},
          {"members", members},
          {"sequence", key_name(fused.sequence)},
          {"demonstration", fused.demonstration},
          {"at_home", grading_at_home(f.folder / "stages")}};
}

Json freeze_signature(const Finished& f, const fs::path& out, FrozenStudy& frozen) {
  auto fused = pipeline::read_fused_signature(f.stage("signature_model") / "model");
  Json members = Json::array();
  for (auto& m : fused.members) {
    m.signature.origins = without_patients(m.signature.origins);
    const auto& parts = m.signature.model->parts();
    members.push_back({{"patients", parts.patients}, {"events", parts.events}, {"networks", m.network.has_value()}});
  }
  pipeline::write_fused_signature(out / "signature", fused);
  const auto ids = column_of(f.stage("signature_model") / "clinical.tsv", "patient");
  freeze_reference(f, ids, fused.sequence, "signature", out, frozen);
  if (!fused.integrated_nomogram)
    frozen.notes.emplace_back("the bundle has no integrated nomogram: the study has none");
  return {{"patients", ids.size()},
          {"members", members},
          {"sequence", key_name(fused.sequence)},
          {"clinical_nomogram", fused.clinical_nomogram.has_value()},
          {"integrated_nomogram", fused.integrated_nomogram.has_value()},
          {"demonstration", fused.demonstration},
          {"at_home", survival_at_home(f.folder / "stages")}};
}

/// The network that the study trained to outline goes with the bundle: that of all patients.
void freeze_outlines(const Finished& f, const fs::path& out) {
  const fs::path from = outlining_bundle_for_use(f.folder), to = out / kFrozenOutlines;
  const auto bundle = models::read_bundle(from, models::Kind::Segmentation);
  fs::create_directories(to);
  for (const auto& file : bundle.files) fs::copy_file(from / file, to / file);
  fs::copy_file(from / "model.json", to / "model.json");
}

/// Who outlined at home, as the examination says it.
Json outlines_of(const Finished& f) {
  if (f.settings.outlines.by == "experts") return {{"by", "experts"}};
  const fs::path file = f.stage("examination") / "outlines.json";
  if (!fs::exists(file))
    throw unusable_input("the study does not say which segmentation model outlined its tumours", f.folder.string(),
                         "run it again with this version of gliocast: nothing is computed anew, and it is noted");
  return read_json(file);
}

/// Strings of the bundle that hold a patient's name; short names may be numbers or words of the models.
void refuse_names(const Finished& f, const fs::path& out) {
  constexpr std::size_t kShort = 4;
  std::vector<std::string> ids;
  for (const char* file : {"included.tsv", "excluded.tsv"})
    for (auto& id : column_of(f.stage("patients") / file, "patient"))
      if (id.size() >= kShort) ids.push_back(std::move(id));
  for (const auto& entry : fs::recursive_directory_iterator(out)) {
    if (!entry.is_regular_file() || entry.path().extension() == ".safetensors") continue;
    const auto text = read_text(entry.path());
    for (const auto& id : ids)
      if (text.find('"' + id) != std::string::npos)
        throw Error(ExitCode::InternalFault, "a file of the bundle would hold a patient's name", entry.path().string());
  }
}

/// Folders say whose computer it was.
StudySettings without_folders(StudySettings s) {
  s.outlines.segmentation_model = fs::path(s.outlines.segmentation_model).filename().string();
  s.signature.imagenet = fs::path(s.signature.imagenet).filename().string();
  return s;
}

Json run_keys(const Finished& f) {
  Json keys = Json::object();
  for (const auto& s : f.study.at("stages"))
    if (s.contains("run_key")) keys[s.at("stage").get<std::string>()] = s.at("run_key");
  return keys;
}

void write_bundle(const Finished& f, const FreezeOptions& o, FrozenStudy& frozen) {
  Json manifest{{"format", kFrozenFormat},
                {"format_version", kFrozenVersion},
                {"name", o.name},
                {"gliocast", version()},
                {"demonstration", f.study.at("demonstration")},
                {"holds",
                 "models, settings, and means and deviations of the training radiomics; no image, no name and "
                 "no row of a table. A support vector machine keeps standardised features of training "
                 "patients as its support vectors, a Cox model the times of its events: the models are these."},
                {"outlines", outlines_of(f)},
                {"models", Json::object()}};
  write_text(o.out / "settings.yaml", settings_to_yaml(without_folders(f.settings)));
  if (trains_outlines(f.settings)) freeze_outlines(f, o.out);
  if (f.has("grading")) manifest["models"]["grading"] = freeze_grading(f, o.out, frozen);
  if (f.has("signature_model")) manifest["models"]["signature"] = freeze_signature(f, o.out, frozen);
  if (manifest["models"].empty())
    throw unusable_input("the study has no model: neither grading nor the signature was asked for", f.folder.string());
  manifest["provenance"] = {{"run_keys", run_keys(f)}};
  manifest["files"] = files_of_bundle(o.out);
  refuse_names(f, o.out);
  write_json(o.out / "manifest.json", manifest);  // last: it says that the bundle is whole
}

}  // namespace

FrozenStudy freeze_study(const FreezeOptions& o) {
  const auto finished = finished_study(o.study);
  require_networks(finished);
  const bool there = fs::exists(o.out);
  if (there && !(fs::is_directory(o.out) && fs::is_empty(o.out)))
    throw Error(ExitCode::WrongUse, "the bundle's folder is not empty", o.out.string(),
                "name another one: a bundle is never written over");
  FrozenStudy frozen;
  try {
    write_bundle(finished, o, frozen);
    frozen.checksum = read_frozen_bundle(o.out).checksum;
  } catch (...) {
    fs::remove_all(o.out);  // half a bundle is none
    if (there) fs::create_directory(o.out);
    throw;
  }
  return frozen;
}

}  // namespace gliocast::study
