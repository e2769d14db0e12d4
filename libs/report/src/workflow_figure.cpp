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

constexpr double kPage = 720, kMargin = 14, kPadding = 9, kBetween = 26, kGap = 34;
constexpr double kWidest = 420, kTitleGap = 3;  ///< of a box that stands alone; between title and lines
const LineStyle kBorder{"#3f4b5a", 1.2, 1, 0, true}, kArrow{"#3f4b5a", 1.3, 1, 0, true};
constexpr const char* kDetail = "#4a5563";

struct PlacedBox {
  std::vector<std::string> title, lines;
  double left = 0, width = 0;
  [[nodiscard]] double height() const {
    const auto rows = static_cast<double>(title.size() + lines.size());
    return kLineHeight * rows + 2 * kPadding + (lines.empty() ? 0 : kTitleGap);
  }
  [[nodiscard]] double middle() const { return left + width / 2; }
};

/// Boxes of one row side by side, as wide as there is room.
std::vector<PlacedBox> placed(const std::vector<Workflow::Box>& row) {
  const auto n = static_cast<double>(row.size());
  const double width = std::min(kWidest, (kPage - 2 * kMargin - (n - 1) * kBetween) / n);
  double left = (kPage - n * width - (n - 1) * kBetween) / 2;
  std::vector<PlacedBox> out;
  for (const auto& box : row) {
    PlacedBox p{wrap_text(box.title, kFontSize, width - 2 * kPadding), {}, left, width};
    for (const auto& line : box.lines)
      for (auto& part : wrap_text(line, kSmallFont, width - 2 * kPadding)) p.lines.push_back(std::move(part));
    out.push_back(std::move(p));
    left += width + kBetween;
  }
  return out;
}

void draw_box(Canvas& canvas, const PlacedBox& box, double top, double height) {
  canvas.box(box.left, top, box.left + box.width, top + height, kBorder);
  const double title = kLineHeight * static_cast<double>(box.title.size()),
               lines = kLineHeight * static_cast<double>(box.lines.size());
  const double begin = top + (height - box.height()) / 2 + kPadding;
  canvas.lines(box.middle(), begin + title / 2, box.title, Align::Centre, kFontSize);
  if (box.lines.empty()) return;
  canvas.lines(box.middle(), begin + title + kTitleGap + lines / 2, box.lines, Align::Centre, kSmallFont, kDetail);
}

/// From the boxes above to one below, which arrows enter side by side.
void draw_arrows(Canvas& canvas, const std::vector<PlacedBox>& above, const Workflow::Box& box, const PlacedBox& below,
                 double from_y, double to_y) {
  std::vector<std::size_t> from(above.size());
  std::iota(from.begin(), from.end(), std::size_t{0});
  if (box.from) from = *box.from;
  constexpr double kApart = 18;
  for (std::size_t k = 0; k < from.size(); ++k) {
    const double to = below.middle() + kApart * (static_cast<double>(k) - static_cast<double>(from.size() - 1) / 2);
    canvas.arrow(above.at(from[k]).middle(), from_y, to, to_y, kArrow);
  }
}

}  // namespace

void draw_figure(const std::filesystem::path& file, const Workflow& workflow) {
  std::vector<std::vector<PlacedBox>> rows;
  std::vector<double> heights;
  double height = 2 * kMargin;
  for (const auto& row : workflow.rows) {
    if (row.empty()) continue;
    rows.push_back(placed(row));
    heights.push_back(std::ranges::max(rows.back(), {}, &PlacedBox::height).height());
    height += heights.back() + (rows.size() > 1 ? kGap : 0);
  }
  if (rows.empty() || rows.size() != workflow.rows.size())
    throw unusable_input("there is no workflow to draw, or a row of it has no box", file.string());
  Canvas canvas(kPage);
  canvas.set_height(height);
  double top = kMargin;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t b = 0; b < rows[r].size(); ++b) {
      draw_box(canvas, rows[r][b], top, heights[r]);
      if (r > 0) draw_arrows(canvas, rows[r - 1], workflow.rows[r][b], rows[r][b], top - kGap, top);
    }
    top += heights[r] + kGap;
  }
  canvas.no_plot();
  canvas.draw(file, workflow.title);
}

}  // namespace gliocast::report
