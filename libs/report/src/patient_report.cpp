#include <gliocast/report/patient_report.hpp>

#include <gliocast/report/slices.hpp>

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace gliocast::report {
namespace {

constexpr const char* kStyle = R"css(
:root{--ink:#1c2430;--soft:#5b6675;--line:#dfe4ea;--accent:#b4431f;--pale:#f5f7f9}
*{box-sizing:border-box}body{font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;color:var(--ink);margin:0;background:#fff}
main{max-width:1060px;margin:0 auto;padding:24px 28px 60px}header{border-bottom:3px solid var(--ink);padding-bottom:10px;margin-bottom:18px;display:flex;justify-content:space-between;align-items:flex-end;gap:20px;flex-wrap:wrap}
h1{font-size:25px;margin:0}h2{font-size:18px;margin:30px 0 10px;border-bottom:1px solid var(--line);padding-bottom:4px}h3{font-size:15px;margin:16px 0 6px}
.meta{color:var(--soft);font-size:13px;text-align:right}.notice{background:#fff6ea;border:1px solid #f0cf9d;border-radius:6px;padding:9px 13px;margin:12px 0;font-size:14px}
.warn{background:#fdeeee;border-color:#e6b3b3}.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(215px,1fr));gap:12px}
.card{border:1px solid var(--line);border-radius:8px;padding:12px 14px;background:var(--pale)}.card .k{color:var(--soft);font-size:13px}.card .v{font-size:23px;font-weight:600;margin:2px 0}.card .n{font-size:13px;color:var(--soft)}
table{border-collapse:collapse;width:100%;font-size:14px;margin:6px 0}th,td{text-align:left;padding:5px 9px;border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--soft);font-weight:600}td.num,th.num{text-align:right;font-variant-numeric:tabular-nums}
.views{display:grid;grid-template-columns:1fr 1fr 1fr;gap:8px;margin-bottom:14px;background:#000;padding:8px;border-radius:8px}figure{margin:0;position:relative;color:#cfd6de;display:flex;flex-direction:column;justify-content:center}
figure img{width:100%;display:block}figcaption{font-size:12px;text-align:center;padding-top:2px}.l,.r,.t{position:absolute;font-size:12px;color:#ffd9a0}.l{left:3px;top:46%}.r{right:3px;top:46%}.t{top:2px;left:50%}
details summary{cursor:pointer;font-weight:600;margin:8px 0}.small{font-size:13px;color:var(--soft)}code{font-size:12px;word-break:break-all}
.scale{position:relative;height:16px;background:linear-gradient(90deg,#4c8bb5,#e9e9e9 50%,#c4553a);border-radius:8px;margin:10px 0 4px}.scale i{position:absolute;top:-4px;height:24px;border:2px solid var(--ink);border-radius:5px;background:rgba(255,255,255,.35)}.scale b{position:absolute;top:-5px;width:4px;height:26px;background:var(--ink)}
@page{size:A4;margin:14mm}
@media print{main{max-width:none;padding:0}h2{break-after:avoid}.views,.card,table{break-inside:avoid}details{display:block}body{font-size:12px;-webkit-print-color-adjust:exact;print-color-adjust:exact}}
)css";

std::string escape(const std::string& text) {
  std::string out;
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

std::string text_of(const Json& j) {
  return escape(j.is_string() ? j.get<std::string>() : j.is_null() ? std::string("–") : j.dump());
}

/// A number with so many significant digits, "–" where it is undefined.
std::string number(const Json& j, int digits = 4) {
  if (!j.is_number()) return "–";
  const double v = j.get<double>();
  if (!std::isfinite(v)) return "–";
  return std::abs(v) >= 1e5 || (v != 0 && std::abs(v) < 1e-3)
             ? fmt::format("{:.{}g}", v, digits)
             : fmt::format(
                   "{:.{}f}", v,
                   std::max(0, digits - 1 - static_cast<int>(std::floor(std::log10(std::max(std::abs(v), 1e-3))))));
}

/// A probability in per cent; certainty is never printed.
std::string percent(const Json& p) {
  const double v = 100 * p.get<double>();
  return v > 99 ? "&gt; 99" : v < 1 ? "&lt; 1" : fmt::format("{:.0f}", v);
}

std::string interval(const Json& p) { return percent(p.at(0)) + " to " + percent(p.at(1)) + " %"; }

std::string card(const std::string& key, const std::string& value, const std::string& note) {
  return fmt::format("<div class=card><div class=k>{}</div><div class=v>{}</div><div class=n>{}</div></div>\n", key,
                     value, note);
}

std::string summary(const Json& p) {
  const Json& t = p.at("tumour");
  const Json& e = p.at("enhancement");
  const Json& g = p.at("grade");
  std::string out = "<div class=cards>\n";
  if (t.at("found").get<bool>()) {
    out += card(p.contains("tumour_mask") ? "Given outline" : "Whole tumour",
                fmt::format("{:.1f} cm³", t.at("volume_cm3").get<double>()),
                fmt::format("{} piece{}, largest diameter {:.0f} mm", t.at("components").get<int>(),
                            t.at("components").get<int>() == 1 ? "" : "s", t.at("largest_diameter_mm").get<double>()));
    std::string where;
    if (t.contains("location"))
      for (const auto& [lobe, share] : t.at("location").at("lobes").items())
        if (share.get<double>() >= 0.05)
          where += fmt::format("{}{} {:.0f} %", where.empty() ? "; lobes (AAL): " : ", ", escape(lobe),
                               100 * share.get<double>());
    out += card(
        "Side and lobe",
        text_of(t.at("side")) + (t.contains("location") ? ", " + text_of(t.at("location").at("main")) : ""),
        fmt::format("{:.0f} % of it left of the brain's middle{}", 100 * t.at("left_fraction").get<double>(), where));
  } else {
    out += card("Whole tumour", "none found", text_of(t.at("reason")));
  }
  out += card("Contrast enhancement", text_of(e.at("verdict")), text_of(e.at("measurement")));
  if (g.at("status") == "estimated")
    out += card("Probability of high grade (WHO IV)", percent(g.at("probability")) + " %",
                "95 % interval " + interval(g.at("interval")) +
                    "; supposes a glioma confirmed by other means; not clinically validated");
  else
    out += card("Probability of high grade (WHO IV)", "no reliable estimate", text_of(g.at("reason")));
  return out + "</div>\n";
}

/// The probability on a scale; nothing where no grade is stated.
std::string grade_scale(const Json& g) {
  if (g.at("status") != "estimated") return {};
  const double p = 100 * g.at("probability").get<double>(), a = 100 * g.at("interval").at(0).get<double>(),
               b = 100 * g.at("interval").at(1).get<double>();
  return fmt::format(
      "<h3>Grade</h3><div class=scale role=img aria-label=\"estimate {} percent, interval {}\"><i "
      "style=\"left:{:.1f}%;width:{:.1f}%\"></i><b style=\"left:calc({:.1f}% - "
      "2px)\"></b></div>"
      "<div class=small style=\"display:flex;justify-content:space-between\"><span>0 % – low grade (WHO "
      "II–III)</span><span>50 %</span><span>high grade (WHO IV) – 100 %</span></div>"
      "<p>{}</p><p class=small>Point estimate {} %, 95 % interval {}. {}</p>",
      percent(g.at("probability")), interval(g.at("interval")), a, std::max(0.5, b - a), p, text_of(g.at("supposes")),
      percent(g.at("probability")), interval(g.at("interval")), text_of(g.at("basis")));
}

/// A slice with its plane's letters of orientation; a caption where there is one.
std::string figure(const Volume<float>& image, const Mask& outline, Plane plane, std::size_t index,
                   const SliceOptions& o, const std::string& what, const std::string& caption = {}) {
  const bool sagittal = plane == Plane::Sagittal;
  return fmt::format("<figure><img alt=\"{}\" src=\"{}\"><span class=l>{}</span><span class=r>{}</span>{}</figure>\n",
                     what, png_data_uri(render_slice(image, outline, plane, index, o)), sagittal ? "A" : "R",
                     sagittal ? "P" : "L", caption.empty() ? caption : "<figcaption>" + caption + "</figcaption>");
}

constexpr std::array<Plane, 3> kPlanes{Plane::Axial, Plane::Coronal, Plane::Sagittal};

std::string pictures(const PatientPictures& pictures) {
  std::string out;
  for (const auto& [sequence, image] : pictures.sequences) {
    SliceOptions o;
    const auto window = window_of(image, pictures.brain);
    o.window_low = window[0], o.window_high = window[1];
    out += fmt::format("<h3>{}</h3>\n<div class=views>\n", display_name(sequence));
    for (const Plane plane : kPlanes) {
      const std::size_t index = largest_slice(pictures.tumour, plane);
      out += figure(image, pictures.tumour, plane, index, o,
                    fmt::format("{} {} slice with the tumour's outline", display_name(sequence), plane_name(plane)),
                    fmt::format("{}, slice {}", plane_name(plane), index + 1));
    }
    out += "</div>\n";
  }
  const char* slices =
      count(pictures.tumour) > 0 ? "Slices with the largest tumour area" : "No outline was found: any slices";
  return out + "<p class=small>" + slices +
         ", on the 1 mm working grid; radiological view (R: patient's right, L: left, A: front, P: back). Orange: "
         "outline of the tumour.</p>\n";
}

std::string quality(const Json& p) {
  const Json& q = p.at("quality");
  std::string out =
      "<table><tr><th>Sequence<th>Grid<th class=num>Voxel (mm)<th>Axes<th class=num>Covers brain<th class=num>Signal "
      "to noise<th class=num>Contrast to noise<th class=num>Ghosts<th class=num>1–50–99 "
      "% of brain<th>Remarks</tr>\n";
  for (const auto& [key, s] : q.at("sequences").items()) {
    std::string remarks;
    for (const auto& w : s.at("warnings")) remarks += (remarks.empty() ? "" : "; ") + text_of(w);
    out += fmt::format(
        "<tr><td>{}<td>{}×{}×{}<td class=num>{}×{}×{}<td>{}<td class=num>{:.0f} %<td class=num>{}<td class=num>{}<td "
        "class=num>{}<td class=num>{} – {} – {}<td>{}</tr>\n",
        text_of(s.at("name")), s.at("size")[0].dump(), s.at("size")[1].dump(), s.at("size")[2].dump(),
        number(s.at("spacing_mm")[0], 3), number(s.at("spacing_mm")[1], 3), number(s.at("spacing_mm")[2], 3),
        text_of(s.at("orientation")), 100 * s.at("coverage").get<double>(), number(s.at("snr"), 2),
        number(s.at("cnr"), 2),
        s.at("ghost_index").is_number() ? fmt::format("{:.1f} %", 100 * s.at("ghost_index").get<double>()) : "–",
        number(s.at("p01"), 3), number(s.at("median"), 3), number(s.at("p99"), 3), remarks.empty() ? "none" : remarks);
  }
  const double covered =
      q.contains("brain_covered") && q["brain_covered"].is_number() ? q["brain_covered"].get<double>() : 1;
  return out + fmt::format(
                   "</table><p>Brain volume: {} cm³{}.</p>\n", number(q.at("brain_volume_cm3"), 4),
                   covered < 0.97 ? fmt::format(", of the {:.0f} % of the brain within the image", 100 * covered) : "");
}

/// Three planes through the middle of the brain, side by side.
std::string three_planes(const Volume<float>& image, const Mask& outline, const Mask& brain, const SliceOptions& o,
                         const std::string& what) {
  std::string out = "<div class=views>\n";
  for (const Plane plane : kPlanes)
    out += figure(image, outline, plane, largest_slice(brain, plane), o,
                  fmt::format("{}, {} slice", what, plane_name(plane)));
  return out + "</div>\n";
}

/// Pictures that let a reader judge brain extraction, registration and bias field of raw input.
std::string preparation_pictures(const PatientPictures& p) {
  std::string out;
  SliceOptions o;
  o.zoom = 1;
  if (!p.heads.empty()) out += "<h3>Brain outline</h3>\n";
  o.colour = {64, 200, 255};
  for (const auto& [s, head] : p.heads) {
    const auto window = window_of(head, p.brain, 0.005, 0.999);
    o.window_low = 0, o.window_high = window[1];
    out += fmt::format("<p class=small>{}</p>\n", display_name(s)) +
           three_planes(head, p.brain, p.brain, o, std::string("brain outline on ") + std::string(display_name(s)));
  }
  const Mask none(p.brain.geometry);
  o.window_low = 0, o.window_high = 1;
  if (!p.checkerboards.empty())
    out +=
        "<h3>Alignment</h3>\n<p class=small>Reference and sequence in turn, in squares of 20 mm: edges must run on "
        "across them.</p>\n";
  for (const auto& [s, board] : p.checkerboards)
    out += fmt::format("<p class=small>{}</p>\n", display_name(s)) +
           three_planes(board, none, p.brain, o, std::string("checkerboard with ") + std::string(display_name(s)));
  if (!p.bias_fields.empty())
    out += "<h3>Bias field</h3>\n<p class=small>Factor that was divided out: black 0.6, white 1.4.</p>\n";
  o.window_low = 0.6, o.window_high = 1.4;
  for (const auto& [s, field] : p.bias_fields)
    out += fmt::format("<p class=small>{}</p>\n", display_name(s)) +
           three_planes(field, p.brain, p.brain, o, std::string("bias field of ") + std::string(display_name(s)));
  return out.empty() ? out
                     : "<details open><summary>Pictures of brain outline, alignment and bias field</summary>\n" + out +
                           "</details>\n";
}

/// Registration of each sequence, in numbers.
std::string alignment(const Json& p) {
  std::string rows;
  for (const auto& [key, a] : p.at("alignment").items()) {
    if (!a.contains("registration")) continue;
    const Json& r = a.at("registration");
    rows += fmt::format("<tr><td>{}<td class=num>{}<td class=num>{} → {}<td class=num>{:.0f} %</tr>\n",
                        text_of(a.at("name")), number(r.at("rotation_degrees"), 3),
                        number(r.at("mutual_information_before"), 3), number(r.at("mutual_information_after"), 3),
                        100 * r.at("overlap_after").get<double>());
  }
  return rows.empty() ? rows
                      : "<table><tr><th>Aligned sequence<th class=num>Turned by (°)<th class=num>Mutual information "
                        "(nats)<th class=num>Overlap of heads</tr>\n" +
                            rows + "</table>\n";
}

/// The display name of a sequence's key.
std::string name_of_key(const Json& key) {
  for (const Sequence s : kAllSequences)
    if (key == key_name(s)) return std::string(display_name(s));
  return text_of(key);
}

std::string features(const Json& list, const std::string& title, bool open) {
  if (!list.is_array() || list.empty()) return {};
  std::string out =
      fmt::format("<details{}><summary>{}</summary><table><tr><th>Feature<th class=num>Value<th>Unit</tr>\n",
                  open ? " open" : "", title);
  for (const auto& f : list)
    out += fmt::format("<tr><td>{}<td class=num>{}<td>{}</tr>\n", text_of(f.at("name")), number(f.at("value"), 5),
                       text_of(f.at("unit")));
  return out + "</table></details>\n";
}

std::string list_of(const Json& entries) {
  std::string out = "<ul>";
  for (const auto& e : entries) out += "<li>" + text_of(e) + "</li>";
  return out + "</ul>\n";
}

std::string models(const Json& p) {
  std::string out;
  for (const auto& m : p.at("models"))
    out += fmt::format(
        "<h3>{}</h3><table><tr><th>Network<td>{}</tr><tr><th>Trained "
        "on<td>{}</tr><tr><th>Measured<td>{}</tr><tr><th>Limits<td>{}</tr></table>\n",
        text_of(m.at("name")), text_of(m.at("network")), text_of(m.at("trained_on")), text_of(m.at("measured")),
        text_of(m.at("limits")));
  return out;
}

std::string provenance(const Json& p) {
  std::string out = "<table><tr><th>Sequence<th>SHA-256 of the input file</tr>\n";
  for (const auto& [key, v] : p.at("inputs").items())
    out += fmt::format("<tr><td>{}<td><code>{}</code></tr>\n", text_of(v.at("name")), text_of(v.at("sha256")));
  for (const auto& [key, what] : {std::pair{"brain_mask", "Brain mask"}, std::pair{"tumour_mask", "Tumour mask"}})
    if (p.contains(key))
      out += fmt::format("<tr><td>{}<td><code>{}</code></tr>\n", what, text_of(p.at(key).at("sha256")));
  out += "</table><table><tr><th>Stage<th class=num>Seconds</tr>\n";
  for (const auto& [key, v] : p.at("timings_s").items())
    out += fmt::format("<tr><td>{}<td class=num>{}</tr>\n", escape(key), number(v, 3));
  return out + fmt::format("</table><p class=small>{} · {} · {} thread(s) · made {}</p>\n",
                           text_of(p.at("provenance").at("program")), text_of(p.at("provenance").at("backend")),
                           p.at("provenance").at("threads").dump(), text_of(p.at("provenance").at("created")));
}

}  // namespace

namespace {

std::string page_start(const Json& p, const std::string& title) {
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=en><head><meta charset=utf-8><meta name=viewport "
      "content=\"width=device-width,initial-scale=1\"><title>gliocast report – "
      "{}</title><style>{}</style></head><body><main>\n",
      text_of(p.at("patient")), kStyle);
  out += fmt::format("<header><h1>{} – {}</h1><div class=meta>gliocast {}<br>{}</div></header>\n", title,
                     text_of(p.at("patient")), text_of(p.at("provenance").at("version")),
                     text_of(p.at("provenance").at("created")));
  out +=
      "<div class=notice><b>For research. Not a medical device, not clinically validated.</b> Every outline and number "
      "below is a computer's estimate and must be checked by a person trained to read "
      "these images.</div>\n";
  for (const auto& [key, what] : {std::pair{"brain_mask", "brain"}, std::pair{"tumour_mask", "tumour"}})
    if (p.contains(key))
      out += fmt::format(
          "<div class=notice>The outline of the {} was given by the user ({}, on the grid of {}); it is "
          "not gliocast's.</div>\n",
          what, text_of(p.at(key).at("labels")), name_of_key(p.at(key).at("sequence")));
  for (const auto& w : p.at("warnings")) out += "<div class=\"notice warn\">" + text_of(w) + "</div>\n";
  return out;
}

std::string preparation(const Json& p, const PatientPictures& shown) {
  return "<h2>What was done to the images</h2>\n" + list_of(p.at("preprocessing")) + alignment(p) +
         preparation_pictures(shown) + "<h2>Quality</h2>\n" + quality(p);
}

}  // namespace

std::string preprocessing_report_html(const Json& p, const PatientPictures& shown) {
  return page_start(p, "Preprocessed MRI") + preparation(p, shown) + "<h2>Provenance</h2>\n" + provenance(p) +
         "</main></body></html>\n";
}

std::string patient_report_html(const Json& p, const PatientPictures& shown) {
  std::string out = page_start(p, "Glioma MRI report");
  out += "<h2>Summary</h2>\n" + summary(p) + grade_scale(p.at("grade"));
  out += "<h2>Sequences and outline</h2>\n" + pictures(shown);
  out += preparation(p, shown);
  if (p.at("tumour").at("found").get<bool>())
    out += "<h2>Numbers</h2>\n" +
           features(p.at("radiomics").at("shape"), "Shape of the tumour (3-D, 14 features)", true) +
           features(p.at("radiomics").at("first_order"),
                    "First-order features on " + text_of(p.at("radiomics").at("sequence")) +
                        " (z-score × 100, bin width 5, shift 300)",
                    false) +
           features(p.at("radiomics").value("texture", Json::array()),
                    "Texture on " + text_of(p.at("radiomics").at("sequence")) + " (GLCM, GLDM, GLRLM, GLSZM, NGTDM)",
                    false) +
           fmt::format("<p class=small>{}</p>\n", text_of(p.at("radiomics").at("note")));
  out += "<h2>Not computed</h2>\n" + list_of(p.at("not_computed"));
  out += "<h2>Models and their limits</h2>\n" + models(p) + "<h2>Provenance</h2>\n" + provenance(p);
  return out + "</main></body></html>\n";
}

}  // namespace gliocast::report
