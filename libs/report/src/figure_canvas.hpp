#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::report {

enum class Align { Left, Centre, Right };

/// How a series is drawn, in the plot and beside its name.
struct LineStyle {
  std::string colour = "#000000";
  double width = 2;
  int dash = 1;   ///< 1 a whole line, 2 to 5 dashes of other lengths
  int point = 0;  ///< gnuplot's point type; 0 without points
  bool line = true;
};
/// A series and its name in a legend.
struct LegendEntry {
  std::string label;
  LineStyle style;
};

constexpr double kFontSize = 14, kSmallFont = 12,
                 kLineHeight = 17;  ///< of axis titles, of other text, from line to line

/// A figure laid out in pixels from the top left corner: every text is measured before it gets its place, so that none
/// lies over another or leaves the page. gnuplot draws curves and axes into the plot areas; their titles and legends
/// are ours.
class Canvas {
 public:
  explicit Canvas(double width) : width_(width) {}
  /// To be set before anything is placed.
  void set_height(double height) { height_ = height; }
  [[nodiscard]] double width() const noexcept { return width_; }
  [[nodiscard]] double height() const noexcept { return height_; }

  /// One line of text, its middle at height `y`.
  void text(double x, double y, const std::string& text, Align align = Align::Left, double size = kSmallFont,
            const std::string& colour = {});
  /// Lines one under another, the middle of the block at height `y`.
  void lines(double x, double y, const std::vector<std::string>& lines, Align align, double size,
             const std::string& colour = {});
  /// Lines that run upwards, the block's right edge at `x`, its middle at height `y`.
  void upward_lines(double x, double y, const std::vector<std::string>& lines, double size);
  void line(double x1, double y1, double x2, double y2, const LineStyle& style);
  void arrow(double x1, double y1, double x2, double y2, const LineStyle& style);
  /// A rectangle under lines and texts, filled with white.
  void box(double left, double top, double right, double bottom, const LineStyle& border);
  void point(double x, double y, const std::string& colour, int type, double size);
  /// Where gnuplot's next plot lies, without its own titles and key.
  void plot_area(double left, double right, double top, double bottom);
  /// No axes at all: the figure is texts, lines, boxes and points.
  void no_plot();
  /// Commands of gnuplot as they are.
  void script(const std::string& commands) { script_ += commands; }

  /// Draws the file; throws as draw_file does. `title`: what the figure is, for readers of the file.
  void draw(const std::filesystem::path& file, const std::string& title) const;

 private:
  [[nodiscard]] std::string at(double x, double y) const;
  double width_, height_ = 0;
  std::string script_;
};

/// Height of the legend of `entries` between two edges: samples and names in rows, long names in lines of their own.
[[nodiscard]] double legend_height(const std::vector<LegendEntry>& entries, double left, double right);
/// Draws it from height `top` on.
void draw_legend(Canvas& canvas, const std::vector<LegendEntry>& entries, double left, double right, double top);

/// gnuplot's "set xtics (…)" (or another axis) for values on a linear axis, with labels that have all their digits.
[[nodiscard]] std::string ticks_command(const std::string& axis, const std::vector<double>& values);

/// Style of the k-th series: eight colours, then the same with other dashes.
[[nodiscard]] LineStyle series_style(std::size_t k);
/// How gnuplot draws a line in this style: "lc rgb '…' lw … dt …".
[[nodiscard]] std::string look(const LineStyle& style);

/// A data block of rows of numbers; an empty line where a row is NaN, at which curves and bands part.
[[nodiscard]] std::string data_block(const std::string& name, const std::vector<std::vector<double>>& columns);

}  // namespace gliocast::report
