// Parameter files: YAML and JSON to the checked parameters.
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/radiomics/parameters.hpp>

#include <yaml-cpp/yaml.h>

#include <cmath>
#include <map>

namespace gliocast::radiomics {
namespace {

constexpr std::size_t kMostBytes = 1 << 20, kMostNodes = 20000;
constexpr int kDepth = 8;

/// A plain scalar as YAML 1.1 types it.
Json typed(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;  // quoted
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL" || text == "None") return nullptr;
  for (const char* yes : {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})
    if (text == yes) return true;
  for (const char* no : {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})
    if (text == no) return false;
  char* end = nullptr;
  errno = 0;
  const long long whole = std::strtoll(text.c_str(), &end, 10);
  if (*end == '\0' && errno == 0) return whole;
  const double number = std::strtod(text.c_str(), &end);
  const bool digits = text.find_first_of("0123456789") != std::string::npos && text.find_first_not_of("0123456789+-.eE") == std::string::npos;
  if (*end == '\0' && digits && std::isfinite(number)) return number;
  return text;
}

struct Reader {
  std::string source;
  std::map<std::string, int> lines{};  ///< of "source: section: key"
  std::size_t nodes = 0;

  Json convert(const YAML::Node& node, const std::string& where, int depth) {
    if (++nodes > kMostNodes) throw unusable_input("holds more than " + std::to_string(kMostNodes) + " values", source);
    if (depth > kDepth) throw unusable_input("is nested deeper than a parameter file is", source);
    if (!node || node.IsNull()) return nullptr;
    if (node.IsScalar()) return typed(node);
    if (node.IsSequence()) {
      Json list = Json::array();
      for (const auto& item : node) list.push_back(convert(item, where, depth + 1));
      return list;
    }
    Json map = Json::object();
    for (const auto& pair : node) {
      if (!pair.first.IsScalar()) throw unusable_input("has a key that is no name", source + ", line " + std::to_string(pair.first.Mark().line + 1));
      const std::string key = pair.first.Scalar(), here = where + ": " + key;
      if (map.contains(key)) throw unusable_input("has the key '" + key + "' twice", source + ", line " + std::to_string(pair.first.Mark().line + 1));
      lines[here] = pair.first.Mark().line + 1;
      map[key] = convert(pair.second, here, depth + 1);
    }
    return map;
  }
};

Json parse_yaml(const std::string& text, Reader& reader) {
  try {
    (void)Json(text).dump();  // checks the encoding
  } catch (const Json::exception&) {
    throw unusable_input("is not UTF-8 text", reader.source);
  }
  try {
    return reader.convert(YAML::Load(text), reader.source, 0);
  } catch (const YAML::Exception& e) {
    throw unusable_input("is neither YAML nor JSON: " + e.msg, reader.source + ", line " + std::to_string(e.mark.line + 1));
  }
}

}  // namespace

Parameters read_parameters(const std::filesystem::path& path) {
  const auto bytes = read_file(path, false, kMostBytes);
  return parse_parameter_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.filename().string());
}

Parameters parse_parameter_text(const std::string& text, const std::string& source) {
  Reader reader{source};
  const Json json = parse_yaml(text, reader);
  try {
    return parse_parameters(json, reader.source);
  } catch (const Error& e) {
    const auto line = reader.lines.find(e.where());
    if (line == reader.lines.end()) throw;
    throw Error(e.code(), e.problem(), e.where() + " (line " + std::to_string(line->second) + ")", e.hint());
  }
}

void apply_setting(Parameters& p, const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0) throw Error(ExitCode::WrongUse, "'" + text + "' is not KEY:VALUE", "--setting", "for example binWidth:25 or resampledPixelSpacing:[1,1,1]");
  Reader reader{"--setting"};
  p.setting[text.substr(0, colon)] = parse_yaml(text.substr(colon + 1), reader);
  (void)read_settings(p.setting, "--setting");
}

}  // namespace gliocast::radiomics
