#pragma once
#include <string_view>

// The files of templates/, embedded at build time (cmake/EmbedText.cmake).
namespace gliocast::report {

std::string_view patient_report_template();
std::string_view figure_template();
std::string_view planes_template();
std::string_view survival_model_template();
std::string_view report_css();
std::string_view nomogram_calculator_template();
std::string_view study_report_template();
std::string_view study_table_template();
std::string_view study_report_css();

}  // namespace gliocast::report
