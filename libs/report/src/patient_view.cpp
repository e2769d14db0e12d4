#include "patient_view.hpp"

#include <gliocast/core/numbers.hpp>
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

std::string interval(const findings::GradeEstimate& g) { return percent(g.low) + " to " + percent(g.high) + " %"; }

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
    cards.push_back(card("Whole tumour", "none found", EnglishWording().why_no_tumour(), p.outline_is_demonstration));
    return;
  }
  const auto& t = *p.tumour;
  cards.push_back(card(p.tumour_mask ? "Given outline" : "Whole tumour", fmt::format("{:.1f} cm³", t.volume_cm3),
                       fmt::format("{} piece{}, largest diameter {:.0f} mm", t.components, t.components == 1 ? "" : "s",
                                   t.largest_diameter_mm),
                       p.outline_is_demonstration));
  const auto side = std::string(findings::side_name(findings::side_of(t.left_fraction)));
  cards.push_back(card("Side and lobe",
                       side + (t.location ? std::string(", ") + findings::lobe_name(t.location->main) : ""),
                       fmt::format("{:.0f} % of it left of the brain's middle{}", 100 * t.left_fraction,
                                   t.location ? lobes_of(*t.location) : ""),
                       p.outline_is_demonstration));
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
                       words.of(p.enhancement), p.outline_is_demonstration));
  const std::string grade = "Probability of high grade (WHO IV)";
  if (const auto* g = std::get_if<findings::GradeEstimate>(&p.grade))
    cards.push_back(
        card(grade, percent(g->probability) + " %",
             "95 % interval " + interval(*g) + "; supposes a glioma confirmed by other means; not clinically validated",
             p.grade_is_demonstration));
  else
    cards.push_back(card(grade, "no reliable estimate", words.of(std::get<findings::NoReliableGrade>(p.grade)),
                         p.grade_is_demonstration));
  add_survival_cards(cards, p);
  add_signature_card(cards, p);
  return cards;
}

std::string name_of(const findings::Contribution& c) {
  return c.network == 0 ? c.feature : fmt::format("{} of network {}", c.feature, c.network);
}

/// A bar to the right of the middle (towards high grade) or to its left; `most`: what half the width stands for.
Json bar_of(const std::string& name, const std::string& value, double adds, double most) {
  const double width = most > 0 ? 50 * std::min(1.0, std::abs(adds) / most) : 0;
  return {{"name", name},
          {"value", value},
          {"points", signed_decimal(100 * adds, 1)},
          {"high", adds > 0},
          {"left", fmt::format("{:.1f}", adds > 0 ? 50 : 50 - width)},
          {"width", fmt::format("{:.1f}", width)}};
}

/// What moved the probability most, as bars; the rest together. Null where it is not known.
Json explanation_of(const findings::GradeEstimate& g) {
  constexpr std::size_t kShown = 10;
  if (!g.explanation || g.explanation->contributions.empty()) return nullptr;
  const auto& all = g.explanation->contributions;
  double most = 0, rest = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i < kShown) most = std::max(most, std::abs(all[i].adds));
    if (i >= kShown) rest += all[i].adds;
  }
  Json bars = Json::array();
  for (std::size_t i = 0; i < std::min(kShown, all.size()); ++i)
    bars.push_back(bar_of(name_of(all[i]), number_text(all[i].value), all[i].adds, most));
  if (all.size() > kShown)
    bars.push_back(
        bar_of(fmt::format("{} others together", all.size() - kShown), "", rest, std::max(most, std::abs(rest))));
  return {{"base", percent(g.explanation->base)}, {"bars", bars}};
}

/// The probability on a scale; null where no grade is stated.
Json scale_of(const Prediction& p) {
  const auto* g = std::get_if<findings::GradeEstimate>(&p.grade);
  if (!g) return nullptr;
  const EnglishWording words;
  return {{"percent", percent(g->probability)},
          {"interval", interval(*g)},
          {"low", fmt::format("{:.1f}", 100 * g->low)},
          {"width", fmt::format("{:.1f}", std::max(0.5, 100 * g->high - 100 * g->low))},
          {"point", fmt::format("{:.1f}", 100 * g->probability)},
          {"supposes", words.what_a_grade_supposes()},
          {"basis", words.basis_of(*g)},
          {"demonstration", p.grade_is_demonstration},
          {"explanation", explanation_of(*g)}};
}

Json features_of(const std::string& title, bool open, const std::vector<findings::NamedValue>& values) {
  Json features = Json::array();
  for (const auto& v : values)
    features.push_back({{"name", v.name}, {"value", number_text(v.value, 5)}, {"unit", v.unit}});
  return {{"title", title}, {"open", open}, {"features", features}};
}

