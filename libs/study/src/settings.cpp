// Settings read, changed and written; all by the one list of them.
#include <gliocast/study/settings.hpp>

#include "settings_list.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/terms.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/core/yaml.hpp>
#include <gliocast/nn/network_options.hpp>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <iterator>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

namespace gliocast::study {
namespace {

constexpr const char* kPresetPath = "preset";

/// "epochs" of "grading.network.epochs".
std::string last_name(const std::string& path) { return path.substr(path.rfind('.') + 1); }
/// "grading.network" of it; empty at the top.
std::string section_of(const std::string& path) {
  const auto dot = path.rfind('.');
  return dot == std::string::npos ? "" : path.substr(0, dot);
}

const Setting* find(const std::vector<Setting>& list, const std::string& path) {
  const auto at = std::ranges::find(list, path, &Setting::path);
  return at == list.end() ? nullptr : &*at;
}

/// Names of what stands directly in a section.
std::vector<std::string> names_in(const std::vector<Setting>& list, const std::string& section) {
  std::vector<std::string> names;
  for (const auto& s : list)
    if (section_of(s.path) == section) names.push_back(last_name(s.path));
  return names;
}

/// There is no setting of this path: the nearest one of its section, or where else the name is, or what there is.
Error unknown(const std::vector<Setting>& list, const std::string& path) {
  const std::string section = section_of(path), name = last_name(path), problem = "there is no setting " + path;
  const bool known = section.empty() || find(list, section) != nullptr;
  const auto near = known ? nearest_name(name, names_in(list, section)) : "";
  if (!near.empty())
    return unusable_input(problem, path, "is " + section + (section.empty() ? "" : ".") + near + " meant?");
  std::vector<std::string> elsewhere, all, names;
  for (const auto& s : list) {
    all.push_back(s.path);
    names.push_back(last_name(s.path));
  }
  const std::string like = nearest_name(name, names);
  std::ranges::copy_if(all, std::back_inserter(elsewhere), [&](const auto& p) { return last_name(p) == like; });
  if (const std::string hint = known ? "" : meant(path, all); !hint.empty()) return unusable_input(problem, path, hint);
  if (!elsewhere.empty()) return unusable_input(problem, path, "there is " + listed(elsewhere));
  const std::string shown = known ? section : "";
  return unusable_input(problem, path,
                        (shown.empty() ? "there are: " : shown + " has: ") + listed(names_in(list, shown)));
}

Error no_value(const std::vector<Setting>& list, const Setting& section) {
  return unusable_input(section.path + " is a section, not a value", section.path,
                        "it has: " + listed(names_in(list, section.path)));
}

/// Whether a text can be shown and written: UTF-8 without control characters.
bool printable(std::string_view text) {
  while (!text.empty()) {
    const auto c = first_code_point(text);
    if (c.value == kNoCodePoint || c.value < 0x20 || c.value == 0x7F) return false;
    text.remove_prefix(c.length);
  }
  return true;
}

/// Reads a JSON value into a setting's member. Throws Error{UnusableInput} whose place is the setting.
class Reading {
 public:
  Reading(const Setting& setting, const Json& json) : s_(setting), a_(setting.allowed), json_(json) {}

  void operator()(std::monostate) const {}
  void operator()(bool* to) const {
    if (!json_.is_boolean()) refuse("true or false");
    *to = json_.get<bool>();
  }
  void operator()(std::int64_t* to) const { *to = whole(json_); }
  void operator()(std::size_t* to) const { *to = static_cast<std::size_t>(whole(json_)); }
  void operator()(double* to) const { *to = number(json_, "a number, "); }
  void operator()(std::optional<double>* to) const {
    const bool none = json_.is_null() || json_ == "none";
    *to = none ? std::nullopt : std::optional(number(json_, "none, or a number, "));
  }
  void operator()(std::string* to) const { *to = json_.is_null() && a_.or_empty ? "" : text(json_); }
  void operator()(std::vector<double>* to) const {
    const std::string wanted = "a list of numbers in ascending order, each " + allowed_text(s_) + ", such as [12, 36]";
    std::vector<double> values;
    for (const auto& item : items()) {
      if (!in_range(item)) refuse(wanted);
      values.push_back(item.get<double>());
      if (values.size() > 1 && values.back() <= values[values.size() - 2]) refuse(wanted);
    }
    if (values.empty()) refuse(wanted);
    *to = std::move(values);
  }
  void operator()(std::vector<std::string>* to) const {
    std::vector<std::string> values;
    if (!json_.is_null())
      for (const auto& item : items()) {
        values.push_back(text(item));
        if (std::ranges::count(values, values.back()) > 1) refuse("a list that names each once");
      }
    if (values.empty() && !a_.or_empty) refuse("one or more of: " + allowed_text(s_));
    *to = std::move(values);
  }
  void operator()(std::array<std::int64_t, 3>* to) const {
    if (!json_.is_array() || json_.size() != to->size())
      refuse("a list of " + std::to_string(to->size()) + " whole numbers, " + allowed_text(s_));
    std::array<std::int64_t, 3> values{};
    std::ranges::transform(json_, values.begin(), [&](const Json& item) { return whole(item); });
    *to = values;
  }

