// gliocast survival: survival statistics of any table.
#include "../verbs.hpp"
#include "commands.hpp"
#include "survival_commands.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/survival/cox_model_file.hpp>

namespace gliocast::cli {

void require_model(const std::filesystem::path& file, const std::string& option) {
  const bool is_name = !file.has_parent_path() && !file.has_extension();
  if (!is_name && !std::filesystem::exists(file))
    throw Error(ExitCode::MissingModel, "there is no such file", option + " " + file.string(),
                "give what gliocast survival cox or penalised --save wrote, or the name of a shipped model");
}

analysis::SavedModel load_model(const std::filesystem::path& file, const std::string& option) {
  require_model(file, option);
  return {survival::read_cox_model(file), file};
}

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
