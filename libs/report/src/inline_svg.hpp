#pragma once
#include <string>
#include <string_view>

namespace gliocast::report {

/// An SVG file's text for the middle of an HTML page: without declaration, document type and comments, every id and
/// every reference to one beginning with `prefix`, so that figures on one page do not take each other's patterns and
/// marks; an id that stands there again is left out. Empty where it has no <svg> element, or one that reaches beyond
/// the figure (a style sheet, a script).
[[nodiscard]] std::string inline_svg(std::string_view svg, const std::string& prefix);

}  // namespace gliocast::report