 private:
  [[noreturn]] void refuse(const std::string& wanted, const std::string& hint = "") const {
    std::string given = json_.is_null() ? "has no value" : json_.is_object() ? "is a section" : "is " + json_.dump();
    if (given.size() > 80) given = "is another";
    throw unusable_input(s_.path + " must be " + wanted + ", and " + given, s_.path, hint);
  }
  [[nodiscard]] Json items() const { return json_.is_array() ? json_ : Json::array({json_}); }
  [[nodiscard]] bool in_range(const Json& json) const {
    if (!json.is_number()) return false;
    const double v = json.get<double>();
    return (a_.or_zero && v == 0) || ((a_.above ? v > a_.least : v >= a_.least) && v <= a_.most && std::isfinite(v));
  }
  [[nodiscard]] double number(const Json& json, const std::string& kind) const {
    if (!in_range(json)) refuse(kind + allowed_text(s_));
    return json.get<double>();
  }
  [[nodiscard]] std::int64_t whole(const Json& json) const {
    constexpr double kExact = 9007199254740992;  // doubles beyond it are whole whatever was written
    const bool fits =
        in_range(json) && (json.is_number_integer() ||
                           (std::floor(json.get<double>()) == json.get<double>() && json.get<double>() < kExact));
    if (!fits) refuse((json_.is_array() ? "whole numbers, " : "a whole number, ") + allowed_text(s_));
    return json.get<std::int64_t>();
  }
  [[nodiscard]] std::string text(const Json& json) const {
    const bool yes_or_no = json.is_boolean() && allows("yes");  // YAML's yes is true
    if (!json.is_string() && !json.is_number() && !yes_or_no) refuse(wanted_text());
    const std::string value = yes_or_no          ? json.get<bool>() ? "yes" : "no"
                              : json.is_number() ? number_text(json.get<double>())
                                                 : json.get<std::string>();
    if (!printable(value)) throw unusable_input(s_.path + " must be a text without control characters", s_.path);
    const bool file = a_.or_file && value.find_first_of("./") != std::string::npos;
    const bool fits = value.empty() ? a_.or_empty : a_.choices.empty() || file || allows(value);
    if (!fits) refuse(wanted_text(), meant(value, a_.choices));
    return value;
  }
  [[nodiscard]] bool allows(const std::string& choice) const {
    return std::ranges::find(a_.choices, choice) != a_.choices.end();
  }
  [[nodiscard]] std::string wanted_text() const {
    return a_.choices.empty() ? "a text" : "one of: " + allowed_text(s_);
  }

  const Setting& s_;
  const Allowed& a_;
  const Json& json_;
};

void read(const Setting& setting, const Json& json) { std::visit(Reading(setting, json), setting.member); }

/// The error of a setting with the line where it stands.
Error with_line(const Error& e, const YamlDocument& document, const std::string& source) {
  std::string nested = source + ": ";
  for (const char c : e.where()) nested += c == '.' ? ": " : std::string(1, c);
  const std::string as_written = source + ": " + e.where();  // a name with dots
  return unusable_input(e.problem(), document.place(source, document.lines.contains(nested) ? nested : as_written),
                        e.hint());
}

void read_section(const std::vector<Setting>& list, const std::string& section, const Json& json) {
  for (const auto& [name, value] : json.items()) {
    const std::string path = section.empty() ? name : section + "." + name;
    if (name.find('.') != std::string::npos)
      throw unusable_input(path + " must stand in its section", path,
                           "a line with the section's name and a colon, "
                           "below it, indented, the setting");
    const Setting* setting = find(list, path);
    if (setting == nullptr) throw unknown(list, path);
    if (!setting->section())
      read(*setting, value);
    else if (value.is_object())
      read_section(list, path, value);
    else if (!value.is_null())  // null: all that is in it stands behind #
      throw no_value(list, *setting);
  }
}

/// The value of an assignment, as a file would have it; of lists without brackets.
Json value_of(const Setting& setting, const std::string& text) {
  if (std::holds_alternative<std::string*>(setting.member)) return text;
  if (!text.starts_with('[')) {
    if (std::holds_alternative<std::vector<std::string>*>(setting.member)) return split_terms(text);
    if (std::holds_alternative<std::vector<double>*>(setting.member) ||
        std::holds_alternative<std::array<std::int64_t, 3>*>(setting.member))
      return parse_yaml("[" + text + "]", setting.path).json;
  }
  return parse_yaml(text, setting.path).json;
}

struct Value {
  Json operator()(std::monostate) const { return Json::object(); }
  Json operator()(const std::optional<double>* value) const { return *value ? Json(**value) : Json(nullptr); }
  template <class T>
  Json operator()(const T* value) const {
    return *value;
  }
};

std::string to_yaml(const Json& value) {
  if (value.is_null()) return "none";
  if (value.is_number_float()) return number_text(value.get<double>());
  if (value.is_array()) {
    std::vector<std::string> items;
    for (const auto& item : value) items.push_back(to_yaml(item));
    return "[" + listed(items) + "]";
  }
  if (!value.is_string()) return value.dump();
  const auto text = value.get<std::string>();
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.' || c == '/';
  };
  const bool bare = !text.empty() && std::isalpha(static_cast<unsigned char>(text[0])) != 0 &&
                    std::ranges::all_of(text, plain) && parse_yaml(text, "").json == value;
  return bare ? text : value.dump();  // JSON's texts are YAML's
}

/// Of two settings; its place is one of them.
std::optional<Error> contradiction(const StudySettings& settings) {
  constexpr auto kWidth = nn::Resnet2dOptions::kPublishedWidth;
  const auto multiple = nn::UnetOptions{}.size_multiple();
  if (std::ranges::any_of(settings.outlines.network.patch_zyx, [&](std::int64_t n) { return n % multiple != 0; }))
    return unusable_input("outlines.network.patch_zyx must be multiples of " + std::to_string(multiple) +
                              ": the network halves them at each level",
                          "outlines.network.patch_zyx", "for example [64, 80, 64]");
  const auto& s = settings.signature;
  if (std::ranges::find(s.against, s.way) != s.against.end())
    return unusable_input("signature.against names " + s.way + ", which is signature.way itself", "signature.against",
                          "name other ways there, or none: []");
  if (s.deep && !s.imagenet.empty() && s.network.base_width != kWidth)
    return unusable_input("weights of signature.imagenet are of base width " + std::to_string(kWidth) +
                              ", and signature.network.base_width is " + std::to_string(s.network.base_width),
                          "signature.imagenet", "set the width, or leave out the file");
  return std::nullopt;
}

}  // namespace

