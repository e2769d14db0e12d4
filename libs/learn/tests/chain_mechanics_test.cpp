// Chains as YAML, as JSON, restricted to what matters, damaged; on several threads and in any order of rows.
#include "tables.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/learn/chain.hpp>
#include <gliocast/learn/evaluation.hpp>

#include <gtest/gtest.h>
#include <messages.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

using namespace gliocast;
using namespace gliocast::learn;
using test_support::error_of;
using test_support::has;

namespace {

/// Two classes of 60 patients of three centres, two raters, a constant feature and missing cells.
FeatureTable clinic(std::uint64_t seed) {
  FeatureTable t = random_table(60, 8, 1.5, seed);
  Random random(seed, "clinic", 0);
  t.second_rater = t.values;
  for (double& v : t.second_rater.values) v += 0.2 * random.normal();
  for (std::size_t r = 0; r < t.rows(); ++r) {
    t.centre.push_back(std::string(1, static_cast<char>('a' + r % 3)));
    t.values(r, 6) = 4;
    t.values(r, 1) += 0.5 * static_cast<double>(r % 3);
    t.values(r, 7) = t.values(r, 0) + 0.05 * random.normal();
  }
  t.values(3, 2) = t.values(11, 0) = NAN;
  return t;
}

Json cheap_options(const std::string& classifier) {
  if (classifier == "svm") return {{"cost", 2}, {"gamma", 0.125}};
  if (classifier == "forest") return {{"trees", 12}};
  if (classifier == "boosting") return {{"trees", 8}};
  if (classifier == "average") return {{"members", Json::parse(R"(["elastic_net", {"forest": {"trees": 12}}])")}};
  return Json::object();
}

std::vector<std::string> classifiers() {
  std::vector<std::string> names;
  for (const auto& known : known_steps())
    if (known.classifier) names.push_back(known.name);
  return names;
}

/// Lists of steps that between them have every kind of model.
std::vector<std::vector<DeclaredStep>> step_lists() {
  const DeclaredStep standardise{"standardise"};
  const DeclaredStep forest{"forest", {{"trees", 12}, {"keep", 3}}};
  return {{standardise},
          {standardise, {"screen", {{"alpha", 0.3}}}, {"lasso", {{"folds", 3}}}},
          {standardise, {"variance"}, {"correlation", {{"threshold", 0.8}}}, forest},
          {{"icc", {{"least", 0.5}}}, standardise, {"rfe", {{"keep", 2}, {"estimator", "linear_svm"}}}},
          {standardise, {"combat"}, {"levene", {{"alpha", 0.9}}}, {"elastic_net", {{"folds", 3}}}}};
}

ChainSpecification chain_of(std::vector<DeclaredStep> steps, const std::string& classifier,
                            const std::string& calibration = "platt") {
  ChainSpecification chain;
  chain.name = "test";
  chain.steps = std::move(steps);
  chain.classifier = {classifier, cheap_options(classifier)};
  chain.folds = 3;
  chain.calibration = calibration;
  return chain;
}

std::shared_ptr<const ChainModel> fitted(const ChainSpecification& chain, const FeatureTable& table,
                                         std::size_t threads = 1) {
  return ChainLearner(chain).fit(table, all_rows(table), {7, threads});
}

/// Calls `use` with every chain of step_lists() and known classifiers.
template <class Use>
void with_every_chain(const Use& use) {
  for (const auto& steps : step_lists())
    for (const auto& classifier : classifiers()) use(chain_of(steps, classifier));
}

std::string yaml_of(const std::string& steps, const std::string& rest = "classifier: logistic\n") {
  return "steps: [" + steps + "]\n" + rest;
}

std::string refusal_of(const std::string& yaml) {
  return error_of([&] { (void)parse_chain(yaml, "chain.yaml"); });
}

/// Places of a JSON document: all members of objects, three items of each list.
void list_places(const Json& json, const Json::json_pointer& at, std::vector<Json::json_pointer>& places) {
  if (json.is_object())
    for (const auto& [key, value] : json.items()) {
      places.push_back(at / key);
      list_places(value, at / key, places);
    }
  if (!json.is_array()) return;
  for (std::size_t i = 0; i < json.size(); i += std::max<std::size_t>(1, json.size() / 3)) {
    places.push_back(at / i);
    list_places(json[i], at / i, places);
  }
}

const std::vector<Json> kWrongValues{nullptr,        "text",        -1,   1e300,          1e18, 0,
                                     4'000'000'000U, Json::array(), true, Json::object(), 0.5,  Json::array({1, "a"})};

/// The document without the place, or with another value there.
std::vector<Json> damaged_at(const Json& json, const Json::json_pointer& place) {
  std::vector<Json> out;
  for (const auto& value : kWrongValues) {
    out.push_back(json);
    out.back()[place] = value;
  }
  out.push_back(json);
  Json& parent = out.back()[place.parent_pointer()];
  if (parent.is_object())
    parent.erase(place.back());
  else
    parent.erase(std::stoul(place.back()));
  return out;
}

/// Whether it is refused by Error; any other exception fails the test.
bool refused(const Json& json, const FeatureTable& table) {
  try {
    const auto model = ChainModel::from_json(json);
    (void)model->probability(table);
    (void)model->decision(table);
    (void)model->to_json();
  } catch (const Error&) {
    return true;
  }
  return false;
}

/// The same rows in another order, patients numbered by that order.
FeatureTable reordered(const FeatureTable& table, std::uint64_t seed) {
  Rows order = all_rows(table);
  Random random(seed, "order", 0);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  FeatureTable out = table.take(order);
  std::map<int, int> number;
  for (int& p : out.patient) p = number.emplace(p, static_cast<int>(number.size())).first->second;
  return out;
}

}  // namespace

TEST(ChainMechanics, YamlIsAFixedPoint) {
  for (const auto& preset : chain_presets()) {
    const std::string yaml = chain_to_yaml(preset_chain(preset));
    EXPECT_EQ(chain_to_yaml(parse_chain(yaml, "x")), yaml);
    EXPECT_EQ(parse_chain(yaml, "x").name, preset);
  }
  for (const auto& known : known_steps()) {
    ChainSpecification chain;
    chain.name = "odd: \"name\" # é";
    chain.classifier = {"logistic"};
    if (known.classifier)
      chain.classifier = {known.name};
    else
      chain.steps = {{known.name}};
    const std::string yaml = chain_to_yaml(chain);
    const auto again = parse_chain(yaml, "x");
    EXPECT_EQ(chain_to_yaml(again), yaml);
    EXPECT_EQ(again.name, chain.name);
    EXPECT_EQ((known.classifier ? again.classifier : again.steps[0]).options, known.options) << known.name;
  }
}

TEST(ChainMechanics, ChoicesOfAChainComeBack) {
  const auto chain =
      parse_chain(yaml_of("", "classifier: svm\nfolds: 7\ncalibration: isotonic\nthreshold: 0.25\n"), "c");
  EXPECT_TRUE(chain.steps.empty());
  const auto again = parse_chain(chain_to_yaml(chain), "x");
  EXPECT_EQ(again.name, "c");
  EXPECT_EQ(again.folds, 7U);
  EXPECT_EQ(again.calibration, "isotonic");
  EXPECT_EQ(again.threshold, "0.25");
}

TEST(ChainMechanics, WhatIsUnknownIsRefusedByName) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {yaml_of("scream"), "scream"},
      {yaml_of("screen: {alphaa: 0.1}"), "alphaa"},
      {yaml_of("screen: {alpha: 7}"), "alpha"},
      {yaml_of("svm"), "svm"},
      {yaml_of("[screen]"), "a step is a name"},
      {"steps: screen\nclassifier: svm\n", "steps must be a list"},
      {yaml_of("screen", "classifier: screen\n"), "screen"},
      {yaml_of("screen", "classifier: {svm: {kernle: rbf}}\n"), "kernle"},
      {yaml_of("screen", ""), "no classifier"},
      {yaml_of("", "classifier: svm\nthreshold: 1.5\n"), "threshold"},
      {yaml_of("", "classifier: svm\nthreshold: often\n"), "often"},
      {yaml_of("", "classifier: svm\ncalibration: plat\n"), "calibration"},
      {yaml_of("", "classifier: svm\nfolds: 1\n"), "folds"},
      {yaml_of("", "classifier: svm\nfold: 5\n"), "fold"},
      {"- standardise\n", "no chain"}};
  for (const auto& [yaml, name] : wrong) EXPECT_TRUE(has(refusal_of(yaml), name)) << yaml << refusal_of(yaml);
  EXPECT_TRUE(has(error_of([] { (void)preset_chain("papre"); }), "is paper meant?"));
}

