#pragma once
#include <filesystem>

namespace gliocast {

/// Keeps an output folder to one process at a time: a lock on `folder/.lock`, which the system lets go when the process
/// ends, however it ends. Over NFS it holds among machines where the server locks files (NFSv4).
class FolderLock {
 public:
  /// Creates the folder where it is missing. Throws Error{WrongUse} where another process has it, with that one's
  /// machine and number; Error{CannotWrite} where the lock cannot be made.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  /// Whether a process has it now.
  [[nodiscard]] static bool held(const std::filesystem::path& folder);

 private:
  int file_ = -1;
};

}  // namespace gliocast
