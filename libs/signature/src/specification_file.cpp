#include <gliocast/signature/specification_file.hpp>

#include <gliocast/core/files.hpp>

#include <filesystem>

namespace gliocast::signature {

SignatureSpecification named_specification(const std::string& text, std::size_t inner) {
  auto specification = text == "default" || text == "paper"
                           ? preset_specification(text)
                           : parse_specification(read_text(text), std::filesystem::path(text).filename().string());
  if (inner > 0) specification.folds = inner;
  return specification;
}

}  // namespace gliocast::signature
