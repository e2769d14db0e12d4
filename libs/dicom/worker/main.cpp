// gliocast-dicom MEGABYTES: decodes DICOM files for gliocast, one request after another, on the socket that is its
// standard input. It has no more memory than it was given, a minute a file, and may die of a damaged one: gliocast
// starts another. Not for users.
#include "../src/decode.hpp"
#include "../src/protocol.hpp"

#include <itkMultiThreaderBase.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

using namespace gliocast::dicom;

namespace {

constexpr unsigned kSeconds = 60;  ///< for one file

bool receive_all(void* to, std::size_t bytes) {
  auto* at = static_cast<char*>(to);
  while (bytes > 0) {
    const ssize_t got = ::recv(STDIN_FILENO, at, bytes, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    bytes -= static_cast<std::size_t>(got);
  }
  return true;
}

bool send_all(const void* from, std::size_t bytes) {
  const auto* at = static_cast<const char*>(from);
  while (bytes > 0) {
    const ssize_t sent = ::send(STDIN_FILENO, at, bytes, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    at += sent;
    bytes -= static_cast<std::size_t>(sent);
  }
  return true;
}

template <typename T>
bool send_value(const T& value) {
  return send_all(&value, sizeof value);
}

bool answer_header(const std::string& path) {
  const auto header = decode_header(path);
  if (!header) return send_value(protocol::Outcome::Undecodable);
  std::string answer;
  for (const auto& text : header->values) {
    const auto length = static_cast<std::uint32_t>(std::min<std::size_t>(text.size(), protocol::kLongestText));
    answer.append(reinterpret_cast<const char*>(&length), sizeof length).append(text, 0, length);
  }
  const auto frames = static_cast<std::uint32_t>(header->frames.size());
  answer.append(reinterpret_cast<const char*>(&frames), sizeof frames);
  answer.append(reinterpret_cast<const char*>(header->frames.data()), frames * sizeof(FrameHeader));
  return send_value(protocol::Outcome::Done) && send_all(answer.data(), answer.size());
}

bool answer_volume(const std::string& path) {
  gliocast::Volume<float> volume;
  const auto outcome = decode_volume(path, volume);
  if (outcome != protocol::Outcome::Done) return send_value(outcome);
  protocol::Grid grid{};
  for (std::size_t a = 0; a < 3; ++a) {
    grid.size[a] = volume.geometry.size[a];
    grid.spacing_mm[a] = volume.geometry.spacing_mm[a];
    grid.origin_mm[a] = volume.geometry.origin_mm[a];
  }
  for (std::size_t i = 0; i < 9; ++i) grid.direction[i] = volume.geometry.direction[i];
  return send_value(outcome) && send_value(grid) &&
         send_all(volume.voxels.data(), volume.voxels.size() * sizeof(float));
}

bool answer(const protocol::Request& request, const std::string& path) {
  ::alarm(kSeconds);
  try {
    return request.wish == protocol::Wish::Header ? answer_header(path) : answer_volume(path);
  } catch (const std::exception&) {  // out of memory, GDCM's own: nothing has been sent yet
    return send_value(protocol::Outcome::Undecodable);
  }
}

/// Address space of this process, bytes.
std::size_t address_space() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Bounded memory, no core file, silence: what GDCM prints may name the patient.
void confine(std::size_t megabytes) {
  const rlimit none{0, 0};
  (void)::setrlimit(RLIMIT_CORE, &none);
  const rlim_t most = address_space() + (megabytes << 20);
  const rlimit memory{most, most};
  (void)::setrlimit(RLIMIT_AS, &memory);
  const int nowhere = ::open("/dev/null", O_WRONLY);
  (void)::dup2(nowhere, STDOUT_FILENO);
  (void)::dup2(nowhere, STDERR_FILENO);
}

}  // namespace

int main(int argc, char** argv) {
  const auto megabytes = argc == 2 ? std::strtoull(argv[1], nullptr, 10) : 0;
  if (megabytes == 0 || megabytes > (std::size_t{1} << 20)) {
    std::fputs("gliocast-dicom reads DICOM files for gliocast, which starts it; it is of no use by itself.\n", stderr);
    return 2;
  }
  itk::MultiThreaderBase::SetGlobalMaximumNumberOfThreads(1);  // each thread's stack would count as memory
  quiet_gdcm();
  confine(megabytes);
  protocol::Request request{};
  while (receive_all(&request, sizeof request) && request.length <= protocol::kLongestText) {
    std::string path(request.length, '\0');
    if (!receive_all(path.data(), path.size()) || !answer(request, path)) break;
    ::alarm(0);
  }
  return 0;
}
