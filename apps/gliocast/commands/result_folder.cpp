#include "result_folder.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/models/bundle.hpp>

namespace gliocast::cli {

namespace fs = std::filesystem;

void require(bool given, const char* option) {
  if (!given) throw Error(ExitCode::WrongUse, std::string(option) + " is required", "", "see --help");
}

fs::path find_model(const fs::path& model, const std::string& verb) {
  if (fs::exists(model)) return model;
  try {
    return models::find_bundle({}, model.string());
  } catch (const Error& e) {
    throw Error(e.code(), "there is no such folder, and no shipped model of that name", model.string(),
                "give the folder that gliocast " + verb + " wrote");
  }
}

void add_figure_kinds(CLI::App& verb, std::vector<std::string>& kinds) {
  verb.add_option("--figures", kinds, "Kinds of figures to draw: svg, pdf, png (300 dpi)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"svg", "pdf", "png"}))
      ->default_str("svg");
}

}  // namespace gliocast::cli
