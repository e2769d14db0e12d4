#pragma once
// Reading DICOM files in a process of their own: a file that ends its reader costs that file, not the program.
#include "header.hpp"
#include "protocol.hpp"

#include <gliocast/core/volume.hpp>

#include <sys/types.h>
#include <filesystem>
#include <optional>
#include <string>

namespace gliocast::dicom {

/// The worker program: $GLIOCAST_DICOM_WORKER, else gliocast-dicom beside the running program, in the folder above it
/// or in libexec/gliocast.
/// Throws Error{InternalFault} where it is not there.
[[nodiscard]] std::filesystem::path find_worker();

/// A worker process, started with the first request and again after a death. One thread uses it at a time; any number
/// may live side by side. Bounded: memory as said, a minute a file. A request throws Error{Interrupted} soon after the
/// user asks to stop, and Error{InternalFault} where no worker can be started.
class Worker {
 public:
  /// `memory_bytes`: what decoding a file may take beyond the program itself.
  explicit Worker(std::size_t memory_bytes);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// The header of a file; nothing where it is no DICOM or ended the worker.
  [[nodiscard]] std::optional<Header> header(const std::filesystem::path& path);
  /// A slice or a multi-frame volume; a worker that died is Outcome::Undecodable.
  [[nodiscard]] protocol::Outcome volume(const std::filesystem::path& path, Volume<float>& out);

 private:
  void start();
  void stop() noexcept;
  [[nodiscard]] bool ask(protocol::Wish wish, const std::filesystem::path& path, protocol::Outcome& outcome);
  [[nodiscard]] bool receive(void* to, std::size_t bytes);
  [[nodiscard]] bool receive_header(Header& header);
  [[nodiscard]] bool receive_volume(Volume<float>& out);

  std::string megabytes_;
  pid_t process_ = -1;
  int socket_ = -1;
};

}  // namespace gliocast::dicom
