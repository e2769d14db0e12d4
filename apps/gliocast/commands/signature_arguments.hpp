#pragma once
// What the verbs of gliocast signature read from the command line, of tables and of images.
#include "../cli.hpp"
#include "statistics_output.hpp"

#include <gliocast/analysis/signature_evaluation.hpp>
#include <gliocast/signature/specification.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::cli {

struct SignatureArguments {
  std::filesystem::path out;
  Existing existing;
  std::string preset = "default", chain, name;
  std::size_t inner = 0, draws = 1000;
  std::uint64_t seed = 1;
  double level = 0.95;
  bool json = false, print_chain = false, permute_outcome = false, nomograms = false;
  signature::EvaluationOptions evaluation;
  std::vector<double> times;
  std::vector<std::string> figures{"svg"};
  std::string drop_rule = "lrt";
  analysis::NomogramStudyOptions study;
};

/// --preset, --chain, --inner, --seed and --overwrite; `preset_help` says what a preset is.
void add_signature_options(CLI::App& verb, SignatureArguments& arguments, const std::string& preset_help);
/// --print-chain.
void add_print_chain(CLI::App& verb, SignatureArguments& arguments);
/// --name, of a model.
void add_name_option(CLI::App& verb, SignatureArguments& arguments);
/// --outer, --repeats, --times, --permute-outcome, --draws, --figures and the nomograms'.
void add_evaluation_options(CLI::App& verb, SignatureArguments& arguments);
/// --times.
CLI::Option* add_times_option(CLI::App& verb, SignatureArguments& arguments, const std::string& help);
/// --level and --json.
void add_level_options(CLI::App& verb, double& level, bool& json);
/// --factors, --drop-rule and --unit.
void add_nomogram_options(CLI::App& verb, SignatureArguments& arguments, const std::string& unit_help);

/// How the signature is made: the file's, else the preset's.
[[nodiscard]] signature::SignatureSpecification specification_of(const SignatureArguments& arguments);
/// The same of a preset by its name, else a file.
[[nodiscard]] signature::SignatureSpecification specification_of(const SignatureArguments& arguments,
                                                                 const std::string& text);
/// Prints the specification where that is wanted, which is all then.
[[nodiscard]] bool printed_chain(const SignatureArguments& arguments);
/// Name of the model: that of the folder, where none is given.
[[nodiscard]] std::string name_of(const SignatureArguments& arguments);
/// The nomograms' options, without the outcome.
[[nodiscard]] analysis::NomogramStudyOptions nomogram_options(const SignatureArguments& arguments);
/// How an evaluation is made.
[[nodiscard]] analysis::SignatureEvaluationOptions evaluation_options(const SignatureArguments& arguments,
                                                                      std::size_t threads);

/// Tables, figures and evaluation.json of an evaluation; what an earlier one left and this one lacks goes.
void write_evaluation(const SignatureArguments& arguments, analysis::SignatureEvaluationResults& results);
/// Notes and where the files are on standard error; metrics, or JSON, on standard output.
void tell_evaluation(const SignatureArguments& arguments, const analysis::SignatureEvaluationResults& results,
                     bool quiet);

}  // namespace gliocast::cli