TEST(ChainMechanics, ErrorsTellTheLineAndTheNearestName) {
  const std::string good = R"(name: mine
steps:
  - standardise
  - screen:
      test: student
      alpha: 0.1
  - lasso: {folds: 5}
  - screen: {alpha: 0.2}
classifier:
  svm:
    kernel: rbf
folds: 5
threshold: 0.5
)";
  (void)parse_chain(good, "chain.yaml");
  struct Change {
    const char *from, *to, *line, *said;
  };
  for (const auto& c : {Change{"- standardise", "- standardize", "line 3", "is standardise meant?"},
                        {"- screen:\n", "- scren:\n", "line 4", "is screen meant?"},
                        {"test: student", "tets: student", "line 5", "is test meant?"},
                        {"alpha: 0.1", "alpha: 7", "line 6", "alpha must be a number"},
                        {"{folds: 5}", "{fold: 5}", "line 7", "is folds meant?"},
                        {"{alpha: 0.2}", "{alpah: 0.2}", "line 8", "is alpha meant?"},
                        {"kernel: rbf", "kernle: rbf", "line 11", "is kernel meant?"},
                        {"  svm:", "  smv:", "line 10", "is svm meant?"},
                        {"folds: 5\nthr", "foldz: 5\nthr", "line 12", "the chain has no option foldz"},
                        {"threshold: 0.5", "threshold: 1.5", "line 13", "threshold must be youden"},
                        {"  - lasso: {folds: 5}", "  - [lasso]", "line 7", "a step is a name"},
                        {"name: mine", "name: [", "line ", "neither YAML nor JSON"}}) {
    std::string yaml = good;
    yaml.replace(yaml.find(c.from), std::string(c.from).size(), c.to);
    const auto told = refusal_of(yaml);
    EXPECT_TRUE(has(told, c.said) && has(told, std::string("chain.yaml, ") + c.line)) << c.to << '\n' << told;
  }
}

