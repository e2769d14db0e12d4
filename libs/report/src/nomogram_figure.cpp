#include "figure_canvas.hpp"
#include "figure_file.hpp"
#include "figures.hpp"
#include "text_metrics.hpp"

#include <gliocast/core/files.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::report {
namespace {

constexpr double kMargin = 14, kScale = 600, kLabelColumn = 250, kBesideScale = 44;
constexpr const char* kPatient = "#D55E00";
constexpr double kMarkFont = 11, kMarkLine = 15, kTick = 6, kLongestCentred = 150;
const LineStyle kAxis{"#000000", 1.2, 1, 0, true}, kThin{"#000000", 0.8, 1, 0, true};

/// A mark's name where it will stand, heights from the axis, positive downwards.
struct PlacedName {
  std::vector<std::string> lines;
  double x = 0, middle = 0;
  Align align = Align::Centre;
  double leader = 0;  ///< end of the line from the axis to the name
};
/// One axis: its marks' places, the names, and the room above and below it.
struct PlacedLine {
  std::vector<double> marks;
  std::vector<PlacedName> names;
  std::vector<std::string> label;
  double above = 0, below = 0;
  std::vector<double> patient;  ///< where the patient's values stand
};
/// Left and right limits of names.
struct Room {
  double left = 0, right = 0;
};

/// Names over their marks, those without room below, those without room there too left out. Whether every name has a
/// place.
bool place_centred(const std::vector<NomogramMark>& marks, const Room& room, PlacedLine& line) {
  bool all = true;
  double end_above = room.left, end_below = room.left;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    const std::string name = drawable(marks[i].label);
    const double x = line.marks[i], half = text_width(name, kMarkFont) / 2 + 3;
    const bool fits = x + half <= room.right, above = fits && x - half >= end_above,
               below = fits && !above && x - half >= end_below;
    all = all && (above || below) && 2 * half <= kLongestCentred;
    if (!above && !below) {
      line.names.push_back({{}, x, 0, Align::Centre, -kTick});
      continue;
    }
    const double direction = above ? -1 : 1;
    line.names.push_back({{name}, x, direction * (kTick + kMarkLine / 2 + 1), Align::Centre, direction * kTick});
    (above ? end_above : end_below) = x + half;
    (above ? line.above : line.below) = kTick + kMarkLine + 4;
  }
  return all;
}

/// Names of one half of the marks beside lines that lead to them. `order`: the marks from the axis' far end, which
/// stand nearest to it; `direction`: 1 below, names to the right of their lines, −1 above, to the left. So no line
/// meets a name.
double place_beside(const std::vector<NomogramMark>& marks, const std::vector<std::size_t>& order, double direction,
                    const Room& room, PlacedLine& line) {
  struct Done {
    double x;
    std::size_t tier;
  };
  std::vector<Done> done;
  std::vector<std::size_t> placed;
  std::vector<double> heights;  // of the tiers
  for (const std::size_t i : order) {
    const double x = line.marks[i], start = x + 4 * direction;
    PlacedName name{wrap_text(marks[i].label, kMarkFont, direction > 0 ? room.right - start : start - room.left), start,
                    0, direction > 0 ? Align::Left : Align::Right, 0};
    const double reach = widest(name.lines, kMarkFont) + 12;
    std::size_t tier = 0;
    for (const auto& d : done)
      if (std::abs(d.x - x) < reach) tier = std::max(tier, d.tier + 1);
    if (tier >= heights.size()) heights.resize(tier + 1, 0);
    heights[tier] = std::max(heights[tier], kMarkLine * static_cast<double>(name.lines.size()) + 3);
    done.push_back({x, tier});
    placed.push_back(line.names.size());
    line.names.push_back(std::move(name));
  }
  for (std::size_t k = 0; k < done.size(); ++k) {
    auto& name = line.names[placed[k]];
    double from = kTick + 2;
    for (std::size_t t = 0; t < done[k].tier; ++t) from += heights[t];
    const double height = kMarkLine * static_cast<double>(name.lines.size());
    name.middle = direction * (from + height / 2);
    name.leader = direction * (from + height / 2);
  }
  double total = kTick + 4;
  for (const double h : heights) total += h;
  return total;
}

