#include "apart.hpp"

#include <gliocast/core/error.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <fstream>
#include <string>

namespace gliocast::image {
namespace {

constexpr unsigned kSeconds = 60;          ///< for one body
constexpr std::size_t kMostDeaths = 1000;  ///< each costs a child

/// Address space of this process, bytes.
std::size_t address_space() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// In the child: a byte a body that ended (1: well), silence, no core file, bounded memory.
[[noreturn]] void run_child(int out, std::size_t from, std::size_t n, std::size_t memory_bytes, const std::function<void(std::size_t)>& body) {
  const rlimit none{0, 0};
  (void)::setrlimit(RLIMIT_CORE, &none);
  const rlim_t most = address_space() + memory_bytes;
  const rlimit memory{most, most};
  (void)::setrlimit(RLIMIT_AS, &memory);
  const int nowhere = ::open("/dev/null", O_WRONLY);
  (void)::dup2(nowhere, STDOUT_FILENO);
  (void)::dup2(nowhere, STDERR_FILENO);
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGALRM, SIGINT, SIGTERM}) (void)std::signal(signal, SIG_DFL);
  for (std::size_t i = from; i < n; ++i) {
    (void)::alarm(kSeconds);
    char done = 1;
    try {
      body(i);
    } catch (...) {
      done = 0;
    }
    if (::write(out, &done, 1) != 1) ::_exit(1);
  }
  ::_exit(0);
}

/// What became of the bodies from `from` on until a child died or was through: a byte each.
std::string outcomes(std::size_t from, std::size_t n, std::size_t memory_bytes, const std::function<void(std::size_t)>& body) {
  int ends[2];
  if (::pipe(ends) != 0) throw Error(ExitCode::InternalFault, "no pipe for reading DICOM files apart");
  const pid_t child = ::fork();
  if (child < 0) {
    ::close(ends[0]), ::close(ends[1]);
    throw Error(ExitCode::InternalFault, "no process for reading DICOM files apart");
  }
  if (child == 0) {
    ::close(ends[0]);
    run_child(ends[1], from, n, memory_bytes, body);
  }
  ::close(ends[1]);
  std::string ended;
  char buffer[256];
  for (ssize_t got = 0; (got = ::read(ends[0], buffer, sizeof buffer)) != 0;) {
    if (got > 0) ended.append(buffer, static_cast<std::size_t>(got));
    if (got < 0 && errno != EINTR) break;
  }
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return ended;
}

}  // namespace

std::vector<bool> survives_apart(std::size_t n, std::size_t memory_bytes, const std::function<void(std::size_t)>& body) {
  std::vector<bool> out(n, false);
  std::size_t next = 0;
  for (std::size_t deaths = 0; next < n && deaths < kMostDeaths; ++deaths) {
    const std::string ended = outcomes(next, n, memory_bytes, body);
    for (std::size_t i = 0; i < ended.size() && next + i < n; ++i) out[next + i] = ended[i] != 0;
    next += ended.size() + 1;
  }
  return out;
}

}  // namespace gliocast::image
