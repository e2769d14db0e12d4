#pragma once
#include "../cli.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::cli {

/// Throws Error{WrongUse} where an option is not given.
void require(bool given, const char* option);

/// A model's folder, or a shipped model's by its name. `verb`: what writes such models. Throws Error{MissingModel}.
[[nodiscard]] std::filesystem::path find_model(const std::filesystem::path& model, const std::string& verb);

/// --figures.
void add_figure_kinds(CLI::App& verb, std::vector<std::string>& kinds);

}  // namespace gliocast::cli
