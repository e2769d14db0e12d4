// gliocast roc, icc: discrimination of a score, agreement of raters.
#include "commands.hpp"
#include "statistics_output.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/report/survival_figures.hpp>
#include <gliocast/stats/design_matrix.hpp>
#include <gliocast/stats/icc.hpp>
#include <gliocast/stats/reclassification.hpp>
#include <gliocast/stats/roc.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>

namespace gliocast::cli {
namespace {

struct RocSettings {
  StatisticsArguments common;
  std::string truth, positive, score, against, direction = "higher";
};

/// The two classes and each row's, 1 where it is positive.
struct Truth {
  std::string positive, negative;
  std::vector<int> rows;
};

std::string values_text(const stats::Column& column, const std::set<int>& present) {
  std::string list;
  for (const int c : present) list += (list.empty() ? "" : ", ") + column.levels[static_cast<std::size_t>(c)];
  return list.size() > 200 ? list.substr(0, 200) + "..." : list;
}

Error not_two_classes(const stats::Column& column, const std::set<int>& present, const std::string& origin) {
  std::map<std::string, std::string> spellings;
  std::string alike, missing = "CODE";
  for (const int c : present) {
    const auto& level = column.levels[static_cast<std::size_t>(c)];
    const auto [first, fresh] = spellings.emplace(fold_case(level), level);
    if (!fresh) alike += "\"" + first->second + "\" and \"" + level + "\" differ in case only: write them alike; ";
    if (stats::may_mean_missing(level)) missing = "\"" + level + "\"";
  }
  const std::string hint = present.size() < 2 ? ""
                                              : alike + "name codes of missing values with --na " + missing +
                                                    "; of the two that stay, --positive names the positive one";
  return unusable_input("column \"" + column.name + "\" holds " + std::to_string(present.size()) +
                            (present.size() == 1 ? " value (" : " values (") + values_text(column, present) +
                            "); a ROC curve needs two",
                        origin, hint);
}

/// The level that `wanted` means: as it is written, else in another case, or the same number.
int positive_of(const stats::Column& column, const std::set<int>& present, const std::string& wanted,
                const std::string& origin) {
  std::vector<int> alike;
  for (const int c : present) {
    const auto& level = column.levels[static_cast<std::size_t>(c)];
    if (level == wanted) return c;
    const auto a = parse_number(level), b = parse_number(wanted);
    if (fold_case(level) == fold_case(trimmed(wanted)) || (a && b && *a == *b)) alike.push_back(c);
  }
  if (alike.size() == 1) return alike[0];
  const std::string list = values_text(column, present);
  if (alike.empty())
    throw unusable_input("column \"" + column.name + "\" has no value \"" + wanted + "\"; it holds " + list, origin);
  throw unusable_input("column \"" + column.name + "\" holds " + list + ", which differ in case only", origin,
                       "write them alike, or --positive exactly as one of them");
}

/// Two values are needed; the positive one is --positive, or 1 of 0/1, 2 of 1/2, else the later level.
Truth truth_of(const stats::DataFrame& frame, const RocSettings& s) {
  const auto column = stats::as_factor(frame.at(s.truth));
  std::set<int> present(column.codes.begin(), column.codes.end());
  if (present.size() != 2) throw not_two_classes(column, present, frame.origin());
  const int positive =
      s.positive.empty() ? *present.rbegin() : positive_of(column, present, s.positive, frame.origin());
  const int negative = positive == *present.begin() ? *present.rbegin() : *present.begin();
  Truth truth{column.levels[static_cast<std::size_t>(positive)], column.levels[static_cast<std::size_t>(negative)], {}};
  for (const int c : column.codes) truth.rows.push_back(c == positive);
  return truth;
}

Json auc_json(const stats::Estimate& a) {
  return {{"auc", finite_or_null(a.value)},
          {"se", finite_or_null(a.se)},
          {"lower", finite_or_null(a.low)},
          {"upper", finite_or_null(a.high)}};
}

report::XySeries curve_series(const std::string& name, const stats::Estimate& a,
                              const std::vector<stats::RocPoint>& points) {
  report::XySeries series;
  series.label = name + "  " + auc_text(a.value, a.low, a.high);
  for (const auto& p : points) series.x.push_back(1 - p.specificity), series.y.push_back(p.sensitivity);
  return series;
}

void add_difference(const stats::Comparison& c, Json& json, TextTable& out) {
  const auto& d = c.difference;
  json["difference"] = finite_or_null(d.value);
  json["difference_se"] = finite_or_null(d.se);
  json["difference_lower"] = finite_or_null(d.low);
  json["difference_upper"] = finite_or_null(d.high);
  json["z"] = finite_or_null(c.test.statistic);
  json["p"] = finite_or_null(c.test.p);
  out.rows.push_back({"difference", cell(d.value), cell(d.se), cell(d.low), cell(d.high), cell(c.test.p)});
}

/// NRI and IDI of two probabilities; nothing where a score is none.
void add_reclassification(const std::vector<std::vector<double>>& scores, const std::vector<int>& truth, double level,
                          Json& json, TextTable& out) {
  for (const auto& score : scores)
    if (!std::ranges::all_of(score, [](double v) { return v >= 0 && v <= 1; })) return;
  const auto r = stats::reclassify(scores[0], scores[1], truth, level);
  const auto add = [&](const char* name, const stats::Comparison& c) {
    const auto& d = c.difference;
    json["reclassification"][name] = {{"estimate", finite_or_null(d.value)},   {"se", finite_or_null(d.se)},
                                      {"lower", finite_or_null(d.low)},        {"upper", finite_or_null(d.high)},
                                      {"z", finite_or_null(c.test.statistic)}, {"p", finite_or_null(c.test.p)}};
    out.rows.push_back({name, cell(d.value), cell(d.se), cell(d.low), cell(d.high), cell(c.test.p)});
  };
  add("idi", r.idi);
  add("nri", r.nri);
  add("nri_events", r.nri_events);
  add("nri_non_events", r.nri_non_events);
}

void run_roc(const RocSettings& s) {
  const auto table = load_table(s.common);
  std::vector<std::string> names{s.score};
  if (!s.against.empty()) names.push_back(s.against);
  auto columns = names;
  columns.push_back(s.truth);
  const auto rows = stats::complete_rows(table, columns);
  if (rows.empty()) throw unusable_input("no row has a value in every column that is used", table.origin());
  const auto frame = table.subset(rows);
  const auto classes = truth_of(frame, s);
  const auto& truth = classes.rows;
  std::vector<std::vector<double>> scores;
  for (const auto& name : names) {
    scores.push_back(frame.numeric(name).numbers);
    if (s.direction == "lower")
      for (double& v : scores.back()) v = -v;
  }
  const auto positives = static_cast<std::size_t>(std::ranges::count(truth, 1));
  TextTable out{{"score", "auc", "se", "lower", "upper", "p"}, {}};
  Json json{{"n", truth.size()},
            {"positives", positives},
            {"positive", classes.positive},
            {"negative", classes.negative},
            {"direction", s.direction},
            {"left_out", table.rows() - rows.size()},
            {"score", s.score},
            {"level", s.common.level}};
  report::XyFigure figure{"", "1 − specificity", "Sensitivity", 0, 1, 0, 1, true, true, false, {}};
  std::vector<stats::Estimate> estimates;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    estimates.push_back(stats::auc_delong(scores[i], truth, s.common.level));
    const auto& a = estimates.back();
    auto points = stats::roc_curve(scores[i], truth);
    out.rows.push_back({names[i], cell(a.value), cell(a.se), cell(a.low), cell(a.high), "NA"});
    figure.series.push_back(curve_series(names[i], a, points));
    Json curve = Json::array();
    for (const auto& p : points)
      curve.push_back({{"threshold", finite_or_null(s.direction == "lower" ? -p.threshold : p.threshold)},
                       {"sensitivity", p.sensitivity},
                       {"specificity", p.specificity}});
    if (i == 0) {
      json.update(auc_json(a));
      json["curve"] = std::move(curve);
    } else {
      json["against"] = auc_json(a);
      json["against"]["score"] = names[i];
      json["against"]["curve"] = std::move(curve);
    }
  }
  if (scores.size() > 1) {
    const auto c = stats::compare_auc(scores[0], scores[1], truth, s.common.level);
    add_difference(c, json, out);
    add_reclassification(scores, truth, s.common.level, json, out);
  }
  std::vector<std::string> notes{
      std::to_string(truth.size()) + " rows, " + std::to_string(positives) + " positive (" + s.truth + " = " +
      classes.positive + "; negative: " + classes.negative + "), " + s.direction + " scores mark positives" +
      (rows.size() < table.rows() ? ", " + std::to_string(table.rows() - rows.size()) + " left out" : "")};
  for (const auto& n : table.notes(columns)) notes.push_back(n);
  if (estimates[0].value < 0.5)
    notes.push_back("the AUC of \"" + s.score +
                    "\" is below 0.5: higher values mark negatives; --direction lower turns it");
  if (std::min(positives, truth.size() - positives) < 2)
    notes.push_back("warning: with one row of a class the AUC has no standard error and no limits (NA)");
  emit(s.common, out, json, notes);
  if (!s.common.figure.empty()) report::draw_xy(s.common.figure, figure);
}

struct IccSettings {
  StatisticsArguments common;
  std::vector<std::string> raters;
};

/// Why some numbers are infinite or absent; empty where none is.
std::string icc_note(const std::vector<stats::IntraclassCorrelation>& list) {
  const auto& random = list[1];
  if (std::isnan(random.estimate.value) || (random.estimate.value == 0 && std::isnan(random.test.statistic)))
    return "warning: the subjects' ratings do not vary: no intraclass correlation";
  if (std::isinf(list[0].test.statistic)) return "the raters agree in every subject: F is infinite, the limits are 1";
  if (std::isinf(random.test.statistic))
    return "the raters differ by constants only: F of the two-way models is infinite, the limits of their consistency "
           "are 1";
  if (random.test.statistic == 0)
    return "warning: all subjects have the same mean: the reliability of mean ratings is not defined";
  return {};
}

/// Columns of numbers; names of text go to `text`. A column that seems to hold numbers but reads as text is refused:
/// without it the agreement of the others would be given.
std::vector<std::string> columns_of_numbers(const stats::DataFrame& table, std::string& text) {
  std::vector<std::string> names;
  for (const auto& c : table.columns()) {
    if (c.name == kRowNames) continue;
    if (!c.is_factor) {
      names.push_back(c.name);
    } else if (c.source && c.source->seems_numeric) {
      try {
        (void)table.numeric(c.name);
      } catch (const Error& e) {
        throw Error(e.code(), e.problem(), e.where(), e.hint() + "; or name the columns of raters: --raters");
      }
    } else {
      text += (text.empty() ? "\"" : ", \"") + c.name + '"';
    }
  }
  return names;
}

void run_icc(const IccSettings& s) {
  const auto table = load_table(s.common);
  std::string text;
  const auto raters = s.raters.empty() ? columns_of_numbers(table, text) : s.raters;
  if (raters.size() < 2)
    throw unusable_input("fewer than two columns of numbers; each rater is a column, each subject a row" +
                             (text.empty() ? "" : "; text: " + text),
                         table.origin());
  for (const auto& name : raters) (void)table.numeric(name);
  const auto rows = stats::complete_rows(table, raters);
  stats::Matrix ratings(rows.size(), raters.size());
  for (std::size_t c = 0; c < raters.size(); ++c)
    for (std::size_t r = 0; r < rows.size(); ++r) ratings(r, c) = table.numeric(raters[c]).numbers[rows[r]];
  TextTable out{{"type", "model", "icc", "f", "df1", "df2", "p", "lower", "upper"}, {}};
  Json json{{"subjects", rows.size()},
            {"raters", raters},
            {"left_out", table.rows() - rows.size()},
            {"level", s.common.level},
            {"icc", Json::array()}};
  const auto list_of_icc = stats::intraclass_correlations(ratings, s.common.level);
  for (const auto& i : list_of_icc) {
    out.rows.push_back({i.type, i.model, cell(i.estimate.value), cell(i.test.statistic), cell(i.test.df), cell(i.df2),
                        cell(i.test.p), cell(i.estimate.low), cell(i.estimate.high)});
    json["icc"].push_back({{"type", i.type},
                           {"model", i.model},
                           {"estimate", finite_or_null(i.estimate.value)},
                           {"f", finite_or_null(i.test.statistic)},
                           {"df1", i.test.df},
                           {"df2", i.df2},
                           {"p", finite_or_null(i.test.p)},
                           {"lower", finite_or_null(i.estimate.low)},
                           {"upper", finite_or_null(i.estimate.high)}});
  }
  std::string list;
  for (const auto& name : raters) list += (list.empty() ? "" : ", ") + name;
  auto notes = table.notes(raters);
  if (!text.empty()) notes.push_back("left out, as text: " + text);
  notes.push_back(
      std::to_string(rows.size()) + " subjects, raters: " + list +
      (rows.size() < table.rows() ? "; " + std::to_string(table.rows() - rows.size()) + " rows left out" : ""));
  if (const auto note = icc_note(list_of_icc); !note.empty()) notes.push_back(note), json["note"] = note;
  emit(s.common, out, json, notes);
}

}  // namespace

