#include "worker.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/interrupt.hpp>

#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>

extern char** environ;

namespace gliocast::dicom {
namespace {

namespace fs = std::filesystem;

constexpr int kPollMs = 200;                   ///< how soon a wish to stop is seen
constexpr std::chrono::seconds kPatience{75};  ///< the worker's own alarm comes first

/// Signals as a fresh program has them, and a process group of its own: Ctrl-C is for the program, which then ends its
/// workers.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    ::posix_spawnattr_init(&value_);
    sigset_t all, none;
    ::sigfillset(&all);
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigdefault(&value_, &all);
    ::posix_spawnattr_setsigmask(&value_, &none);
    ::posix_spawnattr_setpgroup(&value_, 0);
    ::posix_spawnattr_setflags(&value_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnAttributes() { ::posix_spawnattr_destroy(&value_); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  [[nodiscard]] const posix_spawnattr_t* get() const { return &value_; }

 private:
  posix_spawnattr_t value_{};
};

}  // namespace

fs::path find_worker() {
  if (const char* set = std::getenv("GLIOCAST_DICOM_WORKER")) return set;
  std::error_code error;
  const fs::path beside = fs::read_symlink("/proc/self/exe", error).parent_path();
  const fs::path above = beside.parent_path();
  for (const fs::path& folder : {beside, above, above / "libexec" / "gliocast", fs::path(GLIOCAST_LIBEXEC)})
    if (const fs::path file = folder / protocol::kWorkerName; fs::exists(file, error)) return file;
  throw Error(ExitCode::InternalFault, "the program gliocast-dicom, which reads DICOM files, was not found",
              beside.string(), "it belongs beside gliocast; or name it in $GLIOCAST_DICOM_WORKER");
}

Worker::Worker(std::size_t memory_bytes) : megabytes_(std::to_string((memory_bytes >> 20) + 1)) {}

Worker::~Worker() { stop(); }

// Not fork(): the child of a program with threads may do next to nothing, and ITK's own handler waits for its threads.
void Worker::start() {
  const fs::path program = find_worker();
  std::array<int, 2> ends{};
  // Close-on-exec: another thread's worker must not hold this one's end open.
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw Error(ExitCode::InternalFault, "no socket for the reader of DICOM files", {},
                "are too many files open (ulimit -n)?");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
  const SpawnAttributes attributes;
  std::string name = protocol::kWorkerName;
  std::array<char*, 3> arguments{name.data(), megabytes_.data(), nullptr};
  const int failed = ::posix_spawn(&process_, program.c_str(), &actions, attributes.get(), arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (failed != 0) {
    ::close(ends[0]);
    process_ = -1;
    throw Error(ExitCode::InternalFault,
                std::string("the program gliocast-dicom cannot be run: ") + std::strerror(failed), program.string());
  }
  socket_ = ends[0];
}

void Worker::stop() noexcept {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);  // it holds nothing that could be lost
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
}

/// False where the worker has died or hangs; it is then gone.
bool Worker::receive(void* to, std::size_t bytes) {
  auto* at = static_cast<char*>(to);
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (bytes > 0) {
    if (interrupt_requested()) {
      stop();
      throw_if_interrupted();
    }
    pollfd one{socket_, POLLIN, 0};
    const int ready = ::poll(&one, 1, kPollMs);
    if (ready == 0 && std::chrono::steady_clock::now() < end) continue;
    if (ready < 0 && errno == EINTR) continue;
    const ssize_t got = ready > 0 ? ::recv(socket_, at, bytes, 0) : 0;
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      stop();
      return false;
    }
    at += got;
    bytes -= static_cast<std::size_t>(got);
  }
  return true;
}

bool Worker::ask(protocol::Wish wish, const fs::path& path, protocol::Outcome& outcome) {
  if (process_ < 0) start();
  const std::string file = fs::absolute(path).string();
  const protocol::Request request{wish, static_cast<std::uint32_t>(file.size())};
  std::string text(reinterpret_cast<const char*>(&request), sizeof request);
  text += file;
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t n = ::send(socket_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      stop();
      return false;
    }
    sent += static_cast<std::size_t>(n);
  }
  return receive(&outcome, sizeof outcome);
}

bool Worker::receive_header(Header& header) {
  for (auto& text : header.values) {
    std::uint32_t length = 0;
    if (!receive(&length, sizeof length)) return false;
    if (length > protocol::kLongestText) {
      stop();
      return false;
    }
    text.resize(length);
    if (!receive(text.data(), length)) return false;
  }
  std::uint32_t frames = 0;
  if (!receive(&frames, sizeof frames)) return false;
  if (frames > protocol::kMostFrames) {
    stop();
    return false;
  }
  header.frames.resize(frames);
  return receive(header.frames.data(), frames * sizeof(FrameHeader));
}

bool Worker::receive_volume(Volume<float>& out) {
  protocol::Grid grid{};
  if (!receive(&grid, sizeof grid)) return false;
  Geometry g;
  double voxels = 1;
  for (std::size_t a = 0; a < 3; ++a) {
    voxels *= static_cast<double>(grid.size[a]);
    g.size[a] = static_cast<std::size_t>(grid.size[a]);
    g.spacing_mm[a] = grid.spacing_mm[a];
    g.origin_mm[a] = grid.origin_mm[a];
  }
  for (std::size_t i = 0; i < 9; ++i) g.direction[i] = grid.direction[i];
  if (!(voxels > 0 && voxels <= protocol::kMostVoxels)) {
    stop();
    return false;
  }
  out = Volume<float>(g);
  return receive(out.voxels.data(), out.voxels.size() * sizeof(float));
}

std::optional<Header> Worker::header(const fs::path& path) {
  auto outcome = protocol::Outcome::Undecodable;
  Header header;
  if (!ask(protocol::Wish::Header, path, outcome) || outcome != protocol::Outcome::Done) return std::nullopt;
  if (!receive_header(header)) return std::nullopt;
  return header;
}

protocol::Outcome Worker::volume(const fs::path& path, Volume<float>& out) {
  auto outcome = protocol::Outcome::Undecodable;
  if (!ask(protocol::Wish::Volume, path, outcome)) return protocol::Outcome::Undecodable;
  if (outcome == protocol::Outcome::Done && !receive_volume(out)) return protocol::Outcome::Undecodable;
  return outcome;
}

}  // namespace gliocast::dicom