Json numbers_of(const findings::RadiomicsFinding& r, bool demonstration) {
  const std::string on = " on " + std::string(display_name(r.sequence));
  Json tables = Json::array();
  const auto add = [&](const std::string& title, bool open, const std::vector<findings::NamedValue>& values) {
    if (!values.empty()) tables.push_back(features_of(title, open, values));
  };
  add("Shape of the tumour (3-D, 14 features)", true, r.shape);
  add("First-order features" + on + " (z-score × 100, bin width 5, shift 300)", false, r.first_order);
  add("Texture" + on + " (GLCM, GLDM, GLRLM, GLSZM, NGTDM)", false, r.texture);
  return {{"tables", tables}, {"note", EnglishWording().note_on(r)}, {"demonstration", demonstration}};
}

/// What the activation map shows; its pictures are added where they are. Null where there is no map.
Json activation_of(const Prediction& p) {
  const auto* g = std::get_if<findings::GradeEstimate>(&p.grade);
  if (!g || !p.activation) return nullptr;
  return {{"text", EnglishWording().of(*p.activation, g->fusion)}, {"demonstration", p.grade_is_demonstration}};
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
                      {"degrees", number_text(a.registration->rotation_degrees, 3)},
                      {"before", number_text(a.registration->information_before, 3)},
                      {"after", number_text(a.registration->information_after, 3)},
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
                    {"voxel", number_text(mm[0], 3) + "×" + number_text(mm[1], 3) + "×" + number_text(mm[2], 3)},
                    {"axes", q.orientation},
                    {"coverage", fmt::format("{:.0f}", 100 * q.coverage)},
                    {"snr", number_text(q.snr, 2)},
                    {"cnr", number_text(q.cnr, 2)},
                    {"ghosts", std::isfinite(q.ghost_index) ? fmt::format("{:.1f} %", 100 * q.ghost_index) : "–"},
                    {"p01", number_text(q.p01, 3)},
                    {"median", number_text(q.median, 3)},
                    {"p99", number_text(q.p99, 3)},
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
    timings.push_back({{"stage", stage}, {"seconds", number_text(seconds, 3)}});
  view["inputs"] = inputs;
  view["timings"] = timings;
  view["program"] = "gliocast " + p.provenance.version;
  view["backend"] = p.provenance.backend;
  view["threads"] = std::to_string(p.provenance.threads);
}

}  // namespace

std::string number_text(double v, int digits) {
  if (!std::isfinite(v)) return "–";
  if (std::abs(v) >= 1e5 || (v != 0 && std::abs(v) < 1e-3)) return general_number(v, digits);
  const int whole = static_cast<int>(std::floor(std::log10(std::max(std::abs(v), 1e-3))));
  return decimal(v, std::max(0, digits - 1 - whole));
}

std::string signed_decimal(double v, int digits) {
  const auto text = decimal(v, digits);
  return text.starts_with('-') ? text : '+' + text;
}

std::string percent(double p) {
  const double v = 100 * p;
  return v > 99 ? "> 99" : v < 1 ? "< 1" : fmt::format("{:.0f}", v);
}

Json card(const std::string& key, const std::string& value, const std::string& note, bool demonstration) {
  return {{"key", key}, {"value", value}, {"note", note}, {"demonstration", demonstration}};
}

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
            {"brain_volume", number_text(p.brain_volume_cm3, 4)},
            {"brain_covered", ""}};
  if (p.brain_covered < kWholeBrain)
    view["brain_covered"] = fmt::format(", of the {:.0f} % of the brain within the image", 100 * p.brain_covered);
  add_provenance(view, p, tumour);
  return view;
}

Json findings_view(const Prediction& p) {
  Json models = Json::array();
  Json demonstrations = Json::array();
  for (const auto& m : p.models) {
    if (m.demonstration) demonstrations.push_back(m.name);
    models.push_back({{"name", m.name},
                      {"network", m.network},
                      {"trained_on", m.trained_on},
                      {"measured", m.measured},
                      {"limits", m.limits},
                      {"demonstration", m.demonstration}});
  }
  return {{"cards", cards_of(p)},
          {"demonstrations", demonstrations},
          {"grade", scale_of(p)},
          {"activation", activation_of(p)},
          {"numbers", p.radiomics ? numbers_of(*p.radiomics, p.outline_is_demonstration) : Json(nullptr)},
          {"not_computed", texts_of(p.not_computed, &p)},
          {"models", models}};
}

}  // namespace gliocast::report
