#pragma once
#include "statistics_output.hpp"

#include <gliocast/analysis/survival_model.hpp>

#include <filesystem>
#include <string>

namespace gliocast::cli {

/// Each adds some verbs of `gliocast survival`.
void add_survival_curves(CLI::App& survival, int& result);
void add_survival_cox(CLI::App& survival, int& result);
void add_survival_penalised(CLI::App& survival, int& result);
void add_survival_scores(CLI::App& survival, int& result);
void add_survival_nomogram(CLI::App& survival, int& result);
void add_survival_integrate(CLI::App& survival, int& result);
void add_survival_performance(CLI::App& survival, int& result);
void add_survival_reclassify(CLI::App& survival, int& result);
void add_survival_cutpoint(CLI::App& survival, int& result);
void add_survival_characteristics(CLI::App& survival, int& result);

/// Reads a model of `gliocast survival cox --save`. `option` names it in errors.
[[nodiscard]] analysis::SavedModel load_model(const std::filesystem::path& file, const std::string& option = "--model");
/// Throws Error{MissingModel} where there is neither such a file or folder nor a shipped model of that name.
void require_model(const std::filesystem::path& file, const std::string& option);

}  // namespace gliocast::cli
