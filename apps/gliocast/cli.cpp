#include "cli.hpp"

#include <gliocast/core/disk_errors.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/core/version.hpp>

#include <csignal>
#include <cstdio>
#include <new>

namespace gliocast::cli {
namespace {

extern "C" void on_signal(int signal) {
  if (interrupt_requested()) std::_Exit(128 + signal);  // a second Ctrl-C does not wait
  request_interrupt();
}

/// The word of the validator stands in the help.
CLI::Validator number_above_zero(bool with_zero, const std::string& word) {
  return {[=](const std::string& text) -> std::string {
            const auto value = parse_number(text);
            if (!value) return "\"" + text + "\" is no number";
            if (*value > 0 || (with_zero && *value == 0)) return {};
            return text + " is not " + (with_zero ? "0 or more" : "above 0");
          },
          word};
}

}  // namespace

CLI::Validator positive_number() { return number_above_zero(false, "POSITIVE"); }

CLI::Validator not_negative_number() { return number_above_zero(true, "NONNEGATIVE"); }

void add_threads_option(CLI::App& verb, std::size_t& threads) {
  verb.add_option("--threads", threads, "Threads to use; 0 = all cores")
      ->check(not_negative_number())
      ->capture_default_str();
}

void add_common_options(CLI::App& verb, Common& common) {
  add_threads_option(verb, common.threads);
  add_quiet_option(verb, common);
}

void add_quiet_option(CLI::App& verb, Common& common) {
  verb.add_flag("--quiet,-q", common.quiet, "Warnings and errors only");
}

void add_device_option(CLI::App& verb, Common& common) {
  verb.add_option("--device", common.device, "Where networks run")
      ->check(CLI::IsMember({"cpu", "cuda"}))
      ->capture_default_str();
}

void add_existing_options(CLI::App& verb, Existing& existing) {
  auto* resume = verb.add_flag("--resume", existing.resume, "Go on with what is in the output folder");
  verb.add_flag("--overwrite", existing.overwrite, "Replace what is in the output folder")->excludes(resume);
}

void prepare_output(const std::filesystem::path& folder, const Existing& existing) {
  prepare_output_folder(folder, existing.resume      ? ExistingOutput::Resume
                                : existing.overwrite ? ExistingOutput::Overwrite
                                                     : ExistingOutput::Refuse);
}

void apply(const Common& common) {
  set_console_log_level(common.quiet ? LogLevel::Warning : LogLevel::Info);
  if (common.quiet) set_progress_style(ProgressStyle::None);
}

void describe_program(CLI::App& app) {
  app.description(
      "gliocast: from glioma MRI (T1, contrast-enhanced T1, T2) to tumour outline, probability of high grade and "
      "report.\n"
      "For research. Not a medical device.");
  app.set_version_flag("--version", "gliocast " + std::string(version()));
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 done, 1 some cases failed, 2 wrong use, 3 unusable input, 4 model or atlas missing or unfit,\n"
      "            5 internal fault, 6 output cannot be written, 130 interrupted");
}

int run(CLI::App& app, int argc, char** argv, const int& verb_result) {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    app.parse(argc, argv);
    return verb_result;
  } catch (const CLI::ParseError& e) {
    const int code = app.exit(e);
    return code == 0 ? 0 : static_cast<int>(ExitCode::WrongUse);
  } catch (const Error& e) {
    std::fprintf(stderr, "gliocast: error: %s\n", e.what());
    return static_cast<int>(e.code());
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "gliocast: error: out of memory\n");
    return static_cast<int>(ExitCode::InternalFault);
  } catch (const std::exception& e) {
    if (const auto full = as_cannot_write(e)) {
      std::fprintf(stderr, "gliocast: error: %s\n", full->what());
      return static_cast<int>(full->code());
    }
    std::fprintf(stderr, "gliocast: internal fault: %s\n  Please report this, with the command and the log.\n",
                 e.what());
    return static_cast<int>(ExitCode::InternalFault);
  }
}

}  // namespace gliocast::cli
