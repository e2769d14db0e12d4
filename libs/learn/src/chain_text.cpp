// Chains as YAML.
#include <gliocast/learn/chain.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/core/yaml.hpp>
#include <gliocast/learn/registry.hpp>
#include <gliocast/learn/step_options.hpp>

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

namespace gliocast::learn {
namespace {

/// A chain's text while it is read: errors are told with the file and the line.
class ChainText {
 public:
  ChainText(const std::string& yaml, std::string source)
      : document_(parse_yaml(yaml, source)), source_(std::move(source)) {}

  [[nodiscard]] const Json& json() const { return document_.json; }
  [[nodiscard]] Error refusal(const std::string& problem, const std::string& path, const std::string& hint = "") const {
    return unusable_input(problem, document_.place(source_, source_ + path), hint);
  }
  /// Calls `read`; an error of it is of what stands at `path`, or of the option there that it names as its place.
  template <class Read>
  auto at(const std::string& path, const Read& read) const {
    try {
      return read();
    } catch (const Error& e) {
      const bool option = !e.where().empty() && document_.lines.contains(source_ + path + ": " + e.where());
      throw refusal(e.problem(), option ? path + ": " + e.where() : path, e.hint());
    }
  }

  /// "name", or {name: options}, made once to see that it can be.
  template <class Make>
  [[nodiscard]] DeclaredStep step(const Json& json, const std::string& path, const Make& make) const {
    DeclaredStep step;
    std::string options_at = path;
    if (json.is_string()) {
      step.name = json.get<std::string>();
    } else if (json.is_object() && json.size() == 1) {
      const auto item = json.items().begin();
      step.name = item.key();
      options_at += ": " + step.name;
      if (!item.value().is_null()) step.options = item.value();
    } else {
      throw refusal("a step is a name, or a name with its options", path, "for example: - lasso: {folds: 5}");
    }
    at(options_at, [&] { return make(step.name, step.options); });
    return step;
  }

 private:
  YamlDocument document_;
  std::string source_;
};

std::string scalar(const Json& value) {
  if (value.is_number_float()) return shortest(value.get<double>());
  return value.dump();  // JSON's scalars and lists are YAML's
}

std::string flow_list(const Json& list) {
  std::string text;
  for (const auto& item : list) text += (text.empty() ? "" : ", ") + scalar(item);
  return "[" + text + "]";
}

void write_options(std::ostringstream& out, const Json& options, const std::string& indent) {
  for (const auto& [name, value] : options.items())
    out << indent << name << ": " << (value.is_array() ? flow_list(value) : scalar(value)) << '\n';
}

struct Preset {
  const char *name, *yaml;
};
constexpr std::array kPresets{
    // The study's: z-score, Levene's choice of Student's or Welch's test, LASSO, the forest's eight, SVM with a grid.
    Preset{"paper", R"(name: paper
steps:
  - standardise
  - screen: {test: levene-t, alpha: 0.05}
  - lasso: {family: logistic, folds: 5, lambda: min}
  - forest: {trees: 100, keep: 8}
classifier:
  svm: {kernel: rbf}
)"},
    Preset{"screen-lasso-svm", R"(name: screen-lasso-svm
steps:
  - standardise
  - correlation: {threshold: 0.95}
  - screen: {test: mann-whitney, alpha: 0.05, fdr: bh}
  - lasso: {family: logistic, folds: 5, lambda: 1se, most: 20}
classifier:
  svm: {kernel: rbf}
)"},
    // Few features with signs that can be read, no row of a patient in the model.
    Preset{"lasso", R"(name: lasso
steps:
  - standardise
  - correlation: {threshold: 0.95}
  - lasso: {family: logistic, folds: 5, lambda: 1se}
classifier:
  logistic: {ridge: 1}
calibration: logistic
)"},
    // Every feature, no choice: hard to beat on a few hundred patients.
    Preset{"forest", R"(name: forest
steps:
  - standardise
classifier:
  forest: {trees: 500}
calibration: logistic
)"},
    // Two that err differently: of few features with straight effects, and of all with any.
    Preset{"net-forest", R"(name: net-forest
steps:
  - standardise
classifier:
  average: {members: [elastic_net, forest]}
calibration: logistic
)"}};

}  // namespace

ChainSpecification parse_chain(const std::string& yaml, const std::string& source) {
  const ChainText text(yaml, source);
  if (!text.json().is_object()) throw unusable_input("is no chain: it needs steps and a classifier", source);
  ChainSpecification chain;
  Json steps, classifier;
  text.at("", [&] {
    StepOptions o("", text.json(), "the chain");
    chain.name = o.text("name", source);
    chain.folds = o.count("folds", chain.folds, 2, 100);
    chain.calibration = o.choice("calibration", chain.calibration, {"platt", "logistic", "isotonic", "none"});
    chain.threshold = o.text("threshold", chain.threshold);
    steps = o.any("steps", Json::array());
    classifier = o.any("classifier", nullptr);
    o.finish();
    return 0;
  });
  if (!steps.is_array()) throw text.refusal("steps must be a list", ": steps");
  for (const auto& step : steps)
    chain.steps.push_back(text.step(step, ": steps #" + std::to_string(chain.steps.size()), make_step));
  if (classifier.is_null()) throw unusable_input("has no classifier", source, "for example: classifier: svm");
  chain.classifier = text.step(classifier, ": classifier", make_classifier);
  text.at("", [&] { return ChainLearner(chain).chain().folds; });
  return chain;
}

std::string chain_to_yaml(const ChainSpecification& chain) {
  std::ostringstream out;
  out << "name: " << scalar(chain.name) << "\nsteps:" << (chain.steps.empty() ? " []" : "") << '\n';
  for (const auto& step : chain.steps) {
    const Json options = make_step(step.name, step.options)->options();
    out << "  - " << step.name << ":" << (options.empty() ? " {}" : "") << '\n';
    write_options(out, options, "      ");
  }
  const Json options = make_classifier(chain.classifier.name, chain.classifier.options)->options();
  out << "classifier:\n  " << chain.classifier.name << ":" << (options.empty() ? " {}" : "") << '\n';
  write_options(out, options, "    ");
  out << "folds: " << chain.folds << "\ncalibration: " << chain.calibration << "\nthreshold: " << chain.threshold
      << '\n';
  return out.str();
}

ChainSpecification preset_chain(const std::string& name) {
  const auto at = std::ranges::find(kPresets, name, &Preset::name);
  if (at != kPresets.end()) return parse_chain(at->yaml, at->name);
  throw Error(ExitCode::WrongUse, "there is no chain " + name, "--chain",
              suggestion(name, chain_presets(), "it is one of") + "; or a YAML file");
}

std::vector<std::string> chain_presets() {
  std::vector<std::string> names;
  for (const auto& p : kPresets) names.emplace_back(p.name);
  return names;
}

}  // namespace gliocast::learn
