#include "frozen_statistics.hpp"

#include <gliocast/core/numbers.hpp>
#include <gliocast/core/version.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace gliocast::study {
namespace {

using analysis::CountCells;
using analysis::SharedStatistic;
using Cell = CountCells::Cell;

/// From all cells to all tables.
class Sharing {
 public:
  Sharing(const FrozenResults& results, const StudySettings& settings, const FrozenValidationOptions& options)
      : r_(results), cells_(options.least), o_{settings.level, options.recalibrate, settings.seed} {
    add_flow();
    if (r_.graded) add_grading();
    if (r_.survival) add_survival();
    if (r_.graded && r_.survival) relate();
    const auto rows = clinical_rows_of(r_.examined);
    characteristics_.emplace(
        rows,
        std::vector<std::string>{"age", "sex", "histology", "location", "laterality", "enhancement", "idh", "1p19q"},
        examined_, cells_);
    cells_.protect();
  }

  void fill(FrozenStatistics& out) const;

 private:
  void add_flow();
  void add_grading();
  void add_survival();
  void add_nomogram(const JudgedNomogram& judged);
  void add_difference(const JudgedNomogram& clinical, const JudgedNomogram& integrated);
  /// Patients of low grade and those judged by survival differ by few.
  void relate();
  [[nodiscard]] TextTable groups() const;

