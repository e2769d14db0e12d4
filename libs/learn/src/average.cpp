// Several classifiers as one: the mean of their log odds.
#include "step_entry.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/learn/registry.hpp>
#include <gliocast/learn/step_options.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::learn {
namespace {

constexpr const char* kName = "average";
constexpr double kLeast = 1e-3;  ///< of a probability, and of one less it: forests say 0 and 1

struct Member {
  std::string name;
  std::shared_ptr<const Classifier> model;
};

class AverageClassifier final : public Classifier {
 public:
  explicit AverageClassifier(std::vector<Member> members) : members_(std::move(members)) {
    if (members_.empty()) throw unusable_input(std::string("the model of ") + kName + " is damaged");
  }
  static std::shared_ptr<const AverageClassifier> from_json(const Json& json) {
    std::vector<Member> members;
    for (const auto& item : json.at("members")) {
      auto name = item.at("name").get<std::string>();
      if (name == kName) throw unusable_input(std::string("the model of ") + kName + " is damaged");
      auto model = read_classifier(name, item.at("model"));
      members.push_back({std::move(name), std::move(model)});
    }
    return std::make_shared<AverageClassifier>(std::move(members));
  }

  [[nodiscard]] std::vector<double> decision(const FeatureTable& table) const override {
    std::vector<double> sum(table.rows(), 0.0);
    for (const auto& member : members_) {
      const auto p = member.model->probability(table);
      for (std::size_t r = 0; r < sum.size(); ++r) {
        const double kept = std::clamp(p[r], kLeast, 1 - kLeast);
        sum[r] += std::log(kept / (1 - kept)) / static_cast<double>(members_.size());
      }
    }
    return sum;
  }
  [[nodiscard]] std::vector<double> probability(const FeatureTable& table) const override {
    auto p = decision(table);
    for (double& v : p) v = 1 / (1 + std::exp(-v));
    return p;
  }
  [[nodiscard]] Json to_json() const override {
    Json members = Json::array();
    for (const auto& member : members_) members.push_back({{"name", member.name}, {"model", member.model->to_json()}});
    return {{"members", std::move(members)}};
  }
  [[nodiscard]] std::vector<std::string> notes() const override {
    std::vector<std::string> all;
    for (const auto& member : members_) std::ranges::copy(member.model->notes(), std::back_inserter(all));
    return all;
  }

 private:
  std::vector<Member> members_;
};

/// A member as it is declared: its name, or {name: its options}.
std::shared_ptr<const ClassifierLearner> member_of(const Json& declared) {
  const bool named = declared.is_string();
  if (!named && !(declared.is_object() && declared.size() == 1))
    throw unusable_input("average: a member is a classifier's name, or a name with its options", "members",
                         "for example: [elastic_net, {forest: {trees: 500}}]");
  const auto name = named ? declared.get<std::string>() : declared.begin().key();
  if (name == kName) throw unusable_input("average: an average of averages is one average", "members");
  const auto given = named ? Json::object() : declared.begin().value();
  auto learner = make_classifier(name, given.is_null() ? Json::object() : given);
  if (!learner->grid().empty())
    throw unusable_input("average: the member " + name + " has a grid to choose from", "members",
                         "give each of its options one value");
  return learner;
}

class AverageLearner final : public ClassifierLearner {
 public:
  explicit AverageLearner(const Json& json) {
    StepOptions o(kName, json);
    const auto members = o.any("members", Json::array({"elastic_net", "forest"}));
    o.finish();
    if (!members.is_array() || members.size() < 2)
      throw unusable_input("average: members must be a list of two classifiers or more", "members");
    for (const auto& member : members) members_.push_back(member_of(member));
  }
  [[nodiscard]] std::string name() const override { return kName; }
  [[nodiscard]] Json options() const override {
    Json members = Json::array();
    for (const auto& member : members_) members.push_back({{member->name(), member->options()}});
    return {{"members", std::move(members)}};
  }
  [[nodiscard]] std::size_t least_patients() const override {
    std::size_t most = 1;
    for (const auto& member : members_) most = std::max(most, member->least_patients());
    return most;
  }
  [[nodiscard]] std::shared_ptr<const Classifier> fit(const FeatureTable& table, const Rows& rows,
                                                      const FitContext& context) const override {
    std::vector<Member> fitted;
    for (const auto& member : members_) fitted.push_back({member->name(), member->fit(table, rows, context)});
    return std::make_shared<AverageClassifier>(std::move(fitted));
  }

 private:
  std::vector<std::shared_ptr<const ClassifierLearner>> members_;
};

}  // namespace

ClassifierEntry average_classifier() {
  return {kName, "mean of the log odds of several classifiers",
          [](const Json& options) { return std::make_shared<AverageLearner>(options); },
          [](const Json& model) { return AverageClassifier::from_json(model); }};
}

}  // namespace gliocast::learn
