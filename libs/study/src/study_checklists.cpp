#include "study_checklists.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/text.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace gliocast::study {

std::string_view embedded_checklists();

namespace {

namespace fs = std::filesystem;

/// A study's folder, to be asked what its files hold.
class Folder {
 public:
  explicit Folder(fs::path folder) : folder_(std::move(folder)) {}

  [[nodiscard]] bool has(const std::string& file) const {
    std::error_code error;
    return fs::is_regular_file(folder_ / file, error) && fs::file_size(folder_ / file, error) > 0;
  }
  /// Empty where the file is not there.
  [[nodiscard]] TextTable table(const std::string& file) const {
    return has(file) ? read_table(folder_ / file) : TextTable{};
  }
  [[nodiscard]] bool has_rows(const std::string& file) const { return !table(file).rows.empty(); }
  [[nodiscard]] std::vector<std::string> column(const std::string& file, const std::string& name) const {
    std::vector<std::string> out;
    const auto t = table(file);
    if (const auto at = t.find_column(name))
      for (const auto& row : t.rows) out.push_back(row[*at]);
    return out;
  }
  /// Whether the JSON has something other than null there.
  [[nodiscard]] bool has(const std::string& file, const std::string& pointer) const {
    if (!has(file)) return false;
    const Json json = read_json(folder_ / file);
    const Json::json_pointer place(pointer);
    return json.contains(place) && !json.at(place).is_null();
  }

