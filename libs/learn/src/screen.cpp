#include "columns.hpp"
#include "function_learner.hpp"
#include "step_entry.hpp"

#include <gliocast/learn/selection.hpp>
#include <gliocast/learn/step_options.hpp>
#include <gliocast/stats/adjust_p.hpp>
#include <gliocast/stats/two_sample_tests.hpp>

#include <cmath>

namespace gliocast::learn {
namespace {

using Values = std::vector<double>;
using stats::LeveneCentre;

struct ScreenOptions {
  std::string test = "levene-t", fdr = "none", levene_centre = "mean";
  double alpha = 0.05;         ///< a feature passes where its (adjusted) P is below
  double levene_alpha = 0.05;  ///< Welch's t where Levene's P is below, else Student's
};

LeveneCentre centre_of(const std::string& name) { return name == "mean" ? LeveneCentre::Mean : LeveneCentre::Median; }

/// P of each feature by `test` of its values in the two classes of these rows; missing cells are left out.
template <class Test>
std::vector<double> p_of_features(const FeatureTable& table, const Rows& rows, Test test) {
  const auto classes = classes_of(table, rows);
  Rows of[2];
  for (std::size_t i = 0; i < rows.size(); ++i) of[classes[i]].push_back(rows[i]);
  std::vector<double> p;
  Values negative, positive;
  for (std::size_t c = 0; c < table.values.columns; ++c) {
    take_present(table.values.column(c), of[0], negative);
    take_present(table.values.column(c), of[1], positive);
    p.push_back(test(negative, positive));
  }
  return p;
}

/// The selection of what is below alpha, after adjustment; ranked by P as it is, since adjusted ones tie.
std::shared_ptr<const FeatureModel> below(const std::vector<double>& p, const std::string& fdr, double alpha,
                                          const std::string& step) {
  const auto adjusted = stats::adjust_p(p, fdr == "bh"   ? stats::PAdjustment::BenjaminiHochberg
                                           : fdr == "by" ? stats::PAdjustment::BenjaminiYekutieli
                                                         : stats::PAdjustment::None);
  std::vector<bool> passes;
  for (const double v : adjusted) passes.push_back(v < alpha);
  return keep_passing(passes, p, step);
}

double p_of(const ScreenOptions& o, const Values& a, const Values& b) {
  if (o.test == "student") return stats::student_t(a, b).p;
  if (o.test == "welch") return stats::welch_t(a, b).p;
  if (o.test == "mann-whitney") return stats::mann_whitney_normal(a, b).p;
  const bool unequal = stats::levene({a, b}, centre_of(o.levene_centre)).p < o.levene_alpha;
  return (unequal ? stats::welch_t(a, b) : stats::student_t(a, b)).p;
}

ScreenOptions screen_options(const Json& json) {
  StepOptions o("screen", json);
  ScreenOptions s;
  s.test = o.choice("test", s.test, {"levene-t", "student", "welch", "mann-whitney"});
  s.alpha = o.number("alpha", s.alpha, 0, 1);
  s.fdr = o.choice("fdr", s.fdr, {"none", "bh", "by"});
  s.levene_centre = o.choice("levene_centre", s.levene_centre, {"mean", "median"});
  s.levene_alpha = o.number("levene_alpha", s.levene_alpha, 0, 1);
  o.finish();
  return s;
}

struct LeveneOptions {
  double alpha = 0.05;
  std::string centre = "mean";
};

LeveneOptions levene_options(const Json& json) {
  StepOptions o("levene", json);
  LeveneOptions l;
  l.alpha = o.number("alpha", l.alpha, 0, 1);
  l.centre = o.choice("centre", l.centre, {"mean", "median"});
  o.finish();
  return l;
}

}  // namespace

StepEntry screen_entry() {
  return {"screen", "keeps features that differ between the classes: Levene's test chooses Student's or Welch's t",
          [](const Json& json) {
            const auto s = screen_options(json);
            return std::make_shared<FunctionLearner>(
                "screen",
                Json{{"test", s.test},
                     {"alpha", s.alpha},
                     {"fdr", s.fdr},
                     {"levene_centre", s.levene_centre},
                     {"levene_alpha", s.levene_alpha}},
                [s](const FeatureTable& t, const Rows& rows, const FitContext&) {
                  const auto test = [&](const Values& a, const Values& b) { return p_of(s, a, b); };
                  return below(p_of_features(t, rows, test), s.fdr, s.alpha, "screen");
                });
          },
          [](const Json& model) { return Selection::from_json(model); }};
}

StepEntry levene_entry() {
  return {"levene", "keeps features whose variances differ between the classes (Levene's test)",
          [](const Json& json) {
            const auto l = levene_options(json);
            return std::make_shared<FunctionLearner>("levene", Json{{"alpha", l.alpha}, {"centre", l.centre}},
                                                     [l](const FeatureTable& t, const Rows& rows, const FitContext&) {
                                                       const auto test = [&](const Values& a, const Values& b) {
                                                         return stats::levene({a, b}, centre_of(l.centre)).p;
                                                       };
                                                       return below(p_of_features(t, rows, test), "none", l.alpha,
                                                                    "levene");
                                                     });
          },
          [](const Json& model) { return Selection::from_json(model); }};
}

}  // namespace gliocast::learn
