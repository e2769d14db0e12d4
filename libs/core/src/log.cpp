#include <gliocast/core/log.hpp>

#include <gliocast/core/error.hpp>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <ctime>
#include <fstream>
#include <mutex>

namespace gliocast {
namespace {

struct Sinks {
  std::shared_ptr<spdlog::logger> console;
  std::ofstream json;
  std::mutex guard;
  Sinks() : console(spdlog::stderr_color_mt("gliocast")) {
    console->set_pattern("%^%l%$: %v");
    console->set_level(spdlog::level::info);
  }
};

Sinks& sinks() {
  static Sinks instance;
  return instance;
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return spdlog::level::debug;
    case LogLevel::Info:
      return spdlog::level::info;
    case LogLevel::Warning:
      return spdlog::level::warn;
    case LogLevel::Error:
      return spdlog::level::err;
    case LogLevel::Off:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

const char* name(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return "debug";
    case LogLevel::Info:
      return "info";
    case LogLevel::Warning:
      return "warning";
    default:
      return "error";
  }
}

}  // namespace

void set_console_log_level(LogLevel level) noexcept { sinks().console->set_level(to_spdlog(level)); }

void open_json_log(const std::filesystem::path& path) {
  auto& s = sinks();
  const std::lock_guard lock(s.guard);
  s.json.close();
  s.json.clear();
  s.json.open(path, std::ios::app);
  if (!s.json) throw Error(ExitCode::CannotWrite, "the log cannot be written", path.string());
}

void close_json_log() noexcept {
  auto& s = sinks();
  const std::lock_guard lock(s.guard);
  s.json.close();
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

void log(LogLevel level, std::string_view message, const Json& fields) { log_apart(level, message, message, fields); }

void log_apart(LogLevel level, std::string_view console, std::string_view file, const Json& fields) {
  auto& s = sinks();
  s.console->log(to_spdlog(level), "{}", console);
  const std::lock_guard lock(s.guard);
  if (!s.json.is_open()) return;
  Json line{{"time", utc_now()}, {"level", name(level)}, {"message", file}};
  if (fields.is_object()) line.update(fields);
  s.json << line.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n' << std::flush;
}

}  // namespace gliocast
