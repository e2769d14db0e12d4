// The light executable: starts at once; hands verbs that need ITK or libtorch to gliocast-imaging.
#include "cli.hpp"
#include "cohort_argument.hpp"
#include "commands/commands.hpp"
#include "verbs.hpp"

#include <gliocast/core/error.hpp>

#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>

namespace {

bool in_imaging(const gliocast::cli::Verb& verb) { return verb.executable == gliocast::cli::Executable::Imaging; }

/// Runs gliocast-imaging with the same arguments in this process; returns only where that fails.
int exec_imaging(char** argv) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto imaging = self.parent_path() / "gliocast-imaging";
  // OpenMP's threads spin while they wait, unless it reads otherwise at its start: where cores are shared with other
  // programs, or patients run side by side, that takes several times the processor time of the work itself.
  ::setenv("OMP_WAIT_POLICY", "passive", /*overwrite=*/0);
  ::execv(imaging.c_str(), argv);
  std::fprintf(stderr, "gliocast: error: %s cannot be run: %s; it belongs beside gliocast\n", imaging.c_str(),
               std::strerror(errno));
  return static_cast<int>(gliocast::ExitCode::InternalFault);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1)
    for (const auto& verb : gliocast::cli::verbs())
      if (in_imaging(verb) && verb.name == argv[1]) return exec_imaging(argv);
  CLI::App app;
  gliocast::cli::describe_program(app);
  app.name("gliocast");
  for (const auto& verb : gliocast::cli::verbs())
    if (in_imaging(verb) && verb.name.find(' ') == std::string_view::npos) gliocast::cli::add_verb(app, verb.name);
  int result = 0;
  gliocast::cli::add_radiomics(app, result);
  gliocast::cli::add_survival(app, result);
  gliocast::cli::add_combat(app, result);
  gliocast::cli::add_grade(app, result);
  gliocast::cli::add_signature(app, result);
  gliocast::cli::add_roc(app, result);
  gliocast::cli::add_icc(app, result);
  if (gliocast::cli::takes_images(app, {argv + 1, argv + argc})) return exec_imaging(argv);
  if (argc == 1) {
    std::fputs(app.help().c_str(), stdout);
    return static_cast<int>(gliocast::ExitCode::WrongUse);
  }
  return gliocast::cli::run(app, argc, argv, result);
}
