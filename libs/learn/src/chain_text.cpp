// Chains as YAML.
#include <gliocast/learn/chain.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/yaml.hpp>
#include <gliocast/learn/registry.hpp>
#include <gliocast/learn/step_options.hpp>

#include <algorithm>
#include <array>
#include <sstream>

namespace gliocast::learn {
namespace {

/// "name", or {name: options}.
DeclaredStep declared_step(const Json& json, const std::string& source) {
  if (json.is_string()) return {json.get<std::string>()};
  if (json.is_object() && json.size() == 1) {
    const auto item = json.items().begin();
    return {item.key(), item.value().is_null() ? Json::object() : item.value()};
  }
  throw unusable_input("a step is a name, or a name with its options", source, "for example: - lasso: {folds: 5}");
}

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
// The study's: z-score, Levene's choice of Student's or Welch's test, LASSO, the forest's eight, SVM with a grid.
constexpr std::array<Preset, 2> kPresets{{{"paper", R"(name: paper
steps:
  - standardise
  - screen: {test: levene-t, alpha: 0.05}
  - lasso: {family: logistic, folds: 5, lambda: min}
  - forest: {trees: 100, keep: 8}
classifier:
  svm: {kernel: rbf}
)"},
                                          {"screen-lasso-svm", R"(name: screen-lasso-svm
steps:
  - standardise
  - correlation: {threshold: 0.95}
  - screen: {test: mann-whitney, alpha: 0.05, fdr: bh}
  - lasso: {family: logistic, folds: 5, lambda: 1se, most: 20}
classifier:
  svm: {kernel: rbf}
)"}}};

}  // namespace

ChainSpecification parse_chain(const std::string& yaml, const std::string& source) {
  const Json json = parse_yaml(yaml, source).json;
  if (!json.is_object()) throw unusable_input("is no chain: it needs steps and a classifier", source);
  ChainSpecification chain;
  StepOptions o("chain", json);
  chain.name = o.text("name", source);
  chain.folds = o.count("folds", chain.folds, 2, 100);
  chain.calibration = o.choice("calibration", chain.calibration, {"platt", "isotonic", "none"});
  chain.threshold = o.text("threshold", chain.threshold);
  const Json steps = o.any("steps", Json::array());
  if (!steps.is_array()) throw unusable_input("steps must be a list", source);
  for (const auto& step : steps) chain.steps.push_back(declared_step(step, source));
  const Json classifier = o.any("classifier", nullptr);
  if (classifier.is_null()) throw unusable_input("has no classifier", source, "for example: classifier: svm");
  chain.classifier = declared_step(classifier, source);
  o.finish();
  (void)ChainLearner(chain);
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
  std::string names;
  for (const auto& p : kPresets) names += (names.empty() ? "" : ", ") + std::string(p.name);
  throw Error(ExitCode::WrongUse, "there is no chain " + name, "--chain",
              "it is one of: " + names + "; or a YAML file");
}

std::vector<std::string> chain_presets() {
  std::vector<std::string> names;
  for (const auto& p : kPresets) names.emplace_back(p.name);
  return names;
}

}  // namespace gliocast::learn
