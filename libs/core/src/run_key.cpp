#include <gliocast/core/run_key.hpp>

#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/version.hpp>

namespace gliocast {

RunKey::RunKey(std::string_view work, int content) {
  field("work", 's', work);
  add("content", content);
  add("version", version());
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

std::optional<Json> earlier_result(const std::filesystem::path& file, const std::string& key) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return std::nullopt;
  try {
    Json json = read_json(file);
    if (json.is_object() && json.contains("run_key") && json["run_key"] == key) return json;
  } catch (const Error&) {
    // Half a file of a broken disk: the work is done again.
  }
  return std::nullopt;
}

}  // namespace gliocast
