#include <gliocast/learn/classifier_bundle.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/json_count.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/learn/row_marks.hpp>
#include <gliocast/learn/training_traces.hpp>
#include <gliocast/models/bundle.hpp>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

namespace gliocast::learn {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Json background_json(const Background& b) {
  return {{"points", b.rows.rows}, {"features", b.rows.columns}, {"values", b.rows.values}, {"weights", b.weights}};
}

Background background_of(const Json& json, std::size_t features) {
  Background b{stats::Matrix(), json.at("weights").get<std::vector<double>>()};
  b.rows.rows = count_of(json.at("points"));
  b.rows.columns = count_of(json.at("features"));
  b.rows.values = json.at("values").get<std::vector<double>>();
  if (b.rows.columns != features || b.weights.size() != b.rows.rows ||
      b.rows.values.size() != b.rows.rows * b.rows.columns || b.rows.rows > b.rows.values.size() + 1)
    throw unusable_input("the background of the classifier has another size than its features");
  return b;
}

/// Every chain answers for a row of zeros: what a damaged one cannot, is found here and not in use.
void check_whole(const TrainedClassifier& t) {
  const auto check = [](const ChainModel& model) {
    FeatureTable row;
    row.features = model.parts().features;
    row.values = stats::Matrix(1, row.features.size());
    row.origins = origins_of(model.parts().networks);
    row.ids = {"row"};
    row.patient = {0};
    const auto& steps = model.parts().chain.steps;
    if (std::ranges::find(steps, "combat", &DeclaredStep::name) == steps.end()) (void)model.probability(row);
  };
  check(*t.model);
  for (const auto& refit : t.refits) check(*refit);
}

}  // namespace

void write_classifier(const std::filesystem::path& folder, const TrainedClassifier& t) {
  models::Bundle bundle;
  bundle.kind = models::Kind::Classifier;
  bundle.name = t.name;
  bundle.card = t.card;
  Json refits = Json::array();
  for (const auto& refit : t.refits) refits.push_back(refit->to_json());
  bundle.payload = {{"label", t.label},
                    {"positive", t.positive},
                    {"negative", t.negative},
                    {"rows", t.rows},
                    {"positives", t.positives},
                    {"model", t.model->to_json()},
                    {"background", background_json(t.background)},
                    {"refits", std::move(refits)}};
  add_traces(t.marks, t.origins, bundle.payload);
  std::filesystem::create_directories(folder);
  models::write_bundle(folder, std::move(bundle));
}

TrainedClassifier read_classifier_bundle(const std::filesystem::path& folder) {
  const auto bundle = models::read_bundle(folder, models::Kind::Classifier);
  try {
    const Json& p = bundle.payload;
    TrainedClassifier t;
    t.name = bundle.name;
    t.card = bundle.card;
    t.checksum = bundle.checksum;
    t.label = p.at("label").get<std::string>();
    t.positive = p.at("positive").get<std::string>();
    t.negative = p.at("negative").get<std::string>();
    t.rows = count_of(p.at("rows"));
    t.positives = count_of(p.at("positives"));
    t.model = ChainModel::from_json(p.at("model"));
    t.background = background_of(p.at("background"), t.model->parts().selected.size());
    for (const auto& refit : p.at("refits")) t.refits.push_back(ChainModel::from_json(refit));
    read_traces(p, t.marks, t.origins);
    check_whole(t);
    return t;
  } catch (const Json::exception&) {
    throw Error(ExitCode::MissingModel, "the classifier is damaged", folder.string(), "train it anew");
  } catch (const Error& e) {
    throw Error(ExitCode::MissingModel, "the classifier is damaged: " + e.problem(), folder.string(), "train it anew");
  }
}

std::vector<std::string> needed_columns(const TrainedClassifier& t) {
  const auto& own = t.model->needed_columns();
  std::set<std::string> names(own.begin(), own.end());
  for (const auto& refit : t.refits) {
    const auto& more = refit->needed_columns();
    names.insert(more.begin(), more.end());
  }
  return {names.begin(), names.end()};
}

std::size_t training_rows_in(const TrainedClassifier& t, const FeatureTable& table) {
  return t.marks.empty() ? 0 : recognised_rows(t.marks, row_marks(table, needed_columns(t)));
}

void refuse_fitted(const TrainedClassifier& t, const FeatureTable& table) {
  refuse_fitted(t.origins, needed_columns(t), table);
}

namespace {

/// Says at once which columns lack: the model's own first, then those of the refits.
void refuse_lacking(const TrainedClassifier& t, const FeatureTable& table) {
  std::vector<std::string> names = t.model->needed_columns();
  const std::set<std::string> own(names.begin(), names.end());
  for (const auto& name : needed_columns(t))
    if (!own.contains(name)) names.push_back(name);
  (void)table.select_named(names);
}

}  // namespace

std::vector<ClassifiedRow> classify_rows(const TrainedClassifier& t, const FeatureTable& table, bool explain,
                                         double level, std::size_t threads) {
  refuse_lacking(t, table);
  const auto selected = t.model->selected_features(table);
  const auto p = t.model->probability_of_selected(selected);
  std::vector<std::vector<double>> drawn(p.size());
  for (const auto& refit : t.refits) {
    const auto q = refit->probability(table);
    for (std::size_t r = 0; r < q.size(); ++r) drawn[r].push_back(q[r]);
  }
  const auto predict = [&](const stats::Matrix& rows) {
    FeatureTable mixed;
    mixed.features = selected.features;
    mixed.values = rows;
    return t.model->probability_of_selected(mixed);
  };
  std::vector<ClassifiedRow> out(p.size());
  parallel_for(p.size(), threads, [&](std::size_t r) {
    throw_if_interrupted();
    ClassifiedRow& row = out[r];
    row = {p[r], kNaN, kNaN, drawn[r], p[r] >= t.model->parts().threshold, {}, {}};
    if (drawn[r].size() > 1) {
      std::ranges::sort(drawn[r]);
      row.low = std::min(p[r], quantile_linear(drawn[r], (1 - level) / 2));
      row.high = std::max(p[r], quantile_linear(drawn[r], (1 + level) / 2));
    }
    for (std::size_t c = 0; c < selected.values.columns; ++c) row.values.push_back(selected.values(r, c));
    if (explain && row.values.size() <= kMostShapleyFeatures)
      row.shapley = shapley_values(predict, row.values, t.background);
  });
  return out;
}

}  // namespace gliocast::learn
