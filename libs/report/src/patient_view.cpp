#include "patient_view.hpp"

#include <gliocast/report/wording.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <variant>

namespace gliocast::report {
namespace {

using findings::Prediction;
using findings::Preparation;

constexpr double kWholeBrain = 0.97;  ///< of the brain within the image: more counts as all of it

/// A number with so many significant digits, "–" where it is undefined.
std::string number(double v, int digits = 4) {
  if (!std::isfinite(v)) return "–";
  if (std::abs(v) >= 1e5 || (v != 0 && std::abs(v) < 1e-3)) return fmt::format("{:.{}g}", v, digits);
  const int whole = static_cast<int>(std::floor(std::log10(std::max(std::abs(v), 1e-3))));
  return fmt::format("{:.{}f}", v, std::max(0, digits - 1 - whole));
}

/// A probability in per cent; certainty is never printed.
std::string percent(double p) {
  const double v = 100 * p;
  return v > 99 ? "> 99" : v < 1 ? "< 1" : fmt::format("{:.0f}", v);
}

std::string interval(const findings::GradeEstimate& g) { return percent(g.low) + " to " + percent(g.high) + " %"; }

Json card(const std::string& key, const std::string& value, const std::string& note) {
  return {{"key", key}, {"value", value}, {"note", note}};
}

/// "; lobes (AAL): frontal 95 %, deep 5 %"; shares below 5 % are not told.
std::string lobes_of(const findings::Location& location) {
  std::string text;
  for (const auto& [lobe, share] : location.lobes)
    if (share >= 0.05)
      text +=
          fmt::format("{}{} {:.0f} %", text.empty() ? "; lobes (AAL): " : ", ", findings::lobe_name(lobe), 100 * share);
  return text;
}

void add_tumour_cards(Json& cards, const Prediction& p) {
  if (!p.tumour) {
    cards.push_back(card("Whole tumour", "none found", EnglishWording().why_no_tumour()));
    return;
  }
  const auto& t = *p.tumour;
  cards.push_back(card(p.tumour_mask ? "Given outline" : "Whole tumour", fmt::format("{:.1f} cm³", t.volume_cm3),
                       fmt::format("{} piece{}, largest diameter {:.0f} mm", t.components, t.components == 1 ? "" : "s",
                                   t.largest_diameter_mm)));
  const auto side = std::string(findings::side_name(findings::side_of(t.left_fraction)));
  cards.push_back(card("Side and lobe",
                       side + (t.location ? std::string(", ") + findings::lobe_name(t.location->main) : ""),
                       fmt::format("{:.0f} % of it left of the brain's middle{}", 100 * t.left_fraction,
                                   t.location ? lobes_of(*t.location) : "")));
}

Json cards_of(const Prediction& p) {
  const EnglishWording words;
  using Verdict = findings::Enhancement::Verdict;
  Json cards = Json::array();
  add_tumour_cards(cards, p);
  const auto verdict = p.enhancement.verdict;
  cards.push_back(card("Contrast enhancement",
                       verdict == Verdict::Yes  ? "yes"
                       : verdict == Verdict::No ? "no"
                                                : "not measurable",
                       words.of(p.enhancement)));
  const std::string grade = "Probability of high grade (WHO IV)";
  if (const auto* g = std::get_if<findings::GradeEstimate>(&p.grade))
    cards.push_back(card(
        grade, percent(g->probability) + " %",
        "95 % interval " + interval(*g) + "; supposes a glioma confirmed by other means; not clinically validated"));
  else
    cards.push_back(card(grade, "no reliable estimate", words.of(std::get<findings::NoReliableGrade>(p.grade))));
  return cards;
}

/// The probability on a scale; null where no grade is stated.
Json scale_of(const findings::Grade& grade) {
  const auto* g = std::get_if<findings::GradeEstimate>(&grade);
  if (!g) return nullptr;
  const EnglishWording words;
  return {{"percent", percent(g->probability)},
          {"interval", interval(*g)},
          {"low", fmt::format("{:.1f}", 100 * g->low)},
          {"width", fmt::format("{:.1f}", std::max(0.5, 100 * g->high - 100 * g->low))},
          {"point", fmt::format("{:.1f}", 100 * g->probability)},
          {"supposes", words.what_a_grade_supposes()},
          {"basis", words.basis_of(*g)}};
}

Json features_of(const std::string& title, bool open, const std::vector<findings::NamedValue>& values) {
  Json features = Json::array();
  for (const auto& v : values) features.push_back({{"name", v.name}, {"value", number(v.value, 5)}, {"unit", v.unit}});
  return {{"title", title}, {"open", open}, {"features", features}};
}

Json numbers_of(const findings::RadiomicsFinding& r) {
  const std::string on = " on " + std::string(display_name(r.sequence));
  Json tables = Json::array();
  const auto add = [&](const std::string& title, bool open, const std::vector<findings::NamedValue>& values) {
    if (!values.empty()) tables.push_back(features_of(title, open, values));
  };
  add("Shape of the tumour (3-D, 14 features)", true, r.shape);
  add("First-order features" + on + " (z-score × 100, bin width 5, shift 300)", false, r.first_order);
  add("Texture" + on + " (GLCM, GLDM, GLRLM, GLSZM, NGTDM)", false, r.texture);
  return {{"tables", tables}, {"note", EnglishWording().note_on(r)}};
}

Json texts_of(const std::vector<findings::Remark>& remarks, const Prediction* prediction) {
  Json texts = Json::array();
  for (const auto& r : remarks) texts.push_back(EnglishWording().of(r, prediction));
  return texts;
}

Json given_mask(const char* what, const findings::GivenMaskFinding& mask) {
  return {{"what", what}, {"labels", mask.labels}, {"sequence", display_name(mask.sequence)}};
}

/// Registration of each sequence, in numbers; null where none was registered.
Json alignment_of(const Preparation& p) {
  Json rows = Json::array();
  for (const auto& [s, a] : p.alignment)
    if (a.registration)
      rows.push_back({{"name", display_name(s)},
                      {"degrees", number(a.registration->rotation_degrees, 3)},
                      {"before", number(a.registration->information_before, 3)},
                      {"after", number(a.registration->information_after, 3)},
                      {"overlap", fmt::format("{:.0f}", 100 * a.registration->overlap_after)}});
  return rows.empty() ? Json(nullptr) : Json{{"rows", rows}};
}

Json quality_of(const Preparation& p) {
  Json rows = Json::array();
  for (const auto& [s, q] : p.quality) {
    std::string remarks;
    for (const auto& w : q.warnings) remarks += (remarks.empty() ? "" : "; ") + w;
    const auto& mm = q.spacing_mm;
    rows.push_back({{"name", display_name(s)},
                    {"grid", fmt::format("{}×{}×{}", q.size[0], q.size[1], q.size[2])},
                    {"voxel", number(mm[0], 3) + "×" + number(mm[1], 3) + "×" + number(mm[2], 3)},
                    {"axes", q.orientation},
                    {"coverage", fmt::format("{:.0f}", 100 * q.coverage)},
                    {"snr", number(q.snr, 2)},
                    {"cnr", number(q.cnr, 2)},
                    {"ghosts", std::isfinite(q.ghost_index) ? fmt::format("{:.1f} %", 100 * q.ghost_index) : "–"},
                    {"p01", number(q.p01, 3)},
                    {"median", number(q.median, 3)},
                    {"p99", number(q.p99, 3)},
                    {"remarks", remarks.empty() ? "none" : remarks}});
  }
  return rows;
}

void add_provenance(Json& view, const Preparation& p, const findings::GivenMaskFinding* tumour) {
  Json inputs = Json::array(), timings = Json::array();
  for (const auto& [s, sum] : p.inputs) inputs.push_back({{"name", display_name(s)}, {"sha256", sum}});
  if (p.brain_mask) inputs.push_back({{"name", "Brain mask"}, {"sha256", p.brain_mask->sha256}});
  if (tumour) inputs.push_back({{"name", "Tumour mask"}, {"sha256", tumour->sha256}});
  for (const auto& [stage, seconds] : p.timings_s)
    timings.push_back({{"stage", stage}, {"seconds", number(seconds, 3)}});
  view["inputs"] = inputs;
  view["timings"] = timings;
  view["program"] = "gliocast " + p.provenance.version;
  view["backend"] = p.provenance.backend;
  view["threads"] = std::to_string(p.provenance.threads);
}

}  // namespace

Json preparation_view(const Preparation& p, const Prediction* prediction) {
  const auto* tumour = prediction && prediction->tumour_mask ? &*prediction->tumour_mask : nullptr;
  Json masks = Json::array();
  if (p.brain_mask) masks.push_back(given_mask("brain", *p.brain_mask));
  if (tumour) masks.push_back(given_mask("tumour", *tumour));
  Json view{{"patient", p.patient},
            {"version", p.provenance.version},
            {"created", p.provenance.created},
            {"given_masks", masks},
            {"warnings", texts_of(p.warnings, prediction)},
            {"steps", p.steps},
            {"alignment", alignment_of(p)},
            {"quality", quality_of(p)},
            {"brain_volume", number(p.brain_volume_cm3, 4)},
            {"brain_covered", ""}};
  if (p.brain_covered < kWholeBrain)
    view["brain_covered"] = fmt::format(", of the {:.0f} % of the brain within the image", 100 * p.brain_covered);
  add_provenance(view, p, tumour);
  return view;
}

Json findings_view(const Prediction& p) {
  Json models = Json::array();
  for (const auto& m : p.models)
    models.push_back({{"name", m.name},
                      {"network", m.network},
                      {"trained_on", m.trained_on},
                      {"measured", m.measured},
                      {"limits", m.limits}});
  return {{"cards", cards_of(p)},
          {"grade", scale_of(p.grade)},
          {"numbers", p.radiomics ? numbers_of(*p.radiomics) : Json(nullptr)},
          {"not_computed", texts_of(p.not_computed, &p)},
          {"models", models}};
}

}  // namespace gliocast::report
