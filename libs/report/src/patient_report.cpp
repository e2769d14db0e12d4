#include <gliocast/report/patient_report.hpp>

#include "html_template.hpp"
#include "patient_view.hpp"
#include "templates.hpp"

namespace gliocast::report {
namespace {

std::string page(Json view) {
  view["style"] = report_css();
  return render_html(
      patient_report_template(), view,
      {{"figure", figure_template()}, {"planes", planes_template()}, {"survival_model", survival_model_template()}});
}

}  // namespace

std::string preprocessing_report_html(const findings::Preparation& preparation, const PatientPictures& pictures) {
  Json view = preparation_view(preparation);
  view["title"] = "Preprocessed MRI";
  view["preparation_pictures"] = preparation_pictures_view(pictures);
  return page(std::move(view));
}

std::string patient_report_html(const findings::Prediction& prediction, const PatientPictures& pictures) {
  Json view = preparation_view(prediction.preparation, &prediction);
  view["title"] = "Glioma MRI report";
  view["preparation_pictures"] = preparation_pictures_view(pictures);
  view["findings"] = findings_view(prediction);
  view["findings"]["survival"] = survival_view(prediction, pictures.survival);
  view["findings"]["signature"] = signature_view(prediction, pictures);
  add_slices(view["findings"], pictures);
  if (view["findings"]["activation"].is_object()) view["findings"]["activation"]["views"] = activation_views(pictures);
  return page(std::move(view));
}

}  // namespace gliocast::report