TEST(ChainMechanics, AChainThatWasMadeByHandIsCheckedToo) {
  for (const auto& change : std::vector<std::function<void(ChainSpecification&)>>{
           [](auto& c) { c.threshold = "sometimes"; }, [](auto& c) { c.calibration = "plat"; },
           [](auto& c) { c.folds = 0; }, [](auto& c) { c.classifier.name = "none"; }}) {
    auto chain = chain_of({}, "logistic");
    change(chain);
    EXPECT_THROW((void)ChainLearner(chain), Error);
  }
}

TEST(ChainMechanics, JsonGivesTheSameModel) {
  const auto table = clinic(3), other = clinic(4);
  with_every_chain([&](const ChainSpecification& chain) {
    const auto model = fitted(chain, table);
    const auto again = ChainModel::from_json(Json::parse(model->to_json().dump()));
    EXPECT_EQ(again->probability(other), model->probability(other)) << chain_to_yaml(chain);
    EXPECT_EQ(again->decision(other), model->decision(other));
    EXPECT_EQ(again->to_json(), model->to_json());
    EXPECT_EQ(again->notes(), model->notes());
  });
}

TEST(ChainMechanics, EveryCalibrationComesBack) {
  const auto table = clinic(3), other = clinic(4);
  for (const char* calibration : {"platt", "isotonic", "none"})
    for (const auto& classifier : classifiers()) {
      const auto model = fitted(chain_of({{"standardise"}}, classifier, calibration), table);
      const auto p = model->probability(other);
      EXPECT_EQ(ChainModel::from_json(Json::parse(model->to_json().dump()))->probability(other), p);
      EXPECT_TRUE(std::ranges::all_of(p, [](double v) { return v >= 0 && v <= 1; })) << classifier << calibration;
    }
}

