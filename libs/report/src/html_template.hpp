#pragma once
#include <gliocast/core/json.hpp>

#include <map>
#include <string>
#include <string_view>

namespace gliocast::report {

/// Fills a Mustache template (mustache.github.io) with a view: strings, booleans, arrays and objects. Text is escaped
/// for HTML, also within attributes, but for triple braces. `partials`: templates by the name that {{> name}} gives.
[[nodiscard]] std::string render_html(std::string_view page, const Json& view,
                                      const std::map<std::string, std::string_view>& partials = {});

}  // namespace gliocast::report
