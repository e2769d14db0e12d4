#include <gliocast/report/nomogram_calculator.hpp>

namespace gliocast::report {
namespace {

constexpr const char* kHead = R"html(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>Survival nomogram</title>
<style>
 :root { color-scheme: light; }
 body { font: 16px/1.5 system-ui, Helvetica, Arial, sans-serif; color: #1b1b1b; max-width: 860px; margin: 2rem auto; padding: 0 1rem; }
 h1 { font-size: 1.5rem; margin-bottom: .2rem; } .about { color: #555; margin-top: 0; }
 .row { display: grid; grid-template-columns: 11rem 1fr 8rem; gap: .8rem; align-items: center; padding: .45rem 0; border-bottom: 1px solid #e4e4e4; }
 .row label { font-weight: 600; overflow-wrap: anywhere; }
 input, select { font: inherit; padding: .2rem .3rem; width: 100%; box-sizing: border-box; } select { grid-column: 2 / 4; }
 :focus-visible { outline: 3px solid #0072B2; outline-offset: 2px; }
 .outside input[type=number] { border: 2px solid #D55E00; } .warning { color: #a33c00; min-height: 1.5em; }
 table { border-collapse: collapse; width: 100%; margin-top: 1rem; font-variant-numeric: tabular-nums; }
 th, td { text-align: left; padding: .4rem .3rem; border-bottom: 1px solid #e4e4e4; } th { width: 45%; } td:nth-child(2) { font-weight: 700; width: 9rem; }
 .bar { height: .9rem; background: #e8e8e8; } .bar div { height: 100%; background: #0072B2; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
 footer { margin-top: 1.5rem; color: #555; font-size: .85rem; }
 @media print { body { margin: 0; max-width: none; } input[type=range] { display: none; } .no-print { display: none; } }
 @media (max-width: 560px) { .row { grid-template-columns: 1fr 6.5rem; } .row label, select { grid-column: 1 / 3; } }
</style></head><body>
<h1 id="title"></h1><p class="about" id="about"></p>
<form id="inputs" onsubmit="return false"></form>
<p class="warning" id="warning" role="status" aria-live="polite"></p>
<table id="results" aria-live="polite"><tbody></tbody></table>
<p class="no-print"><button type="button" onclick="window.print()">Print</button></p>
<footer id="footer"></footer>
<script id="model" type="application/json">)html";

constexpr const char* kScript = R"html(</script>
<script>
"use strict";
const { labels, model } = JSON.parse(document.getElementById("model").textContent);
const unit = labels.unit ? " " + labels.unit : "";
const calls = { log: (x, b) => b === undefined ? Math.log(x) : Math.log(x) / Math.log(b), log2: Math.log2, log10: Math.log10, log1p: Math.log1p, exp: Math.exp, sqrt: Math.sqrt, abs: Math.abs, I: x => x, "(": x => x,
  neg: x => -x, "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b, "^": (a, b) => Math.pow(a, b) };
function evaluate(e, values) {
  if (typeof e === "number") return e;
  if (e.column !== undefined) return values[e.column];
  return calls[e.call](...e.arguments.map(a => evaluate(a, values)));
}
// Restricted cubic spline, nonlinear term k of 1...: Harrell's basis divided by (last - first knot) squared.
function splineTerm(x, t, k) {
  const n = t.length, cube = v => v > 0 ? v * v * v : 0, j = k - 1, d = t[n - 1] - t[n - 2];
  return (cube(x - t[j]) - cube(x - t[n - 2]) * (t[n - 1] - t[j]) / d + cube(x - t[n - 1]) * (t[n - 2] - t[j]) / d) / ((t[n - 1] - t[0]) * (t[n - 1] - t[0]));
}
function part([v, index], values) {
  const variable = model.variables[v], x = evaluate(variable.expression, values);
  if (variable.kind === "factor") return String(x) === variable.levels[index] ? 1 : 0;
  return variable.kind === "spline" && index > 0 ? splineTerm(x, variable.knots, index) : x;
}
function compute(values) {
  let centred = 0, predictor = 0;
  for (const c of model.columns) {
    const x = c.product.reduce((p, q) => p * part(q, values), 1);
    centred += c.coefficient * (x - c.column_mean);
    predictor += c.coefficient * (x - c.mean);
  }
  const risk = Math.exp(predictor), { time, cumulative } = model.baseline;
  const hazardAt = t => { let h = 0; for (let i = 0; i < time.length && time[i] <= t; ++i) h = cumulative[i]; return h; };
  const median = time.findIndex((_, i) => cumulative[i] * risk >= Math.LN2);
  return { points: (centred - model.scale.intercept) * model.scale.points_per_unit, linear_predictor: predictor,
           survival: model.outcomes.map(o => ({ ...o, value: Math.exp(-hazardAt(o.time) * risk) })), median_survival: median < 0 ? null : time[median] };
}
const inputs = document.getElementById("inputs"), fields = {};
function element(name, properties, parent) { const e = Object.assign(document.createElement(name), properties); parent.append(e); return e; }
model.predictors.forEach((p, i) => {
  const row = element("div", { className: "row" }, inputs), id = "predictor" + i;
  element("label", { htmlFor: id, textContent: p.name }, row);
  if (p.levels) {
    const select = element("select", { id }, row);
    p.levels.forEach(l => element("option", { value: l, textContent: l }, select));
    fields[p.name] = { row, value: () => p.text ? select.value : Number(select.value), outside: () => false };
    select.addEventListener("input", update);
  } else {
    const [low, middle, high] = p.range, step = Math.pow(10, Math.floor(Math.log10((high - low) / 100)));
    const slider = element("input", { type: "range", min: low, max: high, step: "any", ariaLabel: p.name + ", slider" }, row);
    const box = element("input", { id, type: "number", step: "any", required: true }, row);
    slider.value = middle; box.value = middle;
    slider.addEventListener("input", () => { box.value = Math.min(high, Math.max(low, Number((Math.round(slider.value / step) * step).toPrecision(12)))); update(); });
    slider.addEventListener("keydown", e => {
      const move = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[e.key];
      if (!move) return;
      e.preventDefault();
      slider.value = Number(box.value) + move * step;
      slider.dispatchEvent(new Event("input"));
    });
    box.addEventListener("input", () => { slider.value = box.value; update(); });
    fields[p.name] = { row, value: () => box.value === "" ? NaN : Number(box.value), outside: () => box.value === "" || Number(box.value) < low || Number(box.value) > high, range: [low, high] };
  }
});
const body = document.querySelector("#results tbody");
function show(label, text, share) {
  const row = element("tr", {}, body);
  element("th", { scope: "row", textContent: label }, row);
  element("td", { textContent: text }, row);
  const cell = element("td", {}, row);
  if (share !== undefined) element("div", { style: "width:" + 100 * share + "%" }, element("div", { className: "bar" }, cell));
}
function update() {
  const values = {}, outside = [];
  for (const [name, f] of Object.entries(fields)) {
    values[name] = f.value();
    f.row.classList.toggle("outside", f.outside());
    if (f.outside()) outside.push(Number.isNaN(values[name]) ? name + " is missing" : name + " lies outside " + f.range.join(" to ") + ", the range the model has seen");
  }
  document.getElementById("warning").textContent = outside.join("; ");
  const r = compute(values), known = Number.isFinite(r.linear_predictor);
  body.replaceChildren();
  show("Total points", known ? r.points.toFixed(1) : "–");
  for (const s of r.survival) show("Survival at " + s.time + unit + (s.extrapolated ? " (extrapolated beyond follow-up)" : ""), known ? (100 * s.value).toFixed(1) + " %" : "–", known ? s.value : undefined);
  show("Median survival", known ? (r.median_survival === null ? "not reached in follow-up" : r.median_survival + unit) : "–");
  document.body.dataset.result = JSON.stringify(r);
}
document.getElementById("title").textContent = document.title = labels.title || "Survival nomogram";
document.getElementById("about").textContent = "Cox model of " + model.n + " rows with " + model.events + " events: " + model.formula + (labels.stratum ? "; stratum " + labels.stratum : "");
document.getElementById("footer").textContent = "Follow-up of the model: " + model.baseline.last_follow_up + unit + ". For research; not a medical device. Made with gliocast.";
// A page opened as nomogram.html#age=50&sex=1 starts with these values.
for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
  const f = fields[name], field = f && f.row.querySelector("select, input[type=number]");
  if (field) { field.value = value; field.dispatchEvent(new Event("input")); }
}
update();
</script></body></html>
)html";

}  // namespace

std::string nomogram_calculator(const CalculatorLabels& labels, const Json& model) {
  const Json page{{"labels", {{"title", labels.title}, {"unit", labels.unit}, {"stratum", labels.stratum}}},
                  {"model", model}};
  std::string data = page.dump(-1, ' ', false, Json::error_handler_t::replace);
  // No text of a table may end the script element.
  for (std::size_t at = 0; (at = data.find('<', at)) != std::string::npos;) data.replace(at, 1, "\\u003c");
  return kHead + data + kScript;
}

}  // namespace gliocast::report
