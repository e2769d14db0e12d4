#include <gliocast/analysis/diagnostic_roc.hpp>

#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/two_classes.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/stats/design_matrix.hpp>
#include <gliocast/stats/reclassification.hpp>
#include <gliocast/stats/roc.hpp>

#include <algorithm>

namespace gliocast::analysis {
namespace {

XySeries curve_series(const std::string& name, const stats::Estimate& auc, const std::vector<stats::RocPoint>& points) {
  XySeries series;
  series.label = name + "  " + auc_text(auc);
  for (const auto& p : points) {
    series.x.push_back(1 - p.specificity);
    series.y.push_back(p.sensitivity);
  }
  return series;
}

void add_row(const std::string& name, const stats::Estimate& estimate, const std::string& p, TextTable& table) {
  std::vector<std::string> row{name};
  add_cells(row, estimate);
  row.push_back(p);
  table.rows.push_back(std::move(row));
}

Json curve_json(const std::vector<stats::RocPoint>& points, Direction direction) {
  Json curve = Json::array();
  for (const auto& p : points)
    curve.push_back({{"threshold", finite_or_null(direction == Direction::Lower ? -p.threshold : p.threshold)},
                     {"sensitivity", p.sensitivity},
                     {"specificity", p.specificity}});
  return curve;
}

/// NRI and IDI of two probabilities; nothing where a score is none.
void add_reclassification(const std::vector<std::vector<double>>& scores, const std::vector<int>& truth, double level,
                          AnalysisOutput& out) {
  for (const auto& score : scores)
    if (!std::ranges::all_of(score, [](double v) { return v >= 0 && v <= 1; })) return;
  const auto r = stats::reclassify(scores[0], scores[1], truth, level);
  const auto add = [&](const char* name, const stats::Comparison& c) {
    Json& item = out.json["reclassification"][name];
    item = estimate_json(c.difference);
    item["z"] = finite_or_null(c.test.statistic);
    item["p"] = finite_or_null(c.test.p);
    add_row(name, c.difference, cell(c.test.p), out.table);
  };
  add("idi", r.idi);
  add("nri", r.nri);
  add("nri_events", r.nri_events);
  add("nri_non_events", r.nri_non_events);
}

/// The rows that are used, their classes and scores; scores are turned where low ones mark positives.
struct Classified {
  std::vector<std::string> names;
  std::vector<std::vector<double>> scores;
  TwoClasses truth;
  std::size_t positives = 0, left_out = 0;
};
Classified classify(const stats::DataFrame& table, const std::vector<std::string>& names,
                    const std::vector<std::string>& columns, const RocOptions& o) {
  const auto rows = stats::complete_rows(table, columns);
  if (rows.empty()) throw unusable_input("no row has a value in every column that is used", table.origin());
  const auto frame = table.subset(rows);
  Classified c{names, {}, two_classes(frame, o.truth, o.positive), 0, table.rows() - rows.size()};
  for (const auto& name : names) {
    c.scores.push_back(frame.numeric(name).numbers);
    if (o.direction == Direction::Lower)
      for (double& v : c.scores.back()) v = -v;
  }
  c.positives = static_cast<std::size_t>(std::ranges::count(c.truth.of_row, 1));
  return c;
}

std::vector<std::string> notes_of(const stats::DataFrame& table, const std::vector<std::string>& columns,
                                  const Classified& c, const stats::Estimate& auc, const RocOptions& o) {
  const std::size_t n = c.truth.of_row.size();
  std::vector<std::string> notes{std::to_string(n) + " rows, " + std::to_string(c.positives) + " positive (" + o.truth +
                                 " = " + c.truth.positive + "; negative: " + c.truth.negative + "), " +
                                 (o.direction == Direction::Lower ? "lower" : "higher") + " scores mark positives" +
                                 (c.left_out > 0 ? ", " + std::to_string(c.left_out) + " left out" : "")};
  for (const auto& note : table.notes(columns)) notes.push_back(note);
  if (auc.value < 0.5)
    notes.push_back("the AUC of \"" + o.score +
                    "\" is below 0.5: higher values mark negatives; --direction lower turns it");
  if (std::min(c.positives, n - c.positives) < 2)
    notes.emplace_back("warning: with one row of a class the AUC has no standard error and no limits (NA)");
  return notes;
}

}  // namespace

AnalysisOutput roc(const stats::DataFrame& table, const RocOptions& o) {
  std::vector<std::string> names{o.score};
  if (!o.against.empty()) names.push_back(o.against);
  auto columns = names;
  columns.push_back(o.truth);
  const Classified c = classify(table, names, columns, o);
  const auto& truth = c.truth.of_row;
  AnalysisOutput out;
  out.table.columns = {"score", "auc", "se", "lower", "upper", "p"};
  out.json = {{"n", truth.size()},
              {"positives", c.positives},
              {"positive", c.truth.positive},
              {"negative", c.truth.negative},
              {"direction", o.direction == Direction::Lower ? "lower" : "higher"},
              {"left_out", c.left_out},
              {"score", o.score},
              {"level", o.level}};
  XyFigure figure{"", "1 − specificity", "Sensitivity", 0, 1, 0, 1, true, {}, "ROC curves"};
  std::vector<stats::Estimate> estimates;
  for (std::size_t i = 0; i < c.scores.size(); ++i) {
    estimates.push_back(stats::auc_delong(c.scores[i], truth, o.level));
    const auto points = stats::roc_curve(c.scores[i], truth);
    add_row(names[i], estimates[i], "NA", out.table);
    figure.series.push_back(curve_series(names[i], estimates[i], points));
    Json& json = i == 0 ? out.json : out.json["against"];
    json.update(estimate_json(estimates[i], "auc"));
    if (i > 0) json["score"] = names[i];
    json["curve"] = curve_json(points, o.direction);
  }
  if (c.scores.size() > 1) {
    const auto comparison = stats::compare_auc(c.scores[0], c.scores[1], truth, o.level);
    set_difference(out.json, comparison);
    add_row("difference", comparison.difference, cell(comparison.test.p), out.table);
    add_reclassification(c.scores, truth, o.level, out);
  }
  out.notes = notes_of(table, columns, c, estimates[0], o);
  out.figures.emplace_back(std::move(figure));
  return out;
}

}  // namespace gliocast::analysis
