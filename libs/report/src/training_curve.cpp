#include <gliocast/report/training_curve.hpp>

#include "figure_file.hpp"
#include "gnuplot.hpp"

namespace gliocast::report {

bool draw_training_curve(const std::filesystem::path& table, const std::filesystem::path& figure,
                         const std::string& title, const std::string& score_name) {
  const std::string data = quoted(table);
  const bool drawn =
      run_gnuplot("set terminal svg size 800,480 font 'Helvetica,13' background 'white'\nset output " + quoted(figure) +
                  "\nset datafile separator '\\t'\nset datafile missing 'nan'\nset title " + quoted_text(title) +
                  "\nset xlabel 'epoch'\nset ylabel 'loss'\nset y2label " + quoted_text(score_name) +
                  "\nset ytics nomirror\nset y2tics\nset y2range [0:1]\nset yrange [0:*]\nset key outside bottom "
                  "center horizontal\nset grid ytics lc rgb '#dddddd'\nplot " +
                  data + " using 1:3 skip 1 with lines lw 2 lc rgb '#4c72b0' title 'training loss', " + data +
                  " using 1:4 skip 1 with lines lw 2 lc rgb '#dd8452' title 'validation loss', " + data +
                  " using 1:5 skip 1 axes x1y2 with lines lw 2 lc rgb '#55a868' title " +
                  quoted_text("validation " + score_name) + "\n");
  if (drawn) set_svg_title(figure, title);
  return drawn;
}

}  // namespace gliocast::report
