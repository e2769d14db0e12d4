#pragma once
#include <filesystem>
#include <string>

namespace gliocast::report {

/// Draws curve.tsv of a training (columns epoch, learning_rate, training_loss, validation_loss,
/// validation_score, minutes) as
/// SVG, by gnuplot. Where gnuplot is not installed nothing is drawn and false comes back.
[[nodiscard]] bool draw_training_curve(const std::filesystem::path& table, const std::filesystem::path& figure,
                                       const std::string& title, const std::string& score_name);

}  // namespace gliocast::report
