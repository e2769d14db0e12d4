#include <gliocast/models/bundle.hpp>

#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>

#include <algorithm>
#include <array>

namespace gliocast::models {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFormat = "gliocast-model";
constexpr int kVersion = 1;
constexpr std::array<std::string_view, 10> kKinds{"segmentation", "grading",        "cox",           "selector",
                                                  "classifier",   "signature",      "harmonisation", "fused-grading",
                                                  "prognosis",    "fused-signature"};

Error unfit(const std::string& what, const std::string& where, const std::string& hint = {}) {
  return Error(ExitCode::MissingModel, what, where, hint);
}

/// A file's name alone: a bundle never reaches out of its folder.
bool is_plain_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && fs::path(name).filename() == name &&
         name.find('\0') == std::string::npos;
}

/// Format and version, and which kind it is.
Kind read_head(const Json& json, const std::string& where) {
  if (!json.is_object() || json.value("format", Json()) != kFormat) {
    const bool older = json.is_object() && (json.contains("format_version") || json.contains("format"));
    throw unfit(older ? "a model of an older or another form" : "no model of gliocast", where,
                older ? "fit it again with this version" : "give a bundle's folder, or its model.json");
  }
  if (json.at("version") != kVersion)
    throw unfit("the model has format version " + json.at("version").dump() + ", this program reads " +
                    std::to_string(kVersion),
                where, "fit it again, or use the version of gliocast it was made with");
  const std::string found = json.at("kind").get<std::string>();
  const auto known = std::ranges::find(kKinds, found);
  if (known == kKinds.end()) throw unfit("the model is of a kind not known here", where);
  return static_cast<Kind>(known - kKinds.begin());
}

/// The bytes of a bundle's model.json.
std::string read_model_json(const fs::path& file, const fs::path& asked) {
  std::error_code error;
  if (!fs::exists(file, error)) throw unfit("no model is there (model.json)", asked.string());
  try {
    return read_text(file);
  } catch (const Error& e) {
    throw unfit(e.problem(), e.where(), e.hint());
  }
}

fs::path model_json_of(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error) ? path / "model.json" : path;
}

void check_file(const Json& entry, const fs::path& folder, Bundle& bundle, const std::string& where) {
  const std::string name = entry.at("name").get<std::string>();
  if (!is_plain_name(name) || folder.empty()) throw unfit("a file of the model lies outside its folder", where);
  std::error_code error;
  if (!fs::is_regular_file(folder / name, error))
    throw unfit("a file of the model is missing", (folder / name).string());
  if (sha256_file(folder / name) != entry.at("sha256").get<std::string>())
    throw unfit("the file is not the one the model was made with (checksum)", (folder / name).string(),
                "copy the whole bundle again");
  bundle.files.push_back(name);
}

/// What a file is that holds no JSON, in a few words: a model's path is easily mixed up with a table's or an image's.
std::string content_of(std::string_view text) {
  constexpr std::size_t kShown = 40;
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "it is empty";
  const auto is_control = [](unsigned char c) { return c < ' ' && c != '\t' && c != '\r' && c != '\n'; };
  if (std::ranges::any_of(text.substr(0, 4096), is_control)) return "it is a binary file, as images are";
  const auto line = text.substr(first, text.find_first_of("\r\n", first) - first);
  return "it is text that begins with \"" + std::string(line.substr(0, kShown)) +
         (line.size() > kShown ? "...\"" : "\"");
}

/// A file that cannot be parsed: a damaged model, or something else.
Error unparsed(std::string_view text, const Json::parse_error& e, const std::string& where) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && text[first] == '{')
    return unfit("the model is damaged: it breaks off or is spoilt at byte " + std::to_string(e.byte) + " of " +
                     std::to_string(text.size()),
                 where, "copy the whole file again, or fit it anew");
  return unfit("no model of gliocast: " + content_of(text), where,
               "give a bundle's folder, its model.json, or the file that --save wrote");
}

}  // namespace

std::string_view kind_name(Kind kind) noexcept { return kKinds[static_cast<std::size_t>(kind)]; }

Bundle parse_bundle(std::string_view text, Kind kind, const fs::path& folder, const std::string& name) {
  try {
    const Json json = Json::parse(text);
    if (const Kind found = read_head(json, name); found != kind)
      throw unfit("the model is for " + std::string(kind_name(found)) + ", one for " + std::string(kind_name(kind)) +
                      " is needed",
                  name);
    Bundle bundle{.kind = kind,
                  .name = json.at("name").get<std::string>(),
                  .card = json.at("card"),
                  .payload = json.at("payload"),
                  .folder = folder,
                  .checksum = sha256(text)};
    if (!bundle.payload.is_object()) throw unfit("the model is damaged: its payload is no object", name);
    const auto is_text = [](const Json& entry) { return entry.is_string(); };
    if (!bundle.card.is_object() || !std::ranges::all_of(bundle.card, is_text))
      throw unfit("the model is damaged: its card does not hold sentences by name", name);
    for (const auto& entry : json.at("files")) check_file(entry, folder, bundle, name);
    return bundle;
  } catch (const Json::parse_error& e) {
    throw unparsed(text, e, name);
  } catch (const Json::exception& e) {
    throw unfit(std::string("the model is damaged: ") + e.what(), name);
  }
}

Bundle read_bundle(const fs::path& path, Kind kind) {
  const fs::path file = model_json_of(path);
  return parse_bundle(read_model_json(file, path), kind, file.parent_path().empty() ? "." : file.parent_path(),
                      file.string());
}

Kind kind_of_bundle(const fs::path& path) {
  const fs::path file = model_json_of(path);
  const std::string text = read_model_json(file, path);
  try {
    return read_head(Json::parse(text), file.string());
  } catch (const Json::parse_error& e) {
    throw unparsed(text, e, file.string());
  } catch (const Json::exception& e) {
    throw unfit(std::string("the model is damaged: ") + e.what(), file.string());
  }
}

Json bundle_json(const Bundle& bundle) {
  Json files = Json::array();
  for (const auto& name : bundle.files)
    files.push_back({{"name", name}, {"sha256", sha256_file(bundle.folder / name)}});
  return {{"format", kFormat},   {"version", kVersion}, {"kind", kind_name(bundle.kind)}, {"name", bundle.name},
          {"card", bundle.card}, {"files", files},      {"payload", bundle.payload}};
}

void write_bundle(const fs::path& folder, Bundle bundle) {
  bundle.folder = folder;
  write_json(folder / "model.json", bundle_json(bundle));
}

}  // namespace gliocast::models
