#pragma once
// Verbs that take a table or a cohort of images: which of the two a command line has.
#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace gliocast::cli {

/// Whether the verb that `arguments` begin with is one that gliocast-imaging has too, and the first of its arguments
/// that belongs to no option is a folder, or a manifest of images (a table with a column of files of a sequence).
/// `app`: the light program, whose options are known.
[[nodiscard]] bool takes_images(const CLI::App& app, const std::vector<std::string>& arguments);

}  // namespace gliocast::cli
