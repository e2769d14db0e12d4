// gliocast survival: survival statistics of any table.
#include "../verbs.hpp"
#include "commands.hpp"
#include "survival_commands.hpp"

#include <gliocast/survival/cox_model_file.hpp>

namespace gliocast::cli {

analysis::SavedModel load_model(const std::filesystem::path& file) { return {survival::read_cox_model(file), file}; }

void add_survival(CLI::App& app, int& result) {
  auto* survival = &add_verb(app, "survival");
  survival->require_subcommand(1);
  add_survival_curves(*survival, result);
  add_survival_cox(*survival, result);
  add_survival_penalised(*survival, result);
  add_survival_scores(*survival, result);
  add_survival_nomogram(*survival, result);
  add_survival_integrate(*survival, result);
  add_survival_performance(*survival, result);
  add_survival_reclassify(*survival, result);
  add_survival_cutpoint(*survival, result);
  add_survival_characteristics(*survival, result);
}

}  // namespace gliocast::cli
