#include "cohort_argument.hpp"

#include "verbs.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/core/text.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

namespace gliocast::cli {
namespace {

namespace fs = std::filesystem;

/// Flags of the imaging program alone: like all flags they take no value.
constexpr std::array<std::string_view, 1> kFlagsOfImages{"--no-deep"};

bool has_both(const std::string& name) {
  const auto in = [&](Executable executable) {
    return std::ranges::any_of(verbs(), [&](const Verb& v) { return v.name == name && v.executable == executable; });
  };
  return in(Executable::Light) && in(Executable::Imaging);
}

/// Whether the argument behind this one is its value. An option that the light verb does not know is of images, and
/// takes one unless it is among their flags.
bool takes_value(const CLI::App& verb, const std::string& argument) {
  if (argument.size() < 2 || argument.front() != '-' || argument.find('=') != std::string::npos) return false;
  if (argument.size() > 2 && argument[1] != '-') return false;  // "-oFILE", "-qx"
  if (const auto* option = verb.get_option_no_throw(argument)) return option->get_items_expected_max() > 0;
  return std::ranges::find(kFlagsOfImages, argument) == kFlagsOfImages.end();
}

std::optional<std::string> first_positional(const CLI::App& verb, const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (takes_value(verb, arguments[i]))
      ++i;
    else if (arguments[i].empty() || arguments[i].front() != '-')
      return arguments[i];
  }
  return std::nullopt;
}

/// Whether a table has a column of files of a sequence; none of its errors are told here.
bool is_manifest(const fs::path& file) {
  constexpr std::array<std::string_view, 3> kSequences{"t1", "t1gd", "t2"};
  try {
    const auto columns = read_table(file).columns;
    return std::ranges::any_of(columns, [&](const std::string& column) {
      return std::ranges::find(kSequences, fold_case(column)) != kSequences.end();
    });
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

bool takes_images(const CLI::App& app, const std::vector<std::string>& arguments) {
  if (arguments.size() < 3 || !has_both(arguments[0] + " " + arguments[1])) return false;
  const auto& verb = *app.get_subcommand(arguments[0])->get_subcommand(arguments[1]);
  const auto input = first_positional(verb, {arguments.begin() + 2, arguments.end()});
  std::error_code error;
  return input && (fs::is_directory(*input, error) || (fs::is_regular_file(*input, error) && is_manifest(*input)));
}

}  // namespace gliocast::cli
