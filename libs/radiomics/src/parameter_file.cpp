// Parameter files: YAML and JSON to the checked parameters.
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/yaml.hpp>
#include <gliocast/radiomics/parameters.hpp>

namespace gliocast::radiomics {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;

}  // namespace

Parameters read_parameters(const std::filesystem::path& path) {
  const auto bytes = read_file(path, false, kMostBytes);
  return parse_parameter_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.filename().string());
}

Parameters parse_parameter_text(const std::string& text, const std::string& source) {
  const auto [json, lines] = parse_yaml(text, source);
  try {
    return parse_parameters(json, source);
  } catch (const Error& e) {
    const auto line = lines.find(e.where());
    if (line == lines.end()) throw;
    throw Error(e.code(), e.problem(), e.where() + " (line " + std::to_string(line->second) + ")", e.hint());
  }
}

void apply_setting(Parameters& p, const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0)
    throw Error(ExitCode::WrongUse, "'" + text + "' is not KEY:VALUE", "--setting",
                "for example binWidth:25 or resampledPixelSpacing:[1,1,1]");
  const std::string key = text.substr(0, colon), value = text.substr(colon + 1);
  p.setting[key] = parse_yaml(value, "--setting").json;
  const bool takes_list =
      key == "distances" || key == "resampledPixelSpacing" || key == "resegmentRange" || key == "sigma";
  if (takes_list && !p.setting[key].is_array() && !p.setting[key].is_null())
    p.setting[key] = parse_yaml("[" + value + "]", "--setting").json;
  (void)read_settings(p.setting, "--setting");
}

}  // namespace gliocast::radiomics
