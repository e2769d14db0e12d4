#include "figure_canvas.hpp"
#include "figures.hpp"
#include "text_metrics.hpp"

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

namespace gliocast::report {
namespace {

constexpr double kMargin = 14, kBox = 220, kSideBox = 230, kPadding = 9, kBetweenCohorts = 40;
constexpr double kBesideArrow = 28;  ///< from the arrow to the box of what was removed
constexpr double kBelowName = 8,     ///< from a cohort's name to the first box, without an arrow
    kPlainGap = 30,                  ///< between two boxes
    kRoomForArrow = 14;              ///< above and below a box of what was removed
const LineStyle kBorder{"#3f4b5a", 1.2, 1, 0, true}, kSideBorder{"#8a94a0", 1, 1, 0, true},
    kArrow{"#3f4b5a", 1.3, 1, 0, true};

using Lines = std::vector<std::string>;

double height_of(const Lines& lines) {
  return lines.empty() ? 0 : kLineHeight * static_cast<double>(lines.size()) + 2 * kPadding;
}

/// A step's box and the one beside the arrow that leads to it (no lines: none).
struct PlacedStep {
  Lines box, removed;
};
struct PlacedCohort {
  Lines name;
  std::vector<PlacedStep> steps;
  double left = 0, width = kBox;
};
/// One row of boxes over all cohorts: heights of the gap above it and of itself.
struct Row {
  double gap = 0, height = 0;
};

Lines removed_lines(const PatientFlow::Step& step) {
  Lines lines;
  std::size_t all = 0;
  for (const auto& rule : step.removed) {
    all += rule.second;
    for (auto& line : wrap_text(rule.first + ": " + std::to_string(rule.second), kSmallFont, kSideBox - 2 * kPadding))
      lines.push_back(std::move(line));
  }
  if (!lines.empty()) lines.insert(lines.begin(), "Removed: " + std::to_string(all));
  return lines;
}

PlacedCohort placed(const PatientFlow::Cohort& cohort) {
  PlacedCohort result;
  for (const auto& step : cohort.steps) {
    PlacedStep s{wrap_text(step.label, kSmallFont, kBox - 2 * kPadding), removed_lines(step)};
    s.box.push_back("n = " + std::to_string(step.left));
    if (!s.removed.empty()) result.width = kBox / 2 + kBesideArrow + kSideBox;
    result.steps.push_back(std::move(s));
  }
  if (!cohort.name.empty()) result.name = wrap_text(cohort.name, kFontSize, kBox);
  return result;
}

/// Steps of one number stand at one height in all cohorts.
std::vector<Row> rows_of(const std::vector<PlacedCohort>& cohorts) {
  std::vector<Row> rows;
  for (const auto& c : cohorts) {
    rows.resize(std::max(rows.size(), c.steps.size()));
    for (std::size_t i = 0; i < c.steps.size(); ++i) {
      const double side = height_of(c.steps[i].removed), plain = i == 0 ? kBelowName : kPlainGap;
      rows[i].gap = std::max(rows[i].gap, side > 0 ? side + 2 * kRoomForArrow : plain);
      rows[i].height = std::max(rows[i].height, height_of(c.steps[i].box));
    }
  }
  return rows;
}

void draw_cohort(Canvas& canvas, const PlacedCohort& cohort, const std::vector<Row>& rows, double top) {
  const double middle = cohort.left + kBox / 2;
  double y = top;
  for (std::size_t i = 0; i < cohort.steps.size(); ++i) {
    const auto& step = cohort.steps[i];
    const double above = y, box = y + rows[i].gap, height = height_of(step.box);
    if (rows[i].gap > kBelowName) canvas.arrow(middle, above, middle, box, kArrow);
    if (!step.removed.empty()) {
      const double y_side = (above + box) / 2, half = height_of(step.removed) / 2, left = middle + kBesideArrow;
      canvas.arrow(middle, y_side, left, y_side, kArrow);
      canvas.box(left, y_side - half, left + kSideBox, y_side + half, kSideBorder);
      canvas.lines(left + kPadding, y_side, step.removed, Align::Left, kSmallFont);
    }
    canvas.box(cohort.left, box, cohort.left + kBox, box + height, kBorder);
    canvas.lines(middle, box + height / 2, step.box, Align::Centre, kSmallFont);
    // A lower box than the row's highest: the next arrow begins at its edge.
    if (height < rows[i].height && i + 1 < cohort.steps.size())
      canvas.line(middle, box + height, middle, box + rows[i].height, kArrow);
    y = box + rows[i].height;
  }
}

}  // namespace

void draw_figure(const std::filesystem::path& file, const PatientFlow& flow) {
  std::vector<PlacedCohort> cohorts;
  double x = kMargin, head = 0;
  for (const auto& cohort : flow.cohorts) {
    if (cohort.steps.empty()) continue;
    auto p = placed(cohort);
    p.left = x;
    x += p.width + kBetweenCohorts;
    head = std::max(head, 20.0 * static_cast<double>(p.name.size()));
    cohorts.push_back(std::move(p));
  }
  if (cohorts.empty()) throw unusable_input("there is no flow of patients to draw", file.string());
  const auto rows = rows_of(cohorts);
  Canvas canvas(x - kBetweenCohorts + kMargin);
  canvas.set_height(std::accumulate(rows.begin(), rows.end(), 2 * kMargin + head,
                                    [](double sum, const Row& r) { return sum + r.gap + r.height; }));
  for (const auto& c : cohorts) {
    canvas.lines(c.left + kBox / 2, kMargin + head / 2, c.name, Align::Centre, kFontSize);
    draw_cohort(canvas, c, rows, kMargin + head);
  }
  canvas.no_plot();
  canvas.draw(file, "Flow of patients");
}

}  // namespace gliocast::report
