#pragma once
#include <gliocast/analysis/grade_evaluation.hpp>
#include <gliocast/core/table.hpp>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace gliocast::report {

/// Writes a table that not every run has; else removes what one before this one left.
void write_or_remove(const std::filesystem::path& file, const TextTable& table);
/// Writes folder/name.tsv, and .md and .tex: of `printed` where it is given.
void write_for_papers(const std::filesystem::path& folder, const std::string& name, const TextTable& table,
                      const TextTable* printed = nullptr);

/// Draws figures in each kind ("svg", "pdf", "png"): "roc.svg"; those of a run before this one, which have these names,
/// go. Throws as draw().
void draw_figures(const std::filesystem::path& folder, const std::vector<std::string>& kinds,
                  const std::vector<std::string>& names, const std::vector<analysis::NamedFigure>& figures);

/// Writes README.md: what is in which of these files, of those that are there. `files`: names below the folder, and
/// what they hold.
void write_index(const std::filesystem::path& folder, const std::string& title,
                 const std::vector<std::pair<std::string, std::string>>& files, const std::string& remark);

}  // namespace gliocast::report