 private:
  fs::path folder_;
};

constexpr const char* kGrading = "stages/grading/study.json";
constexpr const char* kExternal = "stages/grading_external/external.json";
constexpr const char* kSignature = "stages/signature/evaluation.json";
constexpr const char* kSubgroups = "tables/subgroups.tsv";
constexpr const char* kAcquisition = "tables/acquisition.tsv";
constexpr const char* kTraits = "stages/characteristics/characteristics.tsv";

/// Headers were known of every image.
bool whole_acquisition(const Folder& f) {
  for (const char* name : {"Field strength (T)", "TR (ms)", "TE (ms)", "Manufacturer"}) {
    const auto cells = f.column(kAcquisition, name);
    if (cells.empty() || std::ranges::find(cells, "not known") != cells.end()) return false;
  }
  return true;
}

/// Nobody judged what he fitted.
bool without_leaks(const Folder& f) {
  const auto both = f.column("audit.tsv", "both");
  return !both.empty() && std::ranges::all_of(both, [](const std::string& n) { return n == "0"; });
}

bool crossed(const Folder& f) {
  const auto folds = f.column("audit.tsv", "fold");
  return std::ranges::count(folds, "1") > 0 && std::ranges::count(folds, "2") > 0;
}

/// Groups other than all patients that have a number; of one factor where it is named.
bool judged_groups(const Folder& f, const std::string& factor) {
  const auto factors = f.column(kSubgroups, "Subgroup"), values = f.column(kSubgroups, "Value");
  for (std::size_t r = 0; r < values.size(); ++r)
    if (values[r] != "–" && factors.at(r) != "All patients" && (factor.empty() || factors[r] == factor)) return true;
  return false;
}

bool several_centres(const Folder& f) {
  const auto centres = f.column(kAcquisition, "Centre");
  return std::set<std::string>(centres.begin(), centres.end()).size() > 1;
}

/// The network's outlines, not others', beside a rater's.
bool network_outlines(const Folder& f) {
  return std::ranges::any_of(f.column("stages/raters/dice_summary.tsv", "Pair"),
                             [](const std::string& pair) { return pair.find("network") != std::string::npos; });
}

bool compared_models(const Folder& f) { return !f.column("tables/table_2.tsv", "P against integrated").empty(); }

/// Columns of both cohorts, with P of their difference.
bool compared_cohorts(const Folder& f) {
  const auto p = f.column(kTraits, "p");
  return !p.empty() && f.table(kTraits).columns.size() > 4;
}

bool tells_step(const Folder& f, const char* step) {
  const auto steps = f.column("tables/methods.tsv", "Step");
  return std::ranges::find(steps, step) != steps.end();
}

bool second_cohort(const Folder& f) { return f.has(kExternal) || f.has("stages/signature/external_predictions.tsv"); }

struct Evidence {
  const char* key;
  std::array<const char*, 2> files;  ///< the first that is there is named
  const char* place;
  const char* needs;  ///< said where it is not shown
  bool (*holds)(const Folder&);
};

constexpr std::array kEvidence = std::to_array<Evidence>({
    {"flow",
     {"stages/patients/flow.json"},
     "Patients, Figure S1",
     "the stage of patients",
     [](const Folder& f) { return f.has("stages/patients/flow.json", "/0/steps/0/patients"); }},
    {"excluded",
     {"stages/patients/excluded.tsv"},
     "Patients, Patients who were removed",
     "criteria",
     [](const Folder& f) { return f.has("stages/patients/excluded.tsv"); }},
    {"missing",
     {"stages/patients/missing.tsv"},
     "Patients, Missing values",
     "a clinical table",
     [](const Folder& f) { return f.has_rows("stages/patients/missing.tsv") && f.has_rows("tables/methods.tsv"); }},
    {"traits",
     {kTraits},
     "Patients, Characteristics",
     "a clinical table",
     [](const Folder& f) { return f.has_rows(kTraits); }},
    {"compared", {kTraits}, "Patients, Characteristics", "a second cohort", compared_cohorts},
    {"acquisition",
     {kAcquisition},
     "Patients, Acquisition",
     "headers of all images: DICOM, or JSON files beside them",
     whole_acquisition},
    {"centres", {kAcquisition}, "Patients, Acquisition", "images of two centres (column centre)", several_centres},
    {"methods",
     {"tables/methods.tsv"},
     "Settings and provenance, What was done",
     "a run",
     [](const Folder& f) { return f.has_rows("tables/methods.tsv"); }},
    {"chain",
     {kGrading, kSignature},
     "Settings and provenance, What was done",
     "grading or signature",
     [](const Folder& f) { return f.has(kGrading, "/settings/chain") || f.has(kSignature, "/specification"); }},
    {"networks",
     {kGrading},
     "Settings and provenance, What was done",
     "grading",
     [](const Folder& f) { return f.has(kGrading, "/settings/network"); }},
    {"split",
     {"audit.tsv"},
     "Who fitted what",
     "grading or signature",
     [](const Folder& f) { return f.has_rows("audit.tsv"); }},
    {"leak", {"audit.tsv"}, "Who fitted what", "a design in which nobody is judged by what he fitted", without_leaks},
    {"crossed", {"audit.tsv"}, "Who fitted what", "cross-validation", crossed},
    {"external",
     {kExternal, "stages/signature/external_predictions.tsv"},
     "Grading, The second cohort",
     "a second cohort",
     second_cohort},
    {"external_compared",
     {kTraits},
     "Patients, Characteristics",
     "results of a second cohort",
     [](const Folder& f) { return second_cohort(f) && compared_cohorts(f); }},
    {"imbalance",
     {"tables/methods.tsv"},
     "Settings and provenance, What was done",
     "grading",
     [](const Folder& f) { return tells_step(f, "Imbalance of the classes"); }},
    {"crops",
     {"tables/methods.tsv"},
     "Settings and provenance, What was done",
     "grading",
     [](const Folder& f) { return tells_step(f, "Input of the network"); }},
    {"predictions",
     {"stages/grading_external/predictions.tsv", "stages/signature/external_predictions.tsv"},
     "Grading, The second cohort",
     "a second cohort",
     [](const Folder& f) {
       return f.has_rows("stages/grading_external/predictions.tsv") ||
              f.has_rows("stages/signature/external_predictions.tsv");
     }},
    {"both_cohorts",
     {"tables/confusion.tsv"},
     "Grading, Right and wrong",
     "grading of a second cohort",
     [](const Folder& f) { return f.table("tables/confusion.tsv").rows.size() > 1; }},
    {"icc",
     {"stages/raters/icc_summary.tsv"},
     "Outlines, Intraclass correlation",
     "masks of two raters",
     [](const Folder& f) { return f.has_rows("stages/raters/icc_summary.tsv"); }},
    {"dice_network",
     {"stages/raters/dice_summary.tsv", "stages/segmentation/dice_summary.tsv"},
     "Outlines, Dice",
     "masks of two raters and outlines by the network, or outlines by networks that the study trains",
     [](const Folder& f) { return network_outlines(f) || f.has_rows("stages/segmentation/dice_summary.tsv"); }},
    {"table_1",
     {"tables/table_1.tsv", "stages/signature/metrics.tsv"},
     "Grading, Table 1",
     "grading or signature",
     [](const Folder& f) { return f.has_rows("tables/table_1.tsv") || f.has_rows("stages/signature/metrics.tsv"); }},
    {"confusion",
     {"tables/confusion.tsv"},
     "Grading, Right and wrong",
     "grading",
     [](const Folder& f) { return f.has_rows("tables/confusion.tsv"); }},
    {"compared_models", {"tables/table_2.tsv"}, "Grading, Table 2", "grading", compared_models},
    {"variants",
     {"tables/table_1.tsv"},
     "Grading, Tables 1 and 2",
     "grading",
     [](const Folder& f) { return f.table("tables/table_1.tsv").rows.size() > 1; }},
    {"calibration",
     {kGrading, "tables/at_times.tsv"},
     "Grading, Calibration",
     "grading or nomograms",
     [](const Folder& f) {
       return f.has(kGrading, "/table_1/0/calibration/slope") || f.has_rows("tables/at_times.tsv");
     }},
    {"clinical",
     {"tables/performance.tsv"},
     "Cox models and nomograms, What the risk group adds",
     "nomograms",
     [](const Folder& f) { return f.has_rows("tables/performance.tsv"); }},
    {"utility",
     {"tables/performance.tsv"},
     "Cox models and nomograms, Decision curves",
     "nomograms",
     [](const Folder& f) {
       return f.has_rows("tables/performance.tsv") && f.has_rows("stages/signature/nomograms/decision.tsv");
     }},
    {"candidates",
     {"tables/univariate.tsv"},
     "Cox models and nomograms, Univariate Cox models",
     "nomograms",
     [](const Folder& f) { return f.has_rows("tables/univariate.tsv"); }},
    {"roc",
     {"stages/grading/roc_integrated.svg"},
     "Grading, ROC curves",
     "grading, and gnuplot for its figures",
     [](const Folder& f) { return f.has("stages/grading/roc_integrated.svg") && f.has_rows("tables/table_1.tsv"); }},
    {"ensemble",
     {"stages/grading/model/model.json"},
     "Settings and provenance",
     "grading that leaves a model",
     [](const Folder& f) { return f.has("stages/grading/model/model.json", "/payload/members/0"); }},
    {"cutoffs",
     {kSignature},
     "Signature of survival",
     "the signature",
     [](const Folder& f) { return f.has(kSignature, "/cut"); }},
    {"naive",
     {"naive.tsv"},
     "Who fitted what, Numbers that a leak would have shown",
     "the signature",
     [](const Folder& f) { return f.has_rows("naive.tsv"); }},
    {"subgroups",
     {kSubgroups},
     "Subgroups",
     "ten patients of both outcomes in a group",
     [](const Folder& f) { return judged_groups(f, ""); }},
    {"by_centre",
     {kSubgroups},
     "Subgroups",
     "ten patients of both outcomes in a centre",
     [](const Folder& f) { return judged_groups(f, "Centre"); }},
    {"events",
     {kSubgroups},
     "Subgroups",
     "grading or signature",
     [](const Folder& f) { return f.has_rows(kSubgroups); }},
});

struct Source {
  const char *name, *where;
};
constexpr std::array kSources = std::to_array<Source>({
    {"CLEAR", "Kocak 2023, doi 10.1186/s13244-023-01415-8"},
    {"METRICS", "Kocak 2024, doi 10.1186/s13244-023-01572-w"},
    {"TRIPOD+AI", "Collins 2024, doi 10.1136/bmj-2023-078378"},
    {"CLAIM 2024", "Tejani 2024, doi 10.1148/ryai.240300"},
});

/// State, file, place and remark of an item.
std::array<std::string, 4> judge(const Folder& folder, const std::string& key, const std::string& remark) {
  if (key.empty()) return {"open", "", "", remark.empty() ? "for the authors" : "for the authors; " + remark};
  if (key == "none") return {"not applicable", "", "", remark};
  const auto e = std::ranges::find_if(kEvidence, [&](const Evidence& x) { return key == x.key; });
  if (e == kEvidence.end()) throw Error(ExitCode::InternalFault, "no evidence of a checklist is called " + key);
  if (!e->holds(folder)) return {"open", "", "", std::string("needs ") + e->needs};
  for (const char* file : e->files)
    if (file != nullptr && folder.has(file)) return {"met", file, e->place, remark};
  throw Error(ExitCode::InternalFault, "a file of a met item is not there", e->files.front());
}

}  // namespace

