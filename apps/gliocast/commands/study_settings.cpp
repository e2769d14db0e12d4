// gliocast study settings: what can be set of a study, as a file to be edited.
#include "study_settings.hpp"

#include "../verbs.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>

#include <cstdio>
#include <memory>

namespace gliocast::cli {

void add_settings_options(CLI::App& verb, SettingsArguments& arguments) {
  auto* preset =
      verb.add_option("--preset", arguments.preset,
                      "What to begin with: default; paper: networks, split and ways of Xu et al. 2022; demo: "
                      "small networks and few folds, for simulated patients")
          ->capture_default_str();
  verb.add_option("--settings", arguments.file,
                  "YAML file of settings; what it leaves out is as its preset has it (gliocast study settings prints "
                  "one)")
      ->excludes(preset);
  verb.add_option("--set", arguments.set,
                  "Change one setting, KEY=VALUE, e.g. grading.outer=3 or times=12,36; may be repeated")
      ->allow_extra_args(false);
}

study::StudySettings settings_of(const SettingsArguments& arguments) {
  auto settings = arguments.file.empty()
                      ? study::preset_settings(arguments.preset)
                      : study::parse_settings(read_text(arguments.file), arguments.file.filename().string());
  for (const auto& assignment : arguments.set) study::override_setting(settings, assignment);
  study::check_settings(settings);
  return settings;
}

void add_study_settings(CLI::App& study, int& result) {
  auto arguments = std::make_shared<SettingsArguments>();
  auto* verb = &add_verb(study, "study settings");
  add_settings_options(*verb, *arguments);
  verb->callback([arguments, &result] {
    const std::string yaml = study::settings_to_yaml(settings_of(*arguments));
    if (std::fputs(yaml.c_str(), stdout) < 0 || std::fflush(stdout) != 0)
      throw Error(ExitCode::CannotWrite, "standard output cannot be written");
    result = 0;
  });
}

}  // namespace gliocast::cli
