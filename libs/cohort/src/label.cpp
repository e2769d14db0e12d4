#include <gliocast/cohort/label.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/text.hpp>

#include <map>

namespace gliocast::cohort {
namespace {

constexpr const char* kPrefix = "sub-";

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

std::string named(const PatientFiles& p) {
  return "'" + p.id + "'" + (p.found_at.empty() ? "" : " (" + p.found_at + ")");
}

}  // namespace

std::string subject_label(const std::string& id) {
  std::string label;
  for (const char c : id.starts_with(kPrefix) ? id.substr(4) : id)
    if (is_letter_or_digit(c)) label += c;
  return kPrefix + label;
}

void check_labels(const std::vector<PatientFiles>& patients) {
  std::map<std::string, const PatientFiles*> seen;
  for (const auto& p : patients) {
    const std::string label = subject_label(p.id);
    if (label == kPrefix)
      throw unusable_input(
          "the patient " + named(p) + " has no letter (A to Z) or digit in its id, which names its files in the output",
          {}, "give another id");
    const auto [other, fresh] = seen.emplace(fold_case(label), &p);
    if (!fresh)
      throw unusable_input(
          "the patients " + named(*other->second) + " and " + named(p) + " would both be " + label + " in the output",
          {}, "give ids that differ in letters and digits, not in case or signs alone; nothing was written");
  }
}

}  // namespace gliocast::cohort
