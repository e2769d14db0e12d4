#include <gliocast/report/table_file.hpp>

#include <gliocast/core/files.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace gliocast::report {
namespace {

using Replacement = std::pair<std::string_view, std::string_view>;

/// What LaTeX would take for a command, or its usual fonts do not have.
constexpr std::array kLatex = std::to_array<Replacement>({
    {"\\", "\\textbackslash{}"},
    {"&", "\\&"},
    {"%", "\\%"},
    {"$", "\\$"},
    {"#", "\\#"},
    {"_", "\\_"},
    {"{", "\\{"},
    {"}", "\\}"},
    {"~", "\\textasciitilde{}"},
    {"^", "\\textasciicircum{}"},
    {"<", "$<$"},
    {">", "$>$"},
    {"|", "\\textbar{}"},
    {"\"", "''"},
    {"\u00a0", "~"},
    {"\u2009", "\\,"},
    {"\u202f", "\\,"},
    {"–", "--"},
    {"—", "---"},
    {"\u2011", "-"},
    {"\u2010", "-"},
    {"−", "$-$"},
    {"‘", "`"},
    {"’", "'"},
    {"“", "``"},
    {"”", "''"},
    {"…", "\\ldots{}"},
    {"•", "$\\bullet$"},
    {"±", "$\\pm$"},
    {"×", "$\\times$"},
    {"÷", "$\\div$"},
    {"·", "$\\cdot$"},
    {"≤", "$\\leq$"},
    {"≥", "$\\geq$"},
    {"≠", "$\\neq$"},
    {"≈", "$\\approx$"},
    {"∞", "$\\infty$"},
    {"→", "$\\rightarrow$"},
    {"←", "$\\leftarrow$"},
    {"√", "$\\surd$"},
    {"‰", "\\%o"},
    {"°", "$^{\\circ}$"},
    {"¹", "$^{1}$"},
    {"²", "$^{2}$"},
    {"³", "$^{3}$"},
    {"⁻", "$^{-}$"},
    {"½", "1/2"},
    {"¼", "1/4"},
    {"¾", "3/4"},
    {"€", "EUR"},
    {"™", "$^{TM}$"},
    {"®", "$^{R}$"},
    {"₁", "$_{1}$"},
    {"₂", "$_{2}$"},
    {"₃", "$_{3}$"},
    {"⁰", "$^{0}$"},
    {"⁴", "$^{4}$"},
    {"µ", "$\\mu$"},
    {"α", "$\\alpha$"},
    {"β", "$\\beta$"},
    {"γ", "$\\gamma$"},
    {"δ", "$\\delta$"},
    {"ε", "$\\epsilon$"},
    {"ζ", "$\\zeta$"},
    {"η", "$\\eta$"},
    {"θ", "$\\theta$"},
    {"κ", "$\\kappa$"},
    {"λ", "$\\lambda$"},
    {"μ", "$\\mu$"},
    {"ν", "$\\nu$"},
    {"ξ", "$\\xi$"},
    {"π", "$\\pi$"},
    {"ρ", "$\\rho$"},
    {"σ", "$\\sigma$"},
    {"τ", "$\\tau$"},
    {"φ", "$\\phi$"},
    {"χ", "$\\chi$"},
    {"ψ", "$\\psi$"},
    {"ω", "$\\omega$"},
    {"Γ", "$\\Gamma$"},
    {"Δ", "$\\Delta$"},
    {"Σ", "$\\Sigma$"},
    {"Φ", "$\\Phi$"},
    {"Ω", "$\\Omega$"},
    {"∆", "$\\Delta$"},
    {"∑", "$\\Sigma$"},
});

bool is_control(char c) { return static_cast<unsigned char>(c) < 32 || c == 127; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) >= 128; }

std::size_t leading_blanks(std::string_view text) { return std::min(text.find_first_not_of(' '), text.size()); }

}  // namespace

std::string markdown_text(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    // An underscore within a word is no markup.
    const bool within = c == '_' && i > 0 && i + 1 < text.size() && is_word(text[i - 1]) && is_word(text[i + 1]);
    if (!within && std::string_view("\\|*_`<[&~$").find(c) != std::string_view::npos) result += '\\';
    result += is_control(c) ? ' ' : c;
  }
  return result;
}

std::string latex_text(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const auto at =
        std::ranges::find_if(kLatex, [&](const Replacement& r) { return text.substr(i).starts_with(r.first); });
    if (at != kLatex.end()) {
      result += at->second;
      i += at->first.size();
    } else {
      result += is_control(text[i]) ? ' ' : text[i];
      ++i;
    }
  }
  return result;
}

std::string markdown_table(const TextTable& table) {
  std::string text;
  const auto line = [&](const std::vector<std::string>& cells) {
    text += "|";
    for (const auto& c : cells) {
      const std::size_t blanks = leading_blanks(c);
      text += " ";
      for (std::size_t b = 0; b < blanks && blanks < c.size(); ++b) text += "&nbsp;";
      text += markdown_text(std::string_view(c).substr(blanks)) + " |";
    }
    text += "\n";
  };
  line(table.columns);
  text += "|";
  for (std::size_t i = 0; i < table.columns.size(); ++i) text += i == 0 ? ":---|" : "---:|";
  text += "\n";
  for (const auto& row : table.rows) line(row);
  return text;
}

std::string latex_table(const TextTable& table) {
  std::string text = "\\begin{tabular}{l" + std::string(table.columns.size() - 1, 'r') + "}\n\\hline\n";
  const auto line = [&](const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::size_t blanks = leading_blanks(cells[i]);
      std::string c = latex_text(std::string_view(cells[i]).substr(blanks));
      if (blanks > 0 && !c.empty()) c = "\\quad " + c;
      // After the \\ of the line before, [ and * would be its arguments.
      if (i == 0 && (c.starts_with('[') || c.starts_with('*'))) c = "{}" + c;
      text += (i ? " & " : "") + c;
    }
    text += " \\\\\n";
  };
  line(table.columns);
  text += "\\hline\n";
  for (const auto& row : table.rows) line(row);
  return text + "\\hline\n\\end{tabular}\n";
}

void write_table_file(const std::filesystem::path& file, const TextTable& table) {
  const std::string ending = file.extension().string();
  if (ending == ".md")
    write_text(file, markdown_table(table));
  else if (ending == ".tex")
    write_text(file, latex_table(table));
  else
    write_table(file, table);
}

}  // namespace gliocast::report