  const FrozenResults& r_;
  CountCells cells_;
  analysis::SharingOptions o_;
  std::vector<Cell> counts_;
  Cell examined_ = 0;
  std::optional<analysis::SharedGrading> grading_;
  std::optional<analysis::SharedSurvival> survival_;
  std::optional<analysis::SharedCharacteristics> characteristics_;
};

void Sharing::add_flow() {
  const auto& flow = r_.cohort.flow;
  const Cell found = cells_.add("found", flow.front().count);
  const Cell included = cells_.add("included", flow.back().count);
  examined_ = cells_.add("examined", r_.examined.size());
  const Cell failed = cells_.add_left_out("could not be examined", flow.back().count - r_.examined.size());
  std::vector<Cell> parts{included};
  counts_ = {found};
  for (const auto& [reason, count] : flow.back().removed) {
    parts.push_back(cells_.add_left_out("removed: " + reason, count));
    counts_.push_back(parts.back());
  }
  cells_.sum(found, std::move(parts), true);
  cells_.sum(included, {examined_, failed}, true);
  counts_.insert(counts_.end(), {included, failed, examined_});
}

void Sharing::add_grading() {
  const std::size_t n = r_.graded->ids.size();
  const Cell graded = cells_.add("graded", n);
  const Cell without = cells_.add_left_out("not graded: a sequence is missing", r_.examined.size() - n);
  cells_.sum(examined_, {graded, without}, true);
  counts_.push_back(without);
  grading_ = analysis::share_grading(*r_.graded, graded, o_, cells_);
  counts_.insert(counts_.end(), grading_->counts.begin(), grading_->counts.end());
}

void Sharing::add_survival() {
  const std::size_t n = r_.survival->ids.size();
  const Cell judged = cells_.add("lower grade with survival", n);
  cells_.sum(examined_, {judged, cells_.add_left_out("others examined", r_.examined.size() - n, false)});
  survival_ = analysis::share_survival(*r_.survival, judged, o_, cells_);
  counts_.insert(counts_.end(), survival_->counts.begin(), survival_->counts.end());
  for (const auto& nomogram : r_.nomograms) add_nomogram(nomogram);
  if (r_.nomograms.size() == 2) add_difference(r_.nomograms[0], r_.nomograms[1]);
}

void Sharing::add_nomogram(const JudgedNomogram& j) {
  const std::size_t n = cells_.count_of(survival_->n), events = cells_.count_of(survival_->events);
  const Cell rows = cells_.add(j.name + " nomogram: patients", j.n),
             died = cells_.add(j.name + " nomogram: died", j.events);
  const Cell without = cells_.add_left_out(j.name + " nomogram: without its factors", n - j.n, false),
             died_without = cells_.add_left_out("died, without its factors", events - j.events, false);
  cells_.sum(survival_->n, {rows, without});
  cells_.sum(survival_->events, {died, died_without});
  counts_.insert(counts_.end(), {rows, died});
  survival_->statistics.push_back(
      {j.name + "_nomogram", "C of the " + j.name + " nomogram", j.concordance, {rows, died}, {}});
  survival_->statistics.push_back(
      {j.name + "_nomogram_slope", "Calibration slope of the " + j.name + " nomogram", j.slope, {rows, died}, {}});
}

void Sharing::add_difference(const JudgedNomogram& clinical, const JudgedNomogram& integrated) {
  const bool same = clinical.n == integrated.n && clinical.n == r_.survival->ids.size();
  if (!same) return;  // of other patients each
  const auto c = survival::compare(integrated.concordance, clinical.concordance, o_.level);
  const std::vector<Cell> of{survival_->n, survival_->events};
  survival_->statistics.push_back(
      {"nomogram_difference", "C of the integrated less that of the clinical nomogram", c.difference, of, {}});
  survival_->statistics.push_back(
      {"nomogram_difference_p", "P of that difference", stats::value_alone(c.test.p, o_.level), of, {}});
}

void Sharing::relate() {
  std::set<std::string> low;
  for (std::size_t i = 0; i < r_.graded->ids.size(); ++i)
    if (r_.graded->truth[i] == 0) low.insert(r_.graded->ids[i]);
  const auto both = static_cast<std::size_t>(
      std::ranges::count_if(r_.survival->ids, [&](const std::string& id) { return low.contains(id); }));
  const Cell in_both = cells_.add("low grade, graded and judged by survival", both, false);
  cells_.sum(grading_->low, {in_both, cells_.add_left_out("low grade, graded alone", low.size() - both, false)});
  cells_.sum(survival_->n,
             {in_both, cells_.add_left_out("judged by survival alone", r_.survival->ids.size() - both, false)});
}

TextTable Sharing::groups() const {
  TextTable table{{"patients", "high grade", "mean predicted", "observed", "lower", "upper"}, {}};
  if (!analysis::shared_calibration(*grading_, cells_)) return table;
  for (const auto& b : grading_->bins)
    table.rows.push_back({std::to_string(b.n), std::to_string(b.high), decimal(b.predicted, 3),
                          decimal(b.observed.value, 3), decimal(b.observed.low, 3), decimal(b.observed.high, 3)});
  return table;
}

void Sharing::fill(FrozenStatistics& out) const {
  out.counts = {{"patients", "count"}, {}};
  Json counts = Json::object();
  for (const Cell c : counts_) {
    if (counts.contains(cells_.name(c))) continue;
    out.counts.rows.push_back({cells_.name(c), cells_.text(c)});
    counts[cells_.name(c)] = cells_.json(c);
  }
  out.json["counts"] = std::move(counts);
  out.characteristics = characteristics_->table(cells_);
  if (grading_) {
    out.grading = analysis::statistics_table(grading_->statistics, cells_);
    out.recalibrated_grading = analysis::statistics_table(grading_->recalibrated, cells_);
    out.calibration = analysis::shared_calibration(*grading_, cells_);
    out.groups = groups();
    out.json["grading"] = analysis::statistics_json(grading_->statistics, cells_);
    out.json["grading"]["recalibrated"] = analysis::statistics_json(grading_->recalibrated, cells_);
  }
  if (!survival_) return;
  out.survival = analysis::statistics_table(survival_->statistics, cells_);
  out.at_times = analysis::statistics_table(survival_->at_times, cells_);
  out.recalibrated_survival = analysis::statistics_table(survival_->recalibrated, cells_);
  out.json["survival"] = analysis::statistics_json(survival_->statistics, cells_);
  out.json["survival"]["at_times"] = analysis::statistics_json(survival_->at_times, cells_);
  out.json["survival"]["recalibrated"] = analysis::statistics_json(survival_->recalibrated, cells_);
}

/// "0.812 (0.750–0.874)", "withheld", or nothing.
std::string with_limits(const Json& statistic) {
  if (statistic.is_string()) return statistic.get<std::string>();
  if (!statistic.is_object() || statistic.at("estimate").is_null()) return "";
  std::string text = decimal(statistic.at("estimate").get<double>(), 3);
  const Json &low = statistic.at("lower"), &high = statistic.at("upper");
  if (!low.is_null() && !high.is_null())
    text += " (" + decimal(low.get<double>(), 3) + "–" + decimal(high.get<double>(), 3) + ")";
  return text;
}

void compare(const FrozenBundle& bundle, const std::string& model, const Json& here,
             const std::vector<std::pair<std::string, std::string>>& names, TextTable& table) {
  if (!bundle.has(model)) return;
  const Json& home = bundle.manifest.at("models").at(model).at("at_home");
  const auto at = [](const Json& in, const std::string& name) {
    return in.is_object() && in.contains(name) ? with_limits(in.at(name)) : std::string();
  };
  for (const auto& [name, label] : names)
    table.rows.push_back(
        {label, at(home.at("cross_validated"), name), at(home.at("second_cohort"), name), at(here, name)});
}

TextTable at_home_and_here(const FrozenBundle& bundle, const Json& json) {
  TextTable table{{"statistic", "at home, cross-validated", "at home, second cohort", "here"}, {}};
  compare(bundle, "grading", json.value("grading", Json()),
          {{"auc", "Grading: AUC"},
           {"sensitivity", "Grading: sensitivity"},
           {"specificity", "Grading: specificity"},
           {"brier", "Grading: Brier score"},
           {"calibration_slope", "Grading: calibration slope"}},
          table);
  compare(bundle, "signature", json.value("survival", Json()),
          {{"c_index", "Survival: C of the signature"},
           {"clinical_nomogram", "Survival: C of the clinical nomogram"},
           {"integrated_nomogram", "Survival: C of the integrated nomogram"}},
          table);
  return table;
}

}  // namespace

FrozenStatistics share(const FrozenResults& results, const FrozenBundle& bundle, const StudySettings& settings,
                       const FrozenValidationOptions& o) {
  FrozenStatistics out;
  out.json = {{"format", "gliocast-shared-statistics"},
              {"format_version", 1},
              {"gliocast", version()},
              {"bundle", {{"name", bundle.manifest.at("name")}, {"manifest_sha256", bundle.checksum}}},
              {"demonstration", results.simulated || bundle.manifest.at("demonstration").get<bool>()},
              {"least", o.least},
              {"level", settings.level},
              {"combat", o.combat},
              {"recalibrate", o.recalibrate}};
  const Sharing sharing(results, settings, o);
  sharing.fill(out);
  out.comparison = at_home_and_here(bundle, out.json);
  out.missing = results.missing;
  out.json["missing"] = results.missing;
  return out;
}

}  // namespace gliocast::study
