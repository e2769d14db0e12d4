#include <gliocast/report/nomogram_calculator.hpp>

#include "html_template.hpp"
#include "templates.hpp"

namespace gliocast::report {

std::string nomogram_calculator(const CalculatorLabels& labels, const Json& model, const Json& start) {
  const Json page{
      {"labels", {{"title", labels.title}, {"unit", labels.unit}, {"stratum", labels.stratum}, {"note", labels.note}}},
      {"model", model},
      {"start", start}};
  std::string data = page.dump(-1, ' ', false, Json::error_handler_t::replace);
  // No text of a table may end the script element.
  for (std::size_t at = 0; (at = data.find('<', at)) != std::string::npos;) data.replace(at, 1, "\\u003c");
  return render_html(nomogram_calculator_template(), {{"model", data}});
}

}  // namespace gliocast::report