TEST(ChainMechanics, OnlyColumnsThatMatterAreNeeded) {
  const auto table = clinic(3), other = clinic(4);
  with_every_chain([&](const ChainSpecification& chain) {
    const auto model = fitted(chain, table);
    const auto p = model->probability(other);
    const auto& parts = model->parts();
    EXPECT_EQ(model->probability(other.select_named(parts.features)), p);
    auto backwards = other.features;
    std::ranges::reverse(backwards);
    EXPECT_EQ(model->probability(other.select_named(backwards)), p);
    EXPECT_EQ(model->probability(other.select_named(parts.selected)), p) << chain_to_yaml(chain);
    EXPECT_TRUE(has(error_of([&] { (void)model->probability(other.select({6})); }), parts.selected.front()));
  });
}

TEST(ChainMechanics, ARestrictedModelGivesWhatTheWholeStepsGive) {
  const auto table = clinic(3), other = clinic(4);
  for (const auto& steps : step_lists()) {
    FeatureTable training = table, applied = other;
    for (const auto& step : steps) {
      const auto model = make_step(step.name, step.options)->fit(training, all_rows(training), {7, 1});
      training = model->apply(training);
      applied = model->apply(applied);
    }
    const auto chain = fitted(chain_of(steps, "logistic"), table);
    EXPECT_EQ(chain->parts().selected, training.features);
    EXPECT_EQ(chain->selected_features(other).values.values, applied.values.values);
  }
}

TEST(ChainMechanics, DamagedModelsAreRefusedOrUsed) {
  std::vector<ChainSpecification> chains;  // each kind of step and of classifier once
  for (const auto& steps : step_lists()) chains.push_back(chain_of(steps, "logistic"));
  for (const auto& classifier : classifiers()) chains.push_back(chain_of({}, classifier));
  FeatureTable complete = clinic(3);
  for (double& v : complete.values.values) v = std::isnan(v) ? 0 : v;
  for (const auto& chain : chains) {
    const Json json = fitted(chain, complete)->to_json();
    std::vector<Json::json_pointer> places;
    list_places(json, Json::json_pointer(), places);
    std::size_t refusals = 0;
    for (const auto& place : places)
      for (const auto& damaged : damaged_at(json, place)) {
        SCOPED_TRACE(place.to_string() + " of " + chain_to_yaml(chain));
        bool was_refused = false;
        EXPECT_NO_THROW(was_refused = refused(damaged, complete));
        refusals += was_refused ? 1 : 0;
      }
    EXPECT_GT(refusals, places.size());
  }
}

TEST(ChainMechanics, ThreadsChangeNothing) {
  const auto table = clinic(5);
  for (const auto& classifier : {"svm", "logistic", "forest"}) {
    auto chain = chain_of(step_lists()[1], classifier);
    if (chain.classifier.name == "svm") chain.classifier.options = {{"cost", {0.5, 8}}, {"gamma", {0.01, 0.1}}};
    const Json alone = fitted(chain, table, 1)->to_json();
    for (const std::size_t threads : {2U, 3U}) EXPECT_EQ(fitted(chain, table, threads)->to_json(), alone) << classifier;
  }
}

TEST(ChainMechanics, FoldsHangOnIdsAndNotOnTheOrderOfRows) {
  FeatureTable table = clinic(6);
  for (std::size_t r = 0; r < table.rows(); ++r)
    if (r % 6 == 2) table.patient[r] = table.patient[r - 2];
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto other = reordered(table, seed);
    const auto fold_of_id = [&](const FeatureTable& t) {
      std::map<std::string, std::size_t> folds;
      const auto fold = folds_of_both_classes(t, all_rows(t), 5, seed);
      for (std::size_t r = 0; r < t.rows(); ++r) folds[t.ids[r]] = fold[r];
      return folds;
    };
    EXPECT_EQ(fold_of_id(table), fold_of_id(other));
  }
}
