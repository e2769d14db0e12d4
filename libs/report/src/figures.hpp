#pragma once
#include <gliocast/analysis/figures.hpp>

#include <filesystem>

namespace gliocast::report {

using namespace analysis;  // the figures' specifications

// One a kind of figure; report::draw() chooses.
void draw_figure(const std::filesystem::path& file, const SurvivalCurvesFigure& figure);
void draw_figure(const std::filesystem::path& file, const ForestFigure& figure);
void draw_figure(const std::filesystem::path& file, const XyFigure& figure);
void draw_figure(const std::filesystem::path& file, const CutMapFigure& figure);
void draw_figure(const std::filesystem::path& file, const NomogramFigure& figure);
void draw_figure(const std::filesystem::path& file, const PatientFlow& flow);
void draw_figure(const std::filesystem::path& file, const Workflow& workflow);

}  // namespace gliocast::report
