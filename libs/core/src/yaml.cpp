#include <gliocast/core/yaml.hpp>

#include <gliocast/core/error.hpp>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <sstream>

namespace gliocast {
namespace {

constexpr std::size_t kMostNodes = 20000;
constexpr int kDepth = 8;

/// A number as YAML 1.2 writes it (decimal, 0x, 0o, with underscores, .inf, .nan); nothing for other text.
std::optional<Json> number_of(std::string text) {
  const std::size_t start = text.starts_with('+') || text.starts_with('-') ? 1 : 0;
  const std::string magnitude = text.substr(start);
  const double sign = text.starts_with('-') ? -1 : 1;
  for (const char* infinite : {".inf", ".Inf", ".INF"})
    if (magnitude == infinite) return sign * std::numeric_limits<double>::infinity();
  for (const char* nan : {".nan", ".NaN", ".NAN"})
    if (text == nan) return std::nan("");
  if (text.find_first_of("0123456789") == std::string::npos || magnitude.starts_with('_')) return std::nullopt;
  std::erase(text, '_');
  const bool hex = magnitude.starts_with("0x"), octal = magnitude.starts_with("0o");
  if (hex || octal) text.erase(start, 2);
  char* end = nullptr;
  errno = 0;
  const long long whole = std::strtoll(text.c_str(), &end, hex ? 16 : octal ? 8 : 10);
  if (*end == '\0' && errno == 0) return whole;
  if (text.find_first_not_of("0123456789+-.eE") != std::string::npos) return std::nullopt;
  const double number = std::strtod(text.c_str(), &end);
  return *end == '\0' && std::isfinite(number) ? std::optional<Json>(number) : std::nullopt;
}

/// A plain scalar as YAML types it: numbers as version 1.2, words for true and false also as version 1.1.
Json typed(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!" || node.Tag().ends_with(":str")) return text;  // quoted, or said to be text
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL" || text == "None")
    return nullptr;
  for (const char* yes : {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})
    if (text == yes) return true;
  for (const char* no : {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})
    if (text == no) return false;
  const auto number = number_of(text);
  if (number && node.Tag().ends_with(":float")) return number->get<double>();
  return number.value_or(text);
}

struct Reader {
  std::string source;
  std::map<std::string, int> lines{};
  std::size_t nodes = 0;

  Json convert(const YAML::Node& node, const std::string& where, int depth) {
    if (++nodes > kMostNodes) throw unusable_input("holds more than " + std::to_string(kMostNodes) + " values", source);
    if (depth > kDepth) throw unusable_input("is nested deeper than a parameter file is", source);
    if (!node || node.IsNull()) return nullptr;
    if (node.IsScalar()) return typed(node);
    if (node.IsSequence()) {
      Json list = Json::array();
      for (const auto& item : node) {
        const std::string here = where + " #" + std::to_string(list.size());
        lines[here] = item.Mark().line + 1;
        list.push_back(convert(item, here, depth + 1));
      }
      return list;
    }
    return convert_map(node, where, depth);
  }

  /// Own keys come before those that "<<" merges in.
  Json convert_map(const YAML::Node& node, const std::string& where, int depth) {
    Json map = Json::object();
    std::set<std::string> own;
    for (const auto& pair : node) {
      if (!pair.first.IsScalar()) throw unusable_input("has a key that is no name", at(pair.first));
      const std::string key = pair.first.Scalar();
      if (!own.insert(key).second) throw unusable_input("has the key '" + key + "' twice", at(pair.first));
      if (is_merge(pair.first)) map = merged(pair.second, where, depth);
    }
    for (const auto& pair : node) {
      if (is_merge(pair.first)) continue;
      const std::string key = pair.first.Scalar(), here = where + ": " + key;
      lines[here] = pair.first.Mark().line + 1;
      map[key] = convert(pair.second, here, depth + 1);
    }
    return map;
  }

  /// What "<<" merges in: a map, or a list of maps of which the first ones come first.
  Json merged(const YAML::Node& node, const std::string& where, int depth) {
    std::vector<YAML::Node> maps;
    if (node.IsSequence())
      for (const auto& item : node) maps.insert(maps.begin(), item);
    else
      maps.push_back(node);
    Json out = Json::object();
    for (const auto& map : maps) {
      if (!map.IsMap()) throw unusable_input("merges ('<<') what is no map of names and values", at(node));
      out.update(convert(map, where, depth + 1));
    }
    return out;
  }

  static bool is_merge(const YAML::Node& key) { return key.Scalar() == "<<" && key.Tag() != "!"; }
  [[nodiscard]] std::string at(const YAML::Node& node) const {
    return source + ", line " + std::to_string(node.Mark().line + 1);
  }
};

/// Takes the parser's events and does nothing.
struct Ignore : YAML::EventHandler {
  using Mark = YAML::Mark;
  void OnDocumentStart(const Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const Mark&, YAML::anchor_t) override {}
  void OnAlias(const Mark&, YAML::anchor_t) override {}
  void OnScalar(const Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

/// The first line that begins with blanks and a tab, from 1; 0 where none does.
std::size_t line_indented_by_tab(const std::string& text) {
  std::istringstream stream(text);
  std::string line;
  for (std::size_t n = 1; std::getline(stream, line); ++n)
    if (const auto first = line.find_first_not_of(' '); first != std::string::npos && line[first] == '\t') return n;
  return 0;
}

/// YAML::LoadAll would tell, but runs for ever on some damaged files (yaml-cpp 0.7).
bool has_second_document(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  Ignore ignore;
  return parser.HandleNextDocument(ignore) && parser.HandleNextDocument(ignore);
}

}  // namespace

std::string YamlDocument::place(const std::string& source, const std::string& path) const {
  const auto at = lines.find(path);
  return at == lines.end() ? source : source + ", line " + std::to_string(at->second);
}

YamlDocument parse_yaml(const std::string& text, const std::string& source) {
  try {
    (void)Json(text).dump();  // checks the encoding
  } catch (const Json::exception&) {
    throw unusable_input("is not UTF-8 text", source);
  }
  try {
    if (has_second_document(text))
      throw unusable_input(
          "holds more than one YAML document (a part behind '---', or text behind the first), one is needed", source,
          "put each into a file of its own");
    Reader reader{source};
    Json json = reader.convert(YAML::Load(text), source, 0);
    return {std::move(json), std::move(reader.lines)};
  } catch (const YAML::Exception& e) {
    if (const auto line = line_indented_by_tab(text); line > 0 && line <= static_cast<std::size_t>(e.mark.line) + 1)
      throw unusable_input("is indented by a tab, which YAML does not take", source + ", line " + std::to_string(line),
                           "put blanks in its place");
    throw unusable_input("is neither YAML nor JSON: " + e.msg, source + ", line " + std::to_string(e.mark.line + 1));
  }
}

}  // namespace gliocast