void check_settings(const StudySettings& settings) {
  if (const auto e = contradiction(settings)) throw Error(ExitCode::WrongUse, e->problem(), "", e->hint());
}

StudySettings parse_settings(const std::string& yaml, const std::string& source) {
  const YamlDocument document = parse_yaml(yaml, source);
  if (!document.json.is_object() || document.json.empty())
    throw unusable_input("holds no settings of a study: they stand as name: value", source,
                         "gliocast study settings prints them all");
  try {
    StudySettings settings;
    if (const auto preset = document.json.find(kPresetPath); preset != document.json.end()) {
      read(*find(settings_list(settings), kPresetPath), *preset);
      settings = preset_settings(settings.preset);
    }
    read_section(settings_list(settings), "", document.json);
    if (const auto e = contradiction(settings)) throw *e;
    return settings;
  } catch (const Error& e) {
    throw with_line(e, document, source);
  }
}

void override_setting(StudySettings& settings, const std::string& assignment) {
  if (!printable(assignment)) throw Error(ExitCode::WrongUse, "holds control characters, or is not UTF-8", "--set");
  const std::string place = "--set " + assignment;
  const auto equals = assignment.find('=');
  if (equals == std::string::npos)
    throw Error(ExitCode::WrongUse, "needs KEY=VALUE", place, "for example grading.outer=3");
  const std::string path(trimmed(assignment.substr(0, equals))), value(trimmed(assignment.substr(equals + 1)));
  try {
    const auto list = settings_list(settings);
    const Setting* setting = find(list, path);
    if (setting == nullptr) throw unknown(list, path);
    if (setting->section()) throw no_value(list, *setting);
    if (path == kPresetPath)
      throw unusable_input("preset is what all else begins with, and cannot be changed after it", "",
                           "choose it by --preset, or in the file of settings");
    read(*setting, value_of(*setting, value));
  } catch (const Error& e) {
    throw Error(ExitCode::WrongUse, e.problem(), place, e.hint());
  }
}

std::string settings_to_yaml(const StudySettings& settings) {
  constexpr std::size_t kCommentColumn = 27;
  StudySettings copy = settings;
  std::ostringstream out;
  out << "# Settings of a study, for gliocast study run --settings FILE. What is left out is as the preset has it.\n";
  for (const auto& s : settings_list(copy)) {
    const auto depth = static_cast<std::size_t>(std::ranges::count(s.path, '.'));
    if (s.section() && depth == 0) out << '\n';
    std::string line = std::string(2 * depth, ' ') + last_name(s.path) + ":";
    if (!s.section()) line += " " + to_yaml(std::visit(Value{}, s.member));
    if (line.size() < kCommentColumn) line.resize(kCommentColumn, ' ');
    const bool plain = s.section() || std::holds_alternative<bool*>(s.member);  // true and false explain themselves
    const std::string allowed = plain ? "" : allowed_text(s);
    out << line << "  # " << s.comment << (allowed.empty() ? "" : "; " + allowed) << '\n';
  }
  return out.str();
}

Json settings_to_json(const StudySettings& settings) {
  StudySettings copy = settings;
  Json json = Json::object();
  for (const auto& s : settings_list(copy)) {
    std::string pointer = "/" + s.path;
    std::ranges::replace(pointer, '.', '/');
    json[Json::json_pointer(pointer)] = std::visit(Value{}, s.member);
  }
  return json;
}

}  // namespace gliocast::study
