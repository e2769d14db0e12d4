#include "html_template.hpp"

#include <kainjow/mustache.hpp>

#include <stdexcept>

namespace gliocast::report {
namespace {

namespace mustache = kainjow::mustache;

std::string escape(const std::string& text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

mustache::data data_of(const Json& view) {
  if (view.is_boolean()) return mustache::data(view.get<bool>());
  if (view.is_string()) return mustache::data(view.get<std::string>());
  if (view.is_array()) {
    mustache::data list(mustache::data::type::list);
    for (const auto& item : view) list.push_back(data_of(item));
    return list;
  }
  if (view.is_null()) return mustache::data(false);
  mustache::data object(mustache::data::type::object);
  for (const auto& [key, value] : view.items()) object.set(key, data_of(value));
  return object;
}

}  // namespace

std::string render_html(std::string_view page, const Json& view,
                        const std::map<std::string, std::string_view>& partials) {
  mustache::mustache filled{std::string(page)};
  if (!filled.is_valid()) throw std::logic_error("a template is wrong: " + filled.error_message());
  filled.set_custom_escape(escape);
  auto data = data_of(view);
  for (const auto& [name, text] : partials)
    data.set(name, mustache::data(mustache::partial([text = std::string(text)] { return text; })));
  return filled.render(data);
}

}  // namespace gliocast::report
