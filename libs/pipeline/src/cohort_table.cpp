#include "cohort_table.hpp"

#include <gliocast/core/numbers.hpp>
#include <gliocast/report/wording.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <utility>

namespace gliocast::pipeline {
namespace {

using findings::Prediction;
using findings::SurvivalCurve;
using findings::SurvivalRole;

struct CohortColumn {
  std::string name, description, unit;
  std::function<std::string(const Prediction&)> cell;
};

std::string yes_or_no(bool value) { return value ? "yes" : "no"; }

const findings::GradeEstimate* grade_of(const Prediction& p) { return std::get_if<findings::GradeEstimate>(&p.grade); }

const findings::SignatureEstimate* signature_of(const Prediction& p) {
  return p.signature ? std::get_if<findings::SignatureEstimate>(&p.signature->result) : nullptr;
}

/// The curve of a model of that role, where it has one alone.
const SurvivalCurve* curve_of(const Prediction& p, SurvivalRole role) {
  const auto found = std::ranges::find(p.survival, role, &findings::SurvivalFinding::role);
  const auto* e = found == p.survival.end() ? nullptr : std::get_if<findings::SurvivalEstimate>(&found->result);
  return e && e->curves.size() == 1 ? &e->curves.front() : nullptr;
}

const SurvivalCurve* signature_curve_of(const Prediction& p) {
  const auto* e = signature_of(p);
  return e && e->curve ? &*e->curve : nullptr;
}

void add_outline(std::vector<CohortColumn>& columns) {
  columns.push_back({"tumour_cm3", "volume of the outline; empty: no tumour was found", "cm3",
                     [](const Prediction& p) { return p.tumour ? shortest(p.tumour->volume_cm3) : ""; }});
  columns.push_back({"side", "left, right or both sides", "", [](const Prediction& p) {
                       return p.tumour ? std::string(side_name(findings::side_of(p.tumour->left_fraction))) : "";
                     }});
  columns.push_back({"lobe", "lobe of the AAL atlas that holds most of it", "", [](const Prediction& p) {
                       return p.tumour && p.tumour->location ? std::string(lobe_name(p.tumour->location->main)) : "";
                     }});
  columns.push_back({"enhancement", "contrast enhancement", "", [](const Prediction& p) {
                       using Verdict = findings::Enhancement::Verdict;
                       if (p.enhancement.verdict == Verdict::NotMeasurable) return std::string();
                       return yes_or_no(p.enhancement.verdict == Verdict::Yes);
                     }});
}

void add_grade(std::vector<CohortColumn>& columns) {
  const auto add = [&](const char* name, const char* description, double findings::GradeEstimate::* value) {
    columns.push_back({name, description, "1", [value](const Prediction& p) {
                         const auto* g = grade_of(p);
                         return g ? shortest(g->*value) : "";
                       }});
  };
  add("p_high_grade", "probability of high grade (WHO IV); empty: no reliable estimate",
      &findings::GradeEstimate::probability);
  add("p_high_grade_low", "lower limit of its 95 % interval", &findings::GradeEstimate::low);
  add("p_high_grade_high", "upper limit of its 95 % interval", &findings::GradeEstimate::high);
  columns.push_back({"grade_demonstration", "yes: the grading model was fitted to simulated patients", "",
                     [](const Prediction& p) { return yes_or_no(p.grade_is_demonstration); }});
}

/// Survival at 1, 3 and 5 years with its interval, by a curve.
void add_survival(std::vector<CohortColumn>& columns, const std::string& prefix, const std::string& by,
                  const std::function<const SurvivalCurve*(const Prediction&)>& curve) {
  constexpr std::array<std::pair<const char*, double>, 3> kYears{{{"1y", 1}, {"3y", 3}, {"5y", 5}}};
  const std::array<std::pair<const char*, double findings::SurvivalAt::*>, 3> parts{
      {{"", &findings::SurvivalAt::survival},
       {"_low", &findings::SurvivalAt::low},
       {"_high", &findings::SurvivalAt::high}}};
  for (const auto& [name, years] : kYears)
    for (const auto& [suffix, value] : parts) {
      const std::string what = *suffix == 0 ? "" : *(suffix + 1) == 'l' ? ", lower 95 % limit" : ", upper 95 % limit";
      columns.push_back({prefix + "survival_" + name + suffix,
                         "overall survival at " + shortest(years) + " years by " + by + what +
                             "; empty: none, or it depends on what is not known",
                         "1", [curve, years = years, value = value](const Prediction& p) {
                           const auto* c = curve(p);
                           if (!c) return std::string();
                           const auto at = std::ranges::find(c->at, years, &findings::SurvivalAt::years);
                           return at == c->at.end() || !std::isfinite(*at.*value) ? "" : shortest(*at.*value);
                         }});
    }
}

void add_signature(std::vector<CohortColumn>& columns) {
  columns.push_back(
      {"signature", "weighted sum of z-scores, low = poor survival; empty: none", "1", [](const Prediction& p) {
         const auto* e = signature_of(p);
         return e ? shortest(e->value) : "";
       }});
  columns.push_back({"signature_cut", "below it the risk is high", "1", [](const Prediction& p) {
                       const auto* e = signature_of(p);
                       return e ? shortest(e->cut) : "";
                     }});
  columns.push_back({"risk_group", "high or low, by the signature", "", [](const Prediction& p) {
                       const auto* e = signature_of(p);
                       return std::string(!e ? "" : e->high_risk ? "high" : "low");
                     }});
  add_survival(columns, "signature_", "the signature alone", signature_curve_of);
  add_survival(columns, "integrated_", "the integrated nomogram (clinical facts and risk group)",
               [](const Prediction& p) { return curve_of(p, SurvivalRole::Integrated); });
  columns.push_back(
      {"signature_demonstration", "yes: signature and integrated nomogram were fitted to simulated patients", "",
       [](const Prediction& p) { return p.signature ? yes_or_no(p.signature->model.demonstration) : ""; }});
}

const std::vector<CohortColumn>& columns_of_cohorts() {
  static const auto columns = [] {
    std::vector<CohortColumn> all{
        {"id", "the patient's folder", "", [](const Prediction& p) { return p.preparation.patient; }}};
    add_outline(all);
    add_grade(all);
    add_survival(all, "", "the model of clinical facts",
                 [](const Prediction& p) { return curve_of(p, SurvivalRole::Clinical); });
    add_signature(all);
    all.push_back({"warnings", "number of warnings in the report", "1",
                   [](const Prediction& p) { return std::to_string(report::warnings_of(p).size()); }});
    return all;
  }();
  return columns;
}

}  // namespace

std::vector<std::string> cohort_columns() {
  std::vector<std::string> names;
  for (const auto& column : columns_of_cohorts()) names.push_back(column.name);
  return names;
}

std::vector<std::string> cohort_row(const Prediction& prediction) {
  std::vector<std::string> row;
  for (const auto& column : columns_of_cohorts()) row.push_back(column.cell(prediction));
  return row;
}

Json cohort_dictionary() {
  Json dictionary = Json::object();
  for (const auto& column : columns_of_cohorts()) {
    dictionary[column.name] = {{"Description", column.description}};
    if (!column.unit.empty()) dictionary[column.name]["Units"] = column.unit;
  }
  return dictionary;
}

}  // namespace gliocast::pipeline