PlacedLine place(NomogramLine axis, const Room& room, double origin, double points_to_pixels) {
  PlacedLine line;
  std::ranges::stable_sort(axis.marks, {}, &NomogramMark::points);
  for (const auto& m : axis.marks) line.marks.push_back(origin + m.points * points_to_pixels);
  for (const double p : axis.patient) line.patient.push_back(origin + p * points_to_pixels);
  line.label = wrap_text(axis.label, kSmallFont, kLabelColumn);
  line.above = kTick + 4;
  line.below = 6;
  if (!place_centred(axis.marks, room, line) && axis.discrete) {
    line.names.clear();
    const double middle = (room.left + room.right) / 2;
    std::vector<std::size_t> below, above;
    for (std::size_t i = 0; i < line.marks.size(); ++i) (line.marks[i] < middle ? below : above).push_back(i);
    std::ranges::reverse(below);
    line.below = below.empty() ? 6 : place_beside(axis.marks, below, 1, room, line);
    line.above = above.empty() ? 10 : place_beside(axis.marks, above, -1, room, line);
  }
  const double label = kLineHeight * static_cast<double>(line.label.size()) / 2;
  line.above = std::max(line.above, label) + 3;
  line.below = std::max(line.below, label) + 3;
  return line;
}

void draw_line(Canvas& canvas, const PlacedLine& line, double y, bool minor_marks) {
  canvas.lines(kMargin, y, line.label, Align::Left, kSmallFont);
  if (line.marks.empty()) return;
  canvas.line(line.marks.front(), y, line.marks.back(), y, kAxis);
  for (const auto& name : line.names) {
    const double mark = name.align == Align::Left ? name.x - 4 : name.align == Align::Right ? name.x + 4 : name.x;
    canvas.line(mark, y, mark, y + name.leader, kThin);
    canvas.lines(name.x, y + name.middle, name.lines, name.align, kMarkFont);
  }
  if (!minor_marks) return;
  for (std::size_t i = 0; i + 1 < line.marks.size(); ++i)
    for (int k = 1; k < 5; ++k) {
      const double x = line.marks[i] + (line.marks[i + 1] - line.marks[i]) * k / 5;
      canvas.line(x, y, x, y - kTick / 2, kThin);
    }
}

/// Where the patient stands on an axis of a predictor; a place beyond the page is not drawn.
void draw_values(Canvas& canvas, const PlacedLine& line, double y) {
  for (const double x : line.patient)
    if (x > 0 && x < canvas.width()) canvas.point(x, y, kPatient, 7, 1);
}

bool reaches(const PlacedLine& line, double x) {
  return !line.marks.empty() && x >= line.marks.front() && x <= line.marks.back();
}

/// The patient's total points and what they mean, a colour for each case; nothing on an axis that does not reach there.
void draw_totals(Canvas& canvas, const PlacedLine& line, double y) {
  for (std::size_t k = 0; k < line.patient.size(); ++k)
    if (reaches(line, line.patient[k]))
      canvas.point(line.patient[k], y, line.patient.size() == 1 ? kPatient : colour(k), 7, 1);
}

}  // namespace

void draw_figure(const std::filesystem::path& file, const NomogramFigure& figure) {
  NomogramLine points{"Points", {}};
  for (int p = 0; p <= 100; p += 10) points.marks.push_back({std::to_string(p), static_cast<double>(p)});
  // On a common scale 0 … 1 of all axes; outcomes may reach beyond.
  double low = 0, high = 1, column = text_width("Linear predictor", kSmallFont);
  for (const auto& t : figure.totals)
    for (const auto& m : t.marks) {
      low = std::min(low, m.points / figure.longest);
      high = std::max(high, m.points / figure.longest);
    }
  for (const auto* list : {&figure.predictors, &figure.totals})
    for (const auto& line : *list)
      column = std::max(column, widest(wrap_text(line.label, kSmallFont, kLabelColumn), kSmallFont));
  const double left = kMargin + column + kBesideScale, pixels = kScale / (high - low), origin = left - low * pixels;
  const Room room{kMargin + column + 8, left + kScale + kBesideScale - kMargin};
  std::vector<PlacedLine> lines{place(points, room, origin, pixels / 100)};
  for (const auto& p : figure.predictors) lines.push_back(place(p, room, origin, pixels / 100));
  for (const auto& t : figure.totals) lines.push_back(place(t, room, origin, pixels / figure.longest));
  Canvas canvas(left + kScale + kBesideScale);
  const auto title = figure.title.empty() ? std::vector<std::string>{}
                                          : wrap_text(figure.title, kFontSize, canvas.width() - 2 * kMargin);
  const double title_height = 20 * static_cast<double>(title.size());
  double height = 2 * kMargin + title_height;
  for (const auto& l : lines) height += l.above + l.below + 6;
  canvas.set_height(height);
  canvas.lines(canvas.width() / 2, kMargin + title_height / 2, title, Align::Centre, kFontSize);
  double y = kMargin + title_height;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    draw_line(canvas, lines[i], y + lines[i].above, i == 0 || i == 1 + figure.predictors.size());
    (i <= figure.predictors.size() ? draw_values : draw_totals)(canvas, lines[i], y + lines[i].above);
    y += lines[i].above + lines[i].below + 6;
  }
  canvas.no_plot();
  canvas.draw(file, figure.title.empty() ? "Nomogram" : figure.title);
}

}  // namespace gliocast::report
