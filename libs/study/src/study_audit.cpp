#include "study_audit.hpp"

#include "network_variants.hpp"

#include <gliocast/core/files.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/numbers.hpp>

#include <initializer_list>
#include <optional>
#include <set>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;

std::optional<Json> json_of(const fs::path& file) {
  if (!fs::exists(file)) return std::nullopt;
  return read_json(file);
}

std::set<std::string> ids_in(const Json& entry, std::initializer_list<const char*> keys) {
  std::set<std::string> out;
  for (const char* key : keys)
    if (entry.contains(key))
      for (const auto& id : entry.at(key)) out.insert(id.get<std::string>());
  return out;
}

void add_row(const std::string& result, const std::string& fold, const std::set<std::string>& fitted,
             const std::set<std::string>& judged, StudyAudit& audit) {
  std::size_t both = 0;
  for (const auto& id : judged) both += fitted.count(id);
  audit.table.rows.push_back(
      {result, fold, std::to_string(fitted.size()), std::to_string(judged.size()), std::to_string(both)});
  if (both > 0)
    audit.leaks.push_back(result + ", fold " + fold + ": " + std::to_string(both) +
                          " patients judge what they fitted themselves");
}

/// The folds of a cross-validation, or the one of a split, whose design may say that it leaks.
void add_folds(const std::string& result, const Json& folds, StudyAudit& audit) {
  std::size_t number = 0;
  for (const auto& fold : folds) {
    ++number;
    const auto judged = ids_in(fold, {"tested"});
    if (judged.empty()) continue;  // the fit of all patients
    add_row(result, folds.size() == 1 ? "one split" : std::to_string(number),
            ids_in(fold, {"half_1", "half_2", "training", "validation"}), judged, audit);
    if (fold.contains("leak")) audit.leaks.push_back(result + ": " + fold.at("leak").get<std::string>());
  }
}

/// Of the networks that outline: nobody may be outlined by one that he fitted, but where the design says so.
void add_outlines(const Json& said, StudyAudit& audit) {
  const bool split = said.contains("leak");
  for (const auto& n : said.at("networks")) {
    const auto judged = ids_in(n, {split ? "tested" : "outlined"});
    if (judged.empty()) continue;
    const auto fold = n.at("fold").get<std::string>();
    add_row("outlines", fold == "all" ? "of all patients" : fold, ids_in(n, {"training", "validation"}), judged, audit);
  }
  if (split) audit.leaks.push_back("outlines: " + said.at("leak").get<std::string>());
}

/// "0.873 (0.840–0.906)" of an estimate in JSON; "NA" where it is not there.
std::string estimate_text(const Json& json) {
  const auto number = [&](const char* key) {
    return json.contains(key) && json[key].is_number() ? decimal(json[key].get<double>(), 3) : std::string("NA");
  };
  if (!json.is_object()) return "NA";
  if (json.value("lower", Json()) == 0.5 && json.value("upper", Json()) == 0.5) return "0.500 (no factor stays)";
  return number("estimate") + " (" + number("lower") + "–" + number("upper") + ")";
}

/// What a file holds at a JSON pointer; null where either is not there.
Json at(const fs::path& file, const std::string& pointer) {
  const auto json = json_of(file);
  if (!json) return nullptr;
  const Json::json_pointer place(pointer);
  return json->contains(place) ? json->at(place) : Json();
}

/// Of the rows of a table the AUC of the model of this name; null where it has none.
Json auc_of_model(const Json& rows, const std::string& model) {
  for (const auto& row : rows)
    if (row.at("model") == model) return row.at("auc");
  return nullptr;
}

}  // namespace

StudyAudit audit_study(const fs::path& stages) {
  StudyAudit audit;
  if (const auto outlines = json_of(stages / "segmentation" / "audit.json")) add_outlines(*outlines, audit);
  if (const auto grading = json_of(stages / "grading" / "study.json"))
    add_folds("grading (Tables 1, 2, S3)", grading->at("audit"), audit);
  if (const auto external = json_of(stages / "grading_external" / "external.json"))
    add_row("grading of the second cohort", "–", ids_in(external->at("audit"), {"fitted"}),
            ids_in(external->at("audit"), {"tested"}), audit);
  if (const auto survival = json_of(stages / "signature" / "evaluation.json"))
    add_folds("signature and nomograms", survival->at("audit"), audit);
  return audit;
}

TextTable naive_beside_honest(const fs::path& stages) {
  TextTable out{{"result", "honest", "naive", "why the naive number is too high"}, {}};
  const fs::path survival = stages / "signature" / "evaluation.json";
  const auto add = [&](const char* name, const char* key, const char* why) {
    const Json naive = at(survival, key);
    if (naive.is_number())
      out.rows.push_back({name, estimate_text(at(survival, "/c_index")), decimal(naive.get<double>(), 3), why});
  };
  add("C of the signature", "/naive_c_index", "candidates were chosen among all patients, those left out too");
  add("C of the signature", "/apparent_c_index", "the patients who fitted it judge it");
  return out;
}

TextTable beside_published(const fs::path& stages) {
  struct Row {
    const char* what;
    const char* paper;
    const char* file;
    const char* pointer;
    const char* model{};  ///< of a table's rows, the one of this model
  };
  constexpr const char* kGrading = "grading/study.json";
  constexpr const char* kSurvival = "signature/evaluation.json";
  constexpr Row kRows[]{
      {"AUC, integrated, + SE, patches", "0.958 (0.955–0.961)", kGrading, "/table_1", kVariants[1].name},
      {"AUC, integrated, baseline, patches", "0.945 (0.938–0.952)", kGrading, "/table_1", kVariants[0].name},
      {"AUC, integrated, + SE, complete MRI", "0.932 (0.928–0.936)", kGrading, "/table_1", kVariants[3].name},
      {"AUC, integrated, baseline, complete MRI", "0.904 (0.898–0.910)", kGrading, "/table_1", kVariants[2].name},
      {"AUC, network alone, + SE, patches", "0.852 (0.846–0.858)", kGrading, "/table_2", kVariants[1].name},
      {"AUC, radiomics of T1-Gd alone", "0.894 (0.892–0.896)", kGrading, "/table_s3", "T1-Gd"},
      {"AUC, second cohort", "–", "grading_external/external.json", "/table_1/0/auc"},
      {"C, integrated nomogram, internal", "0.873 (0.840–0.906)", kSurvival,
       "/nomograms/comparisons/cross-validation/integrated/concordance"},
      {"C, integrated nomogram, external", "0.865 (0.851–0.879)", kSurvival,
       "/nomograms/comparisons/external/integrated/concordance"},
      {"C, clinical nomogram, internal", "0.770 (0.720–0.820)", kSurvival,
       "/nomograms/comparisons/cross-validation/clinical/concordance"},
      {"C, clinical nomogram, external", "0.796 (0.787–0.805)", kSurvival,
       "/nomograms/comparisons/external/clinical/concordance"},
      {"HR of the risk group, held-out patients", "5.69 (training)", kSurvival, "/groups/hazard_ratio"},
      {"HR of the risk group, second cohort", "6.28", kSurvival, "/external/groups/hazard_ratio"}};
  TextTable out{{"quantity", "Xu et al. 2022", "this study", "file"}, {}};
  for (const auto& row : kRows) {
    const Json place = at(stages / row.file, row.pointer);
    const Json found = row.model == nullptr ? place : auc_of_model(place, row.model);
    if (found.is_object())
      out.rows.push_back({row.what, row.paper, estimate_text(found), std::string("stages/") + row.file});
  }
  return out;
}

}  // namespace gliocast::study
