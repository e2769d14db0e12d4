#include "result_folder.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/models/bundle.hpp>
#include <gliocast/report/figure.hpp>
#include <gliocast/report/table_file.hpp>

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

void write_or_remove(const fs::path& file, const TextTable& table) {
  if (table.columns.empty())
    fs::remove(file);
  else
    report::write_table_file(file, table);
}

void write_for_papers(const fs::path& folder, const std::string& name, const TextTable& table,
                      const TextTable* printed) {
  report::write_table_file(folder / (name + ".tsv"), table);
  for (const char* ending : {".md", ".tex"})
    report::write_table_file(folder / (name + ending), printed != nullptr ? *printed : table);
}

void add_figure_kinds(CLI::App& verb, std::vector<std::string>& kinds) {
  verb.add_option("--figures", kinds, "Kinds of figures to draw: svg, pdf, png (300 dpi)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"svg", "pdf", "png"}))
      ->default_str("svg");
}

void draw_figures(const fs::path& folder, const std::vector<std::string>& kinds, const std::vector<std::string>& names,
                  const std::vector<analysis::NamedFigure>& figures) {
  for (const auto& name : names)
    for (const char* ending : {"svg", "pdf", "png"}) fs::remove(folder / (name + "." + ending));
  for (const auto& figure : figures)
    for (const auto& kind : kinds) report::draw(folder / (figure.name + "." + kind), figure.figure);
}

void write_index(const fs::path& folder, const std::string& title,
                 const std::vector<std::pair<std::string, std::string>>& files, const std::string& remark) {
  std::string text = "# " + title + "\n\n| file | what it holds |\n|---|---|\n";
  for (const auto& [file, what] : files)
    if (fs::exists(folder / file)) text += "| [" + file + "](" + file + ") | " + what + " |\n";
  write_text(folder / "README.md", text + "\n" + remark + "\n");
}

}  // namespace gliocast::cli
