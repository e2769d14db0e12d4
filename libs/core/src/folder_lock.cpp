#include <gliocast/core/folder_lock.hpp>

#include <gliocast/core/error.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

namespace gliocast {
namespace {

namespace fs = std::filesystem;

fs::path lock_of(const fs::path& folder) { return folder / ".lock"; }

/// "process 12 of host": who holds the lock, as its file says.
std::string holder(int file) {
  std::array<char, 256> text{};
  const ssize_t length = ::pread(file, text.data(), text.size() - 1, 0);
  return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length)) : "another process";
}

void sign(int file) {
  std::array<char, 128> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  const std::string text = "process " + std::to_string(::getpid()) + " on " + host.data();
  // Only for the message: whether it could be written does not matter.
  if (::ftruncate(file, 0) == 0) static_cast<void>(::pwrite(file, text.data(), text.size(), 0) == 0);
}

}  // namespace

FolderLock::FolderLock(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(ExitCode::CannotWrite, "the folder cannot be made: " + error.message(), folder.string());
  file_ = ::open(lock_of(folder).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file_ < 0)
    throw Error(ExitCode::CannotWrite, std::string("the folder cannot be locked: ") + std::strerror(errno),
                folder.string());
  if (::flock(file_, LOCK_EX | LOCK_NB) == 0) {
    sign(file_);
    return;
  }
  const int reason = errno;
  const std::string who = holder(file_);
  ::close(file_);
  if (reason != EWOULDBLOCK)
    throw Error(ExitCode::CannotWrite, std::string("the folder cannot be locked: ") + std::strerror(reason),
                folder.string());
  throw Error(ExitCode::WrongUse, "another run works in this folder (" + who + ")", folder.string(),
              "wait for it, stop it, or name another folder");
}

FolderLock::~FolderLock() { ::close(file_); }

bool FolderLock::held(const fs::path& folder) {
  const int file = ::open(lock_of(folder).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool taken = ::flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(file);
  return taken;
}

}  // namespace gliocast