std::vector<Checklist> study_checklists(const fs::path& study) {
  const Folder folder(study);
  std::vector<Checklist> out;
  for (const auto& source : kSources) {
    Checklist list{source.name, source.where, {{"No.", "Item", "State", "File", "In the report", "Remark"}, {}}};
    for (const auto& row : parse_table(embedded_checklists(), '\t', "checklists.tsv").rows) {
      if (row[0] != source.name) continue;
      const auto text = [](const std::string& cell) { return cell == "-" ? std::string() : cell; };
      const auto [state, file, place, remark] = judge(folder, text(row[3]), text(row[4]));
      list.table.rows.push_back({row[1], row[2], state, file, place, remark});
      ++(state == "met" ? list.met : state == "open" ? list.open : list.not_applicable);
    }
    out.push_back(std::move(list));
  }
  return out;
}

TextTable joined_checklists(const std::vector<Checklist>& checklists) {
  TextTable out;
  for (const auto& list : checklists) {
    if (out.columns.empty()) {
      out.columns = list.table.columns;
      out.columns.insert(out.columns.begin(), "Checklist");
    }
    for (auto row : list.table.rows) {
      row.insert(row.begin(), list.name);
      out.rows.push_back(std::move(row));
    }
  }
  return out;
}

}  // namespace gliocast::study
