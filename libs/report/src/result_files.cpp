#include <gliocast/report/result_files.hpp>

#include <gliocast/core/files.hpp>
#include <gliocast/report/figure.hpp>
#include <gliocast/report/table_file.hpp>

namespace gliocast::report {

namespace fs = std::filesystem;

void write_or_remove(const fs::path& file, const TextTable& table) {
  if (table.columns.empty())
    fs::remove(file);
  else
    write_table_file(file, table);
}

void write_for_papers(const fs::path& folder, const std::string& name, const TextTable& table,
                      const TextTable* printed) {
  write_table_file(folder / (name + ".tsv"), table);
  for (const char* ending : {".md", ".tex"})
    write_table_file(folder / (name + ending), printed != nullptr ? *printed : table);
}

void draw_figures(const fs::path& folder, const std::vector<std::string>& kinds, const std::vector<std::string>& names,
                  const std::vector<analysis::NamedFigure>& figures) {
  for (const auto& name : names)
    for (const char* ending : {"svg", "pdf", "png"}) fs::remove(folder / (name + "." + ending));
  for (const auto& figure : figures)
    for (const auto& kind : kinds) draw(folder / (figure.name + "." + kind), figure.figure);
}

void write_index(const fs::path& folder, const std::string& title,
                 const std::vector<std::pair<std::string, std::string>>& files, const std::string& remark) {
  std::string text = "# " + title + "\n\n| file | what it holds |\n|---|---|\n";
  for (const auto& [file, what] : files)
    if (fs::exists(folder / file)) text += "| [" + file + "](" + file + ") | " + what + " |\n";
  write_text(folder / "README.md", text + "\n" + remark + "\n");
}

}  // namespace gliocast::report
