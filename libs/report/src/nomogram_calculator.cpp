#include <gliocast/report/nomogram_calculator.hpp>
namespace gliocast::report {
std::string nomogram_calculator(const CalculatorLabels&, const Json&, const Json&) { return {}; }
}
