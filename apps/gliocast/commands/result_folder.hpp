#pragma once
#include "../cli.hpp"

#include <gliocast/analysis/grade_evaluation.hpp>
#include <gliocast/core/table.hpp>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace gliocast::cli {

/// Throws Error{WrongUse} where an option is not given.
void require(bool given, const char* option);

/// A model's folder, or a shipped model's by its name. `verb`: what writes such models. Throws Error{MissingModel}.
[[nodiscard]] std::filesystem::path find_model(const std::filesystem::path& model, const std::string& verb);

/// Writes a table that not every run has; else removes what one before this one left.
void write_or_remove(const std::filesystem::path& file, const TextTable& table);
/// Writes folder/name.tsv, and .md and .tex: of `printed` where it is given.
void write_for_papers(const std::filesystem::path& folder, const std::string& name, const TextTable& table,
                      const TextTable* printed = nullptr);

/// --figures.
void add_figure_kinds(CLI::App& verb, std::vector<std::string>& kinds);
/// Draws figures in each kind, "roc.svg"; those of a run before this one, which have these names, go.
void draw_figures(const std::filesystem::path& folder, const std::vector<std::string>& kinds,
                  const std::vector<std::string>& names, const std::vector<analysis::NamedFigure>& figures);

/// Writes README.md: what is in which of these files, of those that are there. `files`: names below the folder, and
/// what they hold.
void write_index(const std::filesystem::path& folder, const std::string& title,
                 const std::vector<std::pair<std::string, std::string>>& files, const std::string& remark);

}  // namespace gliocast::cli
