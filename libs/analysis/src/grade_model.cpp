#include <gliocast/analysis/grade_model.hpp>

#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/feature_columns.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/learn/row_marks.hpp>
#include <gliocast/stats/resampling.hpp>

#include <algorithm>
#include <cmath>
#include <set>

namespace gliocast::analysis {
namespace {

using learn::FeatureTable;
using learn::Rows;

/// Points of the background of Shapley values: enough for means of eight features, few enough to be enumerated.
constexpr std::size_t kBackgroundPoints = 32, kLeastMembers = 5;
constexpr std::size_t kMostNamed = 5;  // columns in a sentence
/// Refits that are in work together; each holds its folds' tables.
constexpr std::size_t kRefitsTogether = 8;

/// Bootstraps of the patients that a chain can be fitted to, which needs `least` patients of each class.
std::vector<Rows> bootstraps(const FeatureTable& table, std::size_t draws, std::uint64_t seed, std::size_t least) {
  const auto sampler = stats::bootstrap_units(stats::rows_of_clusters(table.patient), seed);
  std::vector<Rows> sets;
  for (std::size_t tries = 0; sets.size() < draws && tries < 10 * draws; ++tries)
    if (Rows rows = sampler(); learn::patients_of_rarer_class(table, rows) >= least) sets.push_back(std::move(rows));
  return sets;
}

TextTable selected_table(const learn::TrainedClassifier& trained) {
  TextTable table{{"feature", "share_of_refits"}, {}};
  for (const auto& feature : trained.model->parts().selected) {
    const auto chosen = std::ranges::count_if(
        trained.refits, [&](const auto& refit) { return std::ranges::count(refit->parts().selected, feature) > 0; });
    table.rows.push_back(
        {feature, trained.refits.empty()
                      ? "NA"
                      : decimal(static_cast<double>(chosen) / static_cast<double>(trained.refits.size()), 2)});
  }
  return table;
}

/// What made the columns that the models read, and a warning where the table's own patients fitted that.
void add_origins(const FeatureTable& table, TrainedGrade& out) {
  if (table.origins.empty()) return;
  out.classifier.origins = learn::origins_among(table, learn::needed_columns(out.classifier));
  const auto& names = table.patient_names.empty() ? table.ids : table.patient_names;
  for (std::size_t c = 0; c < table.features.size(); ++c) {
    if (!table.origins[c]) continue;
    std::set<std::string> fitted;
    for (const auto& name : names)
      if (std::ranges::binary_search(table.origins[c]->fitted_on, name)) fitted.insert(name);
    if (fitted.empty()) continue;
    out.notes.push_back("warning: the network that made column \"" + table.features[c] + "\" was fitted on " +
                        std::to_string(fitted.size()) + " of the table's patients (" +
                        listed({fitted.begin(), fitted.end()}, kMostNamed) +
                        "): its features say more of them than of others, and the model trusts them too much");
    return;  // of the other columns the same holds
  }
}

}  // namespace

TrainedGrade train_grade(const GradeTable& table, const GradeTrainingOptions& o) {
  const FeatureTable& t = table.features;
  const learn::ChainLearner learner(o.chain);
  TrainedGrade out;
  auto& c = out.classifier;
  c.name = o.name;
  c.label = o.label;
  c.positive = table.positive;
  c.negative = table.negative;
  c.rows = t.rows();
  c.positives = static_cast<std::size_t>(std::ranges::count(t.outcome, 1.0));
  c.model = learner.fit_each(t, {learn::all_rows(t)}, {o.seed, o.threads}, o.on_fit).front();
  c.background = learn::summarise_rows(c.model->selected_features(t).values, kBackgroundPoints, o.seed, kLeastMembers);
  const auto sets = bootstraps(t, o.refits, o.seed, learner.patients_needed());
  for (std::size_t first = 0; first < sets.size(); first += kRefitsTogether) {
    const std::vector<Rows> part(
        sets.begin() + static_cast<std::ptrdiff_t>(first),
        sets.begin() + static_cast<std::ptrdiff_t>(std::min(sets.size(), first + kRefitsTogether)));
    for (auto& refit : learner.fit_each(t, part, {o.seed, o.threads}, o.on_fit)) c.refits.push_back(std::move(refit));
  }
  c.card = {{"what", "probability that " + o.label + " is " + table.positive + ", from a table of features"},
            {"trained_on", std::to_string(c.rows) + " rows, " + std::to_string(c.positives) + " of them positive"},
            {"chain", o.chain.name},
            {"limits", "for tables made as the training table was: same features, settings and units"}};
  c.marks = learn::row_marks(t, learn::needed_columns(c));
  std::ranges::sort(c.marks);
  out.selected = selected_table(c);
  out.notes = c.model->notes();
  tell_unused_rater(table, o.chain, out.notes);
  add_origins(t, out);
  if (sets.size() < o.refits)
    out.notes.push_back("warning: " + std::to_string(sets.size()) + " refits in place of " + std::to_string(o.refits) +
                        ": few bootstraps have the patients of both classes that the chain needs");
  return out;
}

GradePrediction predict_grade(const GradeTable& table, const learn::TrainedClassifier& classifier, bool explain,
                              double level, std::size_t threads) {
  GradePrediction out;
  out.table.columns = {"id", "probability", "lower", "upper", "class"};
  out.explanation.columns = {"id", "probability", "base", "feature", "standardised_value", "shapley"};
  learn::refuse_fitted(classifier, table.features);
  const auto limit = [](double v) { return std::isnan(v) ? std::string("NA") : shortest(v); };
  const auto rows = learn::classify_rows(classifier, table.features, explain, level, threads);
  const auto& names = classifier.model->parts().selected;
  Json list = Json::array();
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto& row = rows[r];
    const std::string& value = row.positive ? classifier.positive : classifier.negative;
    out.table.rows.push_back(
        {table.features.ids[r], shortest(row.probability), limit(row.low), limit(row.high), value});
    Json features = Json::array();
    for (std::size_t f = 0; f < row.shapley.values.size(); ++f) {
      out.explanation.rows.push_back({table.features.ids[r], shortest(row.probability), shortest(row.shapley.base),
                                      names[f], shortest(row.values[f]), shortest(row.shapley.values[f])});
      features.push_back({{"feature", names[f]}, {"value", row.values[f]}, {"shapley", row.shapley.values[f]}});
    }
    list.push_back({{"id", table.features.ids[r]},
                    {"probability", row.probability},
                    {"lower", finite_or_null(row.low)},
                    {"upper", finite_or_null(row.high)},
                    {"class", value},
                    {"base", row.shapley.base},
                    {"features", std::move(features)}});
  }
  out.json = {{"model", classifier.name},
              {"checksum", classifier.checksum},
              {"label", classifier.label},
              {"positive", classifier.positive},
              {"threshold", classifier.model->parts().threshold},
              {"level", level},
              {"rows", std::move(list)}};
  out.notes.push_back("class: " + classifier.positive + " from a probability of " +
                      decimal(classifier.model->parts().threshold, 3) + ", as chosen in training");
  tell_filled(classifier.model->input_of(table.features), out.notes);
  for (const auto& w : learn::range_warnings(*classifier.model, table.features))
    out.notes.push_back("warning: " + w.sentence);
  const std::size_t seen = learn::training_rows_in(classifier, table.features);
  out.json["training_rows"] = classifier.marks.empty() ? Json(nullptr) : Json(seen);
  if (seen > 0)
    out.notes.push_back("warning: " + std::to_string(seen) + " of " + std::to_string(rows.size()) +
                        " rows seem to be of the table that the model was fitted to: of them its probabilities say "
                        "nothing on patients it has not seen; evaluate with gliocast grade evaluate");
  return out;
}

}  // namespace gliocast::analysis