void add_roc(CLI::App& app, int& result) {
  auto s = std::make_shared<RocSettings>();
  auto* roc =
      app.add_subcommand("roc", "ROC curve and AUC of a score with DeLong's interval; paired comparison of two scores");
  add_statistics_options(*roc, s->common, false);
  add_figure_option(*roc, s->common);
  roc->add_option("--truth", s->truth, "Column of the two classes")->required();
  roc->add_option("--positive", s->positive,
                  "Value of the positive class, in any case; default: the higher, or later in byte order");
  roc->add_option("--score", s->score, "Column of the score")->required();
  roc->add_option("--against", s->against, "A second score of the same rows, DeLong's paired test");
  roc->add_option("--direction", s->direction, "Which scores mark positives")
      ->check(CLI::IsMember({"higher", "lower"}))
      ->capture_default_str();
  roc->footer(
      "Example: gliocast roc grades.tsv --truth high_grade --score probability --against radiologist --figure roc.pdf");
  roc->callback([s, &result] { run_roc(*s), result = 0; });
}

void add_icc(CLI::App& app, int& result) {
  auto s = std::make_shared<IccSettings>();
  auto* icc =
      app.add_subcommand("icc", "Intraclass correlation of raters, all six forms of Shrout and Fleiss with intervals");
  add_statistics_options(*icc, s->common, false);
  icc->add_option("--raters", s->raters, "Columns, one a rater; default: every column of numbers")->delimiter(',');
  icc->footer("Example: gliocast icc volumes.tsv --raters reader1,reader2,reader3");
  icc->callback([s, &result] { run_icc(*s), result = 0; });
}

}  // namespace gliocast::cli
