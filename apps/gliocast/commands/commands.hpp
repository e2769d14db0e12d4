#pragma once
#include <CLI/CLI.hpp>

namespace gliocast::cli {

/// Each adds one verb. `result` gets the exit code of a verb that ran to its end.
void add_combat(CLI::App& app, int& result);
void add_grade(CLI::App& app, int& result);
void add_icc(CLI::App& app, int& result);
void add_predict(CLI::App& app, int& result);
void add_preprocess(CLI::App& app, int& result);
void add_radiomics(CLI::App& app, int& result);
void add_roc(CLI::App& app, int& result);
void add_series(CLI::App& app, int& result);
void add_signature(CLI::App& app, int& result);
void add_signature_of_images(CLI::App& app, int& result);
void add_simulate(CLI::App& app, int& result);
void add_study(CLI::App& app, int& result);
void add_survival(CLI::App& app, int& result);
void add_train(CLI::App& app, int& result);

}  // namespace gliocast::cli
