#include <gliocast/cohort/mask_file.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/text.hpp>

#include <charconv>

namespace gliocast::cohort {

std::string MaskFile::describe_labels() const {
  if (labels.empty()) return "every label above 0";
  std::vector<std::string> list;
  for (const auto label : labels) list.push_back(std::to_string(label));
  return (labels.size() == 1 ? "label " : "labels ") + listed(list);
}

MaskFile parse_mask_file(const std::string& text, const std::string& option) {
  std::error_code error;
  if (!std::filesystem::exists(text, error))
    for (const Sequence s : kAllSequences)
      if (const std::string end = "@" + std::string(key_name(s)); text.ends_with(end)) {
        MaskFile mask = parse_mask_file(text.substr(0, text.size() - end.size()), option);
        mask.drawn_on = s;
        return mask;
      }
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || std::filesystem::exists(text, error)) return {text, {}, {}};
  MaskFile mask{text.substr(0, colon), {}, {}};
  const char* at = text.data() + colon + 1;
  const char* const end = text.data() + text.size();
  while (true) {
    std::uint32_t label = 0;
    const auto [after, failed] = std::from_chars(at, end, label);
    if (failed != std::errc() || label == 0 || (after != end && *after != ','))
      throw Error(ExitCode::WrongUse, "after the colon labels are needed, whole numbers above 0 with commas between",
                  option, "as in seg.nii.gz:1,4");
    mask.labels.push_back(label);
    if (after == end) return mask;
    at = after + 1;
  }
}

}  // namespace gliocast::cohort
