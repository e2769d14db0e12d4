#pragma once
// The settings of a study, as its verbs read them from the command line.
#include <CLI/CLI.hpp>
#include <gliocast/study/settings.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::cli {

struct SettingsArguments {
  std::string preset = "default";
  std::filesystem::path file;
  std::vector<std::string> set;
};

/// --preset, --settings and --set.
void add_settings_options(CLI::App& verb, SettingsArguments& arguments);
/// The preset or the file, with what --set changes. Throws Error{WrongUse, UnusableInput} as settings.hpp says.
[[nodiscard]] study::StudySettings settings_of(const SettingsArguments& arguments);

/// Adds gliocast study settings, which prints them.
void add_study_settings(CLI::App& study, int& result);

}  // namespace gliocast::cli
