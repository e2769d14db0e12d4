#include "study_subgroups.hpp"

#include <gliocast/analysis/subgroups.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double age_of(const cohort::PatientFiles& p) { return parse_number(clinical_value(p, "age")).value_or(kNaN); }

/// The patients' levels of what they are parted by.
class Factors {
 public:
  explicit Factors(const StudyContext& c) {
    std::vector<double> ages;
    for (const auto& p : c.patients.training.included) ages.push_back(age_of(p));
    cut_ = analysis::median_of_known(std::move(ages));
    for (auto& p : c.everyone()) {
      std::string id = p.id;
      patients_.emplace(std::move(id), std::move(p));
    }
  }

  [[nodiscard]] std::vector<analysis::SubgroupFactor> of(const Texts& ids) const {
    analysis::SubgroupFactor centre{"Centre", {}}, sex{"Sex", {}};
    std::vector<double> ages;
    for (const auto& id : ids) {
      const auto at = patients_.find(id);
      const bool known = at != patients_.end();
      centre.level.push_back(known ? at->second.centre : "");
      sex.level.push_back(known ? clinical_value(at->second, "sex") : "");
      ages.push_back(known ? age_of(at->second) : kNaN);
    }
    return {std::move(centre), std::move(sex), analysis::halves_at("Age", ages, cut_)};
  }

 private:
  std::map<std::string, cohort::PatientFiles> patients_;
  double cut_ = kNaN;
};

/// Columns of a stage's table of predictions.
class Predictions {
 public:
  explicit Predictions(TextTable table) : table_(std::move(table)) {}
  /// Rows of the first repeat alone, where there are repeats.
  void keep_first_repeat() {
    const auto repeat = table_.find_column("repeat");
    if (!repeat || table_.rows.empty()) return;
    const std::string first = table_.rows.front().at(*repeat);
    std::erase_if(table_.rows, [&](const Texts& row) { return row.at(*repeat) != first; });
  }
  [[nodiscard]] bool has(const std::string& name) const { return table_.find_column(name).has_value(); }
  [[nodiscard]] Texts texts(const std::string& name) const {
    Texts out;
    const auto column = table_.find_column(name);
    for (const auto& row : table_.rows) out.push_back(column ? row.at(*column) : std::string());
    return out;
  }
  [[nodiscard]] std::vector<double> numbers(const std::string& name) const {
    std::vector<double> out;
    for (const auto& cell : texts(name)) out.push_back(parse_number(cell).value_or(kNaN));
    return out;
  }
  template <class T>
  [[nodiscard]] std::vector<T> whole(const std::string& name) const {
    std::vector<T> out;
    for (const double v : numbers(name)) out.push_back(static_cast<T>(std::lround(v)));
    return out;
  }

 private:
  TextTable table_;
};

void add(const std::string& result, const std::string& statistic, const std::string& name, const StudyContext& c,
         const std::vector<analysis::SubgroupResult>& found, StudySubgroups& out) {
  const double level = c.settings().level;
  analysis::add_subgroup_rows(result, statistic, found, level, out.table);
  const bool any = std::ranges::any_of(found, [](const auto& r) { return r.too_small.empty(); });
  if (any)
    out.figures.push_back(
        {"subgroups_" + name, result + " by subgroup", analysis::subgroup_figure(statistic, found, level)});
}

/// `json`: of the stage, which names its main model.
void add_grading(const StudyContext& c, const Factors& factors, const fs::path& json, const std::string& result,
                 const std::string& name, StudySubgroups& out) {
  const fs::path file = json.parent_path() / "predictions.tsv";
  if (!fs::exists(json) || !fs::exists(file)) return;
  const Json said = read_json(json);
  const std::string column =
      "integrated: " + said.at("table_1").at(said.at("main").get<std::size_t>()).at("model").get<std::string>();
  const Predictions p(read_table(file));
  if (!p.has(column)) return;
  add(result, "AUC", name, c,
      analysis::auc_in_subgroups(p.numbers(column), p.whole<int>("high_grade"), factors.of(p.texts("id")),
                                 c.settings().level),
      out);
}

void add_survival(const StudyContext& c, const Factors& factors, const fs::path& file, const std::string& result,
                  const std::string& name, StudySubgroups& out) {
  if (!fs::exists(file)) return;
  Predictions p(read_table(file));
  p.keep_first_repeat();
  survival::SurvivalSample s;
  s.time = p.numbers("time");
  s.event = p.whole<char>("event");
  if (s.time.empty()) return;
  add(result, "C", name, c,
      analysis::concordance_in_subgroups(s, p.numbers("signature"),
                                         p.has("fold") ? p.whole<int>("fold") : std::vector<int>{},
                                         factors.of(p.texts("id")), c.settings().level),
      out);
}

}  // namespace

StudySubgroups study_subgroups(const StudyContext& c) {
  const fs::path stages = c.options.out / "stages";
  const Factors factors(c);
  StudySubgroups out;
  add_grading(c, factors, stages / "grading" / "study.json", "Grading", "grading", out);
  add_grading(c, factors, stages / "grading_external" / "external.json", "Grading, second cohort", "grading_external",
              out);
  add_survival(c, factors, stages / "signature" / "predictions.tsv", "Signature", "signature", out);
  add_survival(c, factors, stages / "signature" / "external_predictions.tsv", "Signature, second cohort",
               "signature_external", out);
  return out;
}

}  // namespace gliocast::study
