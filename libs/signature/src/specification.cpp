#include <gliocast/signature/specification.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/core/yaml.hpp>
#include <gliocast/learn/step_options.hpp>

#include <sstream>

namespace gliocast::signature {
namespace {

constexpr std::size_t kMostTrees = 100000, kMostColumns = 1000000, kMostFolds = 100;
constexpr std::size_t kLeastFolds = 3;  // λ is chosen by three folds at least

void check_lambda(const SignatureSpecification& s) {
  if (s.lambda == "min" || s.lambda == "1se") return;
  const auto number = parse_number(s.lambda);
  if (!number || !(*number > 0) || *number > 1e300)
    throw unusable_input("lambda must be min, 1se or a number above 0, and is " + s.lambda, "lambda");
  if (s.alpha.size() > 1)
    throw unusable_input("a lambda that is a number is of one alpha, and there are " + std::to_string(s.alpha.size()),
                         "alpha", "name one, for example alpha: 0.5");
}

}  // namespace

double lambda_number(const SignatureSpecification& s) {
  return s.lambda == "min" || s.lambda == "1se" ? 0 : parse_number(s.lambda).value_or(0);
}

Json to_json(const SignatureSpecification& s) {
  return {{"name", s.name},
          {"target", s.target == Target::Cox ? "cox" : "time"},
          {"trees", s.trees},
          {"mtry", s.mtry},
          {"candidates", s.candidates},
          {"alpha", s.alpha},
          {"lambda", s.lambda},
          {"folds", s.folds},
          {"groups", s.groups == TrainingGroups::HeldOut ? "held-out" : "in-sample"},
          {"nothing_kept", s.nothing_kept == NothingKept::Constant ? "constant" : "first"},
          {"most_missing", s.most_missing}};
}

SignatureSpecification specification_of(const Json& json) {
  learn::StepOptions o("", json, "the signature");
  SignatureSpecification s;
  s.name = o.text("name", s.name);
  s.target = o.choice("target", "cox", {"cox", "time"}) == "cox" ? Target::Cox : Target::Time;
  s.trees = o.count("trees", s.trees, 1, kMostTrees);
  s.mtry = o.count("mtry", s.mtry, 0, kMostColumns);
  s.candidates = o.count("candidates", s.candidates, 1, kMostColumns);
  s.alpha = o.numbers("alpha", s.alpha, 0, 1);
  s.lambda = o.text("lambda", s.lambda);
  s.folds = o.count("folds", s.folds, kLeastFolds, kMostFolds);
  s.groups = o.choice("groups", "held-out", {"held-out", "in-sample"}) == "held-out" ? TrainingGroups::HeldOut
                                                                                     : TrainingGroups::InSample;
  s.nothing_kept = o.choice("nothing_kept", "constant", {"constant", "first"}) == "constant" ? NothingKept::Constant
                                                                                             : NothingKept::First;
  s.most_missing = o.number("most_missing", s.most_missing, 0, 1);
  o.finish();
  check_lambda(s);
  return s;
}

SignatureSpecification parse_specification(const std::string& yaml, const std::string& source) {
  const YamlDocument document = parse_yaml(yaml, source);
  if (!document.json.is_object() || document.json.empty())
    throw unusable_input("is no description of a signature: it needs options as name: value", source,
                         "gliocast signature train --print-chain prints one");
  try {
    return specification_of(document.json);
  } catch (const Error& e) {
    throw unusable_input(e.problem(), document.place(source, source + (e.where().empty() ? "" : ": " + e.where())),
                         e.hint());
  }
}

std::string to_yaml(const SignatureSpecification& s) {
  const Json json = to_json(s);
  std::string alphas;
  for (const double a : s.alpha) alphas += (alphas.empty() ? "" : ", ") + shortest(a);
  std::ostringstream out;
  // In the order of the work, not of the alphabet.
  for (const char* name : {"name", "target", "most_missing", "trees", "mtry", "candidates"})
    out << name << ": " << json[name].dump() << '\n';
  out << "alpha: [" << alphas << "]\nlambda: " << s.lambda << '\n';
  for (const char* name : {"nothing_kept", "folds", "groups"}) out << name << ": " << json[name].dump() << '\n';
  return out.str();
}

SignatureSpecification preset_specification(const std::string& name) {
  SignatureSpecification s;
  if (name == "default") return s;
  if (name != "paper")
    throw Error(ExitCode::WrongUse, "there is no preset " + name, "--preset",
                suggestion(name, {"default", "paper"}, "it is one of"));
  s.name = "paper";
  s.target = Target::Time;
  s.groups = TrainingGroups::InSample;
  return s;
}

}  // namespace gliocast::signature
