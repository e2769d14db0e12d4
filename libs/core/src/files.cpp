#include <gliocast/core/files.hpp>

#include <gliocast/core/error.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace gliocast {
namespace fs = std::filesystem;
namespace {

Error cannot_write(const fs::path& path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return Error(ExitCode::CannotWrite, std::string("cannot be written: ") + std::strerror(error), path.string(),
               full ? "free some disk space" : "check that the folder exists and may be written to");
}

void write_all(int descriptor, std::span<const std::byte> bytes, const fs::path& path) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::write(descriptor, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw cannot_write(path, errno);
    done += static_cast<std::size_t>(n);
  }
}

}  // namespace

void write_file(const fs::path& path, std::span<const std::byte> bytes) {
  static std::atomic<unsigned> serial{0};
  std::error_code error;
  if (path.has_parent_path()) {
    fs::create_directories(path.parent_path(), error);
    if (error) throw cannot_write(path.parent_path(), error.value());
  }
  fs::path temporary = path;
  temporary += ".tmp" + std::to_string(::getpid()) + "-" + std::to_string(serial++);
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) throw cannot_write(path, errno);
  try {
    write_all(descriptor, bytes, path);
    if (::fsync(descriptor) != 0 && errno != EINVAL) throw cannot_write(path, errno);
  } catch (...) {
    ::close(descriptor);
    fs::remove(temporary, error);
    throw;
  }
  if (::close(descriptor) != 0) {
    const int reason = errno;
    fs::remove(temporary, error);
    throw cannot_write(path, reason);
  }
  fs::rename(temporary, path, error);
  if (error) {
    const int reason = error.value();
    fs::remove(temporary, error);
    throw cannot_write(path, reason);
  }
}

void write_text(const fs::path& path, std::string_view text) {
  write_file(path, std::as_bytes(std::span(text.data(), text.size())));
}

void write_json(const fs::path& path, const Json& json) {
  write_text(path, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::vector<std::byte> read_file(const fs::path& path, bool allow_empty, std::size_t max_bytes) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (!fs::exists(status)) throw unusable_input("no such file", path.string());
  if (fs::is_directory(status)) throw unusable_input("is a folder, not a file", path.string());
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw unusable_input("cannot be read", path.string(), "check its permissions");
  const auto size = file.tellg();
  if (size < 0) throw unusable_input("cannot be read", path.string());
  const auto bytes = static_cast<std::size_t>(size);
  if (bytes == 0 && !allow_empty) throw unusable_input("the file is empty", path.string());
  if (bytes > max_bytes)
    throw unusable_input("the file is too large (" + std::to_string(bytes >> 20) + " MiB)", path.string());
  std::vector<std::byte> content(bytes);
  file.seekg(0);
  if (bytes > 0 && !file.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(bytes)))
    throw unusable_input("cannot be read to its end", path.string());
  return content;
}

std::string read_text(const fs::path& path) {
  const auto bytes = read_file(path, true, std::size_t{1} << 30);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Json read_json(const fs::path& path) {
  try {
    return Json::parse(read_text(path));
  } catch (const Json::exception& e) {
    throw unusable_input("not valid JSON", path.string() + " (" + e.what() + ")");
  }
}

void prepare_output_folder(const fs::path& folder, ExistingOutput existing) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_directory(folder, error))
    throw Error(ExitCode::WrongUse, "--out is a file, a folder is needed", folder.string());
  fs::create_directories(folder, error);
  if (error) throw cannot_write(folder, error.value());
  if (existing == ExistingOutput::Refuse && !fs::is_empty(folder, error))
    throw Error(ExitCode::WrongUse, "the output folder is not empty", folder.string(),
                "add --overwrite to replace what is there, or --resume, where the command has it, to go on");
  if (::access(folder.c_str(), W_OK | X_OK) != 0) throw cannot_write(folder, errno);
}

}  // namespace gliocast
