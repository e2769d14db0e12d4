#include <gliocast/core/run_key.hpp>

#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>

namespace gliocast {

RunKey::RunKey(std::string_view work, int content) {
  field("work", 's', work);
  add("content", content);
}

RunKey& RunKey::add(std::string_view name, std::string_view text) { return field(name, 's', text); }
RunKey& RunKey::add(std::string_view name, double value) { return field(name, 'd', shortest(value)); }

RunKey& RunKey::field(std::string_view name, char type, std::string_view value) {
  for (const std::string_view part : {name, std::string_view(&type, 1), value}) {
    fields_ += std::to_string(part.size()) + ":";
    fields_ += part;
  }
  return *this;
}

std::string RunKey::sha256() const { return gliocast::sha256(fields_); }

bool done_before(const std::filesystem::path& file, const std::string& key) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return false;
  try {
    const Json json = read_json(file);
    return json.is_object() && json.contains("run_key") && json["run_key"] == key;
  } catch (const Error&) {
    return false;  // half a file of a broken disk: the work is done again
  }
}

}  // namespace gliocast
