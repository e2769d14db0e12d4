#pragma once
#include <CLI/CLI.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace gliocast::cli {

/// Which program a verb runs in: the light one, which starts at once, or the one that has ITK and libtorch.
enum class Executable : std::uint8_t { Light, Imaging };

/// What is known of a verb beside its options. Both programs, `--help` and docs/commands come from this list.
struct Verb {
  std::string_view name;     ///< as typed after `gliocast`: "predict", "survival km"
  std::string_view summary;  ///< one line, in the list of verbs
  Executable executable = Executable::Light;
  std::string_view description{};  ///< at the head of the verb's own help; empty: the summary
  std::string_view examples{};     ///< one a line, each a command that runs as it stands
  std::string_view remarks{};      ///< what a reader of the output must know
  std::string_view reference{};    ///< where the method comes from, and whose numbers it gives
};

/// All verbs, a group before its own verbs.
[[nodiscard]] std::span<const Verb> verbs();

/// Adds the subcommand of a verb, with its summary, description and footer, to the program or to its group. A verb that
/// both programs have (of tables, and of images) is the light one's unless `executable` says otherwise. Throws
/// std::logic_error where the list has no such verb.
CLI::App& add_verb(CLI::App& parent, std::string_view name);
CLI::App& add_verb(CLI::App& parent, std::string_view name, Executable executable);

}  // namespace gliocast::cli
